package sequential

import (
	"math"
	"slices"
	"sort"
)

// QuantileP returns the always-valid two-sided p-value of two samples having
// the same p-quantile (Howard and Ramdas 2022, "Sequential estimation of
// quantiles with applications to A/B testing and best-arm identification";
// quantile_ab_p_value of the package confseq). planned is the number of
// observations in an arm at which the mixture is tuned to decide, at level
// tuningAlpha.
//
// The observations must be independent: one value a unit, no clusters. It
// works on all data so far; the order within a sample does not matter. NaN
// where a sample is empty or holds a NaN.
func QuantileP(a, b []float64, p, planned, tuningAlpha float64) float64 {
	if !(p > 0 && p < 1 && planned > 0 && tuningAlpha > 0 && tuningAlpha < 1) || len(a) == 0 || len(b) == 0 {
		return math.NaN()
	}
	spread := p * (1 - p)
	m := quantileMixture{p: p, k: math.Max(1/TuningApprox(planned*spread, tuningAlpha)/spread-1, 1e-3)}
	armA, armB := m.arm(a), m.arm(b)
	least := math.Inf(1)
	for _, x := range slices.Concat(armA.sorted, armB.sorted) {
		if math.IsNaN(x) {
			return math.NaN()
		}
		least = math.Min(least, armA.logE(x)+armB.logE(x))
	}
	return math.Min(1, math.Exp(-least))
}

// A quantileMixture is the two-sided beta-binomial mixture that tests whether
// a value is the p-quantile of a sample: a Dirichlet mixture for the split of
// the sample into values below and above.
type quantileMixture struct{ p, k float64 }

// logE is the log e-value of n values of which below lie below. It is convex
// in below, which need not be whole.
func (m quantileMixture) logE(below, n float64) float64 {
	return LogEMultinomial([]float64{below, n - below}, []float64{m.p, 1 - m.p}, m.k)
}

// arm sorts a copy of a sample and finds the split with the least evidence.
func (m quantileMixture) arm(sample []float64) quantileArm {
	n := float64(len(sample))
	sorted := slices.Sorted(slices.Values(sample))
	least := minimum(func(below float64) float64 { return m.logE(below, n) }, 0, n)
	return quantileArm{mixture: m, sorted: sorted, leastBelow: least}
}

type quantileArm struct {
	mixture    quantileMixture
	sorted     []float64
	leastBelow float64 // number of values below with the least evidence
}

// logE is the log e-value against x being the quantile. Values equal to x
// count below or above, in parts too, as is worst for the evidence.
func (a quantileArm) logE(x float64) float64 {
	less := sort.SearchFloat64s(a.sorted, x)
	upTo := sort.Search(len(a.sorted), func(i int) bool { return a.sorted[i] > x })
	below := math.Min(math.Max(a.leastBelow, float64(less)), float64(upTo))
	return a.mixture.logE(below, float64(len(a.sorted)))
}

// minimum finds where the unimodal f is smallest in [lo, hi], by golden
// section.
func minimum(f func(float64) float64, lo, hi float64) float64 {
	const golden = 0.6180339887498949
	x1, x2 := hi-golden*(hi-lo), lo+golden*(hi-lo)
	f1, f2 := f(x1), f(x2)
	for range 80 {
		if f1 <= f2 {
			hi, x2, f2 = x2, x1, f1
			x1 = hi - golden*(hi-lo)
			f1 = f(x1)
		} else {
			lo, x1, f1 = x1, x2, f2
			x2 = lo + golden*(hi-lo)
			f2 = f(x2)
		}
	}
	return (lo + hi) / 2
}
