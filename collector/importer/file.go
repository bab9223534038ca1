package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

var parquetMagic = []byte("PAR1")

// A textFile is an open text file, decompressed where it is gzip.
type textFile struct {
	name string
	r    *bufio.Reader
	file *os.File
}

// bufferSize is how much of a file is read at once.
const bufferSize = 256 << 10

// openText opens a text file; count is told of every byte read from disk. A
// byte-order mark is dropped.
func openText(name string, count func(int)) (*textFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	t := &textFile{name: name, file: file, r: bufio.NewReaderSize(countingReader{file, count}, bufferSize)}
	if err := t.decode(); err != nil {
		file.Close()
		return nil, err
	}
	return t, nil
}

func (t *textFile) decode() error {
	if magic, _ := t.r.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(t.r)
		if err != nil {
			return t.broken(err)
		}
		t.r = bufio.NewReaderSize(unzipped, bufferSize)
	}
	start, err := t.r.Peek(4)
	switch {
	case err != nil && err != io.EOF:
		return t.broken(err)
	case bytes.HasPrefix(start, []byte{0xef, 0xbb, 0xbf}):
		t.r.Discard(3) // they are in the buffer
	case bytes.HasPrefix(start, []byte{0xff, 0xfe}), bytes.HasPrefix(start, []byte{0xfe, 0xff}):
		return fmt.Errorf("%s: is UTF-16: save it as UTF-8", t.name)
	case bytes.Equal(start, parquetMagic):
		return fmt.Errorf("%s: is a Parquet file: import it as parquet", t.name)
	}
	return nil
}

// broken returns the error of a file that cannot be read to its end.
func (t *textFile) broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: is cut off: the compressed file ends too early", t.name)
	}
	return fmt.Errorf("%s: %w", t.name, err)
}

// first returns the first byte that is no white space; 0 at the end.
func (t *textFile) first() (byte, error) {
	for {
		b, err := t.r.ReadByte()
		switch {
		case err == io.EOF:
			return 0, nil
		case err != nil:
			return 0, t.broken(err)
		case b != ' ' && b != '\t' && b != '\r' && b != '\n':
			return b, t.r.UnreadByte()
		}
	}
}

type countingReader struct {
	r     io.Reader
	count func(int)
}

func (c countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.count(n)
	return n, err
}

// maxRow bounds one row, so that a file that is none cannot take all memory.
const maxRow = 64 << 20

// errTooLong is a row above the bound.
var errTooLong = errors.New("is longer than 64 MiB")

// A bounded reader fails once more than max bytes were read since mark was
// last called.
type boundedReader struct {
	r          io.Reader
	since, max int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.since > b.max {
		return 0, errTooLong
	}
	n, err := b.r.Read(p)
	b.since += int64(n)
	return n, err
}

func (b *boundedReader) mark() { b.since = 0 }

// sniff returns the format of a file by its content: parquet, jsonl or csv.
func sniff(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	start := make([]byte, 4)
	_, err = io.ReadFull(file, start)
	file.Close()
	if err == nil && bytes.Equal(start, parquetMagic) {
		return "parquet", nil
	}
	t, err := openText(name, func(int) {})
	if err != nil {
		return "", err
	}
	defer t.file.Close()
	if first, err := t.first(); err != nil || first == '{' || first == '[' {
		return "jsonl", err
	}
	return "csv", nil
}
