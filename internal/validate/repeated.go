package main

import (
	"math/rand/v2"

	"weir/analyze"
)

// repeated is what is said to hold at one look, looked at every day; and what starts anew.
func repeated(runs int) section {
	s := section{title: "Looked at every day", about: "Releases of fourteen days, looked at after each. Cochran's test of one effect in all parts, and control against its own past, are computed for one look, and flagged below p .001: how often is one of fourteen? And a metric that is changed, and starts anew, again and again: each time its test looks promising for v2, though the versions are the same."}
	heterogeneity(&s, runs/2)
	ownPast(&s, runs/2)
	restarts(&s, runs/4)
	judgedAA(&s, runs/8)
	return s
}

const lookDays = 14

// fortnight is fourteen days of a rate that drifts, in three epochs.
func fortnight(r *rand.Rand, effect float64) ([]analyze.Cell, []analyze.Stratum) {
	var epochs []epoch
	var strata []analyze.Stratum
	for day := range lookDays {
		share := [3]float64{.05, .2, .5}[min(day/3, 2)]
		level := .5 + .01*float64(day)
		epochs = append(epochs, epoch{share, 24, 83, level, level + effect})
		if day/3 < 3 && day%3 == 0 {
			strata = append(strata, analyze.Stratum{Share: share, Known: true})
		}
	}
	cells, _ := coins(r, epochs...)
	for i := range cells {
		cells[i].Stratum = min(cells[i].Stratum/3, 2)
	}
	return cells, strata
}

// until keeps the cells of the first days.
func until(cells []analyze.Cell, days int) []analyze.Cell {
	for i, c := range cells {
		if c.Hour >= int64(firstHour+24*days) {
			return cells[:i]
		}
	}
	return cells
}

func heterogeneity(s *section, runs int) {
	counts := count(runs, 110, func(r *rand.Rand) []bool {
		cells, strata := fortnight(r, .03)
		var once, ever [2]bool // by epoch, by age
		for day := 2; day <= lookDays; day++ {
			m := evaluatePlanned(rateMetric(analyze.Goal, analyze.Up, .03), until(cells, day), strata, .5, .25, 28_000, .5)
			for _, b := range m.Breakdowns {
				i := 0
				if b.By == "age" {
					i = 1
				}
				ever[i] = ever[i] || b.Varies
				once[i] = b.Varies
			}
		}
		return []bool{once[0], once[1], ever[0], ever[1]}
	})
	for i, what := range []string{"by epoch, at the last look", "by age, at the last look", "by epoch, at any look", "by age, at any look"} {
		s.add(atMost("a constant effect: said to differ "+what, counts[i], runs, [4]float64{.001, .001, .005, .01}[i]))
	}
}

func ownPast(s *section, runs int) {
	counts := count(runs, 111, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.2, 24 * lookDays, 83, .10, .10})
		m := rateMetric(analyze.Guardrail, analyze.Down, .01)
		past := zeroOne(binomial(r, 2000, .10), 2000)
		worse, low := false, false
		for day := 1; day <= lookDays; day++ {
			d := comparison(m, until(cells, day), strata, .1, .1, 28_000, .2)
			d.Metrics[0].Past = &past
			if p := analyze.Evaluate(d).Metrics[0].Past; p != nil {
				worse = worse || p.Worse
				low = low || p.PValue.Known() && p.PValue < .001
			}
		}
		return []bool{worse, low}
	})
	const what = "v1 as before, 2,000 units of the past, margin 1 pp"
	s.add(atMost(what+": called worse than its past at any look", counts[0], runs, .005), share("p alone", what+": p below .001 at any look", counts[1], runs, 0, 1, "shown for contrast"))
}

// restarts: a metric is changed at the end of any day on which its p-value is below a half in favour of v2 but not proven.
func restarts(s *section, runs int) {
	counts := count(runs, 112, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.5, 24 * lookDays, 40, .5, .5})
		m := rateMetric(analyze.Goal, analyze.Up, .03)
		var restart *analyze.Restart
		first, any := false, false
		for day := 1; day <= lookDays; day++ {
			d := comparison(m, until(cells, day), strata, .5, .25, 24*40*2, .5)
			d.Metrics[0].Restart = restart
			got := analyze.Evaluate(d).Metrics[0]
			found := got.Test.PAdjusted.Known() && float64(got.Test.PAdjusted) < alpha
			any = any || found
			first = first || found && restart == nil
			if k := 1; !found && float64(got.Test.PAdjusted) < .5 {
				if restart != nil {
					k = restart.K + 1
				}
				restart = &analyze.Restart{K: k, Since: int64(firstHour + 24*day)}
			}
		}
		return []bool{first, any}
	})
	s.add(atMost("changed whenever p is below a half: the first start differs", counts[0], runs, alpha), atMost("the same: any start differs", counts[1], runs, alpha),
		finding{who: "Weir", what: "the bound of all starts, 2 alpha, is never reached: share found over alpha", value: float64(counts[1]) / float64(runs) / alpha, low: 0, high: 2, expected: "≤ 2", unit: "times"})
}

// judgedAA: equal versions, a judge fond of v2's bad answers, a fifth of the judged labelled by people, with the kind that live
// judge metrics have.
func judgedAA(s *section, runs int) {
	form := analyze.JudgedForm()
	counts := count(runs, 113, func(r *rand.Rand) []bool {
		const labels = .2
		cells, strata := units(r, func(_ int, treated bool) []float64 {
			truth, score := 0., 0.
			if r.Float64() < .6 {
				truth = 1
			}
			p := .15 + .7*truth
			if treated {
				p = .6 + .35*truth
			}
			if r.Float64() < p {
				score = 1
			}
			v := []float64{1, score, 0, 0, 0, 1, 0}
			if r.Float64() < labels {
				v[2], v[3], v[4], v[6] = 1/labels, score/labels, truth/labels, 1
			}
			return v
		}, epoch{share: .5, batches: 50, size: 80})
		said := []bool{}
		for _, corrected := range []bool{true, false} {
			m := analyze.Metric{Name: "quality", Role: analyze.Goal, Kind: analyze.KindJudge, Good: analyze.Up, Minimum: 100, Judged: true, Corrected: corrected,
				Margin: &analyze.Margin{Value: .05}, Columns: make([]analyze.Column, len(analyze.JudgedParts())), Shown: form, Tested: form, Margined: form}
			d := comparison(m, cells, strata, .6, 2, 4000, .5)
			d.Metrics[0].Judging = &analyze.Judging{Criterion: "quality", Hashes: []string{"a"}}
			for _, c := range cells {
				if c.Arm == analyze.Control {
					d.Metrics[0].Judging.Judged.Control += c.N
				} else {
					d.Metrics[0].Judging.Judged.Treatment += c.N
				}
			}
			got := analyze.Evaluate(d).Metrics[0]
			said = append(said, differs(got), got.Direction == analyze.Better)
		}
		return said
	})
	const what = "equal versions, a judge that likes what v2 does badly, 50 looks"
	s.add(naive(what+": scores differ, on the judge's own scale", counts[2], runs, .9, 1), atMost(what+": called better without labels", counts[3], runs, alpha), atMost(what+": corrected by labels, a difference", counts[0], runs, alpha))
}
