package fixed

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/analyze/dist"
)

func TestTwoProportions(t *testing.T) {
	a, b := Proportion{48, 80}, Proportion{56, 70}
	// statsmodels 0.15 proportions_ztest and test_proportions_2indep.
	near(t, "pooled z", PooledZ(a, b), 2.6501719512585336, 1e-12)
	near(t, "Agresti-Caffo p", AgrestiCaffo(a, b).TwoSided(0), 0.007237294467282502, 1e-10)

	// Newcombe (1998), Statistics in Medicine 17, 873-890, table II: methods 1
	// (Wald), 6 (Miettinen-Nurminen) and 10, four decimals.
	published := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.5e-4 {
			t.Errorf("%s = %.5f, published %.4f", name, got, want)
		}
	}
	lower, upper := Wald(a, b).Interval(0.05)
	published("Wald", lower, 0.0575)
	published("Wald", upper, 0.3425)
	lower, upper = MiettinenNurminen(a, b, 0.05)
	published("Miettinen-Nurminen", lower, 0.0528)
	published("Miettinen-Nurminen", upper, 0.3382)
	lower, upper = Newcombe(a, b, 0.05)
	published("Newcombe", lower, 0.0524)
	published("Newcombe", upper, 0.3339)

	a, b = Proportion{3, 10}, Proportion{9, 10}
	lower, upper = MiettinenNurminen(a, b, 0.05)
	published("Miettinen-Nurminen", lower, 0.1700)
	published("Miettinen-Nurminen", upper, 0.8406)
	lower, upper = Newcombe(a, b, 0.05)
	published("Newcombe", lower, 0.1705)
	published("Newcombe", upper, 0.8090)
}

func TestTwoProportionsDegenerate(t *testing.T) {
	a, b := Proportion{0, 50}, Proportion{0, 60}
	near(t, "pooled z", PooledZ(a, b), math.NaN(), 0)
	near(t, "Wald p", Wald(a, b).TwoSided(0), math.NaN(), 0)
	near(t, "score z", MiettinenNurminenZ(a, b, 0), math.NaN(), 0)
	for name, interval := range map[string]func(a, b Proportion, alpha float64) (float64, float64){
		"Newcombe": Newcombe, "Miettinen-Nurminen": MiettinenNurminen,
	} {
		lower, upper := interval(a, b, 0.05)
		if !(lower < -0.03 && upper > 0.03) {
			t.Errorf("%s is [%g, %g] with no success at all", name, lower, upper)
		}
		lower, _ = interval(Proportion{}, b, 0.05)
		near(t, name+" without trials", lower, math.NaN(), 0)
	}
	_, upper := MiettinenNurminen(Proportion{0, 10}, Proportion{10, 10}, 0.05)
	near(t, "score interval of the largest difference", upper, 1, 0)
}

func TestTwoProportionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := proportions().Draw(t, "a"), proportions().Draw(t, "b")
		alpha := rapid.Float64Range(0.01, 0.3).Draw(t, "alpha")
		d := b.Rate() - a.Rate()
		for name, interval := range map[string]func(a, b Proportion, alpha float64) (float64, float64){
			"Newcombe": Newcombe, "Miettinen-Nurminen": MiettinenNurminen,
		} {
			lower, upper := interval(a, b, alpha)
			back, front := interval(b, a, alpha)
			if math.Abs(lower+front) > 1e-9 || math.Abs(upper+back) > 1e-9 {
				t.Fatalf("%s: [%g, %g], arms swapped [%g, %g]", name, lower, upper, back, front)
			}
			if !(-1-1e-12 <= lower && lower <= d+1e-12 && d <= upper+1e-12 && upper <= 1+1e-12) {
				t.Fatalf("%s: [%g, %g] about %g", name, lower, upper, d)
			}
		}
		lower, _ := MiettinenNurminen(a, b, alpha)
		if lower > -0.999 {
			z := MiettinenNurminenZ(a, b, lower)
			if p := dist.NormalTwoSided(z); math.Abs(p-alpha) > 1e-6 {
				t.Fatalf("score p at the lower limit %g is %g, not %g", lower, p, alpha)
			}
		}
	})
}

func TestTwoProportionCoverage(t *testing.T) {
	for name, interval := range map[string]func(a, b Proportion, alpha float64) (float64, float64){
		"Newcombe": Newcombe, "Miettinen-Nurminen": MiettinenNurminen,
	} {
		got := coverage(1500, func(rng *rand.Rand) bool {
			p, d := 0.1+0.5*rng.Float64(), 0.3*rng.Float64()
			lower, upper := interval(binomial(rng, 60, p), binomial(rng, 20, p+d), 0.05)
			return lower <= d && d <= upper
		})
		if got < 0.93 || got > 0.975 {
			t.Errorf("%s covers %g", name, got)
		}
	}
}
