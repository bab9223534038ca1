package proxy_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router/proxy"
)

// ills is an application that does everything an application should not.
func ills(seed uint64) http.Handler {
	var n atomic.Uint64
	const stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	raw := []http.Handler{
		hijacked("", 0), hijacked("garbage\r\n\r\n", 0), hijacked("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 0),
		hijacked(stream+"ff\r\ndata: {", 0), hijacked(stream+"zz\r\n", 0), hijacked("HTTP/1.1 200 OK\r\nX: ", 50*time.Millisecond),
		status(500), status(429), status(503), says("fine"),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		random := rand.New(rand.NewPCG(seed, n.Add(1)))
		switch i := random.IntN(len(raw) + 3); i {
		case len(raw): // hangs
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		case len(raw) + 1: // floods
			w.Header().Set("Content-Type", "text/event-stream")
			for range 64 {
				_, _ = io.WriteString(w, "data: "+strings.Repeat("x", 64<<10))
			}
		case len(raw) + 2: // takes nothing of the body
			panic(http.ErrAbortHandler)
		default:
			raw[i].ServeHTTP(w, r)
		}
	})
}

// TestChaos lets v2 do its worst while v1 is asked beside it: every request to
// v1 is answered, every request has one beginning and one end, and nothing is
// left under way.
func TestChaos(t *testing.T) {
	r := newRig(t, says("one"), ills(7),
		"  v1: {upstream: V1, protocol: openai}\n  v2: {upstream: V2, protocol: openai, max_in_flight: 8, timeout: {connect: 1s, first_byte: 150ms, total: 300ms}}\n",
		"breaker: {min_requests: 100000, consecutive_failures: 100000}",
		"rules: [{name: two, when: 'headers[\"X-Two\"] == \"1\"', version: v2}]")
	var group sync.WaitGroup
	body := `{"stream":true,"messages":[{"role":"user","content":"` + strings.Repeat("y", 100<<10) + `"}]}`
	ask := func(two string) (int, string) {
		q, _ := http.NewRequest("POST", r.url+"/v1/chat/completions", strings.NewReader(body))
		q.Header.Set("X-Two", two)
		res, err := r.client.Do(q)
		if err != nil {
			return 0, ""
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(b)
	}
	for range 12 {
		group.Go(func() {
			for range 12 {
				ask("1")
			}
		})
	}
	for range 4 {
		group.Go(func() {
			for range 30 {
				if code, got := ask("0"); code != 200 || got != "one" {
					t.Errorf("v1 answered %d %q", code, got)
				}
			}
		})
	}
	group.Wait()
	const all = 12*12 + 4*30
	r.last(all)
	if b, e := r.begun(), len(r.ended()); b != all || e != all {
		t.Errorf("%d begun and %d ended of %d", b, e, all)
	}
	for _, v := range []string{"v1", "v2"} {
		if n := r.InFlight(v); n != 0 {
			t.Errorf("%d are under way at %s", n, v)
		}
	}
	for _, e := range r.ended() {
		if e.Exchange.ServedVersion == "v1" && e.Exchange.ErrorType != "" {
			t.Errorf("v1 is blamed: %+v", e.Exchange)
		}
	}
}

// TestFloodsComeWhole lets v2 flood, in streams and in documents, all at once:
// each answer comes as it was sent, to the byte, and counts as one that was
// good; v1 answers beside it.
func TestFloodsComeWhole(t *testing.T) {
	const answers, length = 6, 1 << 20
	flood := func(seed uint64) []byte {
		random, out := rand.New(rand.NewPCG(seed, 0)), make([]byte, length)
		for i := range out {
			out[i] = "abcdefghijklmn \n"[random.IntN(16)]
		}
		return out
	}
	kinds := []string{"text/event-stream", "text/plain"}
	r := newRig(t, says("one"), http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seed, _ := strconv.ParseUint(q.Header.Get("X-Seed"), 10, 64)
		w.Header().Set("Content-Type", kinds[seed%2])
		_, _ = w.Write(flood(seed))
	}), both("http"), "rules: [{name: two, when: '\"X-Seed\" in headers', version: v2}]")
	get := func(seed string) []byte {
		q, _ := http.NewRequest("GET", r.url, nil)
		if seed != "" {
			q.Header.Set("X-Seed", seed)
		}
		res, err := r.client.Do(q)
		if err != nil {
			t.Error(err)
			return nil
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Error(err)
		}
		return b
	}
	var group sync.WaitGroup
	for seed := range uint64(answers) {
		group.Go(func() {
			if got := get(strconv.FormatUint(seed, 10)); !bytes.Equal(got, flood(seed)) {
				t.Errorf("%s: %d bytes came of %d, or others", kinds[seed%2], len(got), length)
			}
		})
	}
	for range 50 {
		if got := get(""); string(got) != "one" {
			t.Errorf("v1 answered %q", got)
		}
	}
	group.Wait()
	r.last(answers + 50)
	for _, e := range r.ended() {
		if e.Exchange.ErrorType != "" {
			t.Errorf("%s: %s", e.Exchange.ServedVersion, e.Exchange.ErrorType)
		}
	}
}

