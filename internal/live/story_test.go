package live

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/traffic"
	"weir/trace"
)

// A release over HTTP, days of it in seconds: users hold dialogues while the share
// climbs, and report how they went. Every conversation stays whole, and what
// users saw is what the lake has.
func TestRelease(t *testing.T) {
	p := newPlace(t)
	version := func(name string, resolved float64) string {
		s := httptest.NewServer(openai.New(openai.Options{Behaviour: standin.Behaviour{Name: name, Resolved: resolved, Handoff: 0.1, Quality: 0.5, PromptTokens: 300}}))
		t.Cleanup(s.Close)
		return s.URL
	}
	text := fmt.Sprintf(`
app: bot
release: r1
stable: v1
candidate: v2
versions: {v1: {upstream: %q, protocol: openai}, v2: {upstream: %q, protocol: openai}}
ramp: {steps: [{to: 5%%}, {to: 20%%}, {to: 50%%}]}
`, version("v1", 0.5), version("v2", 0.8))
	p.text.Store(&text)
	clock := traffic.NewClock(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), 100_000)
	f := p.start(func(o *Options) { o.Now = clock.Now })
	const perStep = 150
	served, reported, requests := map[string]int{}, 0, 0
	for step, share := range []string{"0.05", "0.2", "0.5"} {
		f.share(share)
		got, err := traffic.Run(context.Background(), traffic.Options{
			Target: f.data, Control: f.admin, Token: "KEY", Protocol: traffic.OpenAI{}, Clock: clock, Seed: 1,
			First: step * perStep, Sessions: perStep, Span: 24 * time.Hour, Streaming: 0.5, Rated: 0.3, ResolvedIn: 30 * time.Minute,
		})
		if err != nil || got.Errors() > 0 || got.Moved > 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		for version, arm := range got.Versions {
			served[version] += arm.Sessions
		}
		reported, requests = reported+got.Reported, requests+got.Requests()
	}
	f.stop()
	assigned, epochs := map[string]string{}, map[int64]bool{}
	exchanges := rows[trace.Exchange](p)
	for _, x := range exchanges {
		if before := assigned[x.SessionID]; before != "" && before != x.ServedVersion || x.ErrorType != "" || x.UsageSource != trace.UsageReported || !*x.Randomized || *x.LatencyMS > 60_000 {
			t.Fatalf("%s was in %s: %+v", x.SessionID, before, x)
		}
		assigned[x.SessionID], epochs[*x.Epoch] = x.ServedVersion, true
	}
	counts := map[string]int{}
	for _, version := range assigned {
		counts[version]++
	}
	if len(exchanges) != requests || counts["v1"] != served["v1"] || counts["v2"] != served["v2"] || served["v2"] < 60 || len(epochs) != 3 {
		t.Errorf("%d rows of %d requests, sessions %v, users saw %v, epochs %v", len(exchanges), requests, counts, served, epochs)
	}
	resolved := map[string]float64{}
	outcomes := rows[trace.Outcome](p)
	for _, o := range outcomes {
		if o.Name == trace.OutcomeResolved {
			resolved[assigned[o.SessionID]]++
		}
	}
	if len(outcomes) != reported || resolved["v2"]/float64(counts["v2"]) < resolved["v1"]/float64(counts["v1"])+0.1 {
		t.Errorf("%d outcomes of %d, resolved %v of %v", len(outcomes), reported, resolved, counts)
	}
	days := exchanges[len(exchanges)-1].StartedAt.Sub(exchanges[0].StartedAt)
	for _, x := range exchanges {
		days = max(days, x.StartedAt.Sub(exchanges[0].StartedAt))
	}
	if days < 2*24*time.Hour {
		t.Errorf("the release took %v of its clock", days)
	}
}
