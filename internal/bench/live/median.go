package main

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// ratios are those of figures of the same turn.
func ratios(a, b []float64) []float64 {
	of := make([]float64, len(a))
	for i := range a {
		of[i] = a[i] / b[i]
	}
	return of
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// confidence is that of the intervals shown.
const confidence = .9

// interval holds the true median with at least the stated confidence, whatever
// the distribution: the narrowest two order statistics that do and are as far
// from either end (Conover, Practical Nonparametric Statistics, 3.2). Fewer than
// five figures allow none.
func interval(of []float64) (low, high float64, ok bool) {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	sign := distuv.Binomial{N: float64(n), P: .5}
	rank := 0 // how many are left out at either end
	for 1-2*sign.CDF(float64(rank)) >= confidence {
		rank++
	}
	if rank == 0 {
		return 0, 0, false
	}
	return sorted[rank-1], sorted[n-rank], true
}

// percent is by how much a median ratio differs from one, and how sure that is.
func percent(ratios []float64) string {
	change := func(ratio float64) string { return fmt.Sprintf("%+.0f", 100*(ratio-1)) }
	shown := change(median(ratios)) + " %"
	if low, high, ok := interval(ratios); ok {
		shown += fmt.Sprintf(" (%s to %s)", change(low), change(high))
	}
	return shown
}
