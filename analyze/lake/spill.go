package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// spillPrefix begins the names of folders for intermediate results.
const spillPrefix = "weir-spill-"

// A spill is a folder for what DuckDB does not hold in memory. It is locked while its
// process lives: the kernel unlocks it however that ends, so that others can tell what
// is left over of the dead from what is in use.
type spill struct {
	dir  string
	lock *os.File
}

// newSpill makes a folder in parent, after it has removed what dead processes of this
// user left there. Empty is the system's temporary folder.
func newSpill(parent string) (*spill, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweepSpills(parent)
	for {
		dir, err := os.MkdirTemp(parent, spillPrefix)
		if err != nil {
			return nil, fmt.Errorf("lake: a folder for intermediate results: %w", err)
		}
		lock, held, err := lockSpill(dir)
		if err == nil && held {
			return &spill{dir, lock}, nil
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) { // a file system without locks: nobody else can have one either
			return &spill{dir: dir}, nil
		}
		// Somebody swept it before it was locked: another one is made.
	}
}

// remove removes the folder. It is idempotent.
func (s *spill) remove() error {
	err := os.RemoveAll(s.dir)
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
		s.lock = nil
	}
	return err
}

// lockSpill locks a folder; false where another one holds it, or where it is not the one
// of that name any more.
func lockSpill(dir string) (*os.File, bool, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, false, nil
		}
		return nil, false, err
	}
	mine, err := f.Stat()
	named, gone := os.Lstat(dir)
	if err != nil || gone != nil || !os.SameFile(mine, named) {
		return nil, false, f.Close()
	}
	return f, true, nil
}

// sweepSpills removes the folders of this user whose processes are dead. What cannot be
// looked at or removed stays.
func sweepSpills(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if ok, _ := filepath.Match(spillPrefix+"*", e.Name()); !ok || !e.IsDir() {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		var info unix.Stat_t
		if unix.Lstat(dir, &info) != nil || int(info.Uid) != os.Geteuid() {
			continue
		}
		if lock, held, err := lockSpill(dir); err == nil && held {
			left := spill{dir, lock}
			left.remove()
		}
	}
}
