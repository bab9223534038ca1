package http1_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"weir/router/proxy/http1"
	"weir/router/proxy/http1/http1test"
)

// TestRequests sends the same requests by our transport and by net/http's to
// net/http's server: it gets the same.
func TestRequests(t *testing.T) {
	seen := make(chan string, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		seen <- fmt.Sprintln(r.Method, r.RequestURI, r.Host, r.ContentLength, r.TransferEncoding, len(body), string(body[:min(len(body), 50)]), err, sorted(r.Header), sorted(r.Trailer))
		_, _ = io.WriteString(w, "done")
	}))
	defer s.Close()
	u := &upstream{Listener: s.Listener}
	ours, their := u.transport(t), theirs(t, nil)
	long := strings.Repeat("y", 1<<20)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"} {
		for _, body := range []string{"", "a", long[:40<<10], long} {
			for _, framing := range []string{"held", "flowing", "chunked", "trailer", "held trailer", "no length"} {
				make := func() *http.Request {
					r := request(t, method, s.URL+"/a%2Fb//c?q=%20;z&&", body)
					r.Host = "app.example"
					r.Header["X-Twice"] = []string{"a", "b\t c", ""}
					r.Header.Set("Content-Length", "7")
					r.Header.Set("Transfer-Encoding", "gzip")
					if body == "" {
						return r
					}
					if framing != "held" && framing != "held trailer" && framing != "no length" {
						r.Body = io.NopCloser(iotest.HalfReader(strings.NewReader(body)))
					}
					if framing != "held" && framing != "flowing" {
						r.ContentLength = -1
					}
					if strings.HasSuffix(framing, "trailer") {
						r.Trailer = http.Header{"X-Sum": {"1"}, "X-More": {"2", "3"}}
					}
					return r
				}
				t.Run(fmt.Sprint(method, " ", len(body), " ", framing), func(t *testing.T) {
					r := make()
					res, err := their.RoundTrip(r)
					text(t, res, err)
					want := <-seen
					if framing == "no length" && body != "" {
						r.ContentLength, r.Body = int64(len(body)), http1.Held([]byte(body)) // what is held has a length, so it is said
						res, err = their.RoundTrip(r)
						text(t, res, err)
						want = <-seen
					}
					res, err = ours.RoundTrip(make())
					text(t, res, err)
					if got := <-seen; got != want {
						t.Errorf("the server got\n%sfrom net/http\n%s", got, want)
					}
				})
			}
		}
	}
}

// TestRefused are requests that would be read as others.
func TestRefused(t *testing.T) {
	u := answers(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false)
	for name, spoil := range map[string]func(*http.Request){
		"header value":  func(r *http.Request) { r.Header.Set("X-A", "b\r\nX-C: d") },
		"header name":   func(r *http.Request) { r.Header["X A"] = []string{"b"} },
		"empty name":    func(r *http.Request) { r.Header[""] = []string{"b"} },
		"host":          func(r *http.Request) { r.Host = "a b" },
		"target":        func(r *http.Request) { r.URL.RawQuery = "a HTTP/1.1\r\nX: y" },
		"target, space": func(r *http.Request) { r.URL.RawQuery = "a b" },
	} {
		r := request(t, "GET", u.url(), "")
		spoil(r)
		if res, err := u.transport(t).RoundTrip(r); err == nil {
			_ = res.Body.Close()
			t.Errorf("%s is sent", name)
		}
	}
	if n := u.connections.Load(); n != 0 {
		t.Errorf("%d connections are made", n)
	}
}

// TestReuse tells when a connection is used again.
func TestReuse(t *testing.T) {
	for _, o := range http1test.Answers {
		t.Run(o.Name, func(t *testing.T) {
			u := answers(t, o.Raw, o.Closes)
			by := u.transport(t)
			whole := true
			for range 3 {
				res, err := by.RoundTrip(request(t, "POST", u.url(), "a"))
				if err != nil {
					whole = false
					continue
				}
				_, err = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				whole = whole && err == nil && !res.Close
			}
			extra := strings.HasPrefix(o.Name, "more than") || strings.HasPrefix(o.Name, "two answers")
			if n, trusted := u.connections.Load(), whole && !extra && !o.Closes; trusted != (n == 1) {
				t.Errorf("%d connections are made for 3 requests", n)
			}
		})
	}
}

