package main

import (
	"math"

	"weir/analyze"
	"weir/analyze/fixed"
)

// critical is the two-sided normal quantile at .05.
const critical = 1.959964

// tally adds up arms' moments of one component, pooled or by stratum.
type tally struct{ n, sum, square float64 }

func (t *tally) add(m analyze.Moments) {
	n := float64(m.N)
	t.n += n
	t.sum += n * m.Mean[0]
	t.square += m.Cross[0] + n*m.Mean[0]*m.Mean[0]
}

func (t tally) mean() float64 { return t.sum / t.n }

func (t tally) variance() float64 { return (t.square/t.n - t.mean()*t.mean()) / t.n }

// z is the statistic of the difference of two arms.
func z(arms [2]tally) float64 {
	v := arms[0].variance() + arms[1].variance()
	if !(v > 0) {
		return 0
	}
	return (arms[1].mean() - arms[0].mean()) / math.Sqrt(v)
}

// pooledEveryLook is the pooled z test at every hour from so many units an arm on: whether any look rejects, and the
// last.
func pooledEveryLook(cells []analyze.Cell, least float64) (any bool, last float64) {
	var arms [2]tally
	for i, c := range cells {
		arms[c.Arm].add(c.Moments)
		if i+1 < len(cells) && cells[i+1].Hour == c.Hour || min(arms[0].n, arms[1].n) < least {
			continue
		}
		last = z(arms)
		any = any || math.Abs(last) > critical
	}
	return any, last
}

// strataEveryLook is the z test of overlap-weighted strata at every hour.
func strataEveryLook(cells []analyze.Cell, strata []analyze.Stratum, least float64) (any bool, last float64) {
	arms := make([][2]tally, len(strata))
	for i, c := range cells {
		arms[c.Stratum][c.Arm].add(c.Moments)
		if i+1 < len(cells) && cells[i+1].Hour == c.Hour {
			continue
		}
		value, variance, control, treated := 0.0, 0.0, 0.0, 0.0
		for j, a := range arms {
			if min(a[0].n, a[1].n) < 2 {
				continue
			}
			w := (a[0].n + a[1].n) * strata[j].Share * (1 - strata[j].Share)
			value += w * (a[1].mean() - a[0].mean())
			variance += w * w * (a[0].variance() + a[1].variance())
			control += a[0].n
			treated += a[1].n
		}
		if min(control, treated) < least || !(variance > 0) {
			continue
		}
		last = value / math.Sqrt(variance)
		any = any || math.Abs(last) > critical
	}
	return any, last
}

// twoRates is the pooled z of two rates, every trial a unit.
func twoRates(k0, n0, k1, n1 float64) float64 {
	p := (k0 + k1) / (n0 + n1)
	v := p * (1 - p) * (1/n0 + 1/n1)
	if !(v > 0) {
		return 0
	}
	return (k1/n1 - k0/n0) / math.Sqrt(v)
}

// lowerByRanks reports whether b is lower than a by a two-sided Mann-Whitney test at .02, as
// Kayenta's default is.
func lowerByRanks(a, b []float64) bool {
	if len(a) < 3 || len(b) < 3 {
		return false
	}
	return fixed.MannWhitney(b, a).Greater < .01
}
