package collector

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weir/internal/atomicfile"
	"weir/trace"
)

const (
	identityName = "instance"
	slotName     = "losses"
	slotBytes    = 64 << 10 // of one of two
)

// identity returns the name of the journal in a directory, which it makes up the
// first time. The log's lock is held.
func identity(dir string) (string, error) {
	name := filepath.Join(dir, identityName)
	content, err := os.ReadFile(name)
	if id := strings.TrimSpace(string(content)); err == nil && trace.CheckName("instance", id) == nil {
		return id, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	id := randomID(4)
	return id, atomicfile.Write(name, []byte(id+"\n"), 0o600)
}

// A slot is a file of fixed size in which losses outlive the process while
// nothing can be appended: its bytes are on the disk beforehand, so writing them
// needs no space. Two halves take turns, each with a number and a checksum.
type slot struct {
	file *os.File
	turn uint64
}

func (s *slot) open(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, slotName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	s.file = f
	info, err := f.Stat()
	if err == nil && info.Size() < 2*slotBytes {
		if _, err = f.WriteAt(make([]byte, 2*slotBytes), 0); err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return nil
}

// read returns what was saved last; none where the file is damaged.
func (s *slot) read() []trace.Loss {
	var newest []byte
	for half := range int64(2) {
		b := make([]byte, slotBytes)
		if _, err := s.file.ReadAt(b, half*slotBytes); err != nil && !errors.Is(err, io.EOF) {
			continue
		}
		n := int(binary.LittleEndian.Uint32(b[8:]))
		if n > slotBytes-16 || crc32.ChecksumIEEE(b[:12])^crc32.ChecksumIEEE(b[16:16+n]) != binary.LittleEndian.Uint32(b[12:]) {
			continue
		}
		if turn := binary.LittleEndian.Uint64(b); turn > s.turn {
			s.turn, newest = turn, b[16:16+n]
		}
	}
	var losses []trace.Loss
	if json.Unmarshal(newest, &losses) != nil {
		return nil
	}
	return losses
}

// save replaces what was saved.
func (s *slot) save(losses []trace.Loss) error {
	content, err := json.Marshal(losses)
	if err != nil {
		return err
	}
	if len(content) > slotBytes-16 {
		return fmt.Errorf("%d kinds of losses have no room in %s", len(losses), slotName)
	}
	s.turn++
	b := make([]byte, 16, slotBytes)
	binary.LittleEndian.PutUint64(b, s.turn)
	binary.LittleEndian.PutUint32(b[8:], uint32(len(content)))
	binary.LittleEndian.PutUint32(b[12:], crc32.ChecksumIEEE(b[:12])^crc32.ChecksumIEEE(content))
	b = append(b, content...)
	b = append(b, bytes.Repeat([]byte{0}, slotBytes-len(b))...)
	if _, err := s.file.WriteAt(b, int64(s.turn%2)*slotBytes); err != nil {
		return err
	}
	return s.file.Sync()
}

func (s *slot) close() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.Close()
}