// TestAbandoned closes answers before their end: nothing of them is met again.
func TestAbandoned(t *testing.T) {
	u := answers(t, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 100000), false)
	by := u.transport(t)
	for range 3 {
		res, err := by.RoundTrip(request(t, "GET", u.url(), ""))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = res.Body.Read(make([]byte, 10))
		_ = res.Body.Close()
		_ = res.Body.Close()
		if n, err := res.Body.Read(make([]byte, 10)); err == nil {
			_ = n // what was read ahead may still be given
		}
	}
	if n := u.connections.Load(); n != 3 {
		t.Errorf("%d connections are made for 3 answers that were not wanted", n)
	}
}

// TestClosedMeanwhile uses no connection that the server has closed.
func TestClosedMeanwhile(t *testing.T) {
	closed := make(chan struct{})
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		if _, _, ok := u.read(bufio.NewReader(c)); ok {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			if n%2 == 0 {
				_, _ = io.WriteString(c, "HTTP/1.1 408 Too late\r\nContent-Length: 0\r\n\r\n") // to nobody's request
			}
		}
		_ = c.Close()
		closed <- struct{}{}
	})
	by := u.transport(t)
	for i := range 6 {
		res, err := by.RoundTrip(request(t, "POST", u.url(), "pay back"))
		if got := text(t, res, err); got != "ok" {
			t.Fatalf("answer %d is %q", i, got)
		}
		<-closed
	}
	if n := u.requests.Load(); n != 6 {
		t.Errorf("the server got %d requests, was sent 6", n)
	}
}

// TestClosedAtOnce closes the connection on the second request, unanswered. It
// is sent again only where that is safe.
func TestClosedAtOnce(t *testing.T) {
	for _, test := range []struct {
		method, body string
		again        bool
	}{{"GET", "", true}, {"HEAD", "", true}, {"POST", "pay back", false}, {"PUT", "a", false}, {"DELETE", "", false}} {
		t.Run(test.method, func(t *testing.T) {
			u := listen(t, func(u *upstream, c net.Conn, n int) {
				b := bufio.NewReader(c)
				if _, _, ok := u.read(b); ok {
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
				u.read(b)
			})
			by := u.transport(t)
			res, err := by.RoundTrip(request(t, "GET", u.url(), ""))
			text(t, res, err)
			res, err = by.RoundTrip(request(t, test.method, u.url(), test.body))
			if test.again {
				if text(t, res, err); u.requests.Load() != 3 {
					t.Errorf("the server got %d requests, want 3: the second twice", u.requests.Load())
				}
			} else if err == nil || u.requests.Load() != 2 {
				t.Errorf("error %v, the server got %d requests, want an error and 2", err, u.requests.Load())
			}
		})
	}
}

// TestLostOnce closes several connections that were used before as soon as they
// are asked again: a request is repeated once, over a new connection.
func TestLostOnce(t *testing.T) {
	var first sync.WaitGroup // so that each of the first requests has a connection of its own
	first.Add(3)
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		if u.read(b); n <= 3 {
			first.Done()
			first.Wait()
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		u.read(b)
	})
	by := u.transport(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if res, err := by.RoundTrip(request(t, "GET", u.url(), "")); err == nil {
				_ = res.Body.Close()
			}
		})
	}
	all.Wait()
	res, err := by.RoundTrip(request(t, "GET", u.url(), ""))
	text(t, res, err)
	if n := u.requests.Load(); n != 5 {
		t.Errorf("the server got %d requests, want 5: the last one twice", n)
	}
}

// TestAnsweredEarly answers before the body has come, in several ways: the
// answer is got.
func TestAnsweredEarly(t *testing.T) {
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		r, err := http.ReadRequest(b)
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too large\r\nContent-Length: 8388608\r\n\r\n")
		_, _ = io.WriteString(c, strings.Repeat("z", 8<<20)) // longer than what anyone buffers
		if r.Header.Get("Expect") == "" {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	reader, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	go func() { _, _ = io.WriteString(writer, "the beginning") }()
	long := strings.Repeat("y", 16<<20)
	for name, body := range map[string]io.ReadCloser{
		"held": http1.Held([]byte(long)), "flowing": io.NopCloser(strings.NewReader(long)), "waiting": reader,
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, "POST", u.url(), "")
			r.Body, r.ContentLength = body, int64(len(long))
			res, err := u.transport(t).RoundTrip(r)
			if got := text(t, res, err); res.StatusCode != 413 || len(got) != 8<<20 {
				t.Errorf("%d with %d bytes", res.StatusCode, len(got))
			}
		})
	}
}

