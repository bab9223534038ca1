package main

import (
	"math"
	"math/rand/v2"

	"weir/analyze"
	"weir/analyze/sequential"
)

// missing is what response bias does, and how a difference of missing values is found.
func missing(runs int) section {
	s := section{title: "Missing values", about: "Some units rate, others do not. The shares that do are compared hour by hour, each at a rate of its own, always valid at .001. Beside it, as a rival: the split of the missing alone, set against the split of all units."}
	response(&s, runs/8)
	unanswered(&s, runs/2)
	return s
}

// A raters simulation is ratings by units of which some answer.
type raters struct {
	cells   []analyze.Cell
	strata  []analyze.Stratum
	lacking []analyze.Arrival
	total   analyze.ByArm
}

// lacks counts a unit without a value.
func (t *raters) lacks(batch int, treated bool) {
	for len(t.lacking) <= batch {
		t.lacking = append(t.lacking, analyze.Arrival{Hour: int64(firstHour + len(t.lacking))})
	}
	if treated {
		t.lacking[batch].Treatment++
		t.total.Treatment++
	} else {
		t.lacking[batch].Control++
		t.total.Control++
	}
}

// evaluate is what Weir says of them.
func (t *raters) evaluate() analyze.MetricResult {
	m := meanMetric(100)
	m.Role, m.Good, m.Margin = analyze.Goal, analyze.Up, &analyze.Margin{Value: .2}
	d := comparison(m, t.cells, t.strata, 3.75, 1.3, 6000, .5)
	d.Metrics[0].Missing, d.Metrics[0].Lacking = t.total, t.lacking
	return analyze.Evaluate(d).Metrics[0]
}

// byMissingAlone is the rival's p-value.
func (t *raters) byMissingAlone() float64 {
	var n [2]float64
	for _, c := range t.cells {
		n[c.Arm] += float64(c.N)
	}
	a, b := float64(t.total.Control), float64(t.total.Treatment)
	share := (n[1] + b) / (n[0] + n[1] + a + b)
	return math.Exp(-sequential.LogEMultinomial([]float64{a, b}, []float64{1 - share, share}, 100))
}

// response: the dissatisfied of v2 rate less often.
func response(s *section, runs int) {
	counts := count(runs, 22, func(r *rand.Rand) []bool {
		var t raters
		t.cells, t.strata = units(r, func(batch int, treated bool) []float64 {
			happy := r.Float64() < .7
			x, answers := 2.0, .3
			if happy {
				x = 4.5
			} else if treated {
				answers = .075
			}
			if r.Float64() > answers {
				t.lacks(batch, treated)
				return nil
			}
			return []float64{x}
		}, epoch{share: .5, batches: 40, size: 500})
		got := t.evaluate()
		_, last := pooledEveryLook(t.cells, 100)
		return []bool{last > critical, got.Direction == analyze.Better, got.MissingDiffers}
	})
	const what = "equal satisfaction, v2's dissatisfied answer a quarter as often"
	s.add(naive(what+": better, by those who answered", counts[0], runs, .9, 1), atMost(what+": called better", counts[1], runs, alpha), atLeast(what+": the missing are flagged", counts[2], runs, .95))
}

// unanswered: how often missing values are flagged, where they differ and where they do not.
func unanswered(s *section, runs int) {
	const level = .001
	run := func(seed uint64, lack func(batch int, treated bool) float64, epochs ...epoch) []int {
		return count(runs, seed, func(r *rand.Rand) []bool {
			var t raters
			t.cells, t.strata = units(r, func(batch int, treated bool) []float64 {
				if r.Float64() < lack(batch, treated) {
					t.lacks(batch, treated)
					return nil
				}
				return []float64{4 + r.NormFloat64()}
			}, epochs...)
			for i := range t.lacking {
				t.lacking[i].Stratum = stratumOf(i, epochs)
			}
			return []bool{t.byMissingAlone() < level, t.evaluate().MissingDiffers}
		})
	}
	differ := run(60, func(_ int, treated bool) float64 {
		if treated {
			return .745
		}
		return .70
	}, epoch{share: .5, batches: 240, size: 80})
	const what = "missing for 70 and 74.5 %, 19,200 units at 50 %"
	s.add(naive(what+": flagged by the missing alone", differ[0], runs, 0, .4), atLeast(what+": flagged", differ[1], runs, .95))
	drift := run(61, func(batch int, _ bool) float64 { return .5 + .3*float64(batch)/60 }, epoch{share: .05, batches: 20, size: 300}, epoch{share: .2, batches: 20, size: 300}, epoch{share: .5, batches: 20, size: 300})
	const same = "missing for 50 rising to 80 % of both, a ramp of 5, 20, 50 %"
	s.add(naive(same+": flagged by the missing alone", drift[0], runs, .5, 1), atMost(same+": flagged", drift[1], runs, level))
	rare := run(62, func(int, bool) float64 { return .01 }, epoch{share: .05, batches: 100, size: 100})
	s.add(atMost("missing for 1 % of both, 5 % treated: flagged", rare[1], runs, level))
}

// stratumOf is the epoch of a batch.
func stratumOf(batch int, epochs []epoch) int {
	for i, e := range epochs {
		if batch < e.batches {
			return i
		}
		batch -= e.batches
	}
	panic("validate: a batch beyond the last epoch")
}
