package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/router"
	"weir/router/proxy"
	"weir/trace"
)

// hijacked answers with raw bytes and closes the connection.
func hijacked(raw string, linger time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(c, raw)
		time.Sleep(linger)
		_ = c.Close()
	})
}

func status(code int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(code) })
}

// TestFailures names every way in which a version fails, and what is none.
func TestFailures(t *testing.T) {
	hang := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	stall := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	const stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	for _, test := range []struct {
		name   string
		v2     http.Handler
		want   string
		status int64
	}{
		{"nobody listens", nil, proxy.ErrorConnect, 502},
		{"hangs", hang, proxy.ErrorTimeout, 504},
		{"stalls in the middle", stall, proxy.ErrorTimeout, 200},
		{"closes at once", hijacked("", 0), proxy.ErrorReset, 502},
		{"garbage", hijacked("garbage\r\n\r\n", 0), proxy.ErrorReset, 502},
		{"half a body", hijacked("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 0), proxy.ErrorTruncated, 200},
		{"half a chunk", hijacked(stream+"Transfer-Encoding: chunked\r\n\r\nff\r\ndata: {", 0), proxy.ErrorTruncated, 200},
		{"malformed chunks", hijacked(stream+"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 0), proxy.ErrorTruncated, 200},
		{"a stream without its end", hijacked(stream+"\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", 0), proxy.ErrorTruncated, 200},
		{"an error in a stream", hijacked(stream+"\r\ndata: {\"error\":{\"message\":\"x\"}}\n\n", 0), "in_stream", 200},
		{"slow headers", hijacked("HTTP/1.1 200 OK\r\nX: ", 2*time.Second), proxy.ErrorTimeout, 504},
		{"headers without end", hijacked("HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 60_000), 0), proxy.ErrorReset, 502},
		{"500", status(500), proxy.ErrorStatus, 500},
		{"429", status(429), proxy.ErrorRateLimit, 429},
		{"400", status(400), "", 400},
		{"404", status(404), "", 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, says("one"), test.v2, "  v1: {upstream: V1, protocol: openai}\n  v2: {upstream: V2, protocol: openai, timeout: {connect: 1s, first_byte: 500ms, total: 800ms}}\n")
			r.share(1)
			q, _ := http.NewRequest("POST", r.url+"/v1/chat/completions", strings.NewReader(`{"stream":true}`))
			if res, err := r.client.Do(q); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
			x := r.last(1).Exchange
			if x.ErrorType != test.want || value(x.Status) != test.status || x.ServedVersion != "v2" {
				t.Errorf("recorded %q, status %d, want %q, %d", x.ErrorType, value(x.Status), test.want, test.status)
			}
			if s := r.Breakers()["v2"]; s.Requests != 1 || (s.Failures == 1) != (test.want != "") {
				t.Errorf("the breaker saw %+v", s)
			}
			// v1 goes on as if nothing was.
			r.state(router.State{Epoch: 2, RolledBack: true})
			if res, body := r.post("/", "{}"); res.StatusCode != 200 || body != "one" {
				t.Errorf("v1 answers %d %s", res.StatusCode, body)
			}
		})
	}
}

func TestOverflow(t *testing.T) {
	release := make(chan struct{})
	started := make(chan struct{}, 2)
	r := newRig(t, says("one"), http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		started <- struct{}{}
		<-release
	}), "  v1: {upstream: V1}\n  v2: {upstream: V2, max_in_flight: 1}\n")
	r.share(1)
	var group sync.WaitGroup
	group.Go(func() { r.post("/", "{}") })
	<-started
	res, body := r.post("/", "{}")
	if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || res.Header.Get(proxy.HeaderError) != proxy.ErrorOverflow || !strings.Contains(body, "overflow") {
		t.Errorf("answered %d %v %s", res.StatusCode, res.Header, body)
	}
	if x := r.last(1).Exchange; x.ErrorType != proxy.ErrorOverflow {
		t.Errorf("recorded %+v", x)
	}
	close(release)
	group.Wait()
	if n := r.InFlight("v2"); n != 0 {
		t.Errorf("%d are under way", n)
	}
}

func TestFallback(t *testing.T) {
	r := newRig(t, says("one"), nil, "  v1: {upstream: V1}\n  v2: {upstream: V2, fallback: stable, set_headers: {Authorization: secret}}\n")
	r.share(1)
	res, body := r.post("/", `{"conversation_id":"s"}`)
	if res.StatusCode != 200 || body != "one" || res.Header.Get(proxy.HeaderVersion) != "v1" {
		t.Errorf("answered %d %s %v", res.StatusCode, body, res.Header)
	}
	x := r.last(1).Exchange
	if x.ErrorType != proxy.ErrorConnect || x.AssignedVersion != "v2" || x.ServedVersion != "v1" || x.Reason != trace.ReasonFallback || value(x.Status) != 200 {
		t.Errorf("recorded %+v", x)
	}
	if b := r.Breakers(); b["v2"].Failures != 1 || b["v1"].Failures != 0 || b["v1"].Requests != 1 {
		t.Errorf("the breakers saw %+v", b)
	}
}

// TestFallbackNotOnceSent wants no second attempt where a byte was sent.
func TestFallbackNotOnceSent(t *testing.T) {
	r := newRig(t, says("one"), hijacked("", 0), "  v1: {upstream: V1}\n  v2: {upstream: V2, fallback: stable}\n")
	r.share(1)
	if res, _ := r.post("/", "{}"); res.StatusCode != 502 {
		t.Errorf("answered %d", res.StatusCode)
	}
}

// TestBreaker wants the next request after it opens on stable, before whoever
// keeps the state has done anything.
func TestBreaker(t *testing.T) {
	r := newRig(t, says("one"), status(500), both("http"), "breaker: {consecutive_failures: 3}")
	r.share(1)
	for i := range 3 {
		if res, _ := r.post("/", fmt.Sprintf(`{"conversation_id":"s%d"}`, i)); res.StatusCode != 500 {
			t.Fatalf("request %d: %d", i, res.StatusCode)
		}
	}
	for _, s := range []string{"s0", "new"} {
		if _, body := r.post("/", fmt.Sprintf(`{"conversation_id":%q}`, s)); body != "one" {
			t.Errorf("%s got %s", s, body)
		}
	}
	if x := r.last(4).Exchange; x.Reason != trace.ReasonBreaker || x.AssignedVersion != "v2" || x.ServedVersion != "v1" {
		t.Errorf("recorded %+v", x)
	}
	if len(r.opened) != 1 || r.opened[0] != "v2" {
		t.Errorf("told %v", r.opened)
	}

	// Another generation goes on with it, from the one before or from what was kept.
	for name, c := range map[string]proxy.Config{
		"previous": func() proxy.Config { c := r.config; c.Previous = r.Proxy; return c }(),
		"kept":     func() proxy.Config { c := r.config; c.Breakers = r.Breakers(); return c }(),
	} {
		next, err := proxy.New(c)
		if err != nil {
			t.Fatal(err)
		}
		s := next.Breakers()["v2"]
		if !s.Open() {
			t.Errorf("%s: closed", name)
		}
		_ = next.Close()
	}

	r.Resume()
	if res, _ := r.post("/", `{"conversation_id":"other"}`); res.StatusCode != 500 {
		t.Errorf("after resume: %d", res.StatusCode)
	}
}

// TestBreakerOfStable only reports.
func TestBreakerOfStable(t *testing.T) {
	r := newRig(t, status(500), says("two"), both("http"), "breaker: {consecutive_failures: 2}")
	for range 4 {
		if res, _ := r.post("/", "{}"); res.StatusCode != 500 {
			t.Errorf("answered %d", res.StatusCode)
		}
	}
	if len(r.opened) != 1 || r.opened[0] != "v1" {
		t.Errorf("told %v", r.opened)
	}
}

// TestSlowClient ends a request whose client reads nothing, and blames nobody.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	flood := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 1<<20)
		for {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	})
	r := newRig(t, flood, says(""), "  v1: {upstream: V1, timeout: {total: 300ms}}\n  v2: {upstream: V2}\n")
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if x := r.last(1).Exchange; x.ErrorType != "" || value(x.Status) != 200 {
		t.Errorf("recorded %+v", x)
	}
}
