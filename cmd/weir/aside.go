package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// An aside is a process of its own beside a server: neither its memory nor its
// failure touches a request.
type aside struct {
	program string // empty: this one
	memory  string // what Go's heap of it is held to, as GOMEMLIMIT has it
}

// asideGrace is how long it may take to end when the server does, before it is killed.
const asideGrace = 5 * time.Second

// asideSaid bounds what is kept of what it says, in bytes; the end is kept.
const asideSaid = 4 << 10

// run runs it to its end, and returns what it said.
func (a aside) run(ctx context.Context, args ...string) (said string, err error) {
	if a.program == "" {
		if a.program, err = os.Executable(); err != nil {
			return "", err
		}
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, a.program, args...)
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+a.memory)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = asideGrace
	err = cmd.Run()
	said = strings.TrimSpace(out.String())
	if len(said) > asideSaid {
		said = strings.ToValidUTF8(said[len(said)-asideSaid:], "")
	}
	return said, err
}
