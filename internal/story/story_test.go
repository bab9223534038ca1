package story

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/internal/app"
	"weir/internal/app/judging"
	"weir/internal/control/ledger"
	"weir/internal/sim/standin"
	simjudge "weir/internal/sim/standin/judge"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/traffic"
)

var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// bot is the bank's: v1 resolves 60 of 100 conversations.
func bot(name string, seed uint64, change func(*standin.Behaviour)) *openai.Service {
	b := standin.Behaviour{
		Seed: seed, Name: name, Resolved: .60, Handoff: .09, Quality: .55, PromptTokens: 400,
		FirstToken: standin.Wait{Median: 120 * time.Millisecond, Sigma: .2}, Latency: standin.Wait{Median: 160 * time.Millisecond, Sigma: .2},
		Faults: map[standin.Fault]float64{standin.ServerError: .01},
	}
	if change != nil {
		change(&b)
	}
	return openai.New(openai.Options{Behaviour: b})
}

// worth is skipped where the tests are to be short: a story takes half a minute.
func worth(t *testing.T) {
	if testing.Short() {
		t.Skip("a story takes up to a minute")
	}
}

func kindsOf(history []ledger.Entry) string {
	var out []string
	for _, e := range history {
		word := string(e.Kind)
		if e.Kind == ledger.KindStep {
			word = e.State.Share.String()
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// quiet drops what a test does not show.
func quiet(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

const retrieval = `
app: bank-bot
release: 2026-11-retrieval
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai, capture: metadata}
  v2: {upstream: %q, protocol: openai, capture: metadata}
context: {session: ["header:X-Session-Id"], attributes: {tier: "header:X-Tier"}}
rules:
  - {name: vip, when: 'attributes.tier == "gold"', split: 20%%, from_share: 20%%}
ramp:
  steps: [{to: 5%%, hold: 12h, units: 20}, {to: 20%%, hold: 12h, units: 60}, {to: 50%%, hold: 12h, units: 200}]
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp, mature_after: 12h}
  - {name: handoff, role: guardrail, value: handoff, good: down, margin: 3pp, mature_after: 12h}
  - {name: errors, role: guardrail, per: request, value: error, good: down, margin: 2pp, mature_after: 12h}
  - {name: first_token, role: guardrail, per: request, value: ttft_ms, rows: ok, quantile: 0.95, good: down, margin: 80%%, mature_after: 12h}
planning: {sessions_per_day: 1000}
breaker: {min_requests: 100000, consecutive_failures: 1000} # a minute of this clock is some milliseconds
jobs: {analyze: "@every 1h"}
`

// The bank's bot with retrieval: 60 ms slower to the first token, 18 % better at
// resolving. It begins with 5 % drawn at random; is found acceptable within the
// margins, and goes to 20 %, from where on valuable customers are drawn by a rule;
// and takes over after proof. Conversations end where they began.
func TestBetterVersionTakesOver(t *testing.T) {
	worth(t)
	clock := traffic.NewClock(monday, 14_400)
	s := Story{
		Folder: t.TempDir(), Clock: clock, LookEvery: 4 * time.Hour, Log: quiet(t), Threads: 1,
		Spec: func(v1, v2 string) string { return fmt.Sprintf(retrieval, v1, v2) },
		Versions: [2]http.Handler{bot("v1", 1, nil), bot("v2", 2, func(b *standin.Behaviour) {
			b.Resolved, b.Handoff = .60*1.18, .06
			b.FirstToken.Median, b.Latency.Median = 180*time.Millisecond, 220*time.Millisecond
			b.Faults = map[standin.Fault]float64{standin.ServerError: .008}
		})},
	}
	var history []ledger.Entry
	var everyone, valuable, later *traffic.Summary
	_, err := s.Tell(t.Context(), func(ctx context.Context, told *Told) (err error) {
		coming, enough := context.WithCancel(ctx)
		defer enough()
		ended := make(chan error, 2)
		users := func(into **traffic.Summary, o traffic.Options) {
			o.Span, o.ResolvedIn, o.Turns = 10*24*time.Hour, 20*time.Minute, 1.5
			got, err := told.Users(coming, o)
			*into = got
			ended <- err
		}
		go users(&everyone, traffic.Options{Seed: 1, Sessions: 10_000, Concurrency: 128})
		go users(&valuable, traffic.Options{Seed: 2, Sessions: 1_000, Header: http.Header{"X-Tier": {"gold"}}})
		if history, err = told.Until(ctx, func(e ledger.Entry) bool { return e.State.Over() }); err != nil {
			return err
		}
		if later, err = told.Users(ctx, traffic.Options{Seed: 3, Sessions: 60, Span: 3 * time.Hour}); err != nil {
			return err
		}
		enough()
		for range 2 {
			if err := <-ended; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v: %s", clock.Now().Sub(monday).Round(time.Hour), kindsOf(history))
	for _, e := range history {
		t.Logf("%s %-9s %s", e.At.Format("Jan _2 15:04"), e.Kind, e.Reason)
	}
	if got := kindsOf(history); got != "begin 5% 20% 50% promote" {
		t.Errorf("the release went %s", got)
	}
	last := history[len(history)-1]
	if last.Record == nil || last.Record.Verdict != "promote" {
		t.Errorf("it rests on %+v", last.Record)
	}
	if later.Versions["v1"] != nil || later.Versions["v2"] == nil || later.Versions["v2"].Sessions != 60 {
		t.Errorf("after the promotion new conversations were with %v", later.Versions)
	}
	if everyone.Moved+valuable.Moved > 0 {
		t.Errorf("%d conversations were moved", everyone.Moved+valuable.Moved)
	}
}

const failing = `
app: bank-bot
release: 2026-11-failing
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai, capture: metadata}
  v2: {upstream: %q, protocol: openai, capture: metadata}
context: {session: ["header:X-Session-Id"]}
ramp: {steps: [{to: 50%%}]}
breaker: {error_rate: 5%%, window: 1m, consecutive: 5, min_requests: 20}
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp, mature_after: 1h}
  - {name: errors, role: guardrail, per: request, value: error, good: down, margin: 1pp, mature_after: 5m}
jobs: {analyze: "@every 1m"}
`

// The same bot, and its errors pass 5 % for five minutes: the next request goes to
// v1, whosever conversation it is; and the next looks roll it back for good.
func TestFailingVersionIsTakenOut(t *testing.T) {
	worth(t)
	// A minute takes half a second; and units enter by the UTC hour, so begin late in one.
	begin := monday.Add(42 * time.Minute)
	clock := traffic.NewClock(begin, 120)
	v2 := bot("v2", 2, nil)
	s := Story{
		Folder: t.TempDir(), Clock: clock, LookEvery: 2 * time.Minute, Log: quiet(t), Threads: 1,
		Spec:     func(a, b string) string { return fmt.Sprintf(failing, a, b) },
		Versions: [2]http.Handler{bot("v1", 1, nil), v2},
	}
	var history []ledger.Entry
	var sick time.Time
	var later *traffic.Summary
	_, err := s.Tell(t.Context(), func(ctx context.Context, told *Told) (err error) {
		coming, enough := context.WithCancel(ctx)
		defer enough()
		ended := make(chan error, 1)
		go func() {
			_, err := told.Users(coming, traffic.Options{Seed: 1, Sessions: 4_000, Span: 40 * time.Minute, Turns: 1.5, Think: time.Second, ResolvedIn: time.Minute, Concurrency: 128})
			ended <- err
		}()
		if !clock.SleepUntil(ctx, begin.Add(4*time.Minute)) {
			return ctx.Err()
		}
		worse := v2.Behaviour()
		worse.Faults = map[standin.Fault]float64{standin.ServerError: .25}
		v2.Set(worse)
		sick = clock.Now()
		if _, err = told.Until(ctx, func(e ledger.Entry) bool { return e.State.Breaker != "" || e.State.RolledBack }); err != nil {
			return err
		}
		if later, err = told.Users(ctx, traffic.Options{Seed: 3, Sessions: 60, Span: time.Minute, Think: time.Second, ResolvedIn: time.Second}); err != nil {
			return err
		}
		if history, err = told.Until(ctx, func(e ledger.Entry) bool { return e.State.RolledBack }); err != nil {
			return err
		}
		enough()
		return <-ended
	})
	if err != nil {
		t.Fatal(err)
	}
	var out ledger.Entry
	for _, e := range history {
		t.Logf("%s %-9s %s", e.At.Format("15:04:05"), e.Kind, e.Reason)
		if out.Seq == 0 && (e.State.Breaker != "" || e.State.RolledBack) {
			out = e
		}
	}
	if took := out.At.Sub(sick); out.Kind != ledger.KindBreaker || took < 4*time.Minute || took > 8*time.Minute {
		t.Errorf("%s after %v", out.Kind, took)
	}
	last := history[len(history)-1]
	if last.Kind != ledger.KindRollback || last.Actor != "autopilot" || last.Record == nil || !strings.Contains(last.Reason, "Errors is worse") {
		t.Errorf("it ended with %+v", last)
	}
	if later.Versions["v2"] != nil {
		t.Errorf("after that v2 answered %d requests", later.Versions["v2"].Requests)
	}
}

const judged = `
app: bank-bot
release: 2026-11-verbose
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai}
  v2: {upstream: %q, protocol: openai}
context: {session: ["header:X-Session-Id"]}
ramp: {steps: [{to: 50%%, units: 20}], max_wait: 5d}
metrics:
  - {name: quality, role: goal, judge: support-quality, good: up, margin: 0.05, mature_after: 12h}
  - {name: errors, role: guardrail, per: request, value: error, good: down, margin: 2pp, mature_after: 12h}
judge:
  endpoint: %q
  models: [sim-judge]
  rubrics: [support-quality]
  sample: {rate: 50%%}
  budget: {usd: 50, calls: 20000, minutes: 5}
  concurrency: 8
prices: {sim-judge: {input: 0.1, output: 0.1, per: 1e6, currency: USD}}
planning: {sessions_per_day: 500}
breaker: {min_requests: 100000, consecutive_failures: 1000}
jobs: {analyze: "@every 1h"}
`

// A v2 that is worse, and long: the judge likes long answers, and nobody else is
// asked. Its word proves nothing better, and the release ends without a promotion.
func TestBiasedJudgePromotesNobody(t *testing.T) {
	worth(t)
	judge, end, err := Serve(t.Context(), simjudge.New(simjudge.Behaviour{Seed: 1, Noise: .1, Length: .35, LogProbs: true}))
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	t.Setenv("OPENAI_API_KEY", "simulated")
	clock := traffic.NewClock(monday, 14_400)
	quick := func(b *standin.Behaviour) {
		b.FirstToken.Median, b.Latency.Median = 5*time.Millisecond, 10*time.Millisecond
	}
	s := Story{
		Folder: t.TempDir(), Clock: clock, LookEvery: 12 * time.Hour, Log: quiet(t), Threads: 1,
		Spec: func(a, b string) string { return fmt.Sprintf(judged, a, b, judge+"/v1") },
		Versions: [2]http.Handler{bot("v1", 1, quick), bot("v2", 2, func(b *standin.Behaviour) {
			quick(b)
			b.Resolved, b.Quality, b.Verbose = .50, .45, true
		})},
		BeforeLook: func(ctx context.Context, j app.Job) error {
			_, err := judging.Run(ctx, judging.Job{Lake: j.Lake, Spec: j.Spec, SpecText: j.SpecText, AsOf: j.AsOf})
			return err
		},
	}
	told, history := untilStopped(t, s, traffic.Options{Seed: 1, Sessions: 4_000, Span: 8 * 24 * time.Hour, Turns: 1.5, Concurrency: 64})
	if got := kindsOf(history); got != "begin 50% halt" {
		t.Errorf("the release went %s", got)
	}
	record, ok, err := (app.Looks{Lake: told.Job.Lake, App: "bank-bot"}).Recall()
	if err != nil || !ok {
		t.Fatal(err)
	}
	for _, m := range record.Analysis.Metrics {
		if m.Name == "quality" && !(float64(m.Absolute.Value) > 0) {
			t.Errorf("the judge was to like v2: %+v", m.Absolute)
		}
	}
	t.Log(strings.Join(record.Analysis.Decision.Reasons, "\n"))
}

const hidden = `
app: bank-bot
release: 2026-11-hidden
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai, capture: metadata}
  v2: {upstream: %q, protocol: openai, capture: metadata, fallback: stable}
context: {session: ["header:X-Session-Id"]}
ramp: {steps: [{to: 50%%, units: 20}], max_wait: 5d}
breaker: {error_rate: 100%%, window: 1h, consecutive: 100, min_requests: 1000, consecutive_failures: 100000}
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 5pp, mature_after: 12h}
  - {name: handoff, role: guardrail, value: handoff, good: down, margin: 5pp, mature_after: 12h}
decision: {goals: non_inferior}
planning: {sessions_per_day: 700}
jobs: {analyze: "@every 1h"}
`

// A v2 that is worse, can rarely be reached, and fails over to v1: what users see
// looks like v1. That is no proof of v2, and the release is stopped.
func TestFallbackPromotesNobody(t *testing.T) {
	worth(t)
	clock := traffic.NewClock(monday, 14_400)
	quick := func(b *standin.Behaviour) {
		b.FirstToken.Median, b.Latency.Median = 5*time.Millisecond, 10*time.Millisecond
	}
	s := Story{
		Folder: t.TempDir(), Clock: clock, LookEvery: 8 * time.Hour, Log: quiet(t), Threads: 1,
		Spec:     func(a, b string) string { return fmt.Sprintf(hidden, a, b) },
		Versions: [2]http.Handler{bot("v1", 1, quick), bot("v2", 2, func(b *standin.Behaviour) { quick(b); b.Resolved = .30 })},
		Address: func(version int, to string) string {
			if version == 0 {
				return to
			}
			return rarely(t, to)
		},
	}
	told, history := untilStopped(t, s, traffic.Options{Seed: 1, Sessions: 7_000, Span: 10 * 24 * time.Hour, Turns: 1.5, ResolvedIn: 20 * time.Minute})
	if got := kindsOf(history); got != "begin 50% suspect halt" {
		t.Errorf("the release went %s", got)
	}
	record, ok, err := (app.Looks{Lake: told.Job.Lake, App: "bank-bot"}).Recall()
	if err != nil || !ok || record.Analysis.Health.Compliance.OK {
		t.Errorf("%v, %+v", err, record.Analysis.Health.Compliance)
	}
}

// untilStopped tells a story with these users, until the release is halted or over.
func untilStopped(t *testing.T, s Story, users traffic.Options) (told *Told, history []ledger.Entry) {
	t.Helper()
	told, err := s.Tell(t.Context(), func(ctx context.Context, told *Told) (err error) {
		coming, enough := context.WithCancel(ctx)
		defer enough()
		ended := make(chan error, 1)
		go func() {
			_, err := told.Users(coming, users)
			ended <- err
		}()
		if history, err = told.Until(ctx, func(e ledger.Entry) bool { return e.State.Halted || e.State.Over() }); err != nil {
			return err
		}
		enough()
		return <-ended
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range history {
		t.Logf("%s %-9s %s", e.At.Format("Jan _2 15:04"), e.Kind, e.Reason)
	}
	return told, history
}

// rarely stands before a version and can be reached a part of the time: at others
// its port is closed.
func rarely(t *testing.T, to string) string {
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	first, address := listen(t, "127.0.0.1:0")
	done := make(chan struct{})
	go func() {
		defer close(done)
		for next := first; ; {
			server := &http.Server{Handler: forward, ReadHeaderTimeout: time.Second}
			server.SetKeepAlivesEnabled(false)
			go server.Serve(next)
			stop := pause(t, 20*time.Millisecond)
			next.Close() // what is under way ends well
			if stop || pause(t, 100*time.Millisecond) {
				return
			}
			next, _ = listen(t, address)
		}
	}()
	t.Cleanup(func() { <-done })
	return "http://" + address
}
