package proxy_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/breaker"
	"weir/router/proxy"
	"weir/router/sticky"
	"weir/trace"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http complains of odd servers there
	goleak.VerifyTestMain(m)
}

// A rig is a proxy in front of two versions, and all that it tells.
type rig struct {
	*proxy.Proxy
	t       *testing.T
	release *spec.Release
	url     string
	client  *http.Client
	config  proxy.Config

	news chan struct{} // holds one where a record has come since last looked

	mu      sync.Mutex
	plan    *router.Plan
	records []trace.Record
	opened  []string
}

// newRig serves v1 and v2 under a specification whose versions are given
// without their upstreams.
func newRig(t *testing.T, v1, v2 http.Handler, versions string, more ...string) *rig {
	t.Helper()
	upstream := func(h http.Handler) string {
		if h == nil {
			return "http://127.0.0.1:1"
		}
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	text := "app: bot\nrelease: r1\nstable: v1\ncandidate: v2\n" + strings.Join(more, "\n") + "\nversions:\n" +
		strings.NewReplacer("V1", upstream(v1), "V2", upstream(v2)).Replace(versions)
	release, err := spec.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, release: release, news: make(chan struct{}, 1)}
	r.share(0)
	r.config = proxy.Config{
		Release: release, Plans: r, Memory: sticky.NewLRU(release.Sticky), Recorder: r,
		Opened: func(v string, _ breaker.State) { r.mu.Lock(); defer r.mu.Unlock(); r.opened = append(r.opened, v) },
	}
	if r.Proxy, err = proxy.New(r.config); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(r.Proxy)
	r.url, r.client = front.URL, front.Client()
	t.Cleanup(func() {
		front.Close()
		_ = r.Close()
	})
	return r
}

// both are two versions of one protocol without more.
func both(protocol string) string {
	return "  v1: {upstream: V1, protocol: " + protocol + "}\n  v2: {upstream: V2, protocol: " + protocol + "}\n"
}

func (r *rig) share(s spec.Share) { r.state(router.State{Epoch: 1, Share: s}) }

func (r *rig) state(s router.State) {
	p, err := router.NewPlan(r.release, s)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.plan = p
}

// Plan gives the plan in force.
func (r *rig) Plan() *router.Plan {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.plan
}

// Record keeps a record.
func (r *rig) Record(rec trace.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rec.Begun != nil {
		rec.Begun = new(*rec.Begun)
	}
	if rec.Ended != nil {
		rec.Ended = new(*rec.Ended)
	}
	r.records = append(r.records, rec)
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// told are the records of one kind.
func told[T any](r *rig, kind func(trace.Record) *T) (out []T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range r.records {
		if of := kind(rec); of != nil {
			out = append(out, *of)
		}
	}
	return out
}

// ended are the exchanges that are over.
func (r *rig) ended() []trace.Ended {
	return told(r, func(rec trace.Record) *trace.Ended { return rec.Ended })
}

// last is the last exchange, once so many are over.
func (r *rig) last(n int) trace.Ended {
	r.t.Helper()
	for patience := time.After(10 * time.Second); ; {
		e := r.ended()
		if len(e) >= n {
			return e[n-1]
		}
		select {
		case <-r.news:
		case <-patience:
			r.t.Fatalf("%d exchanges are over, want %d", len(e), n)
		}
	}
}

func (r *rig) begun() int {
	return len(told(r, func(rec trace.Record) *trace.Exchange { return rec.Begun }))
}

func (r *rig) outcomes() []trace.Outcome {
	return told(r, func(rec trace.Record) *trace.Outcome { return rec.Outcome })
}

// post sends a JSON body and reads the answer.
func (r *rig) post(path, body string, headers ...string) (*http.Response, string) {
	r.t.Helper()
	q, err := http.NewRequest("POST", r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		q.Header.Set(headers[i], headers[i+1])
	}
	return r.do(q)
}

func (r *rig) do(q *http.Request) (*http.Response, string) {
	r.t.Helper()
	res, err := r.client.Do(q)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Logf("the answer broke off: %v", err)
	}
	return res, string(b)
}

// streams answers with a stream, of what is handed to it, until that is closed.
func streams(next <-chan string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		for s := range next {
			_, _ = io.WriteString(w, s)
			_ = http.NewResponseController(w).Flush()
		}
	})
}

// says answers with a text.
func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, text)
	})
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
