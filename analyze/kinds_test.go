package analyze

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A kindOf is a metric of some kind and how its units are made.
type kindOf struct {
	metric Metric
	binary bool
	level  float64 // control's, and the variance of a unit, as frozen
	spread float64
	unit   func(*rand.Rand) []float64
	// mirrors says that swapping the arms mirrors the sequence, too: a ratio is linearised at control's level.
	mirrors bool
	// scales is the component that may be measured in another unit; -1: none.
	scales []int
}

// kinds are the metrics of every kind.
func kinds() map[string]kindOf {
	coinOf := func(p float64) func(*rand.Rand) []float64 {
		return func(r *rand.Rand) []float64 {
			if r.Float64() < p {
				return []float64{1}
			}
			return []float64{0}
		}
	}
	base := func(k Kind, f Form, columns int) Metric {
		return Metric{Name: "m", Role: Goal, Kind: k, Good: Up, Minimum: 40, Columns: make([]Column, columns), Shown: f, Tested: f, Margined: f}
	}
	rateOf := func(k Kind, f Form, columns int) Metric {
		m := base(k, f, columns)
		m.Rate, m.Unit = true, "share"
		return m
	}
	quantile := base(KindQuantile, Form{Num: 0, Den: 1}, 4)
	quantile.Quantile, quantile.Good = .9, Down
	quantile.Tested, quantile.Margined = Form{Num: 2, Den: 1}, Form{Num: 3, Den: 1}
	judge := judgedWorld{quality: [2]float64{.6, .6}, right: fair(.9, .9), q: .6, l: .4}
	scored := func(r *rand.Rand) []float64 { return judge.unit(r, Control, 0) }
	own := base(KindJudge, JudgedForm(), judgedSize)
	own.Judged = true
	corrected := own
	corrected.Corrected = true
	adjusted := Form{Num: 0, Den: Ones, Covariate: 1}
	return map[string]kindOf{
		"mean":       {metric: base(KindMean, mean, 1), level: 10, spread: 9, mirrors: true, scales: []int{0}, unit: func(r *rand.Rand) []float64 { return []float64{10 + 3*r.NormFloat64()} }},
		"proportion": {metric: rateOf(KindMean, mean, 1), binary: true, level: .4, spread: .24, mirrors: true, unit: coinOf(.4)},
		"rare":       {metric: rateOf(KindMean, mean, 1), binary: true, level: .01, spread: .02, mirrors: true, unit: coinOf(.02)},
		"ratio": {metric: base(KindRatio, Form{Num: 0, Den: 1}, 2), level: 5, spread: 9, scales: []int{0}, unit: func(r *rand.Rand) []float64 {
			n := float64(1 + r.IntN(4))
			return []float64{n * (5 + r.NormFloat64()), n}
		}},
		"rate of rows": {metric: rateOf(KindRatio, Form{Num: 0, Den: 1}, 2), level: .25, spread: .5, unit: func(r *rand.Rand) []float64 {
			n := 1 + r.IntN(4)
			return []float64{float64(r.IntN(n + 1)), float64(n)}
		}},
		"quantile": {metric: quantile, level: .1, spread: .2, unit: func(r *rand.Rand) []float64 {
			n := 1 + r.IntN(4)
			above := 0.
			for range n {
				if r.Float64() < .1 {
					above++
				}
			}
			return []float64{float64(n) - above, float64(n), above, math.Max(above-1, 0)}
		}},
		"adjusted": {metric: base(KindMean, adjusted, 2), level: 10, spread: 9, mirrors: true, scales: []int{0}, unit: func(r *rand.Rand) []float64 {
			x := r.NormFloat64()
			return []float64{10 + 2*x + 2*r.NormFloat64(), x}
		}},
		"judge":           {metric: own, level: .5, spread: .5, mirrors: true, scales: []int{judgedScore, labelledScore, labelledLabel}, unit: scored},
		"judge corrected": {metric: corrected, level: .5, spread: .8, mirrors: true, scales: []int{judgedScore, labelledScore, labelledLabel}, unit: scored},
	}
}

