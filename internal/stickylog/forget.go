package stickylog

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
)

// Forget forgets what is remembered of a person: under their id as a user, as
// the unit of an assignment, or under any of the ids of their conversations and
// requests. It is out of the log when Forget returns nil; where it returns an
// error the log may still have it. It returns how many entries went.
func (s *Store) Forget(user string, ids []string) (forgotten int, err error) {
	theirs := make(map[string]bool, len(ids))
	for _, id := range ids {
		theirs[id] = true
	}
	forgotten = s.memory.Forget(func(r sticky.Record) bool {
		switch {
		case r.Key.Kind == router.KindUser && r.Key.ID == user, r.Key.Kind == router.KindSession && r.Key.Within == user && user != "":
			return true
		}
		return r.Entry.UnitID == user || theirs[r.Key.ID] || theirs[r.Entry.UnitID]
	})
	return forgotten, s.Rewrite()
}

// Forget does the same in the directory of a store that no process has open;
// without one there is nothing to forget. The error wraps [wal.ErrLocked] where
// a process has it.
func Forget(dir, user string, ids []string) (forgotten int, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	// Nothing expires here: the bounds are those of whoever serves.
	s, err := Open(dir, Options{Bounds: spec.Sticky{Idle: math.MaxInt64, Entries: math.MaxInt}, Now: time.Time{}})
	if err != nil {
		return 0, err
	}
	forgotten, err = s.Forget(user, ids)
	if s.exact {
		return forgotten, errors.Join(err, s.Close())
	}
	s.closed.Store(true) // times of last use are no better known than before
	return forgotten, errors.Join(err, s.log.Close())
}
