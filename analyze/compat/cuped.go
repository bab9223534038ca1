package compat

import (
	"math"

	"weir/analyze/cluster"
)

// A CUPED is a regression-adjusted comparison. The lift divides by the
// unadjusted figure of a.
type CUPED struct {
	Theta              float64
	Absolute, Relative Effect
}

// MeanCUPED adjusts the mean of component 0 by that of component 1, with
// theta from both arms together. The error of the lift takes the unadjusted
// lift for its slope in the baseline.
func MeanCUPED(a, b cluster.Moments) (CUPED, error) {
	y, x := cluster.Mean(0), cluster.Mean(1)
	theta := 0.0
	if pooled := a.Add(b); pooled.N >= 2 && pooled.Cov.At(0, 0) > 0 && pooled.Cov.At(1, 1) > 0 {
		theta = pooled.Cov.At(0, 1) / pooled.Cov.At(1, 1)
	}
	armA, armB := newAdjusted(a, y, x, theta), newAdjusted(b, y, x, theta)
	return compareAdjusted(armA, armB, theta, armB.raw-armA.raw)
}

// RatioCUPED adjusts the ratio of components 0 to 1 by that of 2 to 3, with
// theta from the sum of both arms' own linearised covariances.
func RatioCUPED(a, b cluster.Moments) (CUPED, error) {
	y, x := cluster.Ratio{Num: 0, Den: 1}, cluster.Ratio{Num: 2, Den: 3}
	theta := 0.0
	if a.N >= 2 && b.N >= 2 {
		xa, xb := x.Gradient(a), x.Gradient(b)
		theta = (a.Covariance(y.Gradient(a), xa) + b.Covariance(y.Gradient(b), xb)) /
			(a.Covariance(xa, xa) + b.Covariance(xb, xb))
	}
	if !(math.Abs(theta) >= 1e-8) { // also where the covariate does not vary
		theta = 0
	}
	armA, armB := newAdjusted(a, y, x, theta), newAdjusted(b, y, x, theta)
	return compareAdjusted(armA, armB, theta, armB.Value-armA.Value)
}

// An adjusted arm is the figure y - theta x, which depends on the means by
// its slopes, and y alone, raw.
type adjusted struct {
	cluster.Figure
	moments   cluster.Moments
	slopes    []float64
	raw       float64
	rawSlopes []float64
}

func newAdjusted(m cluster.Moments, y, x cluster.Ratio, theta float64) adjusted {
	f := adjusted{Figure: y.Figure(m), moments: m, slopes: y.Gradient(m), rawSlopes: y.Gradient(m)}
	f.raw = f.Value
	if theta == 0 || m.N < 2 {
		return f
	}
	f.Value -= theta * x.Figure(m).Value
	for i, slope := range x.Gradient(m) {
		f.slopes[i] -= theta * slope
	}
	f.Variance = m.Covariance(f.slopes, f.slopes) / m.N
	return f
}

// compareAdjusted returns the effects. baselineSlope is the difference
// through which the lift depends on its divisor.
func compareAdjusted(a, b adjusted, theta, baselineSlope float64) (CUPED, error) {
	c := CUPED{Theta: theta}
	var err error
	if c.Absolute, err = Absolute(a.Figure, b.Figure); err != nil {
		return c, err
	}
	if a.raw == 0 {
		return c, ErrZeroBaseline
	}
	slopes := make([]float64, len(a.slopes))
	for i := range slopes {
		slopes[i] = a.slopes[i] + a.rawSlopes[i]*baselineSlope/a.raw
	}
	variance := (a.moments.Covariance(slopes, slopes)/a.Units + b.Variance) / (a.raw * a.raw)
	c.Relative, err = newEffect(a.Figure, b.Figure, (b.Value-a.Value)/math.Abs(a.raw), variance)
	return c, err
}
