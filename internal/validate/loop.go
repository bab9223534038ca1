package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/plan"
)

const day = 24 * time.Hour

// A truth is what a simulated candidate does, metric by metric.
type truth struct{ resolution, second, handoff, errors, latency, tokens plan.Effect }

// loopPlan is a release with two goals and four guardrails; where outcomes need not mature, what is known of a
// unit is known at once.
func loopPlan(perDay float64, t truth, steps []plan.Step, mature bool) plan.Plan {
	p := plan.Plan{UnitsPerDay: perDay, Unit: "session", Method: analyze.Sequential, Alpha: alpha, MaxWait: 42 * day, Steps: steps}
	named := func(m analyze.Metric, name string, window time.Duration) analyze.Metric {
		m.Name = name
		m.Columns = slices.Clone(m.Columns)
		for i := range m.Columns {
			if mature {
				m.Columns[i].Window = window
			}
		}
		return m
	}
	all := kinds()
	quality := rateMetric(analyze.Goal, analyze.Up, .03)
	tokens, errors, p95 := all[3].metric, all[4].metric, all[6].metric
	for i, m := range []struct {
		metric analyze.Metric
		law    plan.Law
		effect plan.Effect
	}{
		{named(quality, "resolution", day), plan.Law{Level: .6}, t.resolution},
		{named(quality, "faq", day), plan.Law{Level: .5}, t.second},
		{named(rateMetric(analyze.Guardrail, analyze.Down, .02), "handoff", day), plan.Law{Level: .1}, t.handoff},
		{named(errors, "errors", 2*time.Hour), plan.Law{Level: .01, Requests: 4, ICC: .2}, t.errors},
		{named(p95, "latency_p95", 2*time.Hour), plan.Law{Level: 1000, Sigma: .6, Requests: 4, ICC: .5}, t.latency},
		{named(tokens, "tokens", 2*time.Hour), plan.Law{Level: 1500, CV: 1}, t.tokens},
	} {
		units, err := m.law.Make(m.metric, m.effect, 20_000, rand.New(rand.NewPCG(40, uint64(i))))
		if err != nil {
			panic("validate: " + err.Error())
		}
		own := plan.Metric{Metric: m.metric, Control: units[0], Treatment: units[1]}
		own.Freeze(7*perDay, .5)
		p.Metrics = append(p.Metrics, own)
	}
	return p
}

var usualRamp = []plan.Step{{Share: .05, Hold: day, Units: 20}, {Share: .2, Hold: day, Units: 100}, {Share: .5}}

// loop is the whole loop: releases that climb, are looked at every hour, and end.
func loop(runs int) section {
	s := section{title: "The whole loop", about: "Releases of 2,000 sessions a day, two goals (margins of 3 points) and four guardrails (handoff 2 points, errors 1 point, p95 10 %, tokens 15 %), ramp 5, 20, 50 %, looked at every hour. Each release is simulated by hourly moments and decided by the rule itself."}
	simulate := func(t truth, days int) plan.Forecast {
		f, err := loopPlan(2000, t, usualRamp, true).Simulate(context.Background(), 41, runs, days, nil)
		if err != nil {
			panic("validate: " + err.Error())
		}
		return f
	}
	k := func(x plan.Share) int { return int(math.Round(x.Value * float64(runs))) }
	equal := simulate(truth{}, 14)
	s.add(atMost("nothing changes, two weeks: promoted", k(equal.Promote), runs, alpha), atMost("nothing changes, two weeks: rolled back", k(equal.Rollback), runs, alpha))
	beyond := simulate(truth{resolution: .08, second: .05, handoff: .02}, 21)
	s.add(atMost("goals better, handoff just at its margin, three weeks: promoted", k(beyond.Promote), runs, alpha), atMost("the same: rolled back", k(beyond.Rollback), runs, alpha))
	slower := simulate(truth{resolution: .08, second: .05, latency: .10}, 21)
	s.add(atMost("goals better, p95 just at its margin: promoted", k(slower.Promote), runs, alpha))
	harmless := simulate(truth{resolution: -.015, handoff: .01, errors: .005, latency: .05, tokens: .07}, 14)
	s.add(atMost("everything worse by half its margin: rolled back", k(harmless.Rollback), runs, alpha), atMost("the same: promoted", k(harmless.Promote), runs, alpha))
	better := simulate(truth{resolution: .05, second: .03}, 28)
	s.add(atLeast("resolution 5 points better, faq 3, four weeks: promoted", k(better.Promote), runs, .8), atMost("the same: rolled back", k(better.Rollback), runs, alpha))
	return s
}

// daysToDecision compares with the reference's table.
func daysToDecision(runs int) section {
	s := section{title: "Days to a decision", about: "Two goals 5 points better, four guardrails unchanged, ramp 1, 5, 20, 50 % (12 hours and 20 treated units a step), then waiting at 50 %. The reference simulated 16.5 and 23.5 days at 500 sessions a day, 5.3 and 7 at 2,000, 1.8 and 2 at 20,000, without the time that outcomes take to mature, for effects and hold times that it does not state; the bounds are wide accordingly. With maturity each early step waits a day for its units, and the proof does."}
	ramp := []plan.Step{{Share: .01, Hold: 12 * time.Hour, Units: 20}, {Share: .05, Hold: 12 * time.Hour, Units: 20}, {Share: .2, Hold: 12 * time.Hour, Units: 20}, {Share: .5}}
	for _, c := range []struct {
		perDay, median, late float64
		days                 int
	}{{500, 16.5, 23.5, 60}, {2000, 5.3, 7, 28}, {20000, 1.8, 2, 8}} {
		for _, mature := range []bool{false, true} {
			f, err := loopPlan(c.perDay, truth{resolution: .05, second: .05}, ramp, mature).Simulate(context.Background(), 42, max(40, runs/4), c.days, nil)
			if err != nil {
				panic("validate: " + err.Error())
			}
			what, low, high, want := "", .5, 1.7, "about %g"
			if mature {
				what, low, high, want = ", mature after a day", 0, math.Inf(1), "%g and maturity"
			}
			s.add(
				finding{who: "Weir", what: fmt.Sprintf("%g a day: half are promoted by%s", c.perDay, what), value: float64(f.MedianDays), low: c.median * low, high: c.median * high, unit: "days", expected: fmt.Sprintf(want, c.median)},
				finding{who: "Weir", what: fmt.Sprintf("%g a day: 80 %% are promoted by%s", c.perDay, what), value: float64(f.Days80), low: c.late * low, high: c.late * high, unit: "days", expected: fmt.Sprintf(want, c.late)})
		}
	}
	return s
}

