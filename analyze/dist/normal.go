package dist

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// NormalDensity returns the standard normal density at x.
func NormalDensity(x float64) float64 {
	return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
}

// NormalCDF returns P(Z <= x) for a standard normal Z; R: pnorm(x).
func NormalCDF(x float64) float64 { return NormalSurvival(-x) }

// NormalSurvival returns P(Z > x) for a standard normal Z; R: pnorm(x,
// lower.tail = FALSE). It is positive up to x = 38.
func NormalSurvival(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }

// NormalTwoSided returns P(|Z| > |x|), the two-sided p-value of a z statistic.
func NormalTwoSided(x float64) float64 { return math.Erfc(math.Abs(x) / math.Sqrt2) }

// NormalQuantile returns x with NormalCDF(x) = p; R: qnorm(p). It is
// -infinity at 0 and +infinity at 1. For a small upper tail q use
// -NormalQuantile(q), as 1 - q loses the digits of q.
func NormalQuantile(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	}
	return distuv.UnitNormal.Quantile(p)
}
