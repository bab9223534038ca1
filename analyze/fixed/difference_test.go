package fixed

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Hours of extra sleep under two drugs: R's data set sleep (Student 1908).
var (
	sleepA = []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	sleepB = []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
)

func TestSummarize(t *testing.T) {
	s := Summarize([]float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16})
	near(t, "mean", s.Mean, 1e9+10, 1e-16)
	near(t, "variance", s.Var, 30, 1e-15)
	constant := Summarize([]float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1})
	near(t, "constant", constant.Var, 0, 0)
	one := Summarize([]float64{3})
	near(t, "one mean", one.Mean, 3, 0)
	near(t, "one variance", one.Var, math.NaN(), 0)
	near(t, "none", Summarize(nil).Mean, math.NaN(), 0)

	long := make([]float64, 1_000_001)
	for i := range long {
		long[i] = 0.1
	}
	near(t, "long", Summarize(long).Mean, 0.1, 1e-15)
}

func TestWelch(t *testing.T) {
	// R: t.test(extra ~ group, sleep), sign turned; digits by SciPy 1.17
	// ttest_ind(equal_var=False).
	d := Welch(Summarize(sleepA), Summarize(sleepB))
	near(t, "value", d.Value, 1.58, 1e-14)
	near(t, "t", d.T(0), 1.8608134674868526, 1e-13)
	near(t, "df", d.DF, 17.776473516178488, 1e-13)
	near(t, "p", d.TwoSided(0), 0.0793941401873583, 1e-12)
	limits(t, "interval", d.Interval, 0.05, -0.20548323071171137, 3.3654832307117104, 1e-12)
}

func TestPairedMean(t *testing.T) {
	// R: t.test(sleepB, sleepA, paired = TRUE); digits by SciPy 1.17.
	differences := make([]float64, len(sleepA))
	for i := range differences {
		differences[i] = sleepB[i] - sleepA[i]
	}
	d := PairedMean(Summarize(differences))
	near(t, "t", d.T(0), 4.062127683382037, 1e-13)
	near(t, "p", d.TwoSided(0), 0.002832890197384273, 1e-12)
	limits(t, "interval", d.Interval, 0.05, 0.7001142367230175, 2.459885763276983, 1e-12)
}

func TestDifferenceWithoutVariance(t *testing.T) {
	constant := Summarize([]float64{3, 3, 3})
	for name, d := range map[string]Difference{
		"two constants":   Welch(constant, Summarize([]float64{4, 4, 4})),
		"same constants":  Welch(constant, constant),
		"one observation": Welch(Summarize([]float64{1}), Summarize([]float64{2, 3})),
		"empty":           Welch(Summarize(nil), constant),
		"constant shift":  PairedMean(constant),
	} {
		lower, upper := d.Interval(0.05)
		for _, v := range []float64{d.StdErr, d.DF, d.T(0), d.TwoSided(0), d.Greater(0), d.Less(0), lower, upper, d.Equivalent(1)} {
			near(t, name, v, math.NaN(), 0)
		}
	}
	one := Welch(constant, Summarize([]float64{4, 5, 6}))
	near(t, "one constant arm", one.DF, 2, 1e-14)
}

func TestWelchLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Summarize(observations(rapid.IntRange(2, 20).Draw(t, "n_a")).Draw(t, "a"))
		b := Summarize(observations(rapid.IntRange(2, 20).Draw(t, "n_b")).Draw(t, "b"))
		d, swapped := Welch(a, b), Welch(b, a)
		near(t, "swapped value", swapped.Value, -d.Value, 1e-12)
		near(t, "swapped p", swapped.Greater(0), d.Less(0), 1e-12)
		near(t, "tails", d.Greater(0)+d.Less(0), 1, 1e-12)

		k := rapid.Float64Range(1e-6, 1e6).Draw(t, "scale")
		scaled := Welch(Sample{a.N, k * a.Mean, k * k * a.Var}, Sample{b.N, k * b.Mean, k * k * b.Var})
		near(t, "scaled error", scaled.StdErr, k*d.StdErr, 1e-12)
		near(t, "scaled p", scaled.TwoSided(0), d.TwoSided(0), 1e-9)

		alpha := rapid.Float64Range(0.001, 0.5).Draw(t, "alpha")
		lower, upper := d.Interval(alpha)
		near(t, "p at lower limit", d.TwoSided(lower), alpha, 1e-9)
		near(t, "p at upper limit", d.TwoSided(upper), alpha, 1e-9)
		near(t, "p at one-sided limit", d.Greater(d.LowerLimit(alpha)), alpha, 1e-9)
	})
}

func TestWelchCoverage(t *testing.T) {
	draw := func(rng *rand.Rand, n int, sd float64) Sample {
		x := make([]float64, n)
		for i := range x {
			x[i] = sd * rng.NormFloat64()
		}
		return Summarize(x)
	}
	got := coverage(4000, func(rng *rand.Rand) bool {
		lower, upper := Welch(draw(rng, 5, 1), draw(rng, 15, 3)).Interval(0.05)
		return lower <= 0 && 0 <= upper
	})
	if got < 0.935 || got > 0.965 { // four standard errors
		t.Errorf("coverage is %g", got)
	}
}
