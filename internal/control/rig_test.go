package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

const plain = `
app: support-bot
release: r1
stable: v1
candidate: v2
versions: {v1: {upstream: "http://127.0.0.1:1"}, v2: {upstream: "http://127.0.0.1:2"}, v3: {upstream: "http://127.0.0.1:3"}}
context: {attributes: {tier: "header:X-Tier"}}
rules:
  - {name: qa, when: 'headers["X-Feature-Flag"] == "v2"', version: v2}
  - {name: vip, when: 'attributes.tier == "gold"', split: 2%, from_share: 20%}
ramp: {steps: [{to: 5%}, {to: 20%}, {to: 50%}]}
`

const tokensFile = `
# name  scopes        token
ci      operate       key-of-ci
app     ingest        key-of-app
anna    read,ingest   key-of-anna
hashed  read          sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8
`

// A rig is a control plane with what it stands on.
type rig struct {
	*testing.T
	url      string
	log      *bytes.Buffer
	logging  sync.Mutex
	plan     atomic.Pointer[router.Plan]
	steering *steering.Steering
	mu       sync.Mutex
	outcomes []trace.Outcome
	full     error        // of the disk
	now      atomic.Int64 // nanoseconds after start
	drawn    atomic.Bool
	verdict  Verdict
	notReady error
	resumed  int
}

func (g *rig) Write(p []byte) (int, error) {
	g.logging.Lock()
	defer g.logging.Unlock()
	return g.log.Write(p)
}

func (g *rig) Verdict(context.Context) Verdict { return g.verdict }

func (g *rig) clock() time.Time { return start.Add(time.Duration(g.now.Load())) }

func newRig(t *testing.T, text string, change func(*Config)) *rig {
	t.Helper()
	g := &rig{T: t, log: &bytes.Buffer{}, verdict: Verdict{Verdict: "hold", Reasons: []string{"too early"}}}
	release, err := spec.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	book, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	g.steering, err = steering.New(steering.Options{
		Release: release, Ledger: book, Now: g.clock,
		Drawn:   func(string) bool { return g.drawn.Load() },
		Publish: func(p *router.Plan) { g.plan.Store(p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := ParseTokens("tokens", []byte(tokensFile))
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Steering: g.steering, Tokens: append(tokens, EnvironmentToken("KEY")...),
		Plan: g.plan.Load, Memory: sticky.NewLRU(release.Sticky), Verdict: g, Now: g.clock,
		Keep: func(o *trace.Outcome) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.full == nil {
				g.outcomes = append(g.outcomes, *o)
			}
			return g.full
		},
		Resumed: func() { g.resumed++ },
		Ready:   func() error { return g.notReady },
		Log:     slog.New(slog.NewTextHandler(g, nil)),
	}
	if change != nil {
		change(&c)
	}
	server := httptest.NewServer(New(c))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// An answered is an answer whose body was read.
type answered struct {
	*testing.T
	status int
	header http.Header
	body   string
}

// want ends the test unless the answer has the status and holds the texts.
func (a answered) want(status int, texts ...string) answered {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.Fatalf("the answer lacks %s: %.1000s", text, a.body)
		}
	}
	return a
}

func (a answered) wantNot(texts ...string) {
	a.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.Errorf("the answer has %s: %.1000s", text, a.body)
		}
	}
}

func (a answered) into(v any) {
	a.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
}

// call makes a call with a token, and holds call and answer to the description.
// Each header is Name: value.
func (g *rig) call(token, method, path, body string, headers ...string) answered {
	g.Helper()
	r, err := http.NewRequest(method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	// A connection of its own: some calls are refused before they are read.
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(r)
	if err != nil {
		g.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		g.Fatal(err)
	}
	g.describe(method, path, body, res, raw)
	return answered{g.T, res.StatusCode, res.Header, string(raw)}
}

var described = sync.OnceValues(func() (routers.Router, error) {
	document, err := openapi3.NewLoader().LoadFromData(openAPIDocument())
	if err != nil {
		return nil, err
	}
	if err := document.Validate(context.Background()); err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(document)
})

// describe holds an answer to the description; and a call that was carried out.
func (g *rig) describe(method, path, body string, res *http.Response, answer []byte) {
	g.Helper()
	router, err := described()
	if err != nil {
		g.Fatal(err)
	}
	r, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		return
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	to, parameters, err := router.FindRoute(r)
	if err != nil {
		if res.StatusCode < 400 {
			g.Errorf("%s %s is not described", method, path)
		}
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, Route: to,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil && res.StatusCode < 400 && !bytes.Contains(answer, []byte(`"index":`)) {
		g.Errorf("%s %s was carried out, and the description refuses it: %v", method, path, err)
	}
	output := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: res.StatusCode, Header: res.Header}
	output.SetBodyBytes(answer)
	if err := openapi3filter.ValidateResponse(context.Background(), output); err != nil {
		g.Errorf("%s %s: the answer is not as described: %v\n%s", method, path, err, answer)
	}
}

var errDown = errors.New("v1 does not answer")
