package main

import (
	"fmt"
	"math/rand/v2"

	"weir/analyze"
)

// looks is the type I error at so many looks.
func looks(runs int) section {
	s := section{title: "Looking often", about: "Equal arms of 20,000 units, half of them treated, looked at at equal distances. The naive test is a z test at every look; the bounds for it are around Armitage, McPherson and Rowe (1969), which count no burn-in."}
	for i, n := range []int{1, 20, 100, 1000} {
		low, high := [4]float64{.03, .20, .32, .40}[i], [4]float64{.07, .30, .43, .60}[i]
		counts := count(runs, uint64(100+n), func(r *rand.Rand) []bool {
			cells, strata := coins(r, epoch{.5, n, 20_000 / n, .6, .6})
			peeked, _ := pooledEveryLook(cells, 0)
			return []bool{peeked, differs(evaluate(rateMetric(analyze.Goal, analyze.Up, .03), cells, strata, .6, .24, analyze.Sequential))}
		})
		s.add(naive(fmt.Sprintf("a rate, %d looks", n), counts[0], runs, low, high), atMost(fmt.Sprintf("a rate, %d looks", n), counts[1], runs, alpha))
	}
	heavy := runs / 4
	for i, n := range []int{1, 20, 100} {
		low, high := [3]float64{.02, .17, .28}[i], [3]float64{.09, .33, .48}[i]
		counts := count(heavy, uint64(200+n), func(r *rand.Rand) []bool {
			cells, strata := units(r, func(int, bool) []float64 { return []float64{lognormal(r, 1)} }, epoch{share: .5, batches: n, size: 10_000 / n})
			peeked, _ := pooledEveryLook(cells, 100)
			return []bool{peeked, differs(evaluate(meanMetric(250), cells, strata, 1, 1.72, analyze.Sequential))}
		})
		s.add(naive(fmt.Sprintf("a lognormal mean, %d looks", n), counts[0], heavy, low, high), atMost(fmt.Sprintf("a lognormal mean, %d looks", n), counts[1], heavy, alpha))
	}
	return s
}
