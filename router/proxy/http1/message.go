package http1

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http/httpguts"
)

// Held is a body that is in memory, and can be sent any number of times.
func Held(b []byte) io.ReadCloser { return &held{*bytes.NewReader(b), b} }

type held struct {
	bytes.Reader
	all []byte
}

func (*held) Close() error { return nil }

// atOnce bounds what is sent before anything is read. It is below what a
// connection takes that nobody reads from, so that a server which answers first
// and reads then cannot hold it up.
const atOnce = 32 << 10

// A message is a request as it is sent. All of it is in first, but for a long
// body that is held and one that flows.
type message struct {
	first   []byte
	rest    []byte    // of a body that is held
	flowing io.Reader // a body that is not
	length  int64     // of the flowing body; -1: it goes in chunks
	trailer http.Header
	expects bool // the body waits for 100 Continue
	buffer  *[]byte
}

var (
	messageBuffers = sync.Pool{New: func() any { return new([]byte) }}
	errTarget      = errors.New("http1: the request's target holds a character that no request line can")
)

func newMessage(r *http.Request) (*message, error) {
	buffer := messageBuffers.Get().(*[]byte)
	m := &message{buffer: buffer, length: r.ContentLength}
	body, inMemory := r.Body.(*held)
	none := r.Body == nil || r.Body == http.NoBody || inMemory && len(body.all) == 0 && len(r.Trailer) == 0
	switch {
	case none:
		m.length = 0
	case inMemory && (m.length >= 0 || len(r.Trailer) == 0):
		m.length = int64(len(body.all))
	}
	if m.length < 0 {
		m.trailer = r.Trailer
	}
	var err error
	if m.first, err = m.appendHead((*buffer)[:0], r); err != nil {
		m.release()
		return nil, err
	}
	switch {
	case none:
	case !inMemory:
		m.flowing = r.Body
		m.expects = httpguts.HeaderValuesContainsToken(r.Header["Expect"], "100-continue")
	case m.length < 0:
		m.first = appendTrailer(appendChunk(m.first, body.all), m.trailer)
	case len(m.first)+len(body.all) <= atOnce:
		m.first = append(m.first, body.all...)
	default:
		m.rest = body.all
	}
	return m, nil
}

// release gives the message's memory back. None of it may be in use.
func (m *message) release() {
	if cap(m.first) <= atOnce {
		*m.buffer = m.first[:0]
		messageBuffers.Put(m.buffer)
	}
	m.first = nil
}

// appendHead appends the head: what frames the message is stated here, whatever
// the header says.
func (m *message) appendHead(b []byte, r *http.Request) ([]byte, error) {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	target := r.URL.RequestURI()
	if r.Method == "CONNECT" && r.URL.Path == "" {
		target = host
	}
	if strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return b, errTarget
	}
	if !httpguts.ValidHostHeader(host) {
		return b, errors.New("http1: the request's host is no host")
	}
	b = append(append(append(append(append(b, r.Method...), ' '), target...), " HTTP/1.1\r\nHost: "...), host...)
	b = append(b, "\r\n"...)
	switch {
	case m.length > 0, m.length == 0 && (r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH"):
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), m.length, 10), "\r\n"...)
	case m.length < 0:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
		if len(m.trailer) > 0 {
			b = appendNames(append(b, "Trailer: "...), m.trailer)
		}
	}
	if r.Close {
		b = append(b, "Connection: close\r\n"...)
	}
	b, err := appendHeader(b, r.Header)
	return append(b, "\r\n"...), err
}

func appendNames(b []byte, h http.Header) []byte {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return append(append(b, strings.Join(names, ",")...), "\r\n"...)
}

// appendHeader appends the fields of a header but those that are the framing's.
// It is the last to see that no value ends its line early.
func appendHeader(b []byte, h http.Header) ([]byte, error) {
	for name, values := range h {
		switch name {
		case "Host", "Content-Length", "Transfer-Encoding", "Trailer":
			continue
		case "User-Agent":
			if len(values) == 1 && values[0] == "" {
				continue // it says that there is none
			}
		}
		if !httpguts.ValidHeaderFieldName(name) {
			return b, fmt.Errorf("http1: %q is no name of a header", name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return b, fmt.Errorf("http1: the header %s holds a character that no header can", name)
			}
			b = append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
		}
	}
	return b, nil
}

// appendChunk appends a chunk of a chunked body; of nothing, nothing.
func appendChunk(b, chunk []byte) []byte {
	if len(chunk) == 0 {
		return b
	}
	b = append(strconv.AppendInt(b, int64(len(chunk)), 16), "\r\n"...)
	return append(append(b, chunk...), "\r\n"...)
}

// appendTrailer appends the end of a chunked body. A field that is not well
// formed is left out, as nobody is left to be told.
func appendTrailer(b []byte, trailer http.Header) []byte {
	b = append(b, "0\r\n"...)
	for name, values := range trailer {
		if with, err := appendHeader(b, http.Header{name: values}); err == nil {
			b = with
		}
	}
	return append(b, "\r\n"...)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}
