package sequential

import (
	"math"

	"weir/analyze/dist"
)

// A Spending function gives the error that may have been spent once a
// fraction t of the planned information is in (Lan and DeMets 1983). It rises
// from 0 at t = 0 to alpha at t = 1.
type Spending func(t float64) float64

// OBrienFlemingSpending spends little early: 2 (1 - Phi(z / sqrt t)) a side,
// z the upper quantile of half the side's share of alpha (asOF of the R
// package rpact). sides is 1 or 2; alpha is the total over the sides.
func OBrienFlemingSpending(alpha float64, sides int) Spending {
	z := -dist.NormalQuantile(alpha / float64(2*sides))
	return func(t float64) float64 {
		return 2 * float64(sides) * dist.NormalSurvival(z/math.Sqrt(fraction(t)))
	}
}

// PocockSpending spends evenly: alpha ln(1 + (e-1) t) (asP of rpact).
func PocockSpending(alpha float64) Spending {
	return func(t float64) float64 { return alpha * math.Log1p((math.E-1)*fraction(t)) }
}

// PowerSpending spends alpha t^gamma (Kim and DeMets 1987; asKD of rpact).
func PowerSpending(alpha, gamma float64) Spending {
	return func(t float64) float64 { return alpha * math.Pow(fraction(t), gamma) }
}

// fraction keeps more information than planned from spending more than alpha.
func fraction(t float64) float64 { return math.Min(t, 1) }
