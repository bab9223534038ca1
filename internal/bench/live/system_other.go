//go:build !linux

package main

import (
	"errors"
	"time"
)

var errLinux = errors.New("it takes Linux, whose timers and /proc it uses")

// A clock is there on Linux only.
type clock struct{}

func newClock(time.Duration) (*clock, error) { return nil, errLinux }
func (*clock) next() (time.Time, error)      { return time.Time{}, errLinux }
func (*clock) stop()                         {}

func yield() error { return errLinux }
