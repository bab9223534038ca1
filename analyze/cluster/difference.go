package cluster

import (
	"math"

	"weir/analyze/dist"
)

// An Effect is a comparison with a null value of zero. Where StdErr is zero
// or unknown, all but Estimate and StdErr are NaN.
type Effect struct {
	Estimate float64
	StdErr   float64
	DF       float64 // degrees of freedom; +infinity for the normal
	Lower    float64 // limits at confidence 1-alpha, two-sided
	Upper    float64
	P        float64 // two-sided
}

// Difference compares two arms by b - a with Welch's t (Welch 1947).
func Difference(a, b Figure, alpha float64) Effect {
	variance := a.Variance + b.Variance
	return newEffect(b.Value-a.Value, math.Sqrt(variance), WelchDF(a, b), alpha)
}

// newEffect builds the test and interval of an estimate by Student's t.
func newEffect(estimate, stdErr, df, alpha float64) Effect {
	e := Effect{Estimate: estimate, StdErr: stdErr, DF: df, Lower: math.NaN(), Upper: math.NaN(), P: math.NaN()}
	if !(stdErr > 0) {
		e.DF = math.NaN()
		return e
	}
	half := -dist.StudentTQuantile(alpha/2, df) * stdErr
	e.Lower, e.Upper = estimate-half, estimate+half
	e.P = dist.StudentTTwoSided(estimate/stdErr, df)
	return e
}

// WelchDF returns the degrees of freedom of the difference of two figures, by
// Satterthwaite.
func WelchDF(a, b Figure) float64 {
	variance := a.Variance + b.Variance
	return variance * variance / (a.Variance*a.Variance/(a.Units-1) + b.Variance*b.Variance/(b.Units-1))
}
