package dist

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"
)

func TestBinomial(t *testing.T) {
	check(t, []reference{
		{"R pbinom(0, 10, .1)", BinomialCDF(0, 10, 0.1), 0.3486784401, 1e-13},
		{"SciPy binom.cdf(49000, 1e6, .05)", BinomialCDF(49000, 1e6, 0.05), 2.1131824147902706e-06, 1e-11},
		{"SciPy binom.cdf(50010000, 1e8, .5)", BinomialCDF(50010000, 1e8, 0.5), 0.9772552668785531, 1e-11},
		{"R binom.test(3, 4)", BinomialTwoSided(3, 4, 0.5), 0.625, 1e-14},
		{"R binom.test(0, 12)", BinomialTwoSided(0, 12, 0.5), 0.00048828125, 1e-13},
		{"R binom.test(12, 12)", BinomialTwoSided(12, 12, 0.5), 0.00048828125, 1e-13},
		{"SciPy binomtest(49000, 1e6, .05)", BinomialTwoSided(49000, 1e6, 0.05), 4.228580188684621e-06, 1e-11},
		{"SciPy binomtest(50010000, 1e8, .5)", BinomialTwoSided(50010000, 1e8, 0.5), 0.045511062629572274, 1e-11},
		{"the mode", BinomialTwoSided(5, 10, 0.5), 1, 0},
		{"no trials", BinomialTwoSided(0, 0, 0.5), 1, 0},
		{"certain", BinomialTwoSided(10, 10, 1), 1, 0},
		{"impossible", BinomialTwoSided(9, 10, 1), 0, 0},
		{"below", BinomialCDF(-1, 10, 0.3), 0, 0},
		{"above", BinomialSurvival(10, 10, 0.3), 0, 0},
		{"no such count", BinomialProb(1.5, 10, 0.3), 0, 0},
	})
	checkNaN(t, map[string]float64{
		"p": BinomialCDF(1, 2, 1.2), "n": BinomialProb(1, 2.5, 0.5), "k": BinomialTwoSided(3, 2, 0.5),
	})
}

// The tails and the two-sided sum against sums of the probabilities one by
// one.
func TestBinomialSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		p := rapid.Float64Range(0.01, 0.99).Draw(t, "p")
		probs := make([]float64, n+1)
		for i := range probs {
			lgn, _ := math.Lgamma(float64(n + 1))
			lgi, _ := math.Lgamma(float64(i + 1))
			lgr, _ := math.Lgamma(float64(n - i + 1))
			probs[i] = math.Exp(lgn - lgi - lgr + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		lower, upper, twoSided := sums(probs, k)
		N, K := float64(n), float64(k)
		equal(t, "CDF", BinomialCDF(K, N, p), lower)
		equal(t, "Survival", BinomialSurvival(K, N, p), upper)
		equal(t, "TwoSided", BinomialTwoSided(K, N, p), twoSided)
	})
}

func TestHypergeometric(t *testing.T) {
	large := Hypergeometric{Marked: 10000, Plain: 10000, Draws: 280}
	skewed := Hypergeometric{Marked: 500, Plain: 700, Draws: 90}
	check(t, []reference{
		{"large lower", large.CDF(120), 0.0093799988771579381, 1e-12},
		{"large upper", large.Survival(120), 0.99062000112284206, 1e-12},
		{"large two-sided", large.TwoSided(120), 0.018759997754315876, 1e-12},
		{"skewed lower", skewed.CDF(40), 0.74843192026245167, 1e-12},
		{"skewed two-sided", skewed.TwoSided(40), 0.58032425076318919, 1e-12},
		{"R fisher.test(3,1,1,3)", Hypergeometric{4, 4, 4}.TwoSided(3), 0.48571428571428571, 1e-13},
		{"nothing to draw", Hypergeometric{0, 0, 0}.TwoSided(0), 1, 0},
		{"none marked", Hypergeometric{0, 12, 5}.CDF(0), 1, 1e-15},
		{"below", skewed.CDF(-1), 0, 0},
		{"above", skewed.Survival(90), 0, 0},
	})
	checkNaN(t, map[string]float64{
		"draws": Hypergeometric{1, 1, 3}.CDF(1), "sign": Hypergeometric{-1, 4, 1}.Prob(0), "k": skewed.TwoSided(91),
	})
}

func TestHypergeometricSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 60)
		marked, plain := count.Draw(t, "marked"), count.Draw(t, "plain")
		draws := rapid.IntRange(0, marked+plain).Draw(t, "draws")
		k := rapid.IntRange(max(0, draws-plain), min(draws, marked)).Draw(t, "k")
		choose := func(n, k int) float64 {
			if k < 0 || k > n {
				return 0
			}
			c := 1.0
			for i := range k {
				c *= float64(n-i) / float64(i+1)
			}
			return c
		}
		probs := make([]float64, marked+1)
		for i := range probs {
			probs[i] = choose(marked, i) * choose(plain, draws-i) / choose(marked+plain, draws)
		}
		lower, upper, twoSided := sums(probs, k)
		h := Hypergeometric{float64(marked), float64(plain), float64(draws)}
		equal(t, "CDF", h.CDF(float64(k)), lower)
		equal(t, "Survival", h.Survival(float64(k)), upper)
		equal(t, "TwoSided", h.TwoSided(float64(k)), twoSided)
	})
}

func sums(probs []float64, k int) (lower, upper, twoSided float64) {
	for i, p := range probs {
		if i <= k {
			lower += p
		} else {
			upper += p
		}
		if p <= probs[k]*(1+1e-7) {
			twoSided += p
		}
	}
	return lower, upper, twoSided
}

func equal(t *rapid.T, name string, got, want float64) {
	t.Helper()
	if !scalar.EqualWithinAbsOrRel(got, want, 1e-300, 1e-10) {
		t.Fatalf("%s = %.15g, want %.15g", name, got, want)
	}
}
