package fixed

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestFisher(t *testing.T) {
	// SciPy 1.17 fisher_exact; p-values also R fisher.test.
	tea := Fisher([2][2]float64{{3, 1}, {1, 3}})
	near(t, "odds ratio", tea.OddsRatio, 9, 0)
	near(t, "two-sided", tea.TwoSided, 0.48571428571428565, 1e-13)
	near(t, "greater", tea.Greater, 17.0/70, 1e-13)
	near(t, "less", tea.Less, 69.0/70, 1e-13)
	near(t, "two-sided", Fisher([2][2]float64{{8, 2}, {1, 5}}).TwoSided, 0.034965034965034975, 1e-13)

	empty := Fisher([2][2]float64{{0, 5}, {0, 7}})
	near(t, "odds ratio of an empty column", empty.OddsRatio, math.NaN(), 0)
	near(t, "two-sided of an empty column", empty.TwoSided, 1, 1e-14)
	near(t, "odds ratio of an empty cell", Fisher([2][2]float64{{1, 0}, {0, 1}}).OddsRatio, math.Inf(1), 0)
}

func TestFisherLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 60)
		w, x := float64(count.Draw(t, "w")), float64(count.Draw(t, "x"))
		y, z := float64(count.Draw(t, "y")), float64(count.Draw(t, "z"))
		f := Fisher([2][2]float64{{w, x}, {y, z}})
		swapped := Fisher([2][2]float64{{y, z}, {w, x}})
		near(t, "two-sided, rows swapped", swapped.TwoSided, f.TwoSided, 1e-9)
		near(t, "less, rows swapped", swapped.Less, f.Greater, 1e-9)
		turned := Fisher([2][2]float64{{w, y}, {x, z}})
		near(t, "two-sided, transposed", turned.TwoSided, f.TwoSided, 1e-9)
	})
}

func TestMcNemar(t *testing.T) {
	// Approval ratings in Agresti (1990), Categorical Data Analysis, p. 350:
	// z^2 = 17.36.
	d := McNemar(86, 150)
	near(t, "published", d.Chi2, 17.36, 3e-4)
	near(t, "pairs", d.Pairs, 236, 0)
	near(t, "corrected", d.Corrected, 63.0*63/236, 1e-14)
	near(t, "chi-square", d.Chi2, 64.0*64/236, 1e-14)

	small := McNemar(0, 6)
	near(t, "exact", small.Exact, 2.0/64, 1e-13)
	even := McNemar(1, 1)
	near(t, "even exact", even.Exact, 1, 0)
	near(t, "even corrected", even.Corrected, 0.5, 0)
	none := McNemar(0, 0)
	near(t, "no discordant pair, exact", none.Exact, 1, 0)
	near(t, "no discordant pair, p", none.P, math.NaN(), 0)
	near(t, "no discordant pair, corrected p", none.PCorrected, math.NaN(), 0)
	near(t, "swapped", McNemar(4, 9).Exact, McNemar(9, 4).Exact, 0)
}
