package fixed

import (
	"math"

	"weir/analyze/dist"
)

// An ExactTable is Fisher's exact test of a 2x2 table.
type ExactTable struct {
	// OddsRatio is the sample odds ratio of the table as given: 0 or +infinity
	// with an empty cell, NaN with an empty row or column.
	OddsRatio float64
	// TwoSided sums the tables no more probable than the observed one.
	TwoSided float64
	// Less and Greater are one-sided p-values: small where the odds ratio is
	// below, or above, one.
	Less, Greater float64
}

// Fisher returns the exact test of no association, given both margins (Fisher
// 1935); R: fisher.test, whose odds ratio is the conditional one. Rows of the
// table are arms, columns successes and failures; entries are counts. With an
// empty row or column every p-value is 1.
func Fisher(table [2][2]float64) ExactTable {
	x, y := table[0][0], table[0][1]
	u, v := table[1][0], table[1][1]
	h := dist.Hypergeometric{Marked: x + y, Plain: u + v, Draws: x + u}
	return ExactTable{
		OddsRatio: x * v / (y * u),
		TwoSided:  h.TwoSided(x),
		Less:      h.CDF(x),
		Greater:   h.Survival(x - 1),
	}
}

// A Discordance is McNemar's test of paired binary outcomes.
type Discordance struct {
	Pairs   float64 // that disagree
	Smaller float64 // of the two kinds of disagreement
	// Exact is the two-sided binomial p-value; 1 where no pair disagrees.
	Exact float64
	// Chi2 and P are the chi-square statistic and its p-value; Corrected and
	// PCorrected those with Edwards' continuity correction. NaN where no pair
	// disagrees.
	Chi2, P               float64
	Corrected, PCorrected float64
}

// McNemar tests, in pairs of binary outcomes, whether both sides succeed
// equally often (McNemar 1947); R: mcnemar.test. onlyA counts the pairs in
// which only a succeeds, onlyB those in which only b does.
func McNemar(onlyA, onlyB float64) Discordance {
	n := onlyA + onlyB
	off := math.Abs(onlyA - onlyB)
	d := Discordance{
		Pairs:     n,
		Smaller:   math.Min(onlyA, onlyB),
		Chi2:      off * off / n,
		Corrected: (off - 1) * (off - 1) / n,
	}
	if n == 0 {
		d.Corrected = math.NaN()
	}
	d.Exact = math.Min(1, 2*dist.BinomialCDF(d.Smaller, n, 0.5))
	d.P = dist.ChiSquareSurvival(d.Chi2, 1)
	d.PCorrected = dist.ChiSquareSurvival(d.Corrected, 1)
	return d
}
