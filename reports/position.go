package reports

import (
	"math"

	"weir/analyze"
)

// A position is where a metric lies on the axis of the forest plot, good to
// the right. With a margin the axis counts margins: right of −1 the metric is
// within it, right of 0 better, left of −1 harmed. Without one, the farther end of the
// interval is at 1 or −1. What is not known is NaN; an end that is open is infinite.
type position struct {
	Margined bool
	Value    float64
	Lower    float64 // the two-sided interval
	Upper    float64
	// Bound is the one-sided end that the margin is tested with.
	Bound float64
}

// known reports whether there is an interval to draw.
func (p position) known() bool {
	return finite(p.Value) && (finite(p.Lower) || finite(p.Upper))
}

// positionOf places a metric. One that is not estimable has no position.
func positionOf(m analyze.MetricResult) position {
	effect := shownInterval(m)
	p := position{Margined: m.Margin.Check != analyze.CheckNone && m.Margin.Value > 0}
	if m.Direction == analyze.NotEstimable && m.Margin.Check != analyze.CheckFailed {
		return p.unknown()
	}
	if p.Margined {
		return p.scaled(effect, m.Margin.Bound, float64(m.Margin.Value), m.Good)
	}
	unit := largestOf(effect.Value, effect.Lower, effect.Upper)
	if unit == 0 {
		unit = 1
	}
	return p.scaled(effect, analyze.Unknown, unit, m.Good)
}

func (p position) unknown() position {
	p.Value, p.Lower, p.Upper, p.Bound = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	return p
}

// scaled divides by unit and turns the axis where less is better.
func (p position) scaled(e analyze.Interval, bound analyze.Number, unit float64, good analyze.Good) position {
	lower, upper := float64(e.Lower)/unit, float64(e.Upper)/unit
	if e.Lower.Known() != e.Upper.Known() { // open on one side
		lower, upper = orInfinite(lower, -1), orInfinite(upper, 1)
	}
	p.Value, p.Lower, p.Upper, p.Bound = float64(e.Value)/unit, lower, upper, float64(bound)/unit
	if good == analyze.Down {
		p.Value, p.Lower, p.Upper, p.Bound = -p.Value, -upper, -lower, -p.Bound
	}
	return p
}

// orInfinite makes an unknown end an infinite one of that sign.
func orInfinite(x float64, sign int) float64 {
	if math.IsNaN(x) {
		return math.Inf(sign)
	}
	return x
}
