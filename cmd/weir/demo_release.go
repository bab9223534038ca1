package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"weir/internal/app"
	"weir/internal/sim/standin"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/traffic"
	"weir/internal/story"
	"weir/rollout/spec"
)

// A demoRelease is a release over HTTP on this machine: two stand-ins, the
// router before them, users who talk to it and report how they fared, and an
// autopilot that climbs the ramp of its spec and promotes. Its clock runs faster than
// the world's, and the days in which nobody talks pass at once.
type demoRelease struct {
	out   string // folder
	seed  uint64
	steps []demoStep
	w     io.Writer
	clock *traffic.Clock
}

// demoSpeed is how much faster the clock of the demo runs: a day takes six seconds.
const demoSpeed = 14_400

// demoMaturity is how long after the last conversation of a step the autopilot looks:
// by then every outcome is final.
const demoMaturity = 74 * time.Hour

// A demoStep is a share, the treated units that it takes, and the conversations that
// begin while it holds.
type demoStep struct {
	share    float64
	units    int
	sessions int
	span     time.Duration
}

var demoSteps = []demoStep{
	{.05, 20, 1000, 24 * time.Hour},
	{.20, 100, 1000, 24 * time.Hour},
	{.50, 400, 4000, 72 * time.Hour},
}

// demoTruth is what is true of the two versions.
const demoTruth = `  v2 resolves 70 of 100 conversations (v1: 62) and hands 6 to a person (v1: 9),
  fails 0.6 of 100 requests (v1: 1), and answers in 34 ms (v1: 40)`

func demoBehaviours(seed uint64) (v1, v2 standin.Behaviour) {
	v1 = standin.Behaviour{
		Seed: 2 * seed, Name: "v1", Resolved: .62, Handoff: .09, Quality: .55, PromptTokens: 400,
		FirstToken: standin.Wait{Median: 12 * time.Millisecond, Sigma: .3},
		Latency:    standin.Wait{Median: 40 * time.Millisecond, Sigma: .4},
		Faults:     map[standin.Fault]float64{standin.ServerError: .01},
	}
	v2 = v1
	v2.Seed, v2.Name, v2.Resolved, v2.Handoff, v2.Quality = 2*seed+1, "v2", .70, .06, .65
	v2.FirstToken.Median, v2.Latency.Median = 10*time.Millisecond, 34*time.Millisecond
	v2.Faults = map[standin.Fault]float64{standin.ServerError: .006}
	return v1, v2
}

// demoSpec is the promise of the release. Latencies are measured on a machine
// that does everything else too, so they are shown and do not decide.
const demoSpec = `# Two stand-ins on this machine: every answer is made up. Their addresses are those of one run.
app: support-bot
release: demo
stable: v1
candidate: v2
versions:
  v1: {upstream: %q, protocol: openai, capture: {content: 20%%}}
  v2: {upstream: %q, protocol: openai, capture: {content: 20%%}}
context:
  session: ["header:X-Session-Id"]
  user: ["header:X-User-Id"]
ramp:
  steps:
    - {to: 5%%, hold: 24h, units: %d}
    - {to: 20%%, hold: 24h, units: %d}
    - {to: 50%%, units: %d}
prices:
  sim-model: {input: 2.5, output: 10, cached: 1.25, per: 1e6, currency: USD}
# The clock runs so fast that an answer takes minutes of it: everything has three days.
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp, mature_after: 72h}
  - {name: handoff, role: guardrail, value: handoff, good: down, margin: 2pp, mature_after: 72h}
  - {name: errors, role: guardrail, per: request, value: error, good: down, margin: 1pp, mature_after: 72h}
  - {name: tokens, role: guardrail, value: total_tokens, agg: sum, good: down, margin: 15%%, mature_after: 72h}
  # Monitors decide nothing. Latency is one here, because this machine plays all parts at once.
  - {name: latency_p95, role: monitor, per: request, value: latency_ms, rows: ok, quantile: 0.95, good: down, mature_after: 72h}
  - {name: satisfaction, role: monitor, value: satisfaction, good: up, mature_after: 72h}
  - {name: compliance, role: monitor, value: compliance, good: up, mature_after: 72h}
  - {name: cost, role: monitor, value: cost_usd, agg: sum, good: down, mature_after: 72h}
decision: {method: sequential, alpha: 0.05, goals: superior, on_invalid: halt}
jobs: {analyze: "@every 24h"}
`

