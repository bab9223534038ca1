package cluster

import (
	"math"

	"weir/analyze/dist"
)

// A Lift is a relative effect b/a - 1 with its limits. It has no p-value of
// its own: that of Difference belongs to it, so that one metric has one
// p-value.
type Lift struct{ Estimate, Lower, Upper float64 }

// LogLift returns the lift with limits symmetric on the log scale, by the
// delta method and Welch's t. It is for figures well away from zero; NaN
// where they differ in sign. Equals the relative effect of the Python package
// tea-tasting.
func LogLift(a, b Figure, alpha float64) Lift {
	l := Lift{b.Value/a.Value - 1, math.NaN(), math.NaN()}
	if !(a.Value*b.Value > 0) {
		return l
	}
	relA, relB := relative(a), relative(b)
	stdErr := math.Sqrt(relA.Variance + relB.Variance)
	if !(stdErr > 0) {
		return l
	}
	log := math.Log1p((b.Value - a.Value) / a.Value)
	half := -dist.StudentTQuantile(alpha/2, WelchDF(relA, relB)) * stdErr
	l.Lower, l.Upper = math.Expm1(log-half), math.Expm1(log+half)
	return l
}

// relative is the logarithm's figure, without its value.
func relative(f Figure) Figure {
	return Figure{Variance: f.Variance / f.Value / f.Value, Units: f.Units}
}

// Fieller returns the lift with the limits that invert the z test of b - (1 +
// lift) a (Fieller 1954). It is exact for normal figures, also where a is
// within noise of zero. Where a itself is not significantly different from
// zero the set of lifts that are not rejected is unbounded, and the limits
// are infinite, although some lifts may lie outside of it. NaN where a
// variance is unknown or both are zero.
func Fieller(a, b Figure, alpha float64) Lift {
	l := Lift{b.Value/a.Value - 1, math.NaN(), math.NaN()}
	if !(a.Variance+b.Variance > 0) {
		return l
	}
	z := dist.NormalQuantile(alpha / 2)
	// The ratios t with (b - t a)^2 <= z^2 (var b + t^2 var a): lead t^2 - 2
	// middle t + tail <= 0.
	lead := a.Value*a.Value - z*z*a.Variance
	middle := a.Value * b.Value
	tail := b.Value*b.Value - z*z*b.Variance
	if lead <= 0 {
		l.Lower, l.Upper = math.Inf(-1), math.Inf(1)
		return l
	}
	root := math.Abs(z) * math.Sqrt(math.Max(0, a.Value*a.Value*b.Variance+tail*a.Variance))
	// The root of larger size first, then the other from their product.
	large := middle + math.Copysign(root, middle)
	l.Lower, l.Upper = large/lead-1, tail/large-1
	if l.Lower > l.Upper {
		l.Lower, l.Upper = l.Upper, l.Lower
	}
	return l
}
