package proxy_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/router/proxy"
	"weir/trace"
)

func TestForward(t *testing.T) {
	var got *http.Request
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		got = q
		b, _ := io.ReadAll(q.Body)
		w.Header().Set("X-Own", "yes")
		w.Header().Set(proxy.HeaderError, "connect")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(append([]byte("got "), b...))
	}), says("v2"), both("http"))
	res, body := r.post("/a%2Fb//c?q=%zz;x", `{"user":"u1","conversation_id":"c1"}`, "X-Weir-Version", "forged")

	if res.StatusCode != 201 || body != `got {"user":"u1","conversation_id":"c1"}` || res.Header.Get("X-Own") != "yes" || res.Header[proxy.HeaderError] != nil {
		t.Errorf("answered %d %s %v", res.StatusCode, body, res.Header)
	}
	if got.RequestURI != "/a%2Fb//c?q=%zz;x" || got.Header.Get("X-Weir-Version") != "v1" || len(got.Header.Get("Traceparent")) != 55 {
		t.Errorf("v1 got %s %v", got.RequestURI, got.Header)
	}
	e := r.last(1)
	x := e.Exchange
	if res.Header.Get(proxy.HeaderVersion) != "v1" || res.Header.Get(proxy.HeaderTrace) != x.TraceID {
		t.Errorf("the answer says %v", res.Header)
	}
	if x.SessionID != "c1" || x.UserID != "u1" || x.UnitID != "c1" || x.ServedVersion != "v1" || value(x.Status) != 201 ||
		x.ErrorType != "" || value(x.Turn) != 1 || value(x.LatencyMS) <= 0 || value(x.TTFTMS) <= 0 || value(x.Truncated) {
		t.Errorf("recorded %+v", x)
	}
	if e.Content == nil || !strings.Contains(e.Content.Input, "u1") || !strings.HasPrefix(e.Content.Output, "got ") {
		t.Errorf("kept %+v", e.Content)
	}
	if r.begun() != 1 {
		t.Errorf("%d begun", r.begun())
	}
}

// TestStreamsAtOnce wants every chunk before the next is sent, in both
// directions, and the record before the end of the stream.
func TestStreamsAtOnce(t *testing.T) {
	next := make(chan string)
	r := newRig(t, streams(next), says(""), both("http"))
	res, err := r.client.Get(r.url)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(res.Body)
	for _, s := range []string{"data: a\n", "data: b\n", "da", "ta: c\n"} {
		next <- s
		if !strings.HasSuffix(s, "\n") {
			continue
		}
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.ended()) != 0 {
		t.Error("recorded before the end")
	}
	close(next)
	if _, err := io.ReadAll(lines); err != nil {
		t.Fatal(err)
	}
	if len(r.ended()) != 1 {
		t.Error("the stream's end came before its record")
	}
	if x := r.last(1).Exchange; !value(x.Streamed) || res.Header.Get("X-Accel-Buffering") != "no" || x.ErrorType != "" {
		t.Errorf("recorded %+v", x)
	}
	_ = res.Body.Close()
}

// TestRecordedFirst wants the record before the client has the last byte.
func TestRecordedFirst(t *testing.T) {
	r := newRig(t, says("answer"), says(""), both("http"))
	for i := range 50 {
		r.post("/", "{}")
		if n := len(r.ended()); n != i+1 {
			t.Fatalf("%d answers, %d records", i+1, n)
		}
	}
}

func TestSplitAndSticky(t *testing.T) {
	r := newRig(t, says("one"), says("two"), both("http"))
	r.share(1)
	if _, body := r.post("/", `{"conversation_id":"s1"}`); body != "two" {
		t.Errorf("s1 got %s", body)
	}
	r.share(0)
	if _, body := r.post("/", `{"conversation_id":"s1"}`); body != "two" {
		t.Errorf("s1 was moved: %s", body)
	}
	if _, body := r.post("/", `{"conversation_id":"s2"}`); body != "one" {
		t.Errorf("s2 got %s", body)
	}
	if x := r.last(2).Exchange; x.Reason != trace.ReasonSticky || value(x.Turn) != 2 || x.AssignedVersion != "v2" {
		t.Errorf("recorded %+v", x)
	}
}

func TestClientLeaves(t *testing.T) {
	gone := make(chan struct{})
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		_, _ = io.WriteString(w, "begin")
		_ = http.NewResponseController(w).Flush()
		<-q.Context().Done()
		close(gone)
	}), says(""), both("openai"))
	res, err := r.client.Get(r.url + "/v1/chat/completions")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadFull(res.Body, make([]byte, 5))
	_ = res.Body.Close()
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Fatal("the version goes on for a client that left")
	}
	if x := r.last(1).Exchange; x.ErrorType != "" || value(x.Status) != 200 {
		t.Errorf("recorded as the version's error: %+v", x)
	}
	if s := r.Breakers()["v1"]; s.Requests != 0 {
		t.Errorf("the breaker counted it: %+v", s)
	}
}

// TestSizedAtOnce wants every chunk of an answer of known length before the
// next is sent.
func TestSizedAtOnce(t *testing.T) {
	next := make(chan string)
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Length", "6")
		for s := range next {
			_, _ = io.WriteString(w, s)
			_ = http.NewResponseController(w).Flush()
		}
	}), says(""), both("http"))
	go func() { next <- "ab" }()
	res, err := r.client.Get(r.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got := make([]byte, 2)
	for _, s := range []string{"cd", "ef", ""} {
		if _, err := io.ReadFull(res.Body, got); err != nil {
			t.Fatal(err)
		}
		if s != "" {
			next <- s
		}
	}
	close(next)
}
