package wal

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

const (
	// keptFrames is the largest buffer that is kept between two writes.
	keptFrames = 256 << 10
	// mostWaiting is how many bytes may wait to be written with another record.
	mostWaiting = 64 << 10
)

// Append adds a record, which it does not keep. When it returns nil the
// operating system has the record, and where Options.Fsync is 0 the disk. When
// it returns an error the log is as if it had not been called, except that an
// error of the disk while Fsync is 0 leaves it open whether the record survives
// a power cut.
func (l *Log) Append(record []byte) error {
	l.mu.Lock()
	err := l.addNow(record)
	at := l.written
	l.mu.Unlock()
	if err == nil && l.options.Fsync == 0 {
		err = l.syncTo(at)
	}
	return err
}

// AppendSoon adds a record that may wait, for Options.Linger at most, to be
// written with another: until then the process alone has it. It comes before all
// that is appended later. Where the disk refuses it by then it is lost. Without
// Linger, and where Fsync is 0, it is Append.
func (l *Log) AppendSoon(record []byte) error {
	if l.options.Linger == 0 || l.options.Fsync == 0 {
		return l.Append(record)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.add(record); err != nil {
		return err
	}
	if len(l.frames) < mostWaiting {
		l.linger()
		return nil
	}
	err := l.write()
	if err != nil {
		l.withdraw(record)
	}
	return err
}

// addNow frames a record and writes it: with what waits or, where there is no
// room for all of it, in its stead.
func (l *Log) addNow(record []byte) error {
	err := l.add(record)
	if err != nil {
		return err
	}
	if err = l.write(); err != nil && l.waiting > 1 {
		l.drop()
		if err = l.add(record); err != nil {
			return err
		}
		err = l.write()
	}
	if err != nil {
		l.withdraw(record)
	}
	return err
}

// add frames a record, to be written.
func (l *Log) add(record []byte) error {
	if l.closed {
		return ErrClosed
	}
	if len(record) > l.options.MaxRecord {
		return fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, len(record), l.options.MaxRecord)
	}
	if err := l.ready(int64(len(record)) + frameHeader); err != nil {
		return err
	}
	l.frames = appendFrame(l.frames, l.current.salt, l.current.index+l.waiting, record)
	l.waiting++
	return nil
}

// withdraw takes back the record that was framed last, and could not be written.
func (l *Log) withdraw(record []byte) {
	if l.waiting > 0 {
		l.waiting--
		l.frames = l.frames[:len(l.frames)-frameHeader-len(record)]
	}
}

// write writes the frames that wait. Where it fails none of them is in the log,
// and they go on waiting.
func (l *Log) write() error {
	if l.waiting == 0 {
		return nil
	}
	c := l.current
	if _, err := c.file.WriteAt(l.frames, c.Bytes); err != nil {
		if c.file.Truncate(c.Bytes) != nil {
			l.drop()
			l.seal() // what was half written stays, as a torn tail
		}
		return fmt.Errorf("log: %w", err)
	}
	c.Bytes += int64(len(l.frames))
	l.bytes += int64(len(l.frames))
	c.index += l.waiting
	l.written += uint64(l.waiting)
	l.drop()
	l.due()
	return nil
}

// drop lets go of the frames that wait.
func (l *Log) drop() {
	l.waiting, l.frames = 0, l.frames[:0]
	if cap(l.frames) > keptFrames {
		l.frames = nil
	}
}

// linger makes sure that what waits is written in time. The caller holds mu.
func (l *Log) linger() {
	if l.lingering {
		return
	}
	l.lingering = true
	time.AfterFunc(l.options.Linger, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lingering = false
		_ = l.write() // what could not be written is tried again with the next
	})
}

// ready makes sure that there is a segment with room for a frame of n bytes.
func (l *Log) ready(n int64) error {
	if c := l.current; c != nil {
		records, size := uint64(c.index)+uint64(l.waiting), c.Bytes+int64(len(l.frames))
		if size+n <= l.options.SegmentBytes && records < math.MaxUint32 || records == 0 {
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

// seal ends the current segment, with what waits to be written to it. Its file
// is closed when it is on the disk.
func (l *Log) seal() {
	if l.write() != nil {
		l.drop()
	}
	if l.current == nil {
		return
	}
	s := l.current.Segment
	s.Records = int64(l.current.index)
	l.sealed = append(l.sealed, s)
	l.retired = append(l.retired, l.current)
	l.current = nil
	l.due()
}
