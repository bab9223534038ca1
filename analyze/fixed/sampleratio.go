package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A SampleRatio is the check of unit counts against the allocation.
type SampleRatio struct {
	Chi2, DF, P float64
	// Exact is the two-sided binomial p-value for two arms; NaN for more.
	Exact float64
}

// CheckRatio tests whether counts of units follow the weights, which need not
// sum to one (Pearson's chi-square); R: chisq.test(observed, p = weights,
// rescale.p = TRUE). An arm of weight 0 may have no unit. All of it is NaN
// without units, and with a negative count or weight. It panics where the
// lengths differ.
func CheckRatio(observed, weights []float64) SampleRatio {
	if len(observed) != len(weights) {
		panic("fixed: a sample ratio needs a weight for each count")
	}
	n, total := sumNonNegative(observed), sumNonNegative(weights)
	r := SampleRatio{DF: float64(len(observed) - 1), Exact: math.NaN()}
	for i, o := range observed {
		if expected := n * weights[i] / total; o != expected {
			r.Chi2 += (o - expected) * (o - expected) / expected
		}
	}
	if n == 0 {
		r.Chi2 = math.NaN()
	}
	r.P = dist.ChiSquareSurvival(r.Chi2, r.DF)
	if len(observed) == 2 {
		r.Exact = dist.BinomialTwoSided(observed[0], n, weights[0]/total)
	}
	return r
}

// sumNonNegative returns the sum of x, NaN where a value is negative.
func sumNonNegative(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		if v < 0 {
			return math.NaN()
		}
		sum += v
	}
	return sum
}
