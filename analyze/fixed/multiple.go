package fixed

import (
	"cmp"
	"math"
	"slices"
)

// The adjustments below take p-values in any order and return the adjusted
// ones in that order, at most 1; R: p.adjust. NaN is a test that was not made:
// it stays NaN and does not count. An adjusted p-value <= alpha rejects at
// family-wise error rate alpha (Bonferroni, Holm) or false discovery rate
// alpha (the other two).

// Bonferroni multiplies each p-value by the number of tests.
func Bonferroni(p []float64) []float64 {
	n := float64(len(ascending(p)))
	adjusted := make([]float64, len(p))
	for i, v := range p {
		adjusted[i] = atMost1(n * v)
	}
	return adjusted
}

// Holm returns the step-down adjustment of Holm (1979), valid under any
// dependence and never above Bonferroni's.
func Holm(p []float64) []float64 {
	adjusted := slices.Clone(p)
	order := ascending(p)
	largest := 0.0
	for rank, i := range order {
		largest = math.Max(largest, float64(len(order)-rank)*p[i])
		adjusted[i] = atMost1(largest)
	}
	return adjusted
}

// BenjaminiHochberg returns the step-up adjustment of Benjamini and Hochberg
// (1995), valid for independent or positively dependent tests.
func BenjaminiHochberg(p []float64) []float64 { return stepUp(p, 1) }

// BenjaminiYekutieli returns the step-up adjustment of Benjamini and Yekutieli
// (2001), valid under any dependence.
func BenjaminiYekutieli(p []float64) []float64 {
	harmonic := 0.0
	for i := range ascending(p) {
		harmonic += 1 / float64(i+1)
	}
	return stepUp(p, harmonic)
}

func stepUp(p []float64, factor float64) []float64 {
	adjusted := slices.Clone(p)
	order := ascending(p)
	least := math.Inf(1)
	for rank := len(order); rank >= 1; rank-- {
		i := order[rank-1]
		least = math.Min(least, factor*float64(len(order))/float64(rank)*p[i])
		adjusted[i] = atMost1(least)
	}
	return adjusted
}

// ascending returns the indices of the p-values that are not NaN, smallest
// first.
func ascending(p []float64) []int {
	var order []int
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	return order
}

// atMost1 caps a p-value; NaN stays.
func atMost1(p float64) float64 {
	if p > 1 {
		return 1
	}
	return p
}
