package wal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// A Replayed says what a segment held.
type Replayed struct {
	Records int64 // that were read
	Lost    int64 // that were there, as their neighbours' numbers say, and cannot be read
	Damage  []Damage
	// Tail is the bytes at the end that are no whole record: what was being
	// written when the process or the power ended.
	Tail int64
}

// A Damage is a stretch of a segment between readable records that is none.
type Damage struct {
	Path          string
	Offset, Bytes int64
}

func (d Damage) String() string {
	return fmt.Sprintf("%s: %d bytes at %d are damaged", d.Path, d.Bytes, d.Offset)
}

// Replay calls yield with each record of a segment, in the order in which they
// were appended; the bytes are yield's until it returns. Damage is skipped up to
// the next sound record and reported. It ends at the first error of yield, which
// it returns as it is.
func (l *Log) Replay(s Segment, yield func(record []byte) error) (Replayed, error) {
	return replay(s, l.options.MaxRecord, yield)
}

func replay(s Segment, largest int, yield func(record []byte) error) (r Replayed, err error) {
	f, err := os.Open(s.Path)
	if err != nil {
		return r, fmt.Errorf("log: %w", err)
	}
	defer f.Close()
	w := &window{file: f, largest: largest, salt: s.salt()}
	head, err := w.need(segmentHeader)
	if err != nil {
		return r, err
	}
	sound, err := checkHeader(head, s.Path)
	if err != nil {
		return r, fmt.Errorf("log: %w", err)
	}
	if sound {
		w.skip(segmentHeader)
	}
	return w.frames(s.Path, yield)
}

// frames reads all frames from here to the end.
func (w *window) frames(path string, yield func([]byte) error) (r Replayed, err error) {
	next := uint32(0)
	damaged := int64(-1) // where the damage began, if it has
	for {
		record, index, err := w.frame()
		switch {
		case err != nil:
			return r, fmt.Errorf("log: %s: %w", path, err)
		case record == nil && w.ended():
			if damaged >= 0 {
				r.Tail = w.at - damaged
			}
			return r, nil
		case record == nil:
			if damaged < 0 {
				damaged = w.at
			}
			if err := w.seek(); err != nil {
				return r, fmt.Errorf("log: %s: %w", path, err)
			}
			continue
		}
		if damaged >= 0 {
			r.Damage = append(r.Damage, Damage{path, damaged, w.at - damaged})
			damaged = -1
		}
		if index > next {
			r.Lost += int64(index - next)
		}
		next = index + 1
		r.Records++
		if err := yield(record); err != nil {
			return r, err
		}
		w.skip(frameHeader + len(record))
	}
}

// A window is the part of a file that is in memory, from a position on.
type window struct {
	file    io.Reader
	largest int
	salt    uint32
	at      int64 // of bytes[0] in the file
	bytes   []byte
	spare   []byte // before bytes, in the same array
	eof     bool
}

const windowBytes = 256 << 10

// need returns n bytes from the position on; fewer at the end of the file.
func (w *window) need(n int) ([]byte, error) {
	for len(w.bytes) < n && !w.eof {
		if err := w.read(n); err != nil {
			return nil, err
		}
	}
	return w.bytes[:min(n, len(w.bytes))], nil
}

// read reads some more of the file, into room for n bytes from the position on.
func (w *window) read(n int) error {
	if size := max(n, windowBytes); cap(w.bytes) < size {
		if cap(w.spare) < size {
			w.spare = make([]byte, 0, size)
		}
		w.bytes = w.spare[:copy(w.spare[:size], w.bytes)]
	}
	got, err := w.file.Read(w.bytes[len(w.bytes):cap(w.bytes)])
	w.bytes = w.bytes[:len(w.bytes)+got]
	w.eof = errors.Is(err, io.EOF)
	if w.eof {
		return nil
	}
	return err
}

func (w *window) skip(n int) {
	w.at += int64(n)
	w.bytes = w.bytes[n:]
}

func (w *window) ended() bool { return w.eof && len(w.bytes) == 0 }

// frame returns the record at the position; nil where there is no sound one.
func (w *window) frame() (record []byte, index uint32, err error) {
	b, err := w.need(frameHeader)
	if err != nil {
		return nil, 0, err
	}
	h, ok := parseHeader(b)
	if !ok || int64(h.length) > int64(w.largest) {
		return nil, 0, nil
	}
	if b, err = w.need(frameHeader + int(h.length)); err != nil {
		return nil, 0, err
	}
	if len(b) < frameHeader+int(h.length) {
		return nil, 0, nil
	}
	record = b[frameHeader:]
	if checksum(w.salt, b[:frameHeader], record) != h.sum {
		return nil, 0, nil
	}
	return record[:len(record):len(record)], h.index, nil
}

var magicBytes = binary.LittleEndian.AppendUint32(nil, frameMagic)

// seek goes on to where the next frame may begin, or to the end.
func (w *window) seek() error {
	w.skip(min(1, len(w.bytes))) // past the magic that was looked at
	for {
		b, err := w.need(windowBytes / 2)
		if err != nil {
			return err
		}
		if i := bytes.Index(b, magicBytes); i >= 0 {
			w.skip(i)
			return nil
		}
		if w.eof && len(b) == len(w.bytes) {
			w.skip(len(b))
			return nil
		}
		w.skip(len(b) - len(magicBytes) + 1)
	}
}
