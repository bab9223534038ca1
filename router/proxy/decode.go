package proxy

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"weir/router/protocol"
)

// maxDecoded bounds how much is decoded of one body, so that a small body that
// decodes into a huge one costs no more than a large one.
const maxDecoded = 64 << 20

// newDecoder decodes a content coding of HTTP (RFC 9110, section 8.4.1); nil
// where it is not known. Of several codings none is.
func newDecoder(encoding string, r io.Reader) (io.ReadCloser, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "gzip", "x-gzip":
		return gzip.NewReader(r)
	case "deflate":
		return inflate(r)
	case "br":
		return io.NopCloser(brotli.NewReader(r)), nil
	case "zstd":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(maxDecoded))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return nil, errors.New("unknown content coding")
}

// inflate reads deflate, which is zlib by the standard and raw by habit of
// some: a zlib header is a multiple of 31.
func inflate(r io.Reader) (io.ReadCloser, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	r = io.MultiReader(bytes.NewReader(head[:]), r)
	if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// decodeAll decodes what there is, as far as there is room. Ended tells that it
// came to its end.
func decodeAll(encoding string, encoded []byte, room *protocol.Room) (plain []byte, ended bool) {
	d, err := newDecoder(encoding, bytes.NewReader(encoded))
	if err != nil {
		return nil, false
	}
	defer func() { _ = d.Close() }()
	var chunk [16 << 10]byte
	for {
		n, err := d.Read(chunk[:])
		plain = room.Append(plain, chunk[:n])
		switch {
		case errors.Is(err, io.EOF):
			return plain, !room.Short()
		case err != nil || room.Short():
			return plain, false
		}
	}
}

// A decoded reader hands a reader what a compressed body decodes to. Chunks
// go through a pipe to a goroutine of its own, which is over with End.
type decoded struct {
	reader protocol.Reader
	pipe   *io.PipeWriter
	done   chan struct{}
	now    atomic.Int64 // Unix time in nanoseconds of the chunk under way
	err    error        // that decoding came to, once done
}

func newDecoded(encoding string, r protocol.Reader) *decoded {
	source, pipe := io.Pipe()
	d := &decoded{reader: r, pipe: pipe, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.err = d.run(encoding, source)
		_, _ = io.Copy(io.Discard, source) // who writes must not wait
	}()
	return d
}

func (d *decoded) run(encoding string, source io.Reader) error {
	z, err := newDecoder(encoding, source)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	var chunk [16 << 10]byte
	for left := maxDecoded; left > 0; {
		n, err := z.Read(chunk[:])
		d.reader.Write(chunk[:n], time.Unix(0, d.now.Load()))
		left -= n
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return errors.New("decodes into too much")
}

func (d *decoded) Write(chunk []byte, at time.Time) {
	d.now.Store(at.UnixNano())
	_, _ = d.pipe.Write(chunk)
}

func (d *decoded) End(whole bool, at time.Time) protocol.Reply {
	_ = d.pipe.Close()
	<-d.done
	reply := d.reader.End(whole, at)
	if d.err != nil {
		reply.Truncated = true
		// What cannot be read says nothing of its end; what is too short does.
		reply.Incomplete = reply.Incomplete && (errors.Is(d.err, io.EOF) || errors.Is(d.err, io.ErrUnexpectedEOF))
	}
	return reply
}
