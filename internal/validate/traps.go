package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
	"weir/rollout"
)

// traps are the traps of docs/traps.md that no scenario above is of.
func traps(runs int) section {
	s := section{title: "More traps", about: "What naive analysis says of equal versions, unless a case says otherwise."}
	clustered(&s, runs/8)
	ownShare(&s, runs/4)
	lost(&s, runs/4)
	crashing(&s, runs/8)
	tenGoals(&s, runs/4)
	outage(&s, runs/4)
	return s
}

// clustered: requests of a session fail together.
func clustered(s *section, runs int) {
	counts := count(runs, 20, func(r *rand.Rand) []bool {
		var k, n [2]float64
		cells, strata := units(r, func(_ int, treated bool) []float64 {
			p := distuv.Beta{Alpha: .1 * (1/.3 - 1), Beta: .9 * (1/.3 - 1), Src: r}.Rand()
			const requests = 5
			failed := float64(binomial(r, requests, p))
			arm := 0
			if treated {
				arm = 1
			}
			k[arm] += failed
			n[arm] += requests
			return []float64{failed, requests}
		}, epoch{share: .5, batches: 20, size: 200})
		m := ratioMetric(100)
		return []bool{math.Abs(twoRates(k[0], n[0], k[1], n[1])) > critical, differs(evaluate(m, cells, strata, .1, 3, analyze.Fixed)), differs(evaluate(m, cells, strata, .1, 3, analyze.Sequential))}
	})
	const what = "five requests a session, ICC .3, one look"
	s.add(naive(what+": requests as units", counts[0], runs, .13, .27), atMost(what+": sessions as units, fixed", counts[1], runs, .065), atMost(what+": sessions as units, sequence", counts[2], runs, alpha))
}

// ownShare: gold users have a share of their own within an epoch.
func ownShare(s *section, runs int) {
	counts := count(runs, 21, func(r *rand.Rand) []bool {
		gold, _ := coins(r, epoch{.02, 40, 100, .8, .8})
		others, _ := coins(r, epoch{.05, 40, 400, .5, .5})
		cells := make([]analyze.Cell, 0, len(gold)+len(others))
		var mixed []analyze.Cell
		for h := int64(firstHour); h < firstHour+40; h++ {
			for i, from := range [][]analyze.Cell{gold, others} {
				for _, c := range from {
					if c.Hour == h {
						c.Stratum = 0
						mixed = append(mixed, c)
						c.Stratum = i
						cells = append(cells, c)
					}
				}
			}
		}
		m := rateMetric(analyze.Goal, analyze.Up, .03)
		one := []analyze.Stratum{{Share: (.02*100 + .05*400) / 500, Known: true}}
		two := []analyze.Stratum{{Share: .02, Known: true, Rule: "vip"}, {Share: .05, Known: true}}
		_, last := strataEveryLook(mixed, one, 50)
		return []bool{math.Abs(last) > critical, differs(evaluate(m, cells, two, .56, .246, analyze.Sequential))}
	})
	const what = "a fifth of the users are gold, resolve more, and have a share of 2 % within 5 %"
	s.add(naive(what+": one stratum", counts[0], runs, .3, 1), atMost(what+": strata of their own", counts[1], runs, alpha))
}

// lost: a tenth of v2's unresolved units never reach the lake.
func lost(s *section, runs int) {
	counts := count(runs, 23, func(r *rand.Rand) []bool {
		good := goal("resolution", nil, .6)
		var cells []analyze.Cell
		strata := []analyze.Stratum{{Share: .5, Known: true}}
		for h := range 14 * 24 {
			a, b := binomial(r, 60, .6), binomial(r, 60, .6)
			kept := 60 - binomial(r, 60-b, .2)
			cells = append(cells, analyze.Cell{Hour: int64(firstHour + h), Moments: zeroOne(a, 60)}, analyze.Cell{Hour: int64(firstHour + h), Arm: analyze.Treatment, Moments: zeroOne(b, kept)})
		}
		good.Cells = cells
		v := verdict(strata, hours(strata, cells), 1, good)
		_, last := pooledEveryLook(cells, 100)
		return []bool{last > critical, v == rollout.Promote, v == rollout.Invalid}
	})
	const what = "a fifth of v2's unresolved units get lost"
	s.add(naive(what+": better, by what is left", counts[0], runs, .95, 1), atMost(what+": promoted", counts[1], runs, alpha), atLeast(what+": invalid, the sample ratio is off", counts[2], runs, .95))
}

