package child

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes put the process into a group of its own, so that a signal to the
// server's reaches it through the server alone, and let it die with its parent.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Niceness of the process, and how much likelier the kernel takes it than others
// when memory runs out (of 1,000).
const (
	niceness = 10
	firstOut = 800
)

// yield lets others go first. What cannot be had is done without.
func yield(pid int) {
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, niceness) // the group: all of its threads
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), fmt.Appendf(nil, "%d", firstOut), 0)
}

// bound holds the process to an amount of private memory.
func bound(pid int, memory int64) error {
	err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: uint64(memory), Max: uint64(memory)}, nil)
	if err == unix.ESRCH {
		return nil // it has ended
	}
	return err
}