// TestContinue has a body wait until it is asked for.
func TestContinue(t *testing.T) {
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		r, err := http.ReadRequest(b)
		if err != nil {
			return
		}
		switch r.URL.Path {
		case "/asks":
			_, _ = io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
		case "/refuses":
			_, _ = io.WriteString(c, "HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n")
			_ = c.(*net.TCPConn).CloseWrite()
			if n, _ := io.Copy(io.Discard, b); n > 0 {
				t.Errorf("%d bytes of a refused body are sent", n)
			}
			return
		}
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	})
	for path, status := range map[string]int{"/asks": 200, "/refuses": 401, "/ignores": 200} {
		r := request(t, "POST", u.url()+path, "")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader("hello")), 5
		r.Header.Set("Expect", "100-continue")
		res, err := u.transport(t).RoundTrip(r)
		if got := text(t, res, err); res.StatusCode != status || status == 200 && got != "hello" {
			t.Errorf("%s: %d %q", path, res.StatusCode, got)
		}
	}
}

// TestBodyFails breaks a body off: the server does not take it for whole.
func TestBodyFails(t *testing.T) {
	ends := make(chan error, 1)
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		ends <- err
	})
	broken := errors.New("broken")
	for name, body := range map[string]io.Reader{
		"broken": io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken)), "short": strings.NewReader("hel"),
	} {
		for _, length := range []int64{5, -1} {
			if length < 0 && name == "short" {
				continue
			}
			r := request(t, "POST", u.url(), "")
			r.Body, r.ContentLength = io.NopCloser(body), length
			if res, err := u.transport(t).RoundTrip(r); err == nil {
				_ = res.Body.Close()
				t.Errorf("%s, length %d: answered", name, length)
			}
			if err := <-ends; err == nil {
				t.Errorf("%s, length %d: the server takes it for whole", name, length)
			}
			body = io.MultiReader(strings.NewReader("hel"), iotest.ErrReader(broken))
		}
	}
}

// TestCancelled gives up in each state; goleak sees that nothing is left.
func TestCancelled(t *testing.T) {
	begun := make(chan struct{}, 1)
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		r, err := http.ReadRequest(b)
		if err != nil {
			return
		}
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
		}
		begun <- struct{}{}
		_, _ = io.Copy(io.Discard, b) // until the client is gone
	})
	why := errors.New("why")
	reader, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	for _, path := range []string{"/head", "/body", "/upload"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		r := request(t, "POST", u.url()+path, "a").WithContext(ctx)
		if path == "/upload" {
			r.Body, r.ContentLength = reader, 10
		}
		go func() { <-begun; cancel(why) }()
		res, err := u.transport(t).RoundTrip(r)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		if !errors.Is(err, why) {
			t.Errorf("%s: ended with %v", path, err)
		}
		cancel(nil)
	}
}

// TestFirstByte is over where no answer comes; an upload's time does not count.
func TestFirstByte(t *testing.T) {
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		r, _, ok := u.read(b)
		if ok && r.URL.Path == "/answers" {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			time.Sleep(200 * time.Millisecond) // longer than the first byte may take
			_, _ = io.WriteString(c, "hello")
		}
		_, _ = io.Copy(io.Discard, b)
	})
	by := u.transport(t)
	by.FirstByte = 100 * time.Millisecond
	_, err := by.RoundTrip(request(t, "POST", u.url(), "a"))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("ended with %v", err)
	}
	r := request(t, "POST", u.url()+"/answers", "")
	reader, writer := io.Pipe()
	go func() {
		time.Sleep(200 * time.Millisecond)
		_, _ = io.WriteString(writer, "a slow one")
		_ = writer.Close()
	}()
	r.Body, r.ContentLength = reader, -1
	res, err := by.RoundTrip(r)
	if got := text(t, res, err); got != "hello" {
		t.Errorf("answered %q", got)
	}
}

