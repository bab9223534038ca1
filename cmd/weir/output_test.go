package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What is no file is written to, and not replaced by one: a pipe, or /dev/null of whoever may
// write to /dev.
func TestOutputToAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0) // so that neither end waits for the other
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := writeOutput(path, nil, func(w io.Writer) error {
		_, err := io.WriteString(w, "the result")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Fatalf("the pipe is now %v, %v", info, err)
	}
	got := make([]byte, len("the result"))
	if _, err := io.ReadFull(pipe, got); err != nil || string(got) != "the result" {
		t.Errorf("%q, %v", got, err)
	}
}
