package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
)

// bettings sets betting, which proves rare rates of units within their margin, against the overlap sequence with
// its floor and its expected events: how often each falsely passes at the margin, and when it does for equal versions.
func bettings(runs int) section {
	s := section{title: "Betting on rare rates", about: "A rate of units that do or do not, looked at every hour, at a tenth of a plan's units. At the margin, in every hour, at most alpha may pass; of equal versions half pass after so many treated units. Beside the rule, the overlap sequence, which decides where rates are not rare: the variance floored at the margin's, from 20 expected events on. The level is frozen right, at none, or at twice itself."}
	for i, c := range []struct {
		level, frozen, margin, share float64
		good                         analyze.Good
	}{
		{.002, .002, .01, .5, analyze.Down}, {.002, .002, .01, .05, analyze.Down}, {.002, 0, .01, .5, analyze.Down},
		{.02, .02, .01, .5, analyze.Down}, {.99, .99, .01, .5, analyze.Up},
	} {
		what := fmt.Sprintf("%.3g %% good %s, frozen at %.3g %%, margin %.3g pp, share %.0f %%", 100*c.level, c.good, 100*c.frozen, 100*c.margin, 100*c.share)
		for _, atMargin := range []bool{true, false} {
			rate := c.level
			if atMargin && c.good == analyze.Down {
				rate += c.margin
			} else if atMargin {
				rate -= c.margin
			}
			m := rateMetric(analyze.Guardrail, c.good, c.margin)
			hours := int(4000 / c.share / 40)
			at := make([][2]float64, runs)
			each(runs, 90+uint64(i), func(k int, r *rand.Rand) {
				cells, strata := coins(r, epoch{c.share, hours, 40, c.level, rate})
				at[k][0] = treatedUntilPass(m, cells, strata, c.frozen, c.share)
				strata[0].Known = false // so that it does not bet
				at[k][1] = treatedUntilPass(m, cells, strata, c.frozen, c.share)
			})
			for j, who := range []string{"Weir", "sum"} {
				values, passed := []float64{}, 0
				for _, x := range at {
					values = append(values, x[j])
					if !math.IsInf(x[j], 1) {
						passed++
					}
				}
				slices.Sort(values)
				switch {
				case atMargin:
					s.add(share(who, what+", at the margin: within it", passed, runs, 0, alpha, "≤ 5 %"))
				case math.IsInf(values[runs/2], 1):
					s.add(share(who, what+", the same: within it after 4,000 treated units", passed, runs, 0, 1, "shown"))
				default:
					s.add(finding{who: who, what: what + ", the same: treated units when half are within it", value: values[runs/2], high: math.Inf(1), expected: "shown", unit: "units"})
				}
			}
		}
	}
	return s
}

// treatedUntilPass are the treated units at which a release is first proven within its margin, under a plan of ten times
// its units; infinite: not at all.
func treatedUntilPass(m analyze.Metric, cells []analyze.Cell, strata []analyze.Stratum, frozen, treatedShare float64) float64 {
	level, spread := m.Baseline(zeroOne(int(frozen*1e6), 1e6))
	passes := func(k int) bool {
		return evaluatePlanned(m, cells[:k], strata, level, spread, 4e4/treatedShare, treatedShare).Margin.Check == analyze.CheckPassed
	}
	var ends []int // of hours
	treated := []float64{}
	sum := 0.0
	for i, c := range cells {
		if c.Arm == analyze.Treatment {
			sum += float64(c.N)
		}
		if i+1 == len(cells) || cells[i+1].Hour != c.Hour {
			ends, treated = append(ends, i+1), append(treated, sum)
		}
	}
	if !passes(len(cells)) {
		return math.Inf(1)
	}
	first, _ := slices.BinarySearchFunc(ends, true, func(end int, _ bool) int {
		if passes(end) {
			return 0
		}
		return -1
	})
	return treated[min(first, len(ends)-1)]
}
