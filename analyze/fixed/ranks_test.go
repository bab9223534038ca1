package fixed

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Permeability of chorioamnion: R's help of wilcox.test (Hollander and Wolfe
// 1973, 69f.).
var (
	permeabilityA = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	permeabilityB = []float64{1.15, 0.88, 0.90, 0.74, 1.21}
)

func TestMannWhitney(t *testing.T) {
	// SciPy 1.17 mannwhitneyu; R gives W = 35 for the other arm and the
	// one-sided p 0.1272.
	r := MannWhitney(permeabilityA, permeabilityB)
	near(t, "U", r.U, 15, 0)
	near(t, "superiority", r.Superiority, 0.3, 1e-15)
	near(t, "exact", r.Exact, 0.2544122544122544, 1e-13)
	near(t, "two-sided", r.TwoSided, 0.24462360512698333, 1e-12)
	near(t, "Hodges-Lehmann", HodgesLehmann(permeabilityA, permeabilityB), -0.305, 1e-14)

	tied := MannWhitney([]float64{3, 3, 3}, []float64{3, 3, 3, 3})
	near(t, "all equal, superiority", tied.Superiority, 0.5, 0)
	near(t, "all equal, two-sided", tied.TwoSided, 1, 0)
	near(t, "all equal, uncorrected", tied.Uncorrected, math.NaN(), 0)
	near(t, "all equal, exact", tied.Exact, math.NaN(), 0)
	near(t, "empty", MannWhitney(nil, []float64{1}).TwoSided, math.NaN(), 0)
	near(t, "NaN", MannWhitney([]float64{math.NaN()}, []float64{1}).U, math.NaN(), 0)
}

func TestHodgesLehmannInterval(t *testing.T) {
	// R 4.2.2: wilcox.test(b, a, conf.int = TRUE, exact = TRUE).
	a, b := []float64{1.1, 2.2, 3.3, 4.4, 5.5}, []float64{2.0, 3.1, 6.6, 7.7, 8.8, 9.9}
	lower, upper := HodgesLehmannInterval(a, b, 0.05)
	near(t, "lower", lower, -1.3, 1e-12)
	near(t, "upper", upper, 6.6, 1e-12)
	lower, upper = HodgesLehmannInterval([]float64{1, 2, 3}, []float64{4, 5, 6.5}, 0.05)
	near(t, "level out of reach, lower", lower, 1, 0)
	near(t, "level out of reach, upper", upper, 5.5, 0)
	lower, _ = HodgesLehmannInterval([]float64{1, 2}, []float64{2, 3}, 0.05)
	near(t, "ties", lower, math.NaN(), 0)
	near(t, "empty", HodgesLehmann(nil, b), math.NaN(), 0)
}

func TestRankSumLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := observations(rapid.IntRange(1, 12).Draw(t, "n_a")).Draw(t, "a")
		b := observations(rapid.IntRange(1, 12).Draw(t, "n_b")).Draw(t, "b")
		pairs := float64(len(a) * len(b))
		r, swapped := MannWhitney(a, b), MannWhitney(b, a)
		near(t, "U of both", r.U+swapped.U, pairs, 0)
		near(t, "exact, swapped", swapped.Exact, r.Exact, 1e-12)

		cubed := func(x []float64) []float64 {
			y := make([]float64, len(x))
			for i, v := range x {
				y[i] = v * v * v
			}
			return y
		}
		near(t, "U of cubes", MannWhitney(cubed(a), cubed(b)).U, r.U, 0)

		all := make([]float64, 0, len(a)*len(b))
		for _, y := range b {
			for _, x := range a {
				all = append(all, y-x)
			}
		}
		slices.Sort(all)
		median := (all[(len(all)-1)/2] + all[len(all)/2]) / 2
		if got := HodgesLehmann(a, b); math.Abs(got-median) > 1e-15 {
			t.Fatalf("Hodges-Lehmann is %g, the median difference %g", got, median)
		}
		d, _ := newDifferences(a, b)
		for k, v := range all {
			if got := d.kth(k + 1); got != v {
				t.Fatalf("difference %d is %g, not %g", k+1, got, v)
			}
		}
	})
}

// The distribution against every order of a few values.
func TestRankSumProbs(t *testing.T) {
	const m, n = 4, 5
	counts := make([]float64, m*n+1)
	total := 0.0
	for set := range 1 << (m + n) {
		u, above, size := 0, 0, 0
		for i := range m + n {
			if set>>i&1 == 1 {
				u += above
				size++
			} else {
				above++
			}
		}
		if size == m {
			counts[u]++
			total++
		}
	}
	for u, p := range rankSumProbs(m, n) {
		near(t, "probability", p, counts[u]/total, 1e-13)
	}
}

func TestWilcoxon(t *testing.T) {
	// Depression scores: R's help of wilcox.test (Hollander and Wolfe 1973,
	// 29f.), V = 40, one-sided p 0.01953.
	x := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	y := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	differences := make([]float64, len(x))
	for i := range x {
		differences[i] = y[i] - x[i]
	}
	w := Wilcoxon(differences)
	near(t, "W", w.W, 5, 0)
	near(t, "P", w.P, 0.0390625, 1e-14)
	if !w.Exact {
		t.Error("nine different differences are not tested exactly")
	}

	// SciPy 1.17: wilcoxon(d, mode="approx", correction=False).
	tied := Wilcoxon([]float64{1, -2, 0, 3, 3, -1, 4, 2, 2})
	near(t, "tied W", tied.W, 5.5, 0)
	near(t, "tied P", tied.P, 0.07783911077082932, 1e-12)
	if tied.Exact {
		t.Error("ties are tested exactly")
	}
	near(t, "only zeros", Wilcoxon([]float64{0, 0}).P, math.NaN(), 0)
	near(t, "none", Wilcoxon(nil).W, math.NaN(), 0)
	near(t, "NaN", Wilcoxon([]float64{1, math.NaN()}).P, math.NaN(), 0)
	near(t, "one", Wilcoxon([]float64{2}).P, 1, 0)
}

// The distribution against every assignment of signs.
func TestSignedRankProbs(t *testing.T) {
	const n = 9
	counts := make([]float64, n*(n+1)/2+1)
	for signs := range 1 << n {
		sum := 0
		for rank := 1; rank <= n; rank++ {
			sum += signs >> (rank - 1) & 1 * rank
		}
		counts[sum]++
	}
	for w, p := range signedRankProbs(n) {
		near(t, "probability", p, counts[w]/(1<<n), 1e-14)
	}
}
