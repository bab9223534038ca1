package sequential

import (
	"math"

	"weir/analyze/dist"
)

// Radius returns the two-sided normal-mixture boundary at intrinsic time v:
// the chance that the absolute value of a centred sum ever exceeds it is at
// most alpha (Robbins 1970; arXiv 2103.06476v7, eq. 9),
//
//	sqrt((v + 1/r) ln((v r + 1) / alpha^2))
//
// It is the two-sided normal_mixture_bound of the package confseq, where 1/r
// is called rho. v >= 0, r > 0, 0 < alpha < 1.
func Radius(v, r, alpha float64) float64 {
	if !validRadius(v, r, alpha) {
		return math.NaN()
	}
	return math.Sqrt((v + 1/r) * (math.Log1p(v*r) - 2*math.Log(alpha)))
}

// RadiusOneSided returns the one-sided boundary at intrinsic time v: the
// chance that a centred sum ever exceeds it is at most alpha (arXiv
// 2103.06476v7, eq. 134),
//
//	sqrt(2 (v + 1/r) ln(1 + sqrt(v r + 1) / (2 alpha)))
//
// It is narrowest at the planned time where r is tuned at 2 alpha.
func RadiusOneSided(v, r, alpha float64) float64 {
	if !validRadius(v, r, alpha) {
		return math.NaN()
	}
	return math.Sqrt(2 * (v + 1/r) * math.Log1p(math.Sqrt(v*r+1)/(2*alpha)))
}

func validRadius(v, r, alpha float64) bool {
	return v >= 0 && r > 0 && alpha > 0 && alpha < 1
}

// RadiusLIL returns the half-width, for the mean of t terms of unit variance,
// of the two-sided confidence sequence at the rate of the law of the iterated
// logarithm (Howard, Ramdas, McAuliffe and Sekhon 2021, eq. 2),
//
//	1.7 sqrt((ln ln(2t) + 0.72 ln(10.4/alpha)) / t)
//
// It needs no tuning, and is wider than a tuned mixture at any time one would
// plan for. NaN where ln ln(2t) is not positive: for a single term.
func RadiusLIL(t, alpha float64) float64 {
	iterated := math.Log(math.Log(2 * t))
	if !(iterated > 0 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	return 1.7 * math.Sqrt((iterated+0.72*math.Log(10.4/alpha))/t)
}

// Tuning returns the r = rho^2 that makes Radius(v, r, alpha) smallest at the
// planned intrinsic time v > 0: c/v with c = -1 - W(-alpha^2/e), W the lower
// branch of Lambert's function (arXiv 2103.06476). Plan for the time of
// decision rather than for the end.
func Tuning(v, alpha float64) float64 {
	if !(v > 0 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	return (-1 - dist.LambertWm1(-alpha*alpha/math.E)) / v
}

// TuningApprox returns Tuning approximately, (-2 ln alpha + ln(1 - 2 ln
// alpha)) / v, as other programs do: some 3 % less at alpha 0.05.
func TuningApprox(v, alpha float64) float64 {
	if !(v > 0 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	l := -2 * math.Log(alpha)
	return (l + math.Log1p(l)) / v
}
