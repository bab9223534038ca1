package dist

import "math"

// LambertWm1 returns the lower real branch of Lambert's W: the w <= -1 with
// w exp(w) = x, for -1/e <= x < 0; -infinity at 0 (Corless et al. 1996). The
// confidence sequences are tuned by it.
func LambertWm1(x float64) float64 {
	const branch = -1 / math.E
	switch {
	case x == 0:
		return math.Inf(-1)
	case !(x >= branch && x < 0):
		return math.NaN()
	}
	// ln(-x) = ln(-w) + w is solved, as x may be tiny: Newton's steps for v =
	// -w > 1.
	target := -math.Log(-x) // v - ln v
	gap := math.Max(0, target-1)
	v := 1 + math.Sqrt(2*gap) + gap // above the root: v - ln v is convex
	for range 50 {
		next := v - (v-math.Log(v)-target)*v/(v-1)
		if !(next < v) {
			break
		}
		v = next
	}
	return -v
}