// halved is a v2 that halves resolution: who notices, after how many of its units, and how often each cries wolf
// where nothing changes.
func halved(runs int) section {
	s := section{title: "A v2 that halves resolution", about: "Resolution of 60 against 30 % at 5 %, 2,000 sessions a day, known after 24 hours, for 14 days; harm is the resolutions lost until rollback. Beside Weir: Flagger's way, a threshold (v2's rate of the last hour below 50 %, five failed checks), and Kayenta's, a Mann-Whitney test of v2's and v1's minutes of the last hour at .02, rolled back when it fails. Each also on a v2 that is the same. (Harm's sequence is tuned for the 100th treated unit, and shares alpha with five other metrics.)"}
	steps := []plan.Step{{Share: .05}}
	for _, halves := range []bool{true, false} {
		effect := plan.Effect(0)
		word := "the same v2"
		if halves {
			effect, word = -.3, "v2 halves"
		}
		p := loopPlan(2000, truth{resolution: effect}, steps, true)
		f, err := p.Simulate(context.Background(), 43, runs, 14, nil)
		if err != nil {
			panic("validate: " + err.Error())
		}
		rolled := int(math.Round(f.Rollback.Value * float64(runs)))
		mature, assigned := treatedUntil(f.Ends)
		rivals := map[string][]rival{"threshold": nil, "ranks": nil}
		for i := range runs {
			for name, r := range rivalsOnHours(rand.New(rand.NewPCG(44, uint64(i))), .6, .6+float64(effect)) {
				rivals[name] = append(rivals[name], r)
			}
		}
		if halves {
			s.add(atLeast(word+": rolled back", rolled, runs, .99),
				finding{who: "Weir", what: word + ": mature treated units at rollback, median", value: mature, low: 20, high: 100, unit: "units", expected: "20 to 100"},
				finding{who: "Weir", what: word + ": resolutions lost by then, of all units assigned", value: .3 * assigned, low: 0, high: 120, unit: "", expected: "≤ 120"})
			s.findings[len(s.findings)-1].unit = "resolutions"
		} else {
			s.add(atMost(word+": rolled back in 14 days", rolled, runs, alpha))
		}
		for _, name := range []string{"threshold", "ranks"} {
			k, units := 0, []float64{}
			for _, r := range rivals[name] {
				if r.rolledBack {
					k++
					units = append(units, r.mature)
				}
			}
			slices.Sort(units)
			s.add(share(name, word+": rolled back", k, runs, 0, 1, "shown for contrast"))
			if halves && len(units) > 0 {
				s.add(finding{who: name, what: word + ": mature treated units at rollback, median of those", value: units[len(units)/2], low: 0, high: math.Inf(1), unit: "units", expected: "shown for contrast"})
			}
		}
	}
	return s
}

// treatedUntil is the median number of treated units mature, and assigned, when releases were rolled back.
func treatedUntil(ends []plan.Release) (mature, assigned float64) {
	var m, a []float64
	for _, e := range ends {
		if e.Verdict == rollout.Rollback {
			perHour := 2000. / 24 * .05
			a = append(a, float64(e.Treated))
			m = append(m, math.Max(0, float64(e.Treated)-24*perHour))
		}
	}
	if len(a) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(m)
	slices.Sort(a)
	return m[len(m)/2], a[len(a)/2]
}

// A rival is how one of the others ended.
type rival struct {
	rolledBack bool
	mature     float64
}

// rivalsOnHours lets the others look at 14 days of hours, minute by minute.
func rivalsOnHours(r *rand.Rand, a, b float64) map[string]rival {
	out := map[string]rival{}
	failed, treated := 0, 0.0
	for range 14 * 24 {
		var minutes [2][]float64
		var k, n [2]float64
		for range 60 {
			for arm, rate := range []float64{2000. / 1440 * .95, 2000. / 1440 * .05} {
				units := poisson(r, rate)
				if units == 0 {
					continue
				}
				ones := float64(binomial(r, units, []float64{a, b}[arm]))
				minutes[arm] = append(minutes[arm], ones/float64(units))
				k[arm] += ones
				n[arm] += float64(units)
			}
		}
		treated += n[1]
		if n[1] > 0 && k[1]/n[1] < .5 {
			failed++
		}
		if failed >= 5 && !out["threshold"].rolledBack {
			out["threshold"] = rival{true, treated}
		}
		if lowerByRanks(minutes[0], minutes[1]) && !out["ranks"].rolledBack {
			out["ranks"] = rival{true, treated}
		}
	}
	for _, name := range []string{"threshold", "ranks"} {
		if !out[name].rolledBack {
			out[name] = rival{}
		}
	}
	return out
}

// poisson draws a small count.
func poisson(r *rand.Rand, mean float64) int {
	n, p, limit := 0, r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}
