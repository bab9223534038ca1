package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInterrupted: whatever is under way ends with a failure, says so, and leaves no file half-written.
func TestInterrupted(t *testing.T) {
	lake := foreign{}.write(t)
	log := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(log, []byte("v\nv1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	mapping := filepath.Join(t.TempDir(), "map.yaml")
	if err := os.WriteFile(mapping, []byte("columns: {assigned_version: v}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	versions := []string{"--control", "v1", "--treatment", "v2"}
	for name, args := range map[string][]string{
		"analyze":  slices.Concat([]string{"analyze", "--lake", lake, "--output", out}, versions),
		"gate":     slices.Concat([]string{"gate", "--lake", lake, "--output", out}, versions),
		"report":   slices.Concat([]string{"report", "--lake", lake, "--output", out}, versions),
		"query":    {"query", "--lake", lake, "--output", out, "select count(*) from traces"},
		"import":   {"import", "--from", "csv", "--map", mapping, "--lake", lake, "--app", "bot", log},
		"simulate": {"simulate", "--scenario", "equal", "--lake", lake, "--spec", out},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			var stdout, stderr bytes.Buffer
			if status := run(ctx, args, strings.NewReader(""), &stdout, &stderr); status != statusFailure {
				t.Errorf("it ends with %d", status)
			}
			if stdout.Len() > 0 || stderr.String() != "weir: interrupted; nothing was changed\n" {
				t.Errorf("it says %q and %q", stdout.String(), stderr.String())
			}
			if _, err := os.Lstat(out); err == nil {
				t.Error("it leaves a file")
			}
		})
	}
	if got := parsed(t, 0, "query", "--lake", lake, "--format", "json", "select count(*) as n from traces").number(t, "0.n"); got != 600 {
		t.Errorf("the lake holds %g rows", got)
	}
}

// TestInterruptedQuery: a query that is running when the interrupt comes ends at once.
func TestInterruptedQuery(t *testing.T) {
	lake := foreign{}.write(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.AfterFunc(300*time.Millisecond, cancel)
	defer timer.Stop()
	var stdout, stderr bytes.Buffer
	args := []string{"query", "--lake", lake, "select count(*) from traces a, traces b, traces c, traces d, traces e where a.latency_ms + b.latency_ms + c.latency_ms + d.latency_ms < e.latency_ms"}
	if status := run(ctx, args, strings.NewReader(""), &stdout, &stderr); status != statusFailure {
		t.Errorf("it ends with %d", status)
	}
	if got := stderr.String(); got != "weir: interrupted; nothing was changed\n" {
		t.Errorf("it says %q", got)
	}
}
