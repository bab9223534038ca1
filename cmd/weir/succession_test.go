package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/internal/live"
	"weir/rollout/spec"
)

// weir check says beforehand what a server would refuse after what it has done.
func TestCheckKnowsWhatTheServerHasDone(t *testing.T) {
	const promoted = "app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"
	dir := t.TempDir()
	book, err := ledger.Open(live.StatePath("", dir, "bot", live.Ledger))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	r, err := spec.Parse("weir.yaml", []byte(promoted))
	if err != nil {
		t.Fatal(err)
	}
	s, err := steering.New(steering.Options{Release: r, Ledger: book, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Do(steering.Action{Kind: ledger.KindPromote, Actor: "anna"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "weir.yaml")
	for text, want := range map[string]struct {
		status int
		says   string
	}{
		promoted: {0, "is a valid spec"},
		strings.Replace(promoted, "candidate: v2", "candidate: v2\nunit: user", 1): {2, "cannot change unit from session to user"},
		"app: bot\nrelease: r2\nstable: v1\ncandidate: v3\n":                       {2, "weir.yaml:3:9: stable: v1 is the version before v2, which release r1 has promoted"},
		"app: bot\nrelease: r2\nstable: v2\ncandidate: v3\n":                       {0, "is a valid spec"},
		"app: bot\nrelease: r2\nstable: v3\ncandidate: v4\n":                       {0, "stable: everyone goes from v2 to v3 without a comparison"},
		"app: another\nrelease: r2\nstable: v1\ncandidate: v3\n":                   {0, "is a valid spec"},
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if status := run(t.Context(), []string{"check", "--state", dir, file}, nil, &out, &out); status != want.status || !strings.Contains(out.String(), want.says) {
			t.Errorf("%s\nends with %d: %s", text, status, &out)
		}
	}
	if status := run(t.Context(), []string{"check", file}, nil, &bytes.Buffer{}, &bytes.Buffer{}); status != 0 {
		t.Errorf("without a state it ends with %d", status)
	}
}
