package reports

import "math"

// An axis maps units to coordinates.
type axis struct {
	low, high, left, right float64
	hatchFrom, hatchTo     float64
}

// The least and the most that the axis shows, in margins.
const (
	leastLow, mostLow   = -1.5, -3
	leastHigh, mostHigh = 1, 3
)

// axisOf fits the axis to the intervals, in steps of half a margin. Without
// metrics it is even on both sides.
func axisOf(ms []metric, l layout) axis {
	if len(ms) == 0 {
		return axis{low: -1, high: 1, left: l.left, right: l.right}
	}
	low, high := float64(leastLow), float64(leastHigh)
	for _, m := range ms {
		if !m.Axis.known() {
			continue
		}
		low = math.Min(low, math.Max(m.Axis.Lower, mostLow))
		high = math.Max(high, math.Min(m.Axis.Upper, mostHigh))
	}
	low, high = math.Floor(2*low)/2, math.Ceil(2*high)/2
	return axis{low: low, high: high, left: l.left, right: l.right, hatchFrom: -1, hatchTo: 0}
}

// free is the axis of metrics without margin: the same zero, ±1 as far out as
// both sides allow.
func (a axis) free() axis {
	reach := math.Min(-a.low, a.high)
	return axis{
		low: a.low / reach, high: a.high / reach, left: a.left, right: a.right,
		hatchFrom: -1, hatchTo: 1,
	}
}

func (a axis) x(v float64) float64 {
	return a.left + (v-a.low)/(a.high-a.low)*(a.right-a.left)
}

func (a axis) clamp(v float64) float64 { return math.Max(a.low, math.Min(a.high, v)) }

// holds reports whether v lies on the axis; NaN does not.
func (a axis) holds(v float64) bool { return v >= a.low && v <= a.high }

func (a axis) ticks() []tick {
	var ticks []tick
	for v := math.Ceil(a.low); v <= a.high; v++ {
		ticks = append(ticks, tick{a.x(v), tickLabel(int(v))})
	}
	return ticks
}

func tickLabel(v int) string {
	switch {
	case v < 0:
		return minus + count(int64(-v))
	case v > 0:
		return "+" + count(int64(v))
	}
	return "0"
}
