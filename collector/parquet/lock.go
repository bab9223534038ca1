package parquet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockFolder holds the lake's lock files: manifest, and one for each batch being written.
const lockFolder = ".locks"

// A lock is an open, locked file. The kernel unlocks it when its process ends, however it ends,
// so the lock of a dead process is never in the way. It also keeps two goroutines of one process
// apart.
type lock struct{ file *os.File }

var errHeld = errors.New("locked by somebody else")

// lock waits for the lake's lock, under which its manifest changes.
func (l *Lake) lock() (*lock, error) {
	name := filepath.Join(l.dir, lockFolder, "manifest")
	deadline := time.Now().Add(l.patience)
	for {
		k, err := tryLock(name)
		if err == nil {
			k.sign()
			return k, nil
		}
		if !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("lake %s cannot be locked: %w", l.dir, err)
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("lake %s has been locked for %v by another process (%s): wait until it is done, or end it, and try again", l.dir, l.patience, holder(name))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// tryLock creates and locks a file; errHeld where somebody else holds it.
func tryLock(name string) (*lock, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return &lock{f}, nil
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = errHeld
	}
	return nil, errors.Join(err, f.Close())
}

// sign writes into the lock file who holds it, for those who wait in vain. Where that fails, on a
// full disk say, the lock holds all the same.
func (k *lock) sign() {
	host, _ := os.Hostname()
	who := fmt.Sprintf("process %d on %q since %s\n", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	if k.file.Truncate(0) == nil {
		k.file.WriteAt([]byte(who), 0)
	}
}

func holder(name string) string {
	who, err := os.ReadFile(name)
	if err != nil || len(who) == 0 {
		return "unknown"
	}
	return strings.TrimSpace(string(who))
}

func (k *lock) release() error { return k.file.Close() }

// remove removes the lock file and releases it.
func (k *lock) remove() error { return errors.Join(os.Remove(k.file.Name()), k.file.Close()) }
