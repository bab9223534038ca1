package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
)

// pairs is the paired design of few and of more cases: errors, coverage, and proofs at the margin.
func pairs(runs int) section {
	s := section{title: "The same cases under both versions", about: "Cases of four trials each. Up to 26 cases are tested by flipping signs, exactly; more by t over cases. Beside it t over the few. *Skewed*: under v2 every tenth case fails twice as often as the margin allows for all, or costs a multiple."}
	trials(&s, runs/8)
	for _, n := range []int{20, 26, 60} {
		fewCases(&s, n, runs/8)
	}
	return s
}

// pairedData is what ran on some cases.
func pairedData(m analyze.Metric, cases [][2]float64) analyze.Data {
	var joint [][]float64
	for _, c := range cases {
		joint = append(joint, []float64{c[0], c[1]})
	}
	moments := analyze.MomentsOf(joint...)
	n := int64(len(cases))
	return analyze.Data{Control: "v1", Treatment: "v2", Design: analyze.Design{Unit: "case", Kind: analyze.Paired, Strata: 1, Method: analyze.Fixed, Alpha: alpha, Offline: true},
		Units: analyze.UnitCounts{Control: n, Treatment: n}, Strata: []analyze.Stratum{{Share: .5}},
		Metrics: []analyze.MetricData{{Metric: m, Pairs: &moments, Cases: cases, Frozen: analyze.Frozen{Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Unknown, Spread: analyze.Unknown, PlanUnits: analyze.Unknown, PlanShare: analyze.Unknown}}}}
}

// A caseLaw draws a case's mean over trials under both versions.
type caseLaw struct {
	name   string
	metric analyze.Metric
	draw   func(r *rand.Rand, effect float64) [2]float64
	// effect, of the mean over cases, that makes v2 as bad as the margin allows; and whether an
	// interval must hold it.
	margin float64
	held   bool
}

const trialsOfCase = 4

func caseLaws() []caseLaw {
	rate := rateMetric(analyze.Goal, analyze.Up, .05)
	rate.Minimum = 20
	cost := meanMetric(20)
	cost.Margin = &analyze.Margin{Value: .3}
	passes := func(r *rand.Rand, p float64) float64 {
		return float64(binomial(r, trialsOfCase, math.Min(math.Max(p, 0), 1))) / trialsOfCase
	}
	costs := func(r *rand.Rand, level float64) float64 {
		sum := 0.0
		for range trialsOfCase {
			sum += level * lognormal(r, 1) / trialsOfCase
		}
		return sum
	}
	return []caseLaw{
		{"resolved, cases of every difficulty", rate, func(r *rand.Rand, effect float64) [2]float64 {
			p := .1 + .8*r.Float64()
			return [2]float64{passes(r, p), passes(r, p+effect)}
		}, -.05, true},
		{"resolved, easy cases", rate, func(r *rand.Rand, effect float64) [2]float64 {
			p := distuv.Beta{Alpha: 19, Beta: 1, Src: r}.Rand()
			return [2]float64{passes(r, p), passes(r, p+effect)}
		}, 0, false},
		{"resolved, skewed", rate, func(r *rand.Rand, effect float64) [2]float64 {
			p := .9
			if effect != 0 && r.Float64() < .1 {
				return [2]float64{passes(r, p), passes(r, p+10*effect)}
			}
			return [2]float64{passes(r, p), passes(r, p)}
		}, -.05, false},
		{"cost, lognormal", cost, func(r *rand.Rand, effect float64) [2]float64 {
			level := lognormal(r, .5)
			return [2]float64{costs(r, level), costs(r, level) + effect}
		}, .3, true},
	}
}

// fewCases: how often versions that do not differ do, one at its margin is within it, and intervals hold.
func fewCases(s *section, n, runs int) {
	for i, law := range caseLaws() {
		counts := count(runs, uint64(80+10*n+i), func(r *rand.Rand) []bool {
			same, worse := make([][2]float64, n), make([][2]float64, n)
			for j := range n {
				same[j], worse[j] = law.draw(r, 0), law.draw(r, law.margin)
			}
			d := pairedData(law.metric, same)
			exact := analyze.Evaluate(d).Metrics[0]
			d.Metrics[0].Cases = nil
			byT := analyze.Evaluate(d).Metrics[0]
			at := analyze.Evaluate(pairedData(law.metric, worse)).Metrics[0]
			return []bool{differs(byT), differs(exact), at.Margin.Check == analyze.CheckPassed, at.Margin.Check == analyze.CheckFailed,
				float64(at.Absolute.Lower) <= law.margin && law.margin <= float64(at.Absolute.Upper)}
		})
		what := law.name + ", " + thousands(n) + " cases"
		if n <= 26 {
			s.add(share("t", what+": the same differ", counts[0], runs, 0, 1, "shown for contrast"), atMost(what+": the same differ", counts[1], runs, alpha))
		} else {
			s.add(atMost(what+": the same differ", counts[1], runs, .06))
		}
		if law.margin != 0 {
			s.add(atMost(what+", at the margin: within it", counts[2], runs, .06), atMost(what+", at the margin: beyond it", counts[3], runs, .06))
		}
		if law.held {
			s.add(atLeast(what+", at the margin: the interval holds it", counts[4], runs, .94))
		}
	}
}
