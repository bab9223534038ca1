package sim

import (
	"math"
	"testing"
)

func TestExpAndLog(t *testing.T) {
	for x := -690.0; x < 690; x += 0.37 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 4e-16 {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	for x := 1e-300; x < 1e300; x *= 1.7 {
		if got, want := log(x), math.Log(x); math.Abs(got-want) > 4e-16*math.Abs(want) {
			t.Errorf("log(%v) = %v, want %v", x, got, want)
		}
	}
}

// Expected values are scipy.stats.norm.ppf(p) of SciPy 1.17.1.
func TestQuantile(t *testing.T) {
	for _, c := range []struct{ p, want, tolerance float64 }{
		{1e-15, -7.941345326170998, 1e-4},
		{1e-11, -6.706023155495137, 1e-9},
		{1e-9, -5.9978070150076865, 1e-14},
		{0.001, -3.090232306167813, 1e-14},
		{0.05, -1.6448536269514729, 1e-14},
		{0.075, -1.4395314709384563, 1e-14},
		{0.3, -0.5244005127080409, 1e-15},
		{0.5, 0, 0},
		{0.925, 1.4395314709384563, 1e-14},
		{0.95, 1.6448536269514722, 1e-14},
		{0.999999, 4.753424308817087, 1e-10},
		{0, math.Inf(-1), 0},
		{1, math.Inf(1), 0},
	} {
		if got := quantile(c.p); got != c.want && !(math.Abs(got-c.want) <= c.tolerance) {
			t.Errorf("quantile(%v) = %v, want %v within %v", c.p, got, c.want, c.tolerance)
		}
	}
}
