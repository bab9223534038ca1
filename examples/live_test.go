package examples_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/traffic"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/proxy"
	"weir/router/sticky"
	"weir/trace"
)

// A front is a proxy as an example's specification wants it, and what it records.
type front struct {
	mu   sync.Mutex
	plan *router.Plan
	rows []trace.Exchange
	said []trace.Outcome
}

func (f *front) Plan() *router.Plan { return f.plan }

func (f *front) Record(r trace.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Ended != nil {
		f.rows = append(f.rows, r.Ended.Exchange)
	}
	if r.Outcome != nil {
		f.said = append(f.said, *r.Outcome)
	}
}

// serve puts the stand-ins where the example expects its applications, at half
// of the traffic for the candidate.
func serve(t *testing.T, example string, keys map[string]string, applications map[string]http.Handler) (*front, string) {
	t.Helper()
	text, err := os.ReadFile(example + "/weir.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for address, h := range applications {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		if !strings.Contains(string(text), "http://"+address) {
			t.Fatalf("%s has no application at %s", example, address)
		}
		text = []byte(strings.ReplaceAll(string(text), "http://"+address, s.URL))
	}
	release, err := spec.Parse("weir.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	if f.plan, err = router.NewPlan(release, router.State{Epoch: 1, Share: 0.5}); err != nil {
		t.Fatal(err)
	}
	p, err := proxy.New(proxy.Config{
		Release: release, Plans: f, Memory: sticky.NewLRU(release.Sticky), Recorder: f,
		Environment: func(name string) (string, bool) { v, ok := keys[name]; return v, ok },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(p)
	t.Cleanup(func() { s.Close(); p.Close() })
	return f, s.URL
}

// Each example serves dialogues whole, and its versions are as good as they are.
func TestLiveExamples(t *testing.T) {
	app := func(name string, resolved float64) standin.Behaviour {
		return standin.Behaviour{Seed: 1, Name: name, Resolved: resolved, Quality: 0.6}
	}
	for _, c := range []struct {
		example      string
		keys         map[string]string
		applications map[string]http.Handler
		protocol     traffic.Protocol
		usage        trace.UsageSource // of answers that stream
	}{
		{"dify-two-apps", map[string]string{"V1_API_KEY": "app-one", "V2_API_KEY": "app-two"}, map[string]http.Handler{
			"127.0.0.1:9001": dify.New(dify.App{Key: "app-one", Behaviour: app("one", 0.2)}),
			"127.0.0.1:9002": dify.New(dify.App{Key: "app-two", Behaviour: app("two", 0.8)}),
		}, traffic.Dify{}, trace.UsageReported},
		{"dify-one-app-two-workflows", map[string]string{"DIFY_API_KEY": "app-one"}, map[string]http.Handler{
			"127.0.0.1:9011": dify.New(dify.App{Key: "app-one", Mode: dify.Chatflow, ZeroUsage: true, Workflows: map[string]standin.Behaviour{
				"11111111-1111-4111-8111-111111111111": app("w1", 0.2), "22222222-2222-4222-8222-222222222222": app("w2", 0.8),
			}}),
		}, traffic.Dify{}, trace.UsageReported},
		{"openai-compatible", nil, map[string]http.Handler{
			"127.0.0.1:9021": openai.New(openai.Options{Behaviour: app("one", 0.2)}),
			"127.0.0.1:9022": openai.New(openai.Options{Behaviour: app("two", 0.8)}),
		}, traffic.OpenAI{}, trace.UsageReported},
	} {
		t.Run(c.example, func(t *testing.T) {
			f, url := serve(t, c.example, c.keys, c.applications)
			const n = 200
			got, err := traffic.Run(context.Background(), traffic.Options{
				Target: url, Protocol: c.protocol, Clock: traffic.NewClock(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), 1e6), Seed: 7, Sessions: n, Streaming: 1, Rated: 0.5,
			})
			if err != nil || got.Errors() > 0 || got.Moved > 0 || got.Unrated > 0 {
				t.Fatalf("%+v, %v", got, err)
			}
			for version, want := range map[string]float64{"v1": 0.2, "v2": 0.8} {
				arm := got.Versions[version]
				if arm == nil || arm.Sessions < n/4 || math.Abs(float64(arm.Resolved)/float64(arm.Sessions)-want) > 0.2 {
					t.Errorf("%s: %+v, want %v resolved", version, arm, want)
				}
			}
			f.check(t, n, c.usage)
			if got.Ratings != len(f.said) {
				t.Errorf("%d ratings, %d outcomes", got.Ratings, len(f.said))
			}
		})
	}
}

// check wants every session in one version, its turns numbered, its usage known.
func (f *front) check(t *testing.T, sessions int, usage trace.UsageSource) {
	t.Helper()
	version, turns := map[string]string{}, map[string]int64{}
	for _, e := range f.rows {
		id := e.SessionID
		switch {
		case id == "" || e.Turn == nil:
			if e.UsageSource != "" {
				t.Fatalf("row %+v", e)
			}
			continue // a call about an answer
		case version[id] == "":
			version[id] = e.ServedVersion
		case version[id] != e.ServedVersion:
			t.Fatalf("session %s went from %s to %s", id, version[id], e.ServedVersion)
		}
		if e.UsageSource == "" {
			continue
		}
		if turns[id]++; *e.Turn != turns[id] || e.UsageSource != usage || e.TTFTMS == nil {
			t.Fatalf("turn %s: %+v", fmt.Sprint(turns[id]), e)
		}
	}
	if len(version) != sessions {
		t.Errorf("%d sessions, want %d", len(version), sessions)
	}
}
