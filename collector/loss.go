package collector

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"syscall"
	"time"

	"weir/internal/wal"
	"weir/trace"
)

// Reasons why rows are lost.
const (
	DiskFull       = "disk_full"       // no space, or the quota is used up
	Permission     = "permission"      // not allowed, or mounted read-only
	DiskError      = "disk_error"      // anything else that the disk says
	BacklogFull    = "backlog_full"    // the lake could not be written for long
	Oversized      = "oversized"       // larger than a record of the log may be
	Closed         = "closed"          // ended after the journal was closed
	BadRow         = "bad_row"         // the lake refuses it
	JournalDamaged = "journal_damaged" // read back from the disk, it was not what was written, or not there
)

// reason says why a record could not be kept.
func reason(err error) string {
	switch {
	case errors.Is(err, errBacklog):
		return BacklogFull
	case errors.Is(err, wal.ErrTooLarge):
		return Oversized
	case errors.Is(err, wal.ErrClosed):
		return Closed
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return DiskFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return Permission
	}
	return DiskError
}

// A loss is what is counted together.
type loss struct{ app, release, version, reason string }

const (
	mostLosses = 100     // kinds that are counted apart; a hundred-and-first loses its version and release
	mostVoids  = 100_000 // starts whose lost end is remembered
)

// losses are what is lost: what the lake does not know yet, and all of this
// life.
type losses struct {
	mu      sync.Mutex
	pending map[loss]*trace.Loss
	total   map[loss]int64
	voids   []string // traces whose start is in the log and whose end is lost
	changed bool     // since it was last saved
}

// lose counts a lost row.
func (c *Collector) lose(l loss) { c.loseMany(l, 1) }

func (c *Collector) loseMany(l loss, rows int64) {
	if c.losses.add(l, rows, c.options.Now(), c.instance) {
		c.options.Log.Error("rows are being lost", "reason", l.reason, "release", l.release, "version", l.version)
	}
}

// add counts, and says whether it is the first of its kind since the last was written down.
func (s *losses) add(l loss, rows int64, now time.Time, source string) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending == nil {
		s.pending, s.total = map[loss]*trace.Loss{}, map[loss]int64{}
	}
	s.total[s.bounded(l, len(s.total), s.total[l] > 0)] += rows
	l = s.bounded(l, len(s.pending), s.pending[l] != nil)
	p := s.pending[l]
	if p == nil {
		p = &trace.Loss{LossID: randomID(16), App: l.app, Release: l.release, Version: l.version, Reason: l.reason, StartedAt: now, Source: source}
		s.pending[l] = p
		first = true
	}
	p.Rows += rows
	p.EndedAt = now
	s.changed = true
	return first
}

// bounded returns the key under which a loss is counted.
func (s *losses) bounded(l loss, kinds int, known bool) loss {
	if kinds >= mostLosses && !known {
		l.release, l.version = "", ""
	}
	return l
}

// void remembers that a start in the log will have no end.
func (s *losses) void(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.voids) < mostVoids {
		s.voids = append(s.voids, id)
	}
}

// restore takes over what an earlier life could not write down.
func (s *losses) restore(pending []trace.Loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending, s.total = map[loss]*trace.Loss{}, map[loss]int64{}
	for _, p := range pending {
		s.pending[loss{p.App, p.Release, p.Version, p.Reason}] = &p
	}
}

// list returns what is not written down yet, and whether it has changed since
// the last call.
func (s *losses) list() (pending []trace.Loss, changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pending {
		pending = append(pending, *p)
	}
	slices.SortFunc(pending, func(a, b trace.Loss) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.LossID, b.LossID))
	})
	changed, s.changed = s.changed, false
	return pending, changed
}

// written takes away a loss that has been written down as it was then: what was
// lost meanwhile is counted anew.
func (s *losses) written(w trace.Loss) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := loss{w.App, w.Release, w.Version, w.Reason}
	p := s.pending[key]
	if p == nil || p.LossID != w.LossID {
		return
	}
	s.changed = true
	if p.Rows -= w.Rows; p.Rows == 0 {
		delete(s.pending, key)
		return
	}
	p.LossID, p.StartedAt = randomID(16), w.EndedAt
}

// touch says that something has changed after all.
func (s *losses) touch(changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = s.changed || changed
}

func (s *losses) none() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending) == 0 && len(s.voids) == 0
}

// takeVoids hands over the starts without an end.
func (s *losses) takeVoids() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.voids
	s.voids = nil
	return v
}

func randomID(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
