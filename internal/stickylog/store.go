package stickylog

import (
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/wal"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
)

// Options say how a store is kept.
type Options struct {
	Bounds spec.Sticky
	// Fsync is how long a power cut may reach back, as [wal.Options.Fsync].
	Fsync time.Duration
	// Now is the time at which the store is opened; what is idle for too long by
	// then is forgotten.
	Now time.Time
}

// shards is how many keys can be put at a time.
const shards = 64

// A Store is a sticky store that survives its process. It may be used by
// several goroutines.
type Store struct {
	memory *sticky.LRU
	log    *wal.Log
	bounds spec.Sticky
	seed   maphash.Seed

	locks    [shards]sync.Mutex // a key's is held from looking to putting
	rewrite  sync.Mutex         // of those who rewrite
	kept     atomic.Int64       // bytes of the log after it was last rewritten
	failures atomic.Int64
	made     atomic.Int64 // failures that a rewriting has made good
	drawn    sync.Map     // releases with units that were drawn
	closed   atomic.Bool
	exact    bool // the log was complete when it was opened
}

var _ sticky.Store = (*Store)(nil)

// Stats is what a store can say of itself.
type Stats struct {
	Entries  int   // remembered, expired ones among them
	LogBytes int64 // on the disk
	Failures int64 // puts that could not be written
	Alone    bool  // something is in memory alone: it would not survive the process's being killed
}

// Open opens the store in a directory, for one process, and remembers what its
// log says. The error names damage that hides whether anybody was assigned.
func Open(dir string, o Options) (*Store, error) {
	log, err := wal.Open(dir, wal.Options{Fsync: o.Fsync})
	if err != nil {
		return nil, err
	}
	s := &Store{log: log, bounds: o.Bounds, seed: maphash.MakeSeed()}
	if err := s.restore(o.Now); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	s.kept.Store(log.Size())
	return s, nil
}

// Get gives what is remembered under a key. That it was used is in the log at
// once where the last use before is old, and with the next rewriting else.
func (s *Store) Get(key router.Key, now time.Time) (router.Entry, bool) {
	before, ok := s.memory.Use(key, now)
	if ok && s.isOld(before, now) {
		s.used(key, now)
	}
	return before.Entry, ok
}

// isOld tells whether a use is to be in the log at once.
func (s *Store) isOld(before sticky.Record, now time.Time) bool {
	return now.Sub(before.Used) > s.bounds.Idle/usedFraction
}

// used writes that a key was used, unless it has been forgotten meanwhile.
func (s *Store) used(key router.Key, now time.Time) {
	lock := s.lock(key)
	lock.Lock()
	defer lock.Unlock()
	if e, ok := s.memory.Get(key, now); ok {
		_ = s.write(again, sticky.Record{Key: key, Entry: e, Used: now})
	}
}

func (s *Store) lock(key router.Key) *sync.Mutex {
	return &s.locks[maphash.Comparable(s.seed, key)%shards]
}

// Range calls yield for everything remembered.
func (s *Store) Range(yield func(sticky.Record) bool) { s.memory.Range(yield) }

// Len is the number of entries remembered.
func (s *Store) Len() int { return s.memory.Len() }

// Stats says how the store is.
func (s *Store) Stats() Stats {
	return Stats{Entries: s.memory.Len(), LogBytes: s.log.Size(), Failures: s.failures.Load(), Alone: s.alone()}
}

// Drawn tells whether a unit of a release was drawn, as far as it is
// remembered.
func (s *Store) Drawn(release string) bool {
	_, ok := s.drawn.Load(release)
	return ok
}

// Put remembers an entry, or joins it to the one that is there. What changes is
// in the log before it can be got. Where it cannot be written it is remembered
// all the same, counted, and written with the next rewriting.
func (s *Store) Put(key router.Key, e router.Entry, now time.Time) router.Entry {
	lock := s.lock(key)
	lock.Lock()
	defer lock.Unlock()
	m, next := fresh, e
	if before, ok := s.memory.Use(key, now); ok {
		m, next = again, before.Entry.Join(e)
		if next == before.Entry && !s.isOld(before, now) {
			return next
		}
	}
	s.write(m, sticky.Record{Key: key, Entry: next, Used: now})
	s.note(next)
	return s.memory.Put(key, next, now)
}

func (s *Store) note(e router.Entry) {
	if e.Randomized && !s.Drawn(e.Release) {
		s.drawn.Store(e.Release, true)
	}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (s *Store) write(m mark, r sticky.Record) error {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	*b = appendRecord((*b)[:0], m, r)
	err := s.log.Append(*b)
	if err != nil {
		s.failures.Add(1)
	}
	return err
}

// Close rewrites the log, with the times of last use, and gives the directory
// up.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	err := s.Rewrite()
	if err == nil {
		err = s.write(end, sticky.Record{})
	}
	return errors.Join(err, s.log.Close())
}
