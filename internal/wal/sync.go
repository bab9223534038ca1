package wal

import (
	"errors"
	"fmt"
	"time"
)

// due makes sure that a group commit will happen. The caller holds mu.
func (l *Log) due() {
	if l.options.Fsync > 0 && l.timer == nil && !l.closed {
		l.timer = time.AfterFunc(l.options.Fsync, func() { l.Sync() }) // its failure is counted
	}
}

// Sync waits until all that was appended before the call is on the disk, but for
// records of AppendSoon that could not be written.
func (l *Log) Sync() error {
	l.mu.Lock()
	_ = l.write()
	at := l.written
	l.mu.Unlock()
	return l.syncTo(at)
}

// Failures returns how many group commits the disk has refused. What was
// appended since the one before may be lost in a power cut, and only then.
func (l *Log) Failures() int64 { return l.failures.Load() }

// syncTo waits until that many records of this life are on the disk. Of those
// who wait at a time one goes to the disk for all.
func (l *Log) syncTo(n uint64) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()

	l.mu.Lock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	retired, c, written := l.retired, l.current, l.written
	l.retired = nil
	l.mu.Unlock()

	if len(retired) == 0 && n <= max(l.synced, l.refused) {
		l.rearm(written)
		return l.verdict(n)
	}
	var errs []error
	for _, r := range retired {
		errs = append(errs, l.commit(r), r.file.Close())
	}
	if c != nil {
		errs = append(errs, l.commit(c))
	}
	if err := errors.Join(errs...); err != nil {
		l.failures.Add(1)
		l.mistrust(c)
		l.trusted, l.refused, l.refusal = l.synced, written, fmt.Errorf("log: %w", err)
	} else if written > l.refused {
		l.synced = written
	}
	return l.verdict(n)
}

// verdict says whether the disk has the first n records of this life.
func (l *Log) verdict(n uint64) error {
	if n > l.trusted && n <= l.refused {
		return l.refusal
	}
	return nil
}

// rearm sees to a group commit that was due and is still needed.
func (l *Log) rearm(written uint64) {
	if l.synced < written {
		l.mu.Lock()
		l.due()
		l.mu.Unlock()
	}
}

// commit brings a segment to the disk, and its name the first time.
func (l *Log) commit(c *current) error {
	if err := c.file.Sync(); err != nil {
		return err
	}
	if c.named {
		return nil
	}
	err := syncDir(l.dir)
	c.named = err == nil
	return err
}

// mistrust ends a segment that the disk refused: the system may have forgotten
// what it could not write, and would say that all is well the next time.
func (l *Log) mistrust(c *current) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == c {
		l.seal()
	}
}
