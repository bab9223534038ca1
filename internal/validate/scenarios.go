package main

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
	"weir/rollout"
)

// scenarios are ten situations that expose a wrong implementation.
func scenarios(runs int) section {
	s := section{title: "Ten scenarios", about: "Each has a truth, a way to get it wrong, and a bound for getting it right."}
	aaWithDrift(&s, runs)
	simpson(&s, runs/4)
	userHash(&s, runs/4)
	ratioLevel(&s, runs/8)
	rareErrors(&s, runs)
	loadShift(&s, runs/8)
	lateOutcome(&s, runs/8)
	withinMargin(&s, runs/4)
	twoGoals(&s, runs/4)
	failover(&s, runs/8)
	judged(&s, runs/8)
	census(&s, runs/8)
	return s
}

func aaWithDrift(s *section, runs int) {
	counts := count(runs, 1, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.05, 13, 500, .60, .60}, epoch{.2, 13, 500, .65, .65}, epoch{.5, 13, 500, .70, .70})
		pooled, _ := pooledEveryLook(cells, 0)
		within, _ := strataEveryLook(cells, strata, 50)
		return []bool{pooled, within, differs(evaluate(rateMetric(analyze.Goal, analyze.Up, .03), cells, strata, .6, .24, analyze.Sequential))}
	})
	const what = "equal arms, a ramp of 5, 20, 50 % under drift, 39 looks"
	s.add(naive(what+": pooled z finds a difference", counts[0], runs, .95, 1), naive(what+": z within strata", counts[1], runs, .15, .40), atMost(what, counts[2], runs, .03))
}

func simpson(s *section, runs int) {
	counts := count(runs, 2, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.05, 20, 1000, .70, .73}, epoch{.2, 20, 1000, .60, .63}, epoch{.5, 20, 1000, .50, .53})
		_, last := pooledEveryLook(cells, 0)
		m := evaluate(rateMetric(analyze.Goal, analyze.Up, .03), cells, strata, .7, .21, analyze.Sequential)
		return []bool{last < -critical, m.Direction == analyze.Better, math.Abs(float64(m.Absolute.Value)-.03) < 3*.0061}
	})
	const what = "three points better in every epoch while sessions get harder"
	s.add(naive(what+": pooled, significantly worse", counts[0], runs, .95, 1), atLeast(what+": better", counts[1], runs, .99), atLeast(what+": estimate within three errors of 3 points", counts[2], runs, .99))
}

// userHash: users are hashed, sessions tested; and users hashed and tested.
func userHash(s *section, runs int) {
	shares := []float64{.05, .2, .5}
	counts := count(runs, 3, func(r *rand.Rand) []bool {
		const users, icc = 4000, .6
		a := .6 * (1/icc - 1)
		b := .4 * (1/icc - 1)
		type session struct {
			user int
			one  float64
		}
		var epochs [3][]session
		u, arm := make([]float64, users), make([]bool, users)
		for i := range users {
			u[i], arm[i] = r.Float64(), r.Float64() < .5
			p := distuv.Beta{Alpha: a, Beta: b, Src: r}.Rand()
			for range 5 {
				e := r.IntN(3)
				x := 0.0
				if r.Float64() < p {
					x = 1
				}
				epochs[e] = append(epochs[e], session{i, x})
			}
		}
		var wrong, right []analyze.Cell
		var strata []analyze.Stratum
		entered := make([]bool, users)
		const batches = 13
		for e, sessions := range epochs {
			r.Shuffle(len(sessions), func(i, j int) { sessions[i], sessions[j] = sessions[j], sessions[i] })
			strata = append(strata, analyze.Stratum{Share: shares[e], Known: true})
			for k := range batches {
				var bySession, byUser [2][][]float64
				for _, x := range sessions[k*len(sessions)/batches : (k+1)*len(sessions)/batches] {
					at := 0
					if u[x.user] < shares[e] {
						at = 1
					}
					bySession[at] = append(bySession[at], []float64{x.one})
					if !entered[x.user] && u[x.user] < 2*shares[e] {
						entered[x.user] = true
						at = 0
						if arm[x.user] {
							at = 1
						}
						byUser[at] = append(byUser[at], []float64{x.one})
					}
				}
				hour := int64(firstHour + e*batches + k)
				for at := range 2 {
					if len(bySession[at]) > 0 {
						wrong = append(wrong, analyze.Cell{Stratum: e, Hour: hour, Arm: analyze.Arm(at), Moments: analyze.MomentsOf(bySession[at]...)})
					}
					if len(byUser[at]) > 0 {
						right = append(right, analyze.Cell{Hour: hour, Arm: analyze.Arm(at), Moments: analyze.MomentsOf(byUser[at]...)})
					}
				}
			}
		}
		m := rateMetric(analyze.Goal, analyze.Up, .03)
		return []bool{differs(evaluate(m, wrong, strata, .6, .24, analyze.Sequential)), differs(evaluate(m, right, []analyze.Stratum{{Share: .5, Known: true}}, .6, .24, analyze.Sequential))}
	})
	const what = "equal arms, users of five alike sessions"
	s.add(naive(what+": sessions as units of the same sequence", counts[0], runs, .08, .25), atMost(what+": users, each once", counts[1], runs, alpha))
}