// demoSpecOf is the spec for stand-ins at these addresses.
func demoSpecOf(v1, v2 string, steps []demoStep) string {
	return fmt.Sprintf(demoSpec, v1, v2, steps[0].units, steps[1].units, steps[2].units)
}

// run serves the release, sends the users, and ends all servers. It returns the
// spec and when to look.
func (d *demoRelease) run(ctx context.Context) (job app.Job, err error) {
	d.clock = traffic.NewClock(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), demoSpeed)
	s := story.Story{Folder: d.out, Clock: d.clock, Spec: func(v1, v2 string) string {
		fmt.Fprintf(d.w, "  v1, a stand-in  %s\n  v2, a stand-in  %s\n", v1, v2)
		return demoSpecOf(v1, v2, d.steps)
	}}
	v1, v2 := demoBehaviours(d.seed)
	for i, b := range []standin.Behaviour{v1, v2} {
		s.Versions[i] = openai.New(openai.Options{Behaviour: b})
	}
	told, err := s.Tell(ctx, d.climb)
	if err != nil {
		return job, err
	}
	job = told.Job
	job.AsOf = d.clock.Now()
	return job, nil
}

// climb lets the autopilot take the ramp's steps, and sends the users of each, until it
// gives the candidate no more.
func (d *demoRelease) climb(ctx context.Context, told *story.Told) error {
	fmt.Fprintf(d.w, "  the router      %s, its control plane %s\n", told.Traffic, told.Control)
	if err := told.Decide(ctx); err != nil {
		return err
	}
	first, total := 0, 0
	for _, s := range d.steps {
		total += s.sessions
	}
	for _, s := range d.steps {
		if c := told.Steering().Current(); c.State.InForce() != spec.Share(s.share) {
			break
		}
		summary, err := d.users(ctx, told, s, first, total)
		if err != nil {
			return err
		}
		first += s.sessions
		d.tell(s, summary)
		d.clock.Skip(demoMaturity) // nobody talks, and what is known of them becomes final
		if err := told.Look(ctx); err != nil {
			return err
		}
		if err := told.Decide(ctx); err != nil {
			return err
		}
		c := told.Steering().Current()
		fmt.Fprintf(d.w, "  %s  the autopilot: %s, %s of new conversations to v2. %s\n", d.clock.Now().Format("Jan _2 15:04"), c.Kind, percentage(float64(c.State.InForce())), c.Reason)
	}
	return nil
}

// users come while a step holds, until all that is to be known of them is reported.
func (d *demoRelease) users(ctx context.Context, told *story.Told, s demoStep, first, total int) (*traffic.Summary, error) {
	bar := newProgress(d.w, fmt.Sprintf("%.0f %% to v2", 100*s.share), "requests")
	defer bar.done()
	var mu sync.Mutex
	var requests int64
	got, err := told.Users(ctx, traffic.Options{
		Seed: d.seed, First: first, Sessions: s.sessions, Span: s.span, Users: total,
		Chinese: .2, Streaming: .25, Rated: .3, ResolvedIn: 30 * time.Minute,
		Answered: func(traffic.Turn) {
			mu.Lock()
			defer mu.Unlock()
			requests++
			bar.set(requests, int64(3*s.sessions), requests)
		},
	})
	return got, cmp.Or(err, ctx.Err())
}

// tell says what users saw in a step.
func (d *demoRelease) tell(s demoStep, got *traffic.Summary) {
	sessions := func(version string) string {
		if a := got.Versions[version]; a != nil {
			return grouped(int64(a.Sessions))
		}
		return "0"
	}
	fmt.Fprintf(d.w, "  %s  %2.0f %% to v2   %5s conversations on v1, %5s on v2, %d moved; %6s requests, %5s outcomes\n",
		d.clock.Now().Format("Jan _2 15:04"), 100*s.share, sessions("v1"), sessions("v2"), got.Moved,
		grouped(int64(got.Requests())), grouped(int64(got.Reported)))
}
