package stickylog

import (
	"context"
	"time"
)

// When the log is looked at, and rewritten.
const (
	lookEvery = 10 * time.Second
	// usedFraction of the idle time is how often times of last use are written,
	// and how much later than the last a use is written at once.
	usedFraction = 16
	// slack is how much larger than twice what it says a log may be.
	slack = 16 << 20
)

// Run rewrites the log when it is due, until ctx is done.
func (s *Store) Run(ctx context.Context) error {
	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-looks.C:
			if s.alone() || now.Sub(last) >= s.bounds.Idle/usedFraction || s.log.Size() > 2*s.kept.Load()+slack {
				if s.Rewrite() == nil {
					last = now
				}
			}
		}
	}
}

// Rewrite writes all that is remembered to new segments and drops the old ones.
// Others may use the store meanwhile. Where it fails the old segments stay.
func (s *Store) Rewrite() error {
	s.rewrite.Lock()
	defer s.rewrite.Unlock()
	failures := s.failures.Load() // made good by what follows
	if err := s.log.Rotate(); err != nil {
		return err
	}
	old := s.log.Segments()
	s.settle()
	for r := range s.memory.Range {
		if err := s.write(again, r); err != nil {
			return err
		}
	}
	if err := s.log.Sync(); err != nil {
		return err
	}
	s.made.Store(failures)
	err := s.log.Drop(old...)
	s.kept.Store(s.log.Size())
	return err
}

// settle waits until all that is in the log is in the memory too.
func (s *Store) settle() {
	for i := range s.locks {
		s.locks[i].Lock()
		s.locks[i].Unlock() //lint:ignore SA2001 to have waited is enough
	}
}

// alone tells whether something is remembered that is not in the log.
func (s *Store) alone() bool { return s.failures.Load() > s.made.Load() }