// data are units of a kind in one stratum, or two, drawn by shares that are not one half.
func (k kindOf) data(r *rand.Rand, strata, hours, each int, method Method) Data {
	d := Data{
		Control: "v1", Treatment: "v2",
		Design: Design{Unit: "session", Kind: Stratified, Strata: strata, Method: method, Alpha: .05, Randomized: true},
	}
	if strata == 1 {
		d.Design.Kind = Independent
	}
	m := MetricData{Metric: k.metric, Binary: k.binary, Frozen: Frozen{
		Cap: Unknown, Threshold: Unknown, Level: Number(k.level), Spread: Number(k.spread), PlanUnits: 1000, PlanShare: .5, HarmUnits: HarmUnits,
	}}
	for s := range strata {
		d.Strata = append(d.Strata, Stratum{Share: []float64{.3, .5}[s], Known: true})
		for _, a := range Arms {
			v := Number(900 + 10*r.Float64())
			m.Quantiles = append(m.Quantiles, QuantileCell{Stratum: s, Arm: a, Rows: 300, Value: v, Lower: v - 30, Upper: v + 40})
		}
	}
	if k.metric.Kind == KindJudge {
		m.Judging = &Judging{Criterion: "quality"}
	}
	for h := range hours {
		s := h * strata / hours
		var units [2][][]float64
		for range each {
			a := Control
			if r.Float64() < d.Strata[s].Share {
				a = Treatment
			}
			units[a] = append(units[a], k.unit(r))
		}
		for _, a := range Arms {
			if len(units[a]) > 0 {
				m.Cells = append(m.Cells, Cell{Stratum: s, Hour: int64(20*s + h), Arm: a, Moments: MomentsOf(units[a]...)})
			}
		}
	}
	d.Metrics = []MetricData{m}
	return d
}

// paired are the same units as cases that ran under both versions.
func (k kindOf) paired(r *rand.Rand, cases int) Data {
	var both [][]float64
	for range cases {
		both = append(both, slices.Concat(k.unit(r), k.unit(r)))
	}
	d := k.data(r, 1, 1, 0, Fixed)
	d.Design.Kind, d.Design.Offline, d.Design.Unit = Paired, true, "case"
	d.Units.Control, d.Units.Treatment = int64(cases), int64(cases)
	pairs := MomentsOf(both...)
	d.Metrics[0].Pairs, d.Metrics[0].SingleTrial = &pairs, true
	return d
}

// designs evaluates a kind under every design that a law is tried on.
func (k kindOf) designs(r *rand.Rand, try func(name string, d Data)) {
	for _, method := range []Method{Fixed, Sequential} {
		for _, strata := range []int{1, 2} {
			try(fmt.Sprintf("%s, %d strata", method, strata), k.data(r, strata, 8, 120, method))
		}
	}
	try("paired", k.paired(r, 60))
}

// withArmsSwapped exchanges the arms, and with them the shares.
func withArmsSwapped(d Data) Data {
	m := d.Metrics[0]
	m.Cells, m.Quantiles, d.Strata = slices.Clone(m.Cells), slices.Clone(m.Quantiles), slices.Clone(d.Strata)
	for i := range m.Cells {
		m.Cells[i].Arm = 1 - m.Cells[i].Arm
	}
	for i := range m.Quantiles {
		m.Quantiles[i].Arm = 1 - m.Quantiles[i].Arm
	}
	for i := range d.Strata {
		d.Strata[i].Share = 1 - d.Strata[i].Share
	}
	if m.Pairs != nil {
		p := len(m.Pairs.Mean)
		swapped := m.Pairs.mapped(func(i int) (int, float64) { return (i + p/2) % p, 1 })
		m.Pairs = &swapped
	}
	d.Metrics = []MetricData{m}
	return d
}

// mapped gives the moments of vectors whose i-th component is another of these, times a factor.
func (m Moments) mapped(from func(i int) (int, float64)) Moments {
	out := Moments{N: m.N, Mean: make([]float64, len(m.Mean)), Cross: make([]float64, len(m.Cross))}
	for i := range m.Mean {
		a, x := from(i)
		out.Mean[i] = x * m.Mean[a]
		for j := range i + 1 {
			b, y := from(j)
			out.Cross[triangle(i, j)] = x * y * m.cross(a, b)
		}
	}
	return out
}

