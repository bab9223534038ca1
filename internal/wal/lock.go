package wal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const lockName = "lock"

// ErrLocked is wrapped by Open's error where another process has the log open.
var ErrLocked = errors.New("in use")

// lock locks a directory until the file is closed or the process ends, however
// it ends.
func lock(dir string) (*os.File, error) {
	name := filepath.Join(dir, lockName)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		who, _ := os.ReadFile(name)
		f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s cannot be locked: %w", name, err)
		}
		return nil, fmt.Errorf("%s is %w by another process (%s): end it, or give this one a directory of its own", dir, ErrLocked, strings.TrimSpace(string(who)))
	}
	host, _ := os.Hostname()
	if f.Truncate(0) == nil { // on a full disk the lock holds all the same
		fmt.Fprintf(f, "process %d on %q since %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	}
	return f, nil
}
