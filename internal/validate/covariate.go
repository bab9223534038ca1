package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"weir/analyze"
	"weir/analyze/sequential"
)

// covariates is what adjusting by a user's past does: it is as valid as the sequence without, and as much narrower
// as it explains.
func covariates(runs int) section {
	s := section{title: "Adjusted by the past", about: "Sessions of users whose past explains half of the variance (ρ .7), a third of the users having none, a ramp of 5, 20, 50 % while outcomes and users drift, 100 hours. The slope is that of earlier hours. The width is set against the boundary at 1 − ρ² of the variance."}
	for _, k := range []struct {
		name   string
		metric analyze.Metric
		level  float64
	}{{"a mean", meanMetric(100), 5}, {"a ratio, v2 with more requests", ratioMetric(100), 5}, {"a rate of .5", rateMetric(analyze.Guardrail, analyze.Down, .03), .5}} {
		s.add(adjustedBy(k.name, k.metric, k.level, runs/4)...)
	}
	return s
}

// withPast adds a covariate as the last component.
func withPast(m analyze.Metric) analyze.Metric {
	at := len(m.Columns)
	m.Columns = append(append([]analyze.Column{}, m.Columns...), analyze.Column{Past: true})
	m.Shown.Covariate, m.Tested.Covariate, m.Margined.Covariate = at, at, at
	return m
}

func adjustedBy(name string, m analyze.Metric, level float64, runs int) []finding {
	const rho, unknown = .7, 1. / 3
	isRate, isRatio := m.Rate, m.Tested.Den != analyze.Ones
	draw := func(r *rand.Rand, atMargin bool) ([]analyze.Cell, []analyze.Stratum) {
		return units(r, func(batch int, treated bool) []float64 {
			drift := float64(batch) / 100
			own := r.NormFloat64()
			y := rho*own + math.Sqrt(1-rho*rho)*r.NormFloat64()
			x := own + drift
			if r.Float64() < unknown {
				x = 0
			}
			if isRate {
				one, limit := 0.0, 0.0
				if treated && atMargin {
					limit = .0753 // 3 points more
				}
				if y < limit {
					one = 1
				}
				return []float64{one, x}
			}
			y += level + drift
			if treated && atMargin {
				y *= 1 + m.Margin.Value
			}
			if !isRatio {
				return []float64{y, x}
			}
			n := 1 + float64(r.IntN(4))
			if treated {
				n++
			}
			return []float64{n * y, n, x}
		}, epoch{share: .05, batches: 40, size: 100}, epoch{share: .2, batches: 20, size: 100}, epoch{share: .5, batches: 40, size: 100})
	}
	spread := map[bool]float64{true: .25, false: 1}[isRate]
	if isRatio {
		spread = 8
	}
	widths := make([][2]float64, runs)
	rhos := make([]float64, runs)
	wrong := make([][2]bool, runs)
	each(runs, 70+uint64(len(name)), func(i int, r *rand.Rand) {
		cells, strata := draw(r, false)
		with, without := evaluate(withPast(m), cells, strata, level, spread, analyze.Sequential), evaluate(m, cells, strata, level, spread, analyze.Sequential)
		widths[i] = [2]float64{float64(without.Test.Upper - without.Test.Lower), float64(with.Test.Upper - with.Test.Lower)}
		rhos[i] = float64(with.Adjustment.Correlation)
		worse, strata := draw(r, true)
		wrong[i] = [2]bool{differs(with), evaluate(withPast(m), worse, strata, level, spread, analyze.Sequential).Margin.Check == analyze.CheckPassed}
	})
	different, passed, plain, adjusted, explained := 0, 0, 0.0, 0.0, 0.0
	for i := range runs {
		if wrong[i][0] {
			different++
		}
		if wrong[i][1] {
			passed++
		}
		plain += widths[i][0]
		adjusted += widths[i][1]
		explained += rhos[i] * rhos[i] / float64(runs)
	}
	information := 4000*.05*.95 + 2000*.2*.8 + 4000*.25
	r := sequential.Tuning(spread*10_000*.25, alpha)
	want := sequential.Radius((1-explained)*spread*information, r, alpha) / sequential.Radius(spread*information, r, alpha)
	return []finding{
		atMost(name+", equal arms: a difference", different, runs, alpha),
		atMost(name+", at the margin: within it", passed, runs, alpha),
		{who: "Weir", what: fmt.Sprintf("%s: width of the interval, adjusted over not, ρ² %.2f", name, explained), value: adjusted / plain, low: want - .03, high: want + .03, expected: fmt.Sprintf("%.2f", want), unit: "times"},
	}
}