// TestLawsOfEveryKind: of every kind and design, swapped arms mirror effects, another unit of measure scales them, and the order of
// cells, or splitting one of them, changes nothing.
func TestLawsOfEveryKind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		factor := rapid.Float64Range(1e-3, 1e3).Draw(t, "factor")
		for name, k := range kinds() {
			k.designs(rand.New(rand.NewPCG(seed, 9)), func(design string, d Data) {
				what := name + ", " + design
				a := Evaluate(d).Metrics[0]
				if !a.Absolute.Value.Known() {
					t.Fatalf("%s: not estimable: %q", what, a.Warnings)
				}
				if d.Design.Method == Fixed || k.mirrors {
					b := Evaluate(withArmsSwapped(d)).Metrics[0]
					compareNumbers(t, what+", swapped", [][2]Number{
						{a.Absolute.Value, -b.Absolute.Value}, {a.Absolute.StdErr, b.Absolute.StdErr}, {a.Absolute.Lower, -b.Absolute.Upper},
						{a.Test.Value, -b.Test.Value}, {a.Test.Lower, -b.Test.Upper}, {a.Test.PValue, b.Test.PValue},
					})
				}
				if k.scales != nil {
					compareScaled(t, what, k, d, a, factor)
				}
				if d.Metrics[0].Pairs == nil {
					m := d.Metrics[0]
					m.Cells = rapid.Permutation(m.Cells).Draw(t, "cells")
					d.Metrics = []MetricData{m}
					compareResults(t, what+", shuffled", a, Evaluate(d).Metrics[0])
				}
			})
		}
	})
}

func compareScaled(t *rapid.T, what string, k kindOf, d Data, a MetricResult, factor float64) {
	m := d.Metrics[0]
	width := len(m.Metric.Columns)
	scaled := func(x Moments) Moments {
		return x.mapped(func(i int) (int, float64) {
			if slices.Contains(k.scales, i%width) {
				return i, factor
			}
			return i, 1
		})
	}
	m.Cells = slices.Clone(m.Cells)
	for i := range m.Cells {
		m.Cells[i].Moments = scaled(m.Cells[i].Moments)
	}
	if m.Pairs != nil {
		pairs := scaled(*m.Pairs)
		m.Pairs = &pairs
	}
	m.Frozen.Level, m.Frozen.Spread = m.Frozen.Level*Number(factor), m.Frozen.Spread*Number(factor*factor)
	d.Metrics = []MetricData{m}
	b, f := Evaluate(d).Metrics[0], Number(factor)
	compareNumbers(t, what+", rescaled", [][2]Number{
		{f * a.Absolute.Value, b.Absolute.Value}, {f * a.Absolute.StdErr, b.Absolute.StdErr}, {f * a.Absolute.Upper, b.Absolute.Upper},
		{f * a.Test.Value, b.Test.Value}, {f * a.Test.Lower, b.Test.Lower}, {a.Test.PValue, b.Test.PValue}, {a.Relative.Value, b.Relative.Value},
	})
}

func compareResults(t *rapid.T, what string, a, b MetricResult) {
	compareNumbers(t, what, [][2]Number{
		{a.Absolute.Value, b.Absolute.Value}, {a.Absolute.StdErr, b.Absolute.StdErr}, {a.Test.Value, b.Test.Value},
		{a.Test.Lower, b.Test.Lower}, {a.Test.Upper, b.Test.Upper}, {a.Test.PValue, b.Test.PValue},
	})
}

// compareNumbers wants pairs alike; unknown is like unknown.
func compareNumbers(t *rapid.T, what string, pairs [][2]Number) {
	for i, p := range pairs {
		a, b := float64(p[0]), float64(p[1])
		if alike := a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-6*math.Max(math.Abs(b), 1e-6); !alike {
			t.Fatalf("%s: number %d is %g and %g", what, i, float64(p[0]), float64(p[1]))
		}
	}
}
