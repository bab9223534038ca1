package http1

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"time"
)

// A Transport sends requests to one server. It is safe for concurrent use. Its
// fields are not to be changed once it is used.
type Transport struct {
	// Dial makes a connection to the server. Its errors are returned as they are.
	Dial func(context.Context) (net.Conn, error)
	// FirstByte bounds the time from the last byte of a request to the head of
	// its answer; 0: it is not bounded. Being over is a net.Error that says
	// Timeout.
	FirstByte time.Duration
	// Idle is how long an unused connection is kept, MaxIdle how many are.
	Idle    time.Duration
	MaxIdle int
	// MaxHead bounds each head of an answer, in bytes; all those with a status of
	// 1xx before it are bounded by eight times as much.
	MaxHead int64

	mu     sync.Mutex
	idle   []*conn // the one that was used last at the end
	reaper *time.Timer
}

// RoundTrip is Send, where heads with a status of 1xx are told to the
// Got1xxResponse of the request's httptrace.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.Send(r, func(status int, header http.Header) {
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.Got1xxResponse != nil {
			_ = trace.Got1xxResponse(status, textproto.MIMEHeader(header))
		}
	})
}

// Send sends a request and returns its answer, whose body is to be closed.
// Heads with a status of 1xx are told before it returns.
//
// A connection that the server has closed meanwhile is not used. Where it
// closes one as the request is sent, the request is sent once more, over a new one, if
// nothing of it can have been seen, or if its method is safe (RFC 9110, section
// 9.2.1) and it is held.
func (t *Transport) Send(r *http.Request, early func(status int, header http.Header)) (*http.Response, error) {
	m, err := newMessage(r)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	defer m.release()
	for again := false; ; again = true {
		c, err := t.connection(r, m.flowing != nil || again)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		res, err := c.exchange(r, m, early)
		if err == nil || !c.mayRepeat(r, m, err) {
			return res, err
		}
	}
}

// connection is an unused one or, where there is none or it has to be, a new
// one: for a body that cannot be sent twice, or a request that was lost once.
func (t *Transport) connection(r *http.Request, fresh bool) (*conn, error) {
	if !fresh {
		if c := t.take(); c != nil {
			return c, nil
		}
	}
	c, err := t.Dial(r.Context())
	if err != nil {
		return nil, err
	}
	return newConn(t, c), nil
}

// take gives the connection that was used last, if it can still be used.
func (t *Transport) take() *conn {
	for {
		t.mu.Lock()
		n := len(t.idle)
		if n == 0 {
			t.mu.Unlock()
			return nil
		}
		c := t.idle[n-1]
		t.idle[n-1] = nil
		t.idle = t.idle[:n-1]
		t.mu.Unlock()
		if time.Since(c.unused) < t.Idle && c.quiet() {
			c.reused = true
			return c
		}
		c.close()
	}
}

// put keeps a connection for the next request.
func (t *Transport) put(c *conn) {
	c.unused = time.Now()
	t.mu.Lock()
	full := len(t.idle) >= t.MaxIdle
	if !full {
		t.idle = append(t.idle, c)
		if t.reaper == nil {
			t.reaper = time.AfterFunc(t.Idle, t.reap)
		}
	}
	t.mu.Unlock()
	if full {
		c.close()
	}
}

// reap closes the connections that were unused for long, and comes again while
// there are others.
func (t *Transport) reap() {
	t.mu.Lock()
	old, now := 0, time.Now()
	for old < len(t.idle) && now.Sub(t.idle[old].unused) >= t.Idle {
		old++
	}
	closing := t.drop(old)
	t.reaper = nil
	if len(t.idle) > 0 {
		t.reaper = time.AfterFunc(t.Idle-now.Sub(t.idle[0].unused), t.reap)
	}
	t.mu.Unlock()
	closeAll(closing)
}

// CloseIdleConnections closes the connections that nobody uses.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	closing := t.drop(len(t.idle))
	if t.reaper != nil {
		t.reaper.Stop()
		t.reaper = nil
	}
	t.mu.Unlock()
	closeAll(closing)
}

// drop takes out the first n. The caller holds mu.
func (t *Transport) drop(n int) []*conn {
	dropped := append([]*conn(nil), t.idle[:n]...)
	rest := copy(t.idle, t.idle[n:])
	clear(t.idle[rest:])
	t.idle = t.idle[:rest]
	return dropped
}

func closeAll(conns []*conn) {
	for _, c := range conns {
		c.close()
	}
}
