package fixed

import "math"

// bisect returns the point of [lo, hi] from which on past holds, to a
// relative precision of a few 1e-16: hi where it never does.
func bisect(lo, hi float64, past func(float64) bool) float64 {
	for range 1100 { // enough to reach the least positive float64
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi || hi-lo <= 1e-16*math.Max(math.Abs(lo), math.Abs(hi)) {
			break
		}
		if past(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}
