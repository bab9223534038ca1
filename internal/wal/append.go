package wal

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// keptScratch is the largest buffer that is kept between two appends.
const keptScratch = 256 << 10

// Append adds a record, which it does not keep. When it returns nil the
// operating system has the record, and where Options.Fsync is 0 the disk. When
// it returns an error the log is as if it had not been called, except that an
// error of the disk while Fsync is 0 leaves it open whether the record survives
// a power cut.
func (l *Log) Append(record []byte) error {
	l.mu.Lock()
	err := l.append(record)
	at := l.written
	l.mu.Unlock()
	if err == nil && l.options.Fsync == 0 {
		err = l.syncTo(at)
	}
	return err
}

func (l *Log) append(record []byte) error {
	if l.closed {
		return ErrClosed
	}
	if len(record) > l.options.MaxRecord {
		return fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, len(record), l.options.MaxRecord)
	}
	if err := l.ready(int64(len(record)) + frameHeader); err != nil {
		return err
	}
	c := l.current
	l.scratch = appendFrame(l.scratch[:0], c.salt, c.index, record)
	if _, err := c.file.WriteAt(l.scratch, c.Bytes); err != nil {
		if c.file.Truncate(c.Bytes) != nil {
			l.seal() // what was half written stays, as a torn tail
		}
		return fmt.Errorf("log: %w", err)
	}
	c.Bytes += int64(len(l.scratch))
	l.bytes += int64(len(l.scratch))
	c.index++
	l.written++
	if cap(l.scratch) > keptScratch {
		l.scratch = nil
	}
	l.due()
	return nil
}

// ready makes sure that there is a segment with room for a frame of n bytes.
func (l *Log) ready(n int64) error {
	if c := l.current; c != nil {
		aged := l.options.SegmentAge > 0 && l.options.Now().Sub(c.began) >= l.options.SegmentAge
		if c.Bytes+n <= l.options.SegmentBytes && c.index < math.MaxUint32 && !aged || c.index == 0 {
			return nil
		}
		l.seal()
	}
	now := l.options.Now()
	s := newSegment(l.dir, l.number+1)
	file, err := l.options.Create(s.Path)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	header := s.header(now)
	if _, err := file.WriteAt(header, 0); err != nil {
		return fmt.Errorf("log: %w", errors.Join(err, file.Close(), os.Remove(s.Path)))
	}
	s.Bytes = int64(len(header))
	l.bytes += s.Bytes
	l.number++
	l.current = &current{Segment: s, file: file, salt: s.salt(), began: now}
	return nil
}

// Rotate ends the current segment, so that it is in Segments. Where nothing was
// appended to it there is nothing to end.
func (l *Log) Rotate() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.seal()
	return nil
}

// Age returns how long ago the segment that is appended to was begun; 0 where
// there is none.
func (l *Log) Age() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == nil {
		return 0
	}
	return l.options.Now().Sub(l.current.began)
}

// seal ends the current segment. Its file is closed when it is on the disk.
func (l *Log) seal() {
	if l.current == nil {
		return
	}
	l.sealed = append(l.sealed, l.current.Segment)
	l.retired = append(l.retired, l.current)
	l.current = nil
	l.due()
}
