package main

import (
	"fmt"
	"math/rand/v2"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/rollout/plan"
)

// early are layouts whose first looks come as soon as harm is looked for: at some twenty treated units.
var early = []layout{
	{"50 %", []epoch{{share: .5, batches: 200}}},
	{"5 %", []epoch{{share: .05, batches: 200}}},
	{"5, 20, 50 %", []epoch{{share: .05, batches: 100}, {share: .2, batches: 50}, {share: .5, batches: 50}}},
}

// harm is how often a v2 that is exactly as bad as its margin allows is rolled back, metric by metric, looked at from
// the first units on, and how soon one is that is far beyond.
func harm(runs int) section {
	s := section{title: "Harm at an early look", about: "6,000 units of a metric alone, looked at 200 times from the twentieth treated unit on. A v2 exactly at its margin may be rolled back in 5 %; the sequence of harm is tuned for the 100th treated unit, where sums are least like normal ones. Then a v2 that halves resolution at 5 %: the reference catches it at a median of 38 treated units."}
	for _, k := range kinds() {
		worse := plan.Effect(k.metric.Margin.Value)
		if k.metric.Good == analyze.Up {
			worse = -worse
		}
		arms, err := k.law.Make(k.metric, worse, 20_000, rand.New(rand.NewPCG(9, 9)))
		if err != nil {
			panic("validate: " + err.Error())
		}
		level, spread := k.metric.Baseline(arms[0].Moments())
		rows := [2]*draw.Rows{draw.NewRows(draw.Pool{arms[0]}), draw.NewRows(draw.Pool{arms[1]})}
		for _, l := range early {
			counts := count(runs/2, 50, func(r *rand.Rand) []bool {
				cells, strata := drawn(r, rows, l, 6000)
				return []bool{evaluate(k.metric, cells, strata, level, spread, analyze.Sequential).Margin.Check == analyze.CheckFailed}
			})
			s.add(atMost(fmt.Sprintf("%s, %s, at the margin: rolled back", k.name, l.name), counts[0], runs/2, alpha))
		}
	}
	s.add(caught(runs))
	return s
}

// caught is the median number of treated units at which a halved resolution is found.
func caught(runs int) finding {
	m := rateMetric(analyze.Goal, analyze.Up, .03)
	return median("resolution of 30 instead of 60 %: treated units at rollback, median", runs, 51, 20, 100, func(r *rand.Rand) float64 {
		cells, strata := coins(r, epoch{.05, 400, 20, .6, .3})
		treated := int64(0)
		for i, c := range cells {
			if c.Arm != analyze.Treatment {
				continue
			}
			treated += c.N
			if treated >= analyze.HarmMinimum && evaluatePlanned(m, cells[:i+1], strata, .6, .24, 14_000, .5).Margin.Check == analyze.CheckFailed {
				break
			}
		}
		return float64(treated)
	})
}
