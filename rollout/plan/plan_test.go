package plan

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/rollout"
)

var (
	ones  = analyze.Form{Num: 0, Den: analyze.Ones}
	ratio = analyze.Form{Num: 0, Den: 1}
)

const day = 24 * time.Hour

// rate is a metric of units that do or do not.
func rate(name string, role analyze.Role, good analyze.Good, margin float64, window time.Duration) analyze.Metric {
	return analyze.Metric{Name: name, Role: role, Kind: analyze.KindMean, Good: good, Unit: "share", Rate: true, Minimum: 100,
		Margin: &analyze.Margin{Value: margin}, Columns: []analyze.Column{{Value: name, Window: window}}, Shown: ones, Tested: ones, Margined: ones}
}

// requestRate is a metric of rows that do or do not.
func requestRate(name string, margin float64) analyze.Metric {
	c := analyze.Column{Value: name, Window: 2 * time.Hour}
	count := c
	count.Count = true
	return analyze.Metric{Name: name, Role: analyze.Guardrail, Kind: analyze.KindRatio, Good: analyze.Down, Unit: "share", Rate: true, Minimum: 100,
		Margin: &analyze.Margin{Value: margin}, Columns: []analyze.Column{c, count}, Shown: ratio, Tested: ratio, Margined: ratio}
}

// p95 is a metric of the 95 % quantile of rows.
func p95(name string, margin float64) analyze.Metric {
	at := func(t analyze.Threshold) analyze.Column {
		t.Quantile = .95
		return analyze.Column{Value: name, Window: 2 * time.Hour, Above: &t}
	}
	return analyze.Metric{Name: name, Role: analyze.Guardrail, Kind: analyze.KindQuantile, Quantile: .95, Good: analyze.Down, Unit: "ms", Minimum: 100,
		Margin:  &analyze.Margin{Value: margin, Relative: true},
		Columns: []analyze.Column{at(analyze.Threshold{OwnQuantile: true}), {Value: name, Count: true, Window: 2 * time.Hour}, at(analyze.Threshold{Scale: 1}), at(analyze.Threshold{Scale: 1 + margin})},
		Shown:   ratio, Tested: analyze.Form{Num: 2, Den: 1}, Margined: analyze.Form{Num: 3, Den: 1}}
}

// sum is a metric of a heavy sum of a unit, capped in the test.
func sum(name string, margin float64) analyze.Metric {
	c := analyze.Column{Value: name, Window: 2 * time.Hour}
	capped := c
	capped.Limit = &analyze.Limit{Quantile: .99}
	return analyze.Metric{Name: name, Role: analyze.Guardrail, Kind: analyze.KindMean, Good: analyze.Down, Unit: "tokens", Minimum: 250,
		Margin: &analyze.Margin{Value: margin, Relative: true}, Columns: []analyze.Column{c, capped}, Shown: ones, Tested: analyze.Form{Num: 1, Den: analyze.Ones}, Margined: analyze.Form{Num: 1, Den: analyze.Ones}}
}

func must(t testing.TB, m analyze.Metric, l Law, e Effect, perDay, share float64) Metric {
	t.Helper()
	units, err := l.Make(m, e, 5000, rand.New(rand.NewPCG(7, 7)))
	if err != nil {
		t.Fatal(err)
	}
	out := Metric{Metric: m, Control: units[0], Treatment: units[1]}
	out.Freeze(7*perDay, share)
	return out
}

func usual(t testing.TB, perDay float64, resolution Effect) Plan {
	p := Plan{UnitsPerDay: perDay, Unit: "session", Method: analyze.Sequential, Alpha: .05, MaxWait: 28 * day,
		Steps: []Step{{.05, day, 20}, {.2, day, 100}, {.5, 0, 400}}}
	p.Metrics = []Metric{
		must(t, rate("resolution", analyze.Goal, analyze.Up, .03, day), Law{Level: .6}, resolution, perDay, .5),
		must(t, rate("handoff", analyze.Guardrail, analyze.Down, .02, day), Law{Level: .1}, 0, perDay, .5),
		must(t, requestRate("errors", .01), Law{Level: .01, Requests: 4, ICC: .2}, 0, perDay, .5),
		must(t, p95("latency", .1), Law{Level: 2000, Sigma: .6, Requests: 4, ICC: .45}, 0, perDay, .5),
		must(t, sum("tokens", .15), Law{Level: 1500, CV: 1}, 0, perDay, .5),
	}
	return p
}