// TestFirstByteAgain: on a connection that is used again it counts from each
// request anew, and not while a body comes.
func TestFirstByteAgain(t *testing.T) {
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		for {
			r, _, ok := u.read(b)
			if !ok || r.URL.Path == "/never" {
				break
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
			time.Sleep(200 * time.Millisecond) // longer than the first byte may take
			_, _ = io.WriteString(c, "hello")
		}
		_, _ = io.Copy(io.Discard, b)
	})
	by := u.transport(t)
	by.FirstByte = 100 * time.Millisecond
	for range 2 {
		res, err := by.RoundTrip(request(t, "POST", u.url()+"/slow", "a"))
		if got := text(t, res, err); got != "hello" {
			t.Errorf("answered %q", got)
		}
	}
	var timeout net.Error
	if _, err := by.RoundTrip(request(t, "POST", u.url()+"/never", "a")); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("ended with %v", err)
	}
	if n := u.connections.Load(); n != 1 {
		t.Errorf("%d connections are made", n)
	}
}

// TestTunnel switches to another protocol.
func TestTunnel(t *testing.T) {
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		b := bufio.NewReader(c)
		if _, _, ok := u.read(b); !ok {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst")
		_, _ = io.Copy(c, b)
	})
	r := request(t, "GET", u.url(), "")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	res, err := u.transport(t).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	both := res.Body.(io.ReadWriteCloser)
	if _, err := io.WriteString(both, " and more"); err != nil {
		t.Fatal(err)
	}
	if err := res.Body.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(both); string(b) != "first and more" {
		t.Errorf("the tunnel gave %q, %v", b, err)
	}
	_ = both.Close()
}

// TestManyAtOnce mixes all kinds of requests over few connections; each gets
// its own answer.
func TestManyAtOnce(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b)%2 == 0 {
			w.Header().Set("Trailer", "X-Sum")
			w.(http.Flusher).Flush()
		}
		if len(b)%7 == 0 {
			w.Header().Set("Connection", "close")
		}
		_, _ = w.Write(b)
		w.Header().Set("X-Sum", fmt.Sprint(len(b)))
	}))
	defer s.Close()
	u := &upstream{Listener: s.Listener}
	by := u.transport(t)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 100 {
				body := strings.Repeat(fmt.Sprint(g, " ", i, "\n"), 1+i*i)
				r := request(t, "POST", s.URL, body)
				if i%3 == 0 {
					r.Body = io.NopCloser(iotest.HalfReader(strings.NewReader(body)))
				}
				ctx, cancel := context.WithCancel(t.Context())
				res, err := by.RoundTrip(r.WithContext(ctx))
				if err != nil {
					t.Error(err)
					cancel()
					continue
				}
				if i%5 == 4 {
					cancel()
					_ = res.Body.Close()
					continue
				}
				b, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil || string(b) != body || len(body)%2 == 0 && res.Trailer.Get("X-Sum") != fmt.Sprint(len(body)) {
					t.Errorf("request %d of %d: %d bytes came back of %d, %v, %v", i, g, len(b), len(body), res.Trailer, err)
				}
				cancel()
			}
		})
	}
	group.Wait()
}

// TestUnused closes connections that nobody uses for long, and when told to.
func TestUnused(t *testing.T) {
	gone := make(chan struct{}, 8)
	u := listen(t, func(u *upstream, c net.Conn, n int) {
		for b := bufio.NewReader(c); ; {
			if _, _, ok := u.read(b); !ok {
				gone <- struct{}{}
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	by := u.transport(t)
	by.Idle = 50 * time.Millisecond
	res, err := by.RoundTrip(request(t, "GET", u.url(), ""))
	text(t, res, err)
	<-gone
	by = u.transport(t)
	res, err = by.RoundTrip(request(t, "GET", u.url(), ""))
	text(t, res, err)
	by.CloseIdleConnections()
	<-gone
	by = u.transport(t)
	by.MaxIdle = 0
	res, err = by.RoundTrip(request(t, "GET", u.url(), ""))
	text(t, res, err)
	<-gone
}