// ratioLevel: equal ratios that rise, unequal denominators; the level from the past, and from the same day.
func ratioLevel(s *section, runs int) {
	counts := count(runs, 4, func(r *rand.Rand) []bool {
		level := func(batch int) float64 { return 1 + .3*float64(batch)/40 }
		cells, strata := units(r, func(batch int, treated bool) []float64 {
			n := 4.0
			if treated {
				n = 4.8
			}
			requests := 1 + distuv.Poisson{Lambda: n - 1, Src: r}.Rand()
			return []float64{requests * level(batch) * lognormal(r, .3), requests}
		}, epoch{share: .2, batches: 40, size: 500})
		// The rival takes the level from control's past units.
		var past analyze.Moments
		var linear []analyze.Cell
		for i := 0; i < len(cells); {
			j := i
			for j < len(cells) && cells[j].Hour == cells[i].Hour {
				j++
			}
			for _, c := range cells[i:j] {
				if past.N > 0 {
					linear = append(linear, linearised(c, past.Mean[0]/past.Mean[1]))
				}
			}
			for _, c := range cells[i:j] {
				if c.Arm == analyze.Control {
					past = past.Add(c.Moments)
				}
			}
			i = j
		}
		rival := meanMetric(100)
		return []bool{differs(evaluate(rival, linear, strata, 0, 2, analyze.Sequential)), differs(evaluate(ratioMetric(100), cells, strata, 1, 2, analyze.Sequential))}
	})
	const what = "equal ratios rising by 30 %, v2 with a fifth more requests"
	s.add(naive(what+": level from the past", counts[0], runs, .08, 1), atMost(what+": level of the same day", counts[1], runs, alpha))
}

// linearised is a cell of N - R D.
func linearised(c analyze.Cell, r float64) analyze.Cell {
	m := c.Moments
	c.Moments = analyze.Moments{N: m.N, Mean: []float64{m.Mean[0] - r*m.Mean[1]}, Cross: []float64{m.Cross[0] - 2*r*m.Cross[1] + r*r*m.Cross[2]}}
	return c
}

func rareErrors(s *section, runs int) {
	counts := count(runs, 5, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.05, 60, 500, .002, .012})
		plain := rateMetric(analyze.Guardrail, analyze.Down, .01)
		plain.Rate = false
		passes := func(m analyze.MetricResult) bool { return m.Margin.Check == analyze.CheckPassed }
		return []bool{passes(evaluate(plain, cells, strata, .002, .002, analyze.Sequential)),
			passes(evaluate(rateMetric(analyze.Guardrail, analyze.Down, .01), cells, strata, .002, .012*.988, analyze.Sequential))}
	})
	const what = "errors of .2 % against 1.2 %, just at the margin of a point"
	s.add(naive(what+": within it, from 100 units on", counts[0], runs, .12, .45), atMost(what+": within it", counts[1], runs, alpha))
}

