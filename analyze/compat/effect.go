package compat

import (
	"errors"
	"math"

	"weir/analyze/cluster"
	"weir/analyze/dist"
)

// The refusals of gbstats, under its own names.
var (
	ErrZeroVariance = errors.New("ZERO_NEGATIVE_VARIANCE")
	ErrZeroBaseline = errors.New("ZERO_NEGATIVE_BASELINE_VARIATION")
)

// An Effect is b against a as gbstats sees it before it tests: absolute, or
// relative to the absolute value of a.
type Effect struct {
	Estimate float64
	StdErr   float64
	DF       float64 // Welch's, of the absolute difference also for a relative effect
	Units    float64 // of both arms
}

// Absolute returns b - a.
func Absolute(a, b cluster.Figure) (Effect, error) {
	return newEffect(a, b, b.Value-a.Value, a.Variance+b.Variance)
}

// Relative returns (b - a) / |a| with the delta method's error.
func Relative(a, b cluster.Figure) (Effect, error) {
	variance := b.Variance/(a.Value*a.Value) + a.Variance*b.Value*b.Value/math.Pow(a.Value, 4)
	return newEffect(a, b, (b.Value-a.Value)/math.Abs(a.Value), variance)
}

// newEffect refuses arms that do not vary, then baselines of zero.
func newEffect(a, b cluster.Figure, estimate, variance float64) (Effect, error) {
	switch {
	case !(a.Variance > 0 && b.Variance > 0 && variance > 0 && !math.IsInf(variance, 0)):
		return Effect{}, ErrZeroVariance
	case a.Value == 0:
		return Effect{}, ErrZeroBaseline
	}
	return Effect{Estimate: estimate, StdErr: math.Sqrt(variance), DF: cluster.WelchDF(a, b), Units: a.Units + b.Units}, nil
}

// A Test is a two-sided test with its interval.
type Test struct{ Lower, Upper, P float64 }

// T tests the effect by Student's t.
func (e Effect) T(alpha float64) Test {
	half := -dist.StudentTQuantile(alpha/2, e.DF) * e.StdErr
	return Test{e.Estimate - half, e.Estimate + half, dist.StudentTTwoSided(e.Estimate/e.StdErr, e.DF)}
}

// Proportion returns the mean of component 0, outcomes of 0 and 1, with the
// variance p (1-p) / n rather than n-1's.
func Proportion(m cluster.Moments) cluster.Figure {
	f := cluster.Mean(0).Figure(m)
	f.Variance = f.Value * (1 - f.Value) / m.N
	return f
}