// TestHourlyLooks: the first decision is that of looking every hour.
func TestHourlyLooks(t *testing.T) {
	for name, effect := range map[string]Effect{"better": .08, "worse": -.12} {
		p := usual(t, 500, effect)
		s := p.samplers()
		for seed := range uint64(3) {
			fast := p.run(t.Context(), s, rand.New(rand.NewPCG(seed, 3)), 10)
			r := p.newRun(s, rand.New(rand.NewPCG(seed, 3)))
			var slow Release
			for r.hour < 24*10 {
				r.pass()
				if _, v := r.look(r.hour); ends(v) {
					slow = r.release(r.hour, v)
					break
				}
			}
			if slow.Hours == 0 {
				slow = r.release(r.hour, rollout.Hold)
			}
			if slow.Verdict != fast.Verdict || slow.Hours != fast.Hours || slow.Treated != fast.Treated {
				t.Errorf("%s, seed %d: every hour gives %v after %d h, the search %v after %d h", name, seed, slow.Verdict, slow.Hours, fast.Verdict, fast.Hours)
			}
		}
	}
}

// TestForecast: a better release is promoted, an equal one is not, a worse one is rolled back,
// and the same seed gives the same forecast.
func TestForecast(t *testing.T) {
	forecast := func(effect Effect, days int) Forecast {
		f, err := usual(t, 2000, effect).Simulate(context.Background(), 5, 24, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	better := forecast(.05, 28)
	if better.Promote.Value < .95 || better.MedianDays < 3 || better.MedianDays > 9 || better.Days80 < better.MedianDays {
		t.Errorf("5 points better: %+v", better)
	}
	if again := forecast(.05, 28); again.MedianDays != better.MedianDays || again.Promote != better.Promote {
		t.Error("the same seed gives another forecast")
	}
	if equal := forecast(0, 10); equal.Promote.Value > .15 || equal.Rollback.Value > .15 {
		t.Errorf("equal: %+v", equal)
	}
	if worse := forecast(-.3, 10); worse.Rollback.Value < 1 {
		t.Errorf("halved: %+v", worse)
	}
}

// TestFixed: one look, at the end.
func TestFixed(t *testing.T) {
	p := usual(t, 2000, .05)
	p.Method, p.Policy.Look = analyze.Fixed, 1
	f, err := p.Simulate(context.Background(), 5, 30, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.Ends {
		if e.Hours != 24*7 {
			t.Fatalf("a release ended after %d h", e.Hours)
		}
	}
	if f.Promote.Value < .8 {
		t.Errorf("%+v", f)
	}
}

// TestRefusals: what cannot be planned says why.
func TestRefusals(t *testing.T) {
	for want, change := range map[string]func(*Plan){
		"the plan has no metric":               func(p *Plan) { p.Metrics = nil },
		"the plan has no ramp":                 func(p *Plan) { p.Steps = nil },
		"traffic of 0 units":                   func(p *Plan) { p.UnitsPerDay = 0 },
		"a step to a share of 1":               func(p *Plan) { p.Steps[0].Share = 1 },
		"handoff: there are no units to plan ": func(p *Plan) { p.Metrics[1].Control = draw.Matrix{} },
	} {
		p := usual(t, 2000, 0)
		change(&p)
		if _, err := p.Simulate(context.Background(), 1, 1, 1, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v", want, err)
		}
	}
}

// proven is the share of simulated releases in which the analysis, looking once a day, has proven the first metric
// within its margin after 1, 2, ... days.
func (p Plan) proven(runs, days int) []float64 {
	out := make([]float64, days)
	samplers := p.samplers()
	for i := range runs {
		r := p.newRun(samplers, rand.New(rand.NewPCG(6, uint64(i))))
		for d := range days {
			for range 24 {
				r.pass()
			}
			if result, _ := r.look(r.hour); result.Metrics[0].Margin.PValue < .05 {
				for ; d < days; d++ {
					out[d] += 1 / float64(runs)
				}
				break
			}
		}
	}
	return out
}

// A release of any traffic stops soon after its context ends.
func TestInterrupted(t *testing.T) {
	p := usual(t, MostTraffic, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Simulate(ctx, 1, 10, 60, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	p.UnitsPerDay *= 1.1
	if _, err := p.Simulate(t.Context(), 1, 10, 60, nil); err == nil || !strings.Contains(err.Error(), "at most 1e+07") {
		t.Errorf("got %v", err)
	}
}
