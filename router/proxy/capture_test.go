package proxy_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/rollout/spec"
	"weir/router/proxy"
)

func parsed(t *testing.T, lines string) *spec.Release {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n"+lines))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCapture(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(chat))
	})
	for level, want := range map[string]struct{ texts, tokens bool }{"full": {true, true}, "metadata": {false, true}, "none": {}} {
		r := newRig(t, answer, says(""), "  v1: {upstream: V1, protocol: openai, capture: "+level+"}\n  v2: {upstream: V2}\n")
		r.post("/v1/chat/completions", "{}")
		e := r.last(1)
		if (e.Content != nil) != want.texts || (e.Exchange.OutputTokens != nil) != want.tokens || (e.Exchange.Model != "") != want.tokens {
			t.Errorf("%s: %+v %+v", level, e.Exchange, e.Content)
		}
	}
	r := newRig(t, answer, says(""), "  v1: {upstream: V1, protocol: openai, capture: {content: 30%}}\n  v2: {upstream: V2}\n")
	kept := map[string]int{}
	for i := range 300 {
		r.post("/v1/chat/completions", "{}", "X-Session-Id", fmt.Sprint("s", i/3))
	}
	for _, e := range r.ended() {
		if e.Content != nil {
			kept[e.Exchange.SessionID]++
		}
	}
	for s, n := range kept {
		if n != 3 {
			t.Errorf("of %s %d of 3 texts are kept", s, n)
		}
	}
	if len(kept) < 15 || len(kept) > 45 {
		t.Errorf("%d of 100 sessions are kept", len(kept))
	}
}

// TestBodyOverLimit keeps the beginning, and says so.
func TestBodyOverLimit(t *testing.T) {
	long := strings.Repeat("z", 3<<20)
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(long))
	}), says(""), both("http"))
	if _, got := r.post("/", `{"user":"u7","text":"`+long+`"}`); got != long {
		t.Errorf("%d bytes came", len(got))
	}
	e := r.last(1)
	if !value(e.Exchange.Truncated) || len(e.Content.Output) != proxy.MaxBody || e.Exchange.UserID != "u7" || e.Exchange.ErrorType != "" {
		t.Errorf("recorded %+v, %d bytes of output", e.Exchange, len(e.Content.Output))
	}
}

func TestHash(t *testing.T) {
	r := newRig(t, says(""), says(""), both("http"))
	c := r.config
	c.Hash = func(id string) string { return "h:" + id }
	p, err := proxy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	q, _ := http.NewRequest("POST", "/", strings.NewReader(`{"user":"anna","conversation_id":"c"}`))
	q.Header.Set("Content-Type", "application/json")
	q.RemoteAddr = "127.0.0.1:5"
	p.ServeHTTP(discard{http.Header{}}, q)
	if x := r.last(1).Exchange; x.UserID != "h:anna" || x.SessionID != "h:c" || x.UnitID != "h:c" {
		t.Errorf("recorded %+v", x)
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// TestGeoIP reads the region from a database of one network, 0.0.0.0/1, in
// MaxMind's format (MaxMind DB file format specification 2.0).
func TestGeoIP(t *testing.T) {
	object := func(fields ...string) string {
		return string([]byte{byte(7<<5 | len(fields)/2)}) + strings.Join(fields, "")
	}
	text := func(s string) string { return string([]byte{byte(2<<5 | len(s))}) + s }
	number := func(n byte) string { return string([]byte{5<<5 | 1, n}) }
	var b bytes.Buffer
	b.Write([]byte{0, 0, 1 + 16, 0, 0, 1}) // one node: left is data at 0, right is nothing
	b.Write(make([]byte, 16))
	b.WriteString(object(text("country"), object(text("iso_code"), text("CN"))))
	b.WriteString("\xab\xcd\xefMaxMind.com")
	b.WriteString(object(
		text("node_count"), "\xc1\x01", text("record_size"), number(24), text("ip_version"), number(4), text("database_type"), text("test"),
		text("binary_format_major_version"), number(2), text("binary_format_minor_version"), number(0), text("build_epoch"), "\x01\x02\x01",
		text("languages"), "\x00\x04", text("description"), object(),
	))
	file := filepath.Join(t.TempDir(), "geo.mmdb")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, says(""), says(""), both("http"), "context: {trusted_proxies: [127.0.0.0/8], region: \"geoip:"+file+"\"}")
	r.post("/", "{}", "X-Forwarded-For", "1.2.3.4")
	r.post("/", "{}", "X-Forwarded-For", "1.2.3.4, 200.1.1.1")
	if a, b := r.last(1).Exchange.Region, r.last(2).Exchange.Region; a != "CN" || b != "" {
		t.Errorf("regions %q and %q, want CN and none", a, b)
	}
}
