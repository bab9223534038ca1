package http1_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/router/proxy/http1"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http complains of odd servers there
	goleak.VerifyTestMain(m)
}

// An upstream is a server that does on each connection what a test says.
type upstream struct {
	net.Listener
	connections, requests atomic.Int64
}

// listen accepts connections until the test is over.
func listen(t *testing.T, serve func(u *upstream, c net.Conn, n int)) *upstream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstream{Listener: l}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				serve(u, c, int(u.connections.Add(1)))
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return u
}

// read takes one request whole.
func (u *upstream) read(b *bufio.Reader) (*http.Request, []byte, bool) {
	r, err := http.ReadRequest(b)
	if err != nil {
		return nil, nil, false
	}
	body, err := io.ReadAll(r.Body)
	u.requests.Add(1)
	return r, body, err == nil
}

// answers is a server that gives the same bytes to every request, and closes
// the connection after each where it is told to.
func answers(t *testing.T, raw string, closes bool) *upstream {
	return listen(t, func(u *upstream, c net.Conn, _ int) {
		for b := bufio.NewReader(c); ; {
			if _, _, ok := u.read(b); !ok {
				return
			}
			if _, err := io.WriteString(c, raw); err != nil || closes {
				return
			}
		}
	})
}

func (u *upstream) url() string { return "http://" + u.Addr().String() }

// transport is one of ours for the server.
func (u *upstream) transport(t *testing.T) *http1.Transport {
	return transport(t, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", u.Addr().String())
	})
}

func transport(t testing.TB, dial func(context.Context) (net.Conn, error)) *http1.Transport {
	our := &http1.Transport{Dial: dial, FirstByte: 5 * time.Second, Idle: 5 * time.Second, MaxIdle: 8, MaxHead: 16 << 10}
	t.Cleanup(our.CloseIdleConnections)
	return our
}

// theirs is net/http's, set up alike.
func theirs(t testing.TB, dial func(context.Context) (net.Conn, error)) *http.Transport {
	their := &http.Transport{
		ResponseHeaderTimeout: 5 * time.Second, IdleConnTimeout: 5 * time.Second, MaxIdleConnsPerHost: 8,
		MaxResponseHeaderBytes: 16 << 10, DisableCompression: true, ExpectContinueTimeout: time.Second,
	}
	if dial != nil {
		their.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	}
	t.Cleanup(their.CloseIdleConnections)
	return their
}

// request makes one whose body is held, where there is any.
func request(t testing.TB, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Body, r.ContentLength = http1.Held([]byte(body)), int64(len(body))
	}
	r.Header.Set("User-Agent", "")
	return r
}

// text is all that an answer says.
func text(t *testing.T, res *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return string(b)
}
