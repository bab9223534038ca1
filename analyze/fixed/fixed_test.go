package fixed

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// near fails unless got and want agree to a relative tolerance, or are the
// same infinity, or both NaN.
func near(t interface {
	Helper()
	Errorf(string, ...any)
}, name string, got, want, tolerance float64) {
	t.Helper()
	switch {
	case got == want, math.IsNaN(got) && math.IsNaN(want):
	case math.Abs(got-want) <= tolerance*math.Abs(want):
	default:
		t.Errorf("%s = %.16g, want %.16g", name, got, want)
	}
}

// limits is near for an interval.
func limits(t *testing.T, name string, interval func(float64) (float64, float64), alpha, lower, upper, tolerance float64) {
	t.Helper()
	l, u := interval(alpha)
	near(t, name+" lower", l, lower, tolerance)
	near(t, name+" upper", u, upper, tolerance)
}

// observations draws n values that are neither tied nor nearly so.
func observations(n int) *rapid.Generator[[]float64] {
	return rapid.Custom(func(t *rapid.T) []float64 {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		return x
	})
}

func proportions() *rapid.Generator[Proportion] {
	return rapid.Custom(func(t *rapid.T) Proportion {
		n := rapid.IntRange(1, 200).Draw(t, "trials")
		return Proportion{float64(rapid.IntRange(0, n).Draw(t, "successes")), float64(n)}
	})
}

// coverage counts how often an interval holds the truth in seeded runs.
func coverage(runs int, covers func(*rand.Rand) bool) float64 {
	rng := rand.New(rand.NewPCG(20261123, 1))
	hits := 0
	for range runs {
		if covers(rng) {
			hits++
		}
	}
	return float64(hits) / float64(runs)
}

func binomial(rng *rand.Rand, n int, p float64) Proportion {
	x := 0
	for range n {
		if rng.Float64() < p {
			x++
		}
	}
	return Proportion{float64(x), float64(n)}
}
