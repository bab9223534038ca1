package preference

import "weir/analyze/agreement"

// An Agreement tells how far two raters, such as a judge and a person, give the same verdicts
// on the same pairs.
type Agreement struct {
	N       int // pairs with a verdict of both
	Missing int // pairs without
	Same    int // pairs with the same verdict, ties included
	// Decided are pairs that neither calls a tie, and SameWinner those of them with the
	// same winner: chance gives one half of these, and one third of all.
	Decided, SameWinner int
	// Kappa is Cohen's, unweighted, over first better, second better and tie. Its error
	// takes pairs as independent: give one pair of a case.
	Kappa agreement.Kappa
	// Table counts pairs: rows are the first rater's verdicts, columns the second's, in the
	// order second better, tie, first better.
	Table [3][3]int
}

// NewAgreement compares two raters' verdicts, as Zheng et al. 2023 (arXiv 2306.05685, section
// 4.2) do with ties (their setup S1: Same of N) and without (S2: SameWinner of Decided).
// Pairs that either has no verdict on are left out and counted. It panics if the lengths
// differ.
func NewAgreement(a, b []Verdict) Agreement {
	var g Agreement
	counts := [][]float64{make([]float64, 3), make([]float64, 3), make([]float64, 3)}
	for i := range both(a, b) {
		if a[i] == Invalid || b[i] == Invalid {
			g.Missing++
			continue
		}
		g.N++
		g.Same += indicator(a[i] == b[i])
		if a[i] != Tie && b[i] != Tie {
			g.Decided++
			g.SameWinner += indicator(a[i] == b[i])
		}
		row, column := int(2*a[i].score()), int(2*b[i].score())
		g.Table[row][column]++
		counts[row][column]++
	}
	g.Kappa = agreement.CohenKappa(counts, agreement.Unweighted)
	return g
}
