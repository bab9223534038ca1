package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// secondHeader sends a request to the second version, and says how it is to be
// answered there.
const secondHeader = "X-Second"

// An illness is what a version may do instead of answering.
type illness struct {
	name   string
	answer http.HandlerFunc
}

var illnesses = []illness{
	{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	{"slow head", slowHead},
	{"resets", func(w http.ResponseWriter, _ *http.Request) { raw(w, "", true) }},
	{"garbage", func(w http.ResponseWriter, _ *http.Request) {
		raw(w, strings.Repeat("garbage ", 100)+"\r\n\r\n", false)
	}},
	{"half a stream", halfStream},
	{"floods", func(w http.ResponseWriter, _ *http.Request) { flood(w, "text/plain", strings.Repeat("x", 64<<10)) }},
	{"floods a stream", func(w http.ResponseWriter, _ *http.Request) {
		flood(w, "text/event-stream", strings.Repeat(event, (64<<10)/len(event)))
	}},
	{"429", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
	{"500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
}

// allIll is every illness in turn.
const allIll = "all in turn"

// names are those of the illnesses.
func names() []string {
	all := make([]string, 0, len(illnesses)+1)
	for _, i := range illnesses {
		all = append(all, i.name)
	}
	return append(all, allIll)
}

var turn atomic.Int64

// answerAsTold answers well or by an illness.
func answerAsTold(w http.ResponseWriter, r *http.Request) {
	told := r.Header.Get(secondHeader)
	if told == allIll {
		told = illnesses[turn.Add(1)%int64(len(illnesses))].name
	}
	for _, i := range illnesses {
		if i.name == told {
			i.answer(w, r)
			return
		}
	}
	answer(w, r)
}

// raw sends text that may be no HTTP, and ends the connection.
func raw(w http.ResponseWriter, text string, reset bool) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(c, text)
	if tcp, ok := c.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// slowHead sends a head that has no end.
func slowHead(w http.ResponseWriter, _ *http.Request) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	for _, err = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "); err == nil; _, err = io.WriteString(c, "x") {
		time.Sleep(50 * time.Millisecond)
	}
}

// halfStream breaks off in the middle of an event.
func halfStream(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for range 10 {
		_, _ = io.WriteString(w, event)
	}
	_, _ = io.WriteString(w, event[:len(event)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// flood sends a MiB as fast as it is taken.
func flood(w http.ResponseWriter, kind, piece string) {
	w.Header().Set("Content-Type", kind)
	for range (1 << 20) / len(piece) {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}
