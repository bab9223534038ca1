package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/internal/live"
)

// program writes a program that stands for weir.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// What runs aside is told its memory and what to judge; what it says is kept, its end when it is much.
func TestAside(t *testing.T) {
	args := judgeArguments(&live.Settings{Spec: "weir.yaml", Lake: "lake", State: "state"})
	said, err := aside{program: program(t, `echo "$GOMEMLIMIT $*"`), memory: "64MiB"}.run(t.Context(), args...)
	if want := "64MiB judge --spec weir.yaml --lake lake --state state"; err != nil || said != want {
		t.Errorf("it says %q, %v; want %q", said, err, want)
	}
	said, err = aside{program: program(t, `seq 100000; echo "the end"; exit 1`)}.run(t.Context())
	if err == nil || len(said) > asideSaid || !strings.HasSuffix(said, "the end") {
		t.Errorf("it says %d bytes, %v", len(said), err)
	}
	if said, err = (aside{program: program(t, `echo begun; kill -9 $$`)}).run(t.Context()); err == nil || said != "begun" {
		t.Errorf("killed, it says %q, %v", said, err)
	}
}

// It is asked to end when the server ends.
func TestAsideStopped(t *testing.T) {
	began := filepath.Join(t.TempDir(), "began")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(began); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	said, err := aside{program: program(t, `trap 'echo ended in order; exit 1' TERM; touch `+began+`; while :; do sleep .01; done`)}.run(ctx)
	if err == nil || said != "ended in order" {
		t.Errorf("it says %q, %v", said, err)
	}
}