// loadShift: v2 is at the margin, or equal, while the load falls.
func loadShift(s *section, runs int) {
	run := func(slower float64) []int {
		return count(runs, uint64(6+slower*100), func(r *rand.Rand) []bool {
			c := math.Exp(.6 * 1.6448536) // frozen, before the load fell
			cells, strata := units(r, func(_ int, treated bool) []float64 {
				between := math.Sqrt(.2) * r.NormFloat64()
				own, plain, margin := 0.0, 0.0, 0.0
				for range 4 {
					y := .8 * math.Exp(.6*(between+math.Sqrt(.8)*r.NormFloat64()))
					limit := c
					if treated {
						y *= 1 + slower
						limit = 1.1 * c
					}
					if y > c {
						plain++
					}
					if y > limit {
						margin++
					}
					if y <= .8*c {
						own++
					}
				}
				return []float64{own, 4, plain, margin}
			}, epoch{share: .2, batches: 40, size: 500})
			m := analyze.Metric{Name: "p95", Role: analyze.Guardrail, Kind: analyze.KindQuantile, Quantile: .95, Good: analyze.Down, Minimum: 100, Margin: &analyze.Margin{Value: .1, Relative: true},
				Columns: []analyze.Column{{}, {Count: true}, {}, {}}, Shown: ratio, Tested: analyze.Form{Num: 2, Den: 1}, Margined: analyze.Form{Num: 3, Den: 1}}
			got := evaluate(m, cells, strata, .05, .3, analyze.Sequential)
			// The rival asks whether fewer than 5 % of v2's rows are above the fixed 1.1 c.
			var treated analyze.Moments
			for _, x := range cells {
				if x.Arm == analyze.Treatment {
					treated = treated.Add(x.Moments)
				}
			}
			e := analyze.Form{Num: 3, Den: 1}.Estimate(treated)
			return []bool{(e.Value-.05)/e.StdErr < -1.645, got.Margin.Check == analyze.CheckPassed}
		})
	}
	worse, equal := run(.1), run(0)
	const what = "p95 a tenth slower, just at the margin, while load falls by a fifth"
	s.add(naive(what+": within it, against a fixed threshold", worse[0], runs, .95, 1), atMost(what+": within it", worse[1], runs, alpha), atLeast("p95 the same: within it", equal[1], runs, .99))
}

// lateOutcome: both arms resolve alike, v2's resolutions are known later.
func lateOutcome(s *section, runs int) {
	counts := count(runs, 7, func(r *rand.Rand) []bool {
		early := make([][2]tally, 1)
		cells, strata := units(r, func(batch int, treated bool) []float64 {
			delay := 4.0
			if treated {
				delay = 12
			}
			one, seen := 0.0, 0.0
			if r.Float64() < .6 {
				after := delay * r.ExpFloat64()
				if after <= 72 {
					one = 1
				}
				if float64(batch)+after <= 24 {
					seen = 1
				}
			}
			arm := 0
			if treated {
				arm = 1
			}
			t := &early[0][arm]
			t.n++
			t.sum += seen
			t.square += seen
			return []float64{one}
		}, epoch{share: .5, batches: 24, size: 200})
		m := evaluate(rateMetric(analyze.Goal, analyze.Up, .03), cells, strata, .6, .24, analyze.Sequential)
		return []bool{z(early[0]) < -critical, differs(m)}
	})
	const what = "equal resolution, v2's known after 12 h instead of 4 h"
	s.add(naive(what+": worse, by what is known after a day", counts[0], runs, .95, 1), atMost(what+": matured for 72 h", counts[1], runs, alpha))
}

func withinMargin(s *section, runs int) {
	counts := count(runs, 8, func(r *rand.Rand) []bool {
		cells, strata := coins(r, epoch{.5, 42 * 24, 83, .10, .11})
		m := evaluate(rateMetric(analyze.Guardrail, analyze.Down, .02), cells, strata, .1, .1056, analyze.Sequential)
		_, last := pooledEveryLook(cells, 0)
		return []bool{last > critical, m.Margin.Check == analyze.CheckFailed, m.Margin.Check == analyze.CheckPassed}
	})
	const what = "handoff of 10 against 11 %, a margin of 2 points, 42 days of 2,000"
	s.add(naive(what+": significantly worse than zero, so rolled back", counts[0], runs, .9, 1), atMost(what+": rolled back", counts[1], runs, .01), atLeast(what+": within it", counts[2], runs, .97))
}

// twoGoals: one goal gains, the other loses beyond its margin.
func twoGoals(s *section, runs int) {
	counts := count(runs, 9, func(r *rand.Rand) []bool {
		up, strata := coins(r, epoch{.05, 24, 83, .6, .68}, epoch{.2, 24, 83, .6, .68}, epoch{.5, 14 * 24, 83, .6, .68})
		down, _ := coins(r, epoch{.05, 24, 83, .5, .44}, epoch{.2, 24, 83, .5, .44}, epoch{.5, 14 * 24, 83, .5, .44})
		v := verdict(strata, hours(strata, up), 1, goal("resolution", up, .6), goal("faq", down, .5))
		_, z := strataEveryLook(up, strata, 100)
		return []bool{z > critical, v == rollout.Promote, v == rollout.Rollback}
	})
	const what = "one goal 8 points up, another 6 down beyond its margin"
	s.add(naive(what+": promoted on the one that gained", counts[0], runs, .9, 1), atMost(what+": promoted", counts[1], runs, alpha), atLeast(what+": rolled back", counts[2], runs, .95))
}

