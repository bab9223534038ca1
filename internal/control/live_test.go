package control

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"weir/internal/control/ledger"
	"weir/internal/control/rolling"
	"weir/internal/control/steering"
)

// lively is a rig whose traffic can be watched.
func lively(t *testing.T) (*rig, *rolling.Figures) {
	figures := rolling.New(time.Now().Add(-time.Minute))
	return newRig(t, plain, func(c *Config) {
		c.Live = func() Live {
			return Live{
				Figures:  figures.At(time.Now(), []string{"v1", "v2"}),
				Versions: map[string]Standing{"v2": {InFlight: 3, BreakerOpen: true}}, Collector: Collecting{Healthy: true, Lost: []LostRows{}},
			}
		}
		c.Underway = func(since time.Time) map[string]int64 {
			if !since.Equal(start.Add(-30 * time.Minute)) {
				t.Errorf("conversations since %v", since)
			}
			return map[string]int64{"v1": 7, "v2": 2}
		}
	}), figures
}

// A watching reads a stream.
type watching struct {
	*testing.T
	lines *bufio.Scanner
}

func (g *rig) watch() watching {
	g.Helper()
	q, err := http.NewRequestWithContext(g.Context(), "GET", g.url+"/v1/applications/support-bot/live", nil)
	if err != nil {
		g.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer key-of-anna")
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		g.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	return watching{g.T, lines}
}

// until gives the data of the next event of a name.
func (w watching) until(name string) string {
	w.Helper()
	for w.lines.Scan() {
		if w.lines.Text() == "event: "+name && w.lines.Scan() {
			return strings.TrimPrefix(w.lines.Text(), "data: ")
		}
	}
	w.Fatalf("the stream ended before an event %s: %v", name, w.lines.Err())
	return ""
}

func TestLiveStream(t *testing.T) {
	g, figures := lively(t)
	w := g.watch()
	document, err := openapi3.NewLoader().LoadFromData(openAPIDocument())
	if err != nil {
		t.Fatal(err)
	}
	is := func(schema, data string) {
		t.Helper()
		var v any
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			t.Fatal(err)
		}
		if err := document.Components.Schemas[schema].Value.VisitJSON(v); err != nil {
			t.Errorf("%s: %v", schema, err)
		}
	}
	is("Deployment", w.until("release"))
	none := w.until("figures")
	is("LiveFigures", none)
	if !strings.Contains(none, `"seen":false`) || !strings.Contains(none, `"rate":null`) {
		t.Errorf("nothing was seen, and the figures say %s", none)
	}
	is("LiveSeries", w.until("series"))
	if v := w.until("verdict"); !strings.Contains(v, `"verdict":"hold","at":null`) {
		t.Error(v)
	}
	is("Autopilot", w.until("autopilot"))
	figures.Began("v2", time.Now())
	figures.Ended("v2", rolling.Request{Failed: true, Latency: time.Second, Tokens: 12, Session: "s"}, time.Now())
	some := w.until("figures")
	is("LiveFigures", some)
	for _, want := range []string{`"seen":true`, `"errors":1`, `"error_share":1`, `"tokens_per_session":12`, `"in_flight":3`, `"breaker_open":true`} {
		if !strings.Contains(some, want) {
			t.Errorf("no %s in %s", want, some)
		}
	}
	if _, err := g.steering.Do(steering.Action{Kind: ledger.KindRollback, Actor: "ci"}); err != nil {
		t.Fatal(err)
	}
	if d := w.until("release"); !strings.Contains(d, `"state":"rolled_back"`) {
		t.Error(d)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	g, _ := lively(t)
	for range maxStreams {
		g.watch().until("release")
	}
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/live", "").want(503, "too_many")
}

func TestLiveWithoutTraffic(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/live", "").want(404, "not_live")
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/conversations", "").want(404, "not_live")
	g.call("", "GET", "/v1/applications/support-bot/live", "").want(401)
	g.call("key-of-app", "GET", "/v1/applications/support-bot/live", "").want(403)
}

func TestWhoIsWho(t *testing.T) {
	g, _ := lively(t)
	g.call("key-of-ci", "GET", "/v1/me", "").want(200, `{"name":"ci","scopes":["read","operate"],"app":"support-bot"}`)
	g.call("key-of-app", "GET", "/v1/me", "").want(200, `"scopes":["ingest"]`)
	g.call("", "GET", "/v1/me", "").want(401)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/conversations", "").want(200, `"unit":"session","active_seconds":1800`, `{"v1":7,"v2":2}`)
}

func TestPlanHoldsNoSecret(t *testing.T) {
	g := newRig(t, plain+`webhooks: [{url: "https://hooks.example/T0/very-secret", secret: "also-secret", on: [breaker]}]
metrics: [{name: resolution, role: goal, value: resolved, good: up, margin: 3pp}]
`, nil)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/plan", "").want(200,
		`"ramp":{"advance":"auto"`, `{"to":0.05,"hold_seconds":0,"units":20}`, `"breaker":{"error_rate":0.05,"window_seconds":60,"consecutive":5`,
		`"webhooks":[{"host":"hooks.example","on":["breaker"]}]`, `"margin":"3pp"`, `"attributes":["tier"]`).wantNot("secret", "127.0.0.1")
}

func TestEffectsAreThoseOfTheRecord(t *testing.T) {
	g := newRig(t, plain, nil)
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/effects", "").want(200, `"verdict":"hold"`, `"metrics":[]`, `"needs":null`)
	at := start
	g.verdict = Verdict{Verdict: "promote", At: &at, Reasons: []string{"proven"}, Record: json.RawMessage(`{"data": {"moments": "many"}, "analysis": {
		"units": {"control": 5, "treatment": 6}, "metrics": [{"name": "resolution", "good": "up", "control": {"value": 0.6}, "treatment": {"value": null}, "absolute": {}, "relative": {}, "test": {}, "margin": {"value": 0.03}, "breakdowns": [1]}],
		"decision": {"verdict": "promote", "needs": {"units": 12, "days": null}}}}`)}
	g.call("key-of-anna", "GET", "/v1/applications/support-bot/effects", "").want(200,
		`"verdict":"promote"`, `"needs":{"units":12,"days":null}`, `"units":{"control":5,"treatment":6}`, `"treatment":{"value":null}`).wantNot("moments", "breakdowns")
}
