package reports

import (
	"math"

	"weir/analyze"
)

// A basis is which figure of a metric is on the scale of its margin.
type basis int

const (
	onTest basis = iota
	onRelative
	onAbsolute
)

// shownOf chooses the effect to show: the test, which verdicts cite; the
// relative estimate where the margin is relative; the absolute estimate of a
// quantile with a margin, whose test is of rates, and where harm is proven before the
// metric is tested.
func shownOf(m analyze.MetricResult) basis {
	switch {
	case m.Margin.Relative:
		return onRelative
	case m.Kind == analyze.KindQuantile && (m.Margin.Check != analyze.CheckNone || !m.Test.Value.Known()), !m.Test.Value.Known() && m.Margin.Check == analyze.CheckFailed:
		return onAbsolute
	}
	return onTest
}

// shownInterval is that effect's interval.
func shownInterval(m analyze.MetricResult) analyze.Interval {
	switch shownOf(m) {
	case onRelative:
		return m.Relative
	case onAbsolute:
		return analyze.Interval{Value: m.Absolute.Value, Lower: m.Absolute.Lower, Upper: m.Absolute.Upper}
	}
	return analyze.Interval{Value: m.Test.Value, Lower: m.Test.Lower, Upper: m.Test.Upper}
}

// scalesOf chooses the scales of a metric's figures. The interval of the
// effect shown decides the decimals of all absolute ones, so that they align;
// the absolute estimate's does where it is not in the metric's unit or unknown.
func scalesOf(m analyze.MetricResult) (absolute, relative, test scale) {
	half := halfWidth(m.Test.Value, m.Test.Lower, m.Test.Upper)
	quantile := m.Kind == analyze.KindQuantile
	if quantile {
		test = scaleOf("share", largestOf(m.Test.Value), half)
	}
	if quantile || !finite(half) {
		half = halfWidth(m.Absolute.Value, m.Absolute.Lower, m.Absolute.Upper)
	}
	absolute = scaleOf(m.Unit, largestOf(m.Control.Value, m.Treatment.Value, m.Absolute.Value), half)
	if !quantile {
		test = absolute
	}
	relative = relativeScale(halfWidth(m.Relative.Value, m.Relative.Lower, m.Relative.Upper), largestOf(m.Relative.Value))
	return absolute, relative, test
}

// halfWidth is half the length of an interval; with one end open, the distance
// of the other from the value. Unknown is NaN.
func halfWidth(value, lower, upper analyze.Number) float64 {
	switch {
	case lower.Known() && upper.Known():
		return float64(upper-lower) / 2
	case lower.Known():
		return float64(value - lower)
	}
	return float64(upper - value)
}

// largestOf returns the largest magnitude of the known numbers, 0 if there is none.
func largestOf(xs ...analyze.Number) float64 {
	largest := 0.0
	for _, x := range xs {
		if x.Known() {
			largest = math.Max(largest, math.Abs(float64(x)))
		}
	}
	return largest
}