// TestReload changes the generation while a stream flows: the stream goes on
// to its end, new requests see the new one, and both count.
func TestReload(t *testing.T) {
	next := make(chan string)
	r := newRig(t, streams(next), says("two"), both("http"))
	var current atomic.Pointer[proxy.Proxy]
	current.Store(r.Proxy)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { current.Load().ServeHTTP(w, q) }))
	defer front.Close()
	res, err := front.Client().Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	next <- "data: a\n\n"

	config := r.config
	config.Previous = r.Proxy
	second, err := proxy.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	current.Store(second)
	_ = r.Close()
	if n := second.InFlight("v1"); n != 1 {
		t.Errorf("%d are under way in the new generation", n)
	}
	r.share(1)
	if other, err := front.Client().Get(front.URL); err != nil || other.Header.Get(proxy.HeaderVersion) != "v2" {
		t.Errorf("%v %v", err, other)
	} else {
		_ = other.Body.Close()
	}
	next <- "data: b\n\n"
	close(next)
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != "data: a\n\ndata: b\n\n" {
		t.Errorf("the stream gave %q, %v", b, err)
	}
	_ = res.Body.Close()
	if n := second.InFlight("v1"); n != 0 {
		t.Errorf("%d are under way", n)
	}
}

// TestNoVersions says what cannot be served.
func TestNoVersions(t *testing.T) {
	r := newRig(t, says(""), says(""), both("http"))
	set := map[string]string{"SET": "not a url", "QUERY": "http://h/?api-version=2", "SECRET": "http://u:hush@h"}
	for lines, want := range map[string]string{
		"versions: {v1: {upstream: 'http://${NOWHERE}'}, v2: {upstream: 'http://h'}}":                              "${NOWHERE} is not set",
		"versions: {v1: {upstream: '${SET}'}, v2: {upstream: 'http://h'}}":                                         "weir.yaml:5:27: versions.v1.upstream: what the environment gives is not an http or https URL",
		"versions: {v1: {upstream: '${QUERY}'}, v2: {upstream: 'http://h'}}":                                       "versions.v1.upstream: what the environment gives has a query",
		"versions: {v1: {upstream: '${SECRET}'}, v2: {upstream: 'http://h'}}":                                      "versions.v1.upstream: what the environment gives has a user or a password",
		"versions: {v1: {upstream: 'http://h'}, v2: {upstream: 'http://h'}}\ncontext: {region: 'geoip:none.mmdb'}": "none.mmdb cannot be read",
		"": "versions.v1: missing: a version needs an upstream to be served",
	} {
		c := r.config
		c.Release = parsed(t, lines)
		c.Environment = func(name string) (string, bool) { value, ok := set[name]; return value, ok }
		var fault spec.Fault // wrong usage, by the commands' statuses
		if _, err := proxy.New(c); !errors.As(err, &fault) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want %s", lines, err, want)
		}
	}
}
