package wal

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

const (
	version       = 1
	segmentHeader = 32
)

var segmentMagic = []byte("WEIRWAL")

// A Segment is a file of the log that is no longer appended to.
type Segment struct {
	Number uint64 // rises within a directory; reused when all were dropped
	ID     string // 16 hexadecimal digits, random: no two segments share one
	Path   string
	Bytes  int64
	// Records is how many were appended to it, where it was begun in this life;
	// else 0.
	Records int64
}

var segmentName = regexp.MustCompile(`^(\d{12})-([0-9a-f]{16})\.wal$`)

func newSegment(dir string, number uint64) Segment {
	var id [8]byte
	rand.Read(id[:])
	s := Segment{Number: number, ID: hex.EncodeToString(id[:])}
	s.Path = filepath.Join(dir, fmt.Sprintf("%012d-%s.wal", s.Number, s.ID))
	return s
}

// List returns the segments of a directory by number, also while a process has it
// open: the one that is appended to is among them.
func List(dir string) ([]Segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var segments []Segment
	for _, e := range entries {
		parts := segmentName.FindStringSubmatch(e.Name())
		if parts == nil {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		number, _ := strconv.ParseUint(parts[1], 10, 64) // twelve digits
		segments = append(segments, Segment{Number: number, ID: parts[2], Path: filepath.Join(dir, e.Name()), Bytes: info.Size()})
	}
	slices.SortFunc(segments, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return segments, nil
}

// salt seeds the checksums of the segment's frames.
func (s Segment) salt() uint32 { return crc32.Checksum([]byte(s.ID), castagnoli) }

// header returns the first bytes of the segment's file.
func (s Segment) header(now time.Time) []byte {
	b := make([]byte, segmentHeader)
	copy(b, segmentMagic)
	b[7] = version
	id, _ := hex.DecodeString(s.ID) // made or matched as hexadecimal
	copy(b[8:], id)
	binary.LittleEndian.PutUint64(b[16:], uint64(now.UnixMicro()))
	binary.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], castagnoli))
	return b
}

// ErrNewer is wrapped by the error of a segment that a newer Weir wrote.
var ErrNewer = errors.New("written by a newer Weir")

// checkHeader reports whether a segment's first bytes are sound. Where they are
// not, its frames can be read all the same: the name says what the header says.
// Only a newer version is an error.
func checkHeader(b []byte, path string) (sound bool, err error) {
	sound = len(b) == segmentHeader && bytes.HasPrefix(b, segmentMagic) &&
		binary.LittleEndian.Uint32(b[28:]) == crc32.Checksum(b[:28], castagnoli)
	if sound && b[7] > version {
		return true, fmt.Errorf("%s is of version %d, and this Weir knows %d: it was %w; use that one", path, b[7], version, ErrNewer)
	}
	return sound, nil
}
