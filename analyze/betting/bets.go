package betting

import "math"

// Prior of the running moments: one pretended score at the middle, with the
// largest variance that scores in [0, 1] can have.
const (
	priorMean     = 0.5
	priorVariance = 0.25
)

// bets returns the predictable bets lambda_t, each from the scores before t:
//
//	sqrt(2 ln(1/alpha) / (t ln(1+t) s2_{t-1}))
//
// with s2 the running variance about the running mean, which the paper calls
// the predictable plug-in. They are not cut.
func bets(x []float64, alpha float64) []float64 {
	out := make([]float64, len(x))
	sum, squares, variance := priorMean, priorVariance, priorVariance
	for i, v := range x {
		t := float64(i + 1)
		out[i] = math.Sqrt(2 * math.Log(1/alpha) / (t * math.Log1p(t) * variance))
		sum += v
		d := v - math.Min(sum/(t+1), 1)
		squares += d * d
		variance = squares / (t + 1)
	}
	return out
}

// check panics unless the scores are in [0, 1] and alpha is in (0, 1).
func check(x []float64, alpha float64) {
	if !(alpha > 0 && alpha < 1) {
		panic("betting: the level is not in (0, 1)")
	}
	for _, v := range x {
		if !(v >= 0 && v <= 1) {
			panic("betting: a score is not in [0, 1]")
		}
	}
}
