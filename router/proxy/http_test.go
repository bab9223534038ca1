package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"weir/router/proxy"
)

const chat = `{"id":"c","model":"m","choices":[{"message":{"content":"hello"}}],"usage":{"prompt_tokens":3,"completion_tokens":4}}`

// TestCompressed reads a copy of what is compressed, and passes it on as it is.
func TestCompressed(t *testing.T) {
	for coding, writer := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
		"zstd":    func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z },
		"unknown": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
	} {
		t.Run(coding, func(t *testing.T) {
			var packed bytes.Buffer
			w := writer(&packed)
			_, _ = io.WriteString(w, chat)
			_ = w.Close()
			r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				w.Header().Set("Content-Encoding", coding)
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(packed.Bytes())
			}), says(""), both("openai"))
			res, body := r.post("/v1/chat/completions", "{}", "Accept-Encoding", coding)
			if body != packed.String() || res.Header.Get("Content-Encoding") != coding {
				t.Errorf("got %d bytes %v", len(body), res.Header)
			}
			e := r.last(1)
			if known := coding != "unknown"; known != (value(e.Exchange.OutputTokens) == 4) || known != (e.Content.Output == "hello") || e.Exchange.ErrorType != "" {
				t.Errorf("recorded %+v %+v", e.Exchange, e.Content)
			}
		})
	}
}

// TestCompressedRequest reads ids out of a compressed request.
func TestCompressedRequest(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, `{"conversation_id":"s9"}`)
	_ = z.Close()
	want := packed.String()
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if b, _ := io.ReadAll(q.Body); string(b) != want {
			t.Errorf("%d bytes arrived, %d were sent", len(b), len(want))
		}
	}), says(""), both("http"))
	r.post("/", want, "Content-Encoding", "gzip")
	if x := r.last(1).Exchange; x.SessionID != "s9" {
		t.Errorf("recorded %+v", x)
	}
}

// TestLargeUpload passes a body through that is far larger than what is held.
func TestLargeUpload(t *testing.T) {
	const size = 64 << 20
	sum := func(r io.Reader) string {
		h := sha256.New()
		_, _ = io.Copy(h, r)
		return fmt.Sprintf("%x", h.Sum(nil))
	}
	body := func() io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), size) }
	for _, protocol := range []string{"http", "openai"} {
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { _, _ = io.WriteString(w, sum(q.Body)) }), says(""), both(protocol))
		q, _ := http.NewRequest("POST", r.url+"/v1/files", body())
		q.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if _, got := r.do(q); got != sum(body()) {
			t.Errorf("%s: another body arrived", protocol)
		}
	}
}

func TestTrailers(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		b, _ := io.ReadAll(q.Body)
		_, _ = w.Write(b)
		w.Header().Set("X-Sum", "of "+q.Trailer.Get("X-Asked"))
	}), says(""), both("http"))
	for _, kind := range []string{"application/json", "text/plain"} {
		q, _ := http.NewRequest("POST", r.url, io.MultiReader(strings.NewReader("{}")))
		q.ContentLength = -1
		q.Header.Set("Content-Type", kind)
		q.Trailer = http.Header{"X-Asked": {"me"}}
		if res, _ := r.do(q); res.Trailer.Get("X-Sum") != "of me" {
			t.Errorf("%s: trailer %v", kind, res.Trailer)
		}
	}
}

// TestContinue lets a version refuse a body before it is sent.
func TestContinue(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("X-Want") != "" {
			_, _ = io.Copy(io.Discard, q.Body)
		}
		w.WriteHeader(http.StatusNoContent)
	}), says(""), both("http"))
	r.client.Transport.(*http.Transport).ExpectContinueTimeout = 1e10
	for _, want := range []string{"", "yes"} {
		q, _ := http.NewRequest("PUT", r.url, strings.NewReader("text"))
		q.Header.Set("Expect", "100-continue")
		q.Header.Set("X-Want", want)
		continued := false
		q = q.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
			Got1xxResponse: func(int, textproto.MIMEHeader) error { return nil }, Got100Continue: func() { continued = true },
		}))
		if res, _ := r.do(q); res.StatusCode != 204 || want != "" && !continued {
			t.Errorf("want %q: answered %d, continued %v", want, res.StatusCode, continued)
		}
	}
}

// TestUpgrade passes another protocol through, in both directions.
func TestUpgrade(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		c, b, _ := http.NewResponseController(w).Hijack()
		_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := b.ReadString('\n')
		_, _ = io.WriteString(c, "echo "+line)
		_ = c.Close()
	}), says(""), both("http"))
	c, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	lines := bufio.NewReader(c)
	res, err := http.ReadResponse(lines, nil)
	if err != nil || res.StatusCode != 101 || res.Header.Get(proxy.HeaderVersion) != "v1" {
		t.Fatalf("%v %v", err, res)
	}
	_, _ = io.WriteString(c, "hello\n")
	if line, _ := lines.ReadString('\n'); line != "echo hello\n" {
		t.Errorf("got %q", line)
	}
	_ = c.Close()
	if x := r.last(1).Exchange; value(x.Status) != 101 || x.ErrorType != "" {
		t.Errorf("recorded %+v", x)
	}
}

// TestHeadAndEmpty answers what has no body.
func TestHeadAndEmpty(t *testing.T) {
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Length", "5")
		if q.Method == "HEAD" {
			return
		}
		_, _ = io.WriteString(w, "12345")
	}), says(""), both("openai"))
	res, err := r.client.Head(r.url)
	if err != nil || res.ContentLength != 5 {
		t.Fatalf("%v %v", err, res)
	}
	if x := r.last(1).Exchange; x.ErrorType != "" || value(x.Status) != 200 {
		t.Errorf("recorded %+v", x)
	}
}

func TestForwarded(t *testing.T) {
	for _, test := range []struct{ trusted, chain, want string }{
		{"", "9.9.9.9", "127.0.0.1"},
		{"context: {trusted_proxies: [127.0.0.0/8]}", "9.9.9.9", "9.9.9.9, 127.0.0.1"},
	} {
		var got http.Header
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { got = q.Header }), says(""), both("http"), test.trusted)
		r.post("/", "{}", "X-Forwarded-For", test.chain, "Accept-Language", "de;q=0.5, zh-cn", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		if got.Get("X-Forwarded-For") != test.want || got.Get("X-Forwarded-Proto") != "http" {
			t.Errorf("sent on %v", got)
		}
		if tp := got.Get("Traceparent"); !strings.HasPrefix(tp, "00-0af7651916cd43dd8448eb211c80319c-") || strings.Contains(tp, "b7ad6b7169203331") {
			t.Errorf("traceparent %s", tp)
		}
		if x := r.last(1).Exchange; x.Language != "zh-CN" {
			t.Errorf("language %s", x.Language)
		}
	}
}