// failover: v1 answers for 85 % of v2's units.
func failover(s *section, runs int) {
	counts := count(runs, 10, func(r *rand.Rand) []bool {
		better, strata := coins(r, epoch{.05, 24, 83, .6, .62}, epoch{.2, 24, 83, .6, .62}, epoch{.5, 21 * 24, 83, .6, .62})
		mixed, _ := coins(r, epoch{.05, 24, 83, .10, .115}, epoch{.2, 24, 83, .10, .115}, epoch{.5, 21 * 24, 83, .10, .115})
		handoff := guardrail("handoff", mixed, .1, .02)
		m := evaluate(handoff.Metric, mixed, strata, .1, .1056, analyze.Sequential)
		v := verdict(strata, hours(strata, better), .15, goal("resolution", better, .6), handoff)
		return []bool{m.Margin.Check == analyze.CheckPassed || !(m.Margin.Check == analyze.CheckFailed), v == rollout.Promote, v == rollout.Invalid || v == rollout.Rollback}
	})
	const what = "handoff of 20 against 10 %, v1 serves 85 % of v2's units"
	s.add(naive(what+": no harm is seen in handoff", counts[0], runs, .9, 1), atMost(what+": promoted", counts[1], runs, alpha), atLeast(what+": called invalid, served as assigned 15 %", counts[2], runs, .95))
}

// judged: a judge of accuracy .85 on equal versions, labels from people by chance, looked at as
// they come.
func judged(s *section, runs int) {
	counts := count(runs, 11, func(r *rand.Rand) []bool {
		const n, accuracy, labelled = 4000, .85, .15
		arms := [2][]judgedUnit{}
		naiveFound := false
		var batches [][2][][]float64
		current := [2][][]float64{}
		for i := range n {
			arm := 0
			if r.Float64() < .5 {
				arm = 1
			}
			y := 0.0
			if r.Float64() < .7 {
				y = 1
			}
			f := y
			if r.Float64() > accuracy {
				f = 1 - y
			}
			known := r.Float64() < labelled
			arms[arm] = append(arms[arm], judgedUnit{y, f, known})
			const lambda, m = .6, .6
			x := m + (lambda*f - m)
			if known {
				x += (y - lambda*f) / labelled
			}
			current[arm] = append(current[arm], []float64{x})
			if (i+1)%100 == 0 {
				batches = append(batches, current)
				current = [2][][]float64{}
				naiveFound = naiveFound || i >= 400 && ppiDiffers(arms)
			}
		}
		var cells []analyze.Cell
		for h, b := range batches {
			for arm, v := range b {
				if len(v) > 0 {
					cells = append(cells, analyze.Cell{Hour: int64(firstHour + h), Arm: analyze.Arm(arm), Moments: analyze.MomentsOf(v...)})
				}
			}
		}
		m := meanMetric(100)
		return []bool{naiveFound, differs(evaluate(m, cells, []analyze.Stratum{{Share: .5, Known: true}}, .7, 1.2, analyze.Sequential))}
	})
	const what = "equal versions, a judge of accuracy .85, 15 % labelled by people, 40 looks"
	s.add(naive(what+": z of PPI++ at every look", counts[0], runs, .15, .45), atMost(what+": corrected scores in the sequence", counts[1], runs, alpha))
}

// A judgedUnit has its truth, the judge's verdict, and whether a person labelled it.
type judgedUnit struct {
	y, f  float64
	known bool
}

// ppiDiffers is the prediction-powered z test of two arms at one look, lambda 1.
func ppiDiffers(arms [2][]judgedUnit) bool {
	value, variance := [2]float64{}, 0.0
	for a, us := range arms {
		var f, e tally
		for _, u := range us {
			f.n++
			f.sum += u.f
			f.square += u.f * u.f
			if u.known {
				d := u.y - u.f
				e.n++
				e.sum += d
				e.square += d * d
			}
		}
		if e.n < 10 {
			return false
		}
		value[a] = f.mean() + e.mean()
		variance += f.variance() + e.variance()
	}
	return variance > 0 && math.Abs(value[1]-value[0]) > critical*math.Sqrt(variance)
}

// census: 500 sessions an arm of equal versions are judged to the end and called decided.
func census(s *section, runs int) {
	counts := count(runs, 12, func(r *rand.Rand) []bool {
		const n = 500
		k0, k1 := binomial(r, n, .7), binomial(r, n, .7)
		cells, strata := coins(r, epoch{.5, 20, 2 * n / 20, .7, .7})
		return []bool{k0 != k1, differs(evaluate(rateMetric(analyze.Goal, analyze.Up, .03), cells, strata, .7, .21, analyze.Sequential))}
	})
	const what = "equal versions, 500 sessions an arm, all judged"
	s.add(naive(what+": the log is known to the last session, and the arms differ", counts[0], runs, .93, 1), atMost(what+": a difference of the versions", counts[1], runs, alpha))
}
