//go:build unix && !linux

package child

import (
	"syscall"

	"golang.org/x/sys/unix"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

const niceness = 10

func yield(pid int) { _ = unix.Setpriority(unix.PRIO_PGRP, pid, niceness) }

// bound leaves the bound to Go's collector: another process's limits cannot be set here.
func bound(int, int64) error { return nil }
