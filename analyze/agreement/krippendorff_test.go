package agreement

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

var levels = []Level{Nominal, Ordinal, Interval, Ratio}

// Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability:
// 0.743, 0.815, 0.849 and 0.797; further digits by Python
// krippendorff 0.9.0.
func TestKrippendorff(t *testing.T) {
	gap := math.NaN()
	ratings := [][]float64{
		{1, 2, 3, 3, 2, 1, 4, 1, 2, gap, gap, gap},
		{1, 2, 3, 3, 2, 2, 4, 1, 2, 5, gap, 3},
		{gap, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, gap},
		{1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, gap},
	}
	for level, want := range map[Level]float64{
		Nominal: 0.743421052631579, Ordinal: 0.8153875037548814,
		Interval: 0.8491071428571428, Ratio: 0.7974027747116121,
	} {
		equal(t, "alpha", Krippendorff(ratings, level), want, 1e-13)
	}
}

func TestKrippendorffAtTheEdges(t *testing.T) {
	gap := math.NaN()
	for _, c := range []struct {
		name    string
		ratings [][]float64
		want    float64
	}{
		{"perfect", [][]float64{{1, 2, 3}, {1, 2, 3}}, 1},
		{"constant", [][]float64{{2, 2}, {2, 2}}, gap},
		{"constant where pairable", [][]float64{{2, 2, 1}, {2, 2, gap}}, gap},
		{"no pairs", [][]float64{{1, gap}, {gap, 2}}, gap},
		{"one rater", [][]float64{{1, 2, 3}}, gap},
		{"no raters", nil, gap},
		{"no units", [][]float64{{}, {}}, gap},
		{"opposed", [][]float64{{0, 1}, {1, 0}}, -0.5},
	} {
		for _, level := range levels {
			equal(t, c.name, Krippendorff(c.ratings, level), c.want, 1e-14)
		}
	}
}

func TestKrippendorffLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raters, units := rapid.IntRange(2, 5).Draw(t, "raters"), rapid.IntRange(2, 30).Draw(t, "units")
		ratings := make([][]float64, raters)
		for r := range ratings {
			ratings[r] = make([]float64, units)
			for u := range ratings[r] {
				ratings[r][u] = float64(rapid.IntRange(1, 5).Draw(t, "rating"))
				if rapid.IntRange(0, 4).Draw(t, "gap") == 0 {
					ratings[r][u] = math.NaN()
				}
			}
		}
		scaled, shifted := apply(ratings, func(x float64) float64 { return 3 * x }),
			apply(ratings, func(x float64) float64 { return 10 - 2*x })
		reversed := append([][]float64{ratings[raters-1]}, ratings[:raters-1]...)
		for _, level := range levels {
			alpha := Krippendorff(ratings, level)
			if alpha > 1 {
				t.Errorf("alpha = %v", alpha)
			}
			equal(t, "raters in another order", Krippendorff(reversed, level), alpha, 1e-12)
			equal(t, "rescaled", Krippendorff(scaled, level), alpha, 1e-12)
			if level != Ratio {
				equal(t, "shifted and turned", Krippendorff(shifted, level), alpha, 1e-12)
			}
		}
	})
}

func apply(ratings [][]float64, f func(float64) float64) [][]float64 {
	out := make([][]float64, len(ratings))
	for r, row := range ratings {
		for _, x := range row {
			out[r] = append(out[r], f(x))
		}
	}
	return out
}

// Two raters with a common share of 0.5 have a nominal alpha of 0.5 in large
// samples; bootstrap intervals hold it about 90 times in 100.
func TestKrippendorffCI(t *testing.T) {
	const repeats, units, truth = 200, 150, 0.5
	rng := rand.New(rand.NewPCG(3, 4))
	hits := 0
	for range repeats {
		ratings := [][]float64{make([]float64, units), make([]float64, units)}
		for u := range units {
			ratings[0][u], ratings[1][u] = float64(rng.IntN(4)), float64(rng.IntN(4))
			if rng.Float64() < truth {
				ratings[1][u] = ratings[0][u]
			}
		}
		low, high := KrippendorffCI(ratings, Nominal, 0.1, 200, rng)
		if low <= truth && truth <= high {
			hits++
		}
	}
	// Four standard deviations of the number of hits are 17.
	if hits < 163 || hits > 197 {
		t.Errorf("%d of %d intervals hold the truth", hits, repeats)
	}
	low, high := KrippendorffCI([][]float64{{1, 1}, {1, 1}}, Nominal, 0.1, 20, rng)
	if !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("interval without an alpha: %v, %v", low, high)
	}
}
