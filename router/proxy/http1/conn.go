package http1

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

// A conn is one connection. One request uses it at a time.
type conn struct {
	net.Conn
	transport *Transport
	raw       syscall.RawConn // nil where there is none
	look      look
	reader    *bufio.Reader // while it is in use
	left      int64         // bytes that may still be read
	heads     int64         // likewise of all heads; of no meaning once the last has come
	failed    error         // that reading came to
	unused    time.Time     // since when
	reused    bool          // it has had a request before

	sent bool // some of the request may have been seen
	came bool // some of the answer has

	mu     sync.Mutex
	opened bool // the head of the answer has come
	until  deadline
}

const readBuffer = 4 << 10

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

func newConn(t *Transport, c net.Conn) *conn {
	n := &conn{Conn: c, transport: t}
	if s, ok := c.(syscall.Conn); ok {
		n.raw, _ = s.SyscallConn()
	}
	return n
}

// Read reads from the connection, within what an answer's head may be long.
func (c *conn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		c.failed = errHead
		return 0, errHead
	}
	p = p[:min(int64(len(p)), c.left)]
	n, err := c.Conn.Read(p)
	for n == 0 && err != nil && c.early(err) {
		n, err = c.Conn.Read(p)
	}
	c.left -= int64(n)
	c.heads -= int64(n)
	c.failed = err
	return n, err
}

// early tells whether reading failed for a deadline that is none any more.
func (c *conn) early(err error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until.early(c.Conn, err)
}

var errHead = errors.New("http1: the head of the answer is longer than allowed")

// abort ends the connection under whoever uses it.
func (c *conn) abort() { _ = c.Conn.Close() }

// close ends the connection, which nobody uses.
func (c *conn) close() { _ = c.Conn.Close() }

// exchange sends a request and returns its answer. Where it fails the
// connection is closed.
func (c *conn) exchange(r *http.Request, m *message, early func(int, http.Header)) (*http.Response, error) {
	c.sent, c.came, c.opened, c.failed = false, false, false, nil
	c.reader = readers.Get().(*bufio.Reader)
	a := &answer{conn: c, ctx: r.Context(), unwatch: context.AfterFunc(r.Context(), c.abort)}
	res, err := a.exchange(r, m, early)
	if err == nil {
		return res, nil
	}
	a.end(false)
	if ctx := r.Context(); ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return nil, err
}

// send sends the message, or begins to.
func (c *conn) send(r *http.Request, m *message) (*upload, error) {
	if m.rest != nil {
		c.sent = true
		return c.upload(r, m), nil
	}
	n, err := c.Conn.Write(m.first)
	if c.sent = n > 0; !c.sent {
		return nil, err
	}
	if m.flowing != nil && err == nil {
		return c.upload(r, m), nil
	}
	c.await() // where sending failed an answer may have come before
	return nil, nil
}

// await begins the time that an answer may take, once nothing more is sent.
func (c *conn) await() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.transport.FirstByte > 0 && !c.opened {
		c.until.at(c.Conn, time.Now().Add(c.transport.FirstByte))
	}
}

// open ends that time.
func (c *conn) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opened = true
	c.until.none()
}

// maxEarly bounds all heads with a status of 1xx before an answer together: as
// many times what one may be long.
const maxEarly = 8

// receive reads the head of the answer, and hands on those that come before it.
func (c *conn) receive(r *http.Request, u *upload, early func(int, http.Header)) (*http.Response, error) {
	most := c.transport.MaxHead
	c.left, c.heads = most, (1+maxEarly)*most
	if _, err := c.reader.Peek(1); err != nil {
		return nil, fmt.Errorf("http1: no answer: %w", unexpected(err))
	}
	c.came = true
	for {
		res, err := http.ReadResponse(c.reader, r)
		switch {
		case err != nil:
			if c.failed != nil {
				err = c.failed // a line that broke off is read as if it were whole
			}
			return nil, fmt.Errorf("http1: no answer that can be read: %w", unexpected(err))
		case res.StatusCode < 100:
			return nil, fmt.Errorf("http1: no answer that can be read: status %s", res.Status)
		case res.StatusCode >= 200, res.StatusCode == http.StatusSwitchingProtocols:
			c.left = math.MaxInt64
			c.open()
			return res, nil
		case res.StatusCode == http.StatusContinue && u != nil:
			u.letProceed()
		}
		early(res.StatusCode, res.Header)
		c.left = min(most, c.heads)
	}
}

// unexpected is an error where more was to come.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// mayRepeat tells whether a request that failed may be sent again, over
// another connection: it met one that the server was about to close. A server
// that is silent has not closed it.
func (c *conn) mayRepeat(r *http.Request, m *message, err error) bool {
	if !c.reused || c.came || m.flowing != nil || r.Context().Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	switch r.Method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return !c.sent
}
