package dist

import "math"

// invert returns the root of an increasing f in [lo, hi] by Newton's method
// kept inside a bracket. f returns its value and its slope; a value may be
// infinite, as it still tells on which side the root lies.
func invert(f func(u float64) (value, slope float64), lo, hi, start float64) float64 {
	u := math.Max(lo, math.Min(hi, start))
	for range 200 {
		value, slope := f(u)
		switch {
		case math.IsNaN(value):
			return math.NaN()
		case value == 0:
			return u
		case value > 0:
			hi = u
		default:
			lo = u
		}
		next := u - value/slope
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-u) <= 1e-16*math.Max(1, math.Abs(u)) {
			return next
		}
		u = next
	}
	return u
}