// crashing: v2 halves resolution and loses units: harm goes before invalid.
func crashing(s *section, runs int) {
	counts := count(runs, 24, func(r *rand.Rand) []bool {
		strata := []analyze.Stratum{{Share: .5, Known: true}}
		var cells []analyze.Cell
		for h := range 48 {
			kept := 40 - binomial(r, 40, .3)
			cells = append(cells, analyze.Cell{Hour: int64(firstHour + h), Moments: zeroOne(binomial(r, 40, .6), 40)}, analyze.Cell{Hour: int64(firstHour + h), Arm: analyze.Treatment, Moments: zeroOne(binomial(r, kept, .3), kept)})
		}
		d := data(strata, hours(strata, cells), 1, goal("resolution", cells, .6))
		result := analyze.Evaluate(d)
		v := rollout.Decide(result, rollout.Policy{}).Verdict
		return []bool{!result.Health.SRM.OK, v == rollout.Rollback}
	})
	const what = "v2 halves resolution, and a third of its units go missing"
	s.add(naive(what+": a sample ratio mismatch, so nothing is acted on", counts[0], runs, .95, 1), atLeast(what+": rolled back", counts[1], runs, .99))
}

// tenGoals: ten equal goals.
func tenGoals(s *section, runs int) {
	counts := count(runs, 25, func(r *rand.Rand) []bool {
		var metrics []analyze.MetricData
		var strata []analyze.Stratum
		found := false
		var arrived []analyze.Arrival
		for i := range 10 {
			p := .08 + .05*float64(i)
			var cells []analyze.Cell
			cells, strata = coins(r, epoch{.5, 5 * 24, 83, p, p})
			g := goal("goal-"+string(rune('a'+i)), cells, p)
			metrics = append(metrics, g)
			arrived = hours(strata, cells)
			_, last := pooledEveryLook(cells, 100)
			found = found || math.Abs(last) > critical
		}
		result := analyze.Evaluate(data(strata, arrived, 1, metrics...))
		better := false
		for _, m := range result.Metrics {
			better = better || m.Direction == analyze.Better || m.Direction == analyze.Worse
		}
		return []bool{found, better}
	})
	const what = "ten equal goals, one look at each"
	s.add(naive(what+": some goal differs", counts[0], runs, .30, .50), atMost(what+": some goal is called better or worse", counts[1], runs, alpha))
}

// trials: the same cases, ten trials each.
func trials(s *section, runs int) {
	counts := count(runs, 26, func(r *rand.Rand) []bool {
		const cases, k = 100, 10
		var ka, kb float64
		var joint [][2]float64
		for range cases {
			base := .3 + .4*r.Float64()
			gain := .25
			if r.Float64() < .5 {
				gain = -gain
			}
			a, b := float64(binomial(r, k, base)), float64(binomial(r, k, base+gain))
			ka += a
			kb += b
			joint = append(joint, [2]float64{a / k, b / k})
		}
		m := rateMetric(analyze.Goal, analyze.Up, .03)
		m.Minimum = 20
		got := analyze.Evaluate(pairedData(m, joint)).Metrics[0]
		return []bool{math.Abs(twoRates(ka, cases*k, kb, cases*k)) > critical, differs(got)}
	})
	const what = "a hundred cases, ten trials each, half better and half worse under v2"
	s.add(naive(what+": 2,000 trials as units", counts[0], runs, .10, .30), atMost(what+": paired by case", counts[1], runs, .07))
}

// outage: for some hours of a small share both arms fail; later hours of a large share are quiet.
func outage(s *section, runs int) {
	counts := count(runs, 27, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.05, 24, 100, .01, .01}, epoch{.5, 6, 100, .4, .4}, epoch{.2, 48, 100, .01, .01})
		m := rateMetric(analyze.Guardrail, analyze.Down, .01)
		_, last := pooledEveryLook(cells, 100)
		got := evaluate(m, cells, strata, .01, .02, analyze.Sequential)
		return []bool{last > critical, differs(got)}
	})
	const what = "an outage of both while half of the traffic is v2's"
	s.add(naive(what+": more errors under v2", counts[0], runs, .9, 1), atMost(what+": more errors within strata", counts[1], runs, alpha))
}
