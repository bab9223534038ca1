package cluster

import (
	"math"

	"weir/analyze/dist"
)

// A Table counts successes of both arms in one stratum, one trial a unit.
type Table struct{ SuccessA, A, SuccessB, B float64 }

// A MantelHaenszel is the combination of 2 x 2 tables over strata. The
// p-value is that of the chi-square statistic, with one degree of freedom.
type MantelHaenszel struct {
	RiskRatio, OddsRatio float64 // of b against a
	ChiSquare, P         float64
}

// CochranMantelHaenszel tests and estimates a common effect on a rate over
// strata (Cochran 1954; Mantel and Haenszel 1959), without continuity
// correction: R's mantelhaen.test(correct = FALSE). Strata with an empty arm
// carry no information. What is undefined, as a ratio where control has no
// success, is NaN or +infinity.
func CochranMantelHaenszel(tables []Table) MantelHaenszel {
	var riskB, riskA, oddsB, oddsA, excess, variance float64
	for _, t := range tables {
		n := t.A + t.B
		if t.A == 0 || t.B == 0 {
			continue
		}
		riskB += t.SuccessB * t.A / n
		riskA += t.SuccessA * t.B / n
		oddsB += t.SuccessB * (t.A - t.SuccessA) / n
		oddsA += t.SuccessA * (t.B - t.SuccessB) / n
		successes := t.SuccessA + t.SuccessB
		excess += t.SuccessB - successes*t.B/n
		variance += successes * (n - successes) * t.A * t.B / (n * n * (n - 1))
	}
	m := MantelHaenszel{RiskRatio: riskB / riskA, OddsRatio: oddsB / oddsA, ChiSquare: math.NaN(), P: math.NaN()}
	if variance > 0 {
		m.ChiSquare = excess * excess / variance
		m.P = dist.ChiSquareSurvival(m.ChiSquare, 1)
	}
	return m
}
