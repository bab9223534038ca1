package analyze

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Under a ramp with drift and no effect, at every look together, the test is
// wrong at most alpha of the time; the pooled comparison is wrong nearly always.
func TestSequenceHoldsUnderDrift(t *testing.T) {
	const runs = 300
	wrong, pooledWrong := 0, 0
	for seed := range uint64(runs) {
		cells, strata := simulate(seed,
			stretch{.05, 13, 500, coin(.60, .60)}, stretch{.20, 13, 500, coin(.65, .65)}, stretch{.50, 13, 500, coin(.70, .70)})
		m := evaluateCells(rate(Goal, Up, .03), cells, strata, .6, .24)
		if m.Test.PValue < .05 {
			wrong++
		}
		arms := pooled(byStratum(cells, len(strata)))
		a, b := mean.Estimate(arms[Control]), mean.Estimate(arms[Treatment])
		if math.Abs(b.Value-a.Value) > 1.96*math.Hypot(a.StdErr, b.StdErr) {
			pooledWrong++
		}
	}
	if wrong > upTo(.05, runs) {
		t.Errorf("the test rejects a true null in %d of %d runs", wrong, runs)
	}
	if pooledWrong < runs*9/10 {
		t.Errorf("the pooled comparison rejects in %d of %d runs only: the scenario shows nothing", pooledWrong, runs)
	}
}

// Simpson's paradox: the pooled effect has the wrong sign, the stratified one is right.
func TestSimpson(t *testing.T) {
	const runs = 60
	better := 0
	sum, naive := 0.0, 0.0
	for seed := range uint64(runs) {
		cells, strata := simulate(1000+seed,
			stretch{.05, 20, 1000, coin(.70, .73)}, stretch{.20, 20, 1000, coin(.60, .63)}, stretch{.50, 20, 1000, coin(.50, .53)})
		m := evaluateCells(rate(Goal, Up, .03), cells, strata, .7, .21)
		sum += float64(m.Absolute.Value) / runs
		naive += float64(m.Naive.Value) / runs
		if m.Direction == Better {
			better++
		}
	}
	if math.Abs(sum-.03) > .003 {
		t.Errorf("stratified effect: mean %.4f over runs, truth .03", sum)
	}
	if naive > -.03 {
		t.Errorf("pooled effect: mean %.4f over runs, expected near -.05", naive)
	}
	if better < runs*95/100 {
		t.Errorf("better in %d of %d runs", better, runs)
	}
}

// Two arms of equal ratio and unequal denominators, with the ratio drifting:
// a level from the past would call it an effect.
func TestRatioUnderDrift(t *testing.T) {
	const runs = 200
	wrong := 0
	form := Form{Num: 0, Den: 1}
	m := Metric{Name: "latency", Role: Guardrail, Kind: KindRatio, Good: Down, Unit: "ms", Minimum: 250,
		Margin: &Margin{Value: .1, Relative: true}, Columns: []Column{{}, {Count: true}}, Shown: form, Tested: form, Margined: form}
	for seed := range uint64(runs) {
		var stretches []stretch
		for i := range 20 {
			level := 100 * (1 + .3*float64(i)/20)
			stretches = append(stretches, stretch{.2, 4, 250, func(r *rand.Rand, treated bool) []float64 {
				requests := 1 + math.Floor(r.ExpFloat64()*3)
				if treated {
					requests = 1 + math.Floor(r.ExpFloat64()*3.8)
				}
				return []float64{requests * level * (1 + .3*r.NormFloat64()), requests}
			}})
		}
		cells, _ := simulate(2000+seed, stretches...)
		for i := range cells { // one stratum: the share never changes
			cells[i].Stratum = 0
		}
		out := evaluateCells(m, cells, []Stratum{{Share: .2, Known: true}}, 100, 2e4)
		if out.Test.PValue < .05 {
			wrong++
		}
	}
	if wrong > upTo(.05, runs) {
		t.Errorf("the test rejects equal ratios in %d of %d runs", wrong, runs)
	}
}

// Rare errors exactly at the margin must not pass it more often than alpha.
func TestRareRateAtMargin(t *testing.T) {
	const runs = 400
	passed := 0
	for seed := range uint64(runs) {
		cells, strata := simulate(3000+seed, stretch{.05, 60, 500, coin(.002, .012)})
		m := evaluateCells(rate(Guardrail, Down, .01), cells, strata, .002, .012*.988)
		if m.Margin.Check == CheckPassed {
			passed++
		}
	}
	if passed > upTo(.05, runs) {
		t.Errorf("errors at the margin pass in %d of %d runs", passed, runs)
	}
}

// A release within its margin is not rolled back, one far beyond it is, and
// soon.
func TestHarm(t *testing.T) {
	const runs = 200
	false_ := 0
	var caught []int64
	for seed := range uint64(runs) {
		cells, strata := simulate(4000+seed, stretch{.5, 60, 500, coin(.10, .11)})
		if m := evaluateCells(rate(Guardrail, Down, .02), cells, strata, .1, .09); m.Margin.Check == CheckFailed {
			false_++
		}
		cells, strata = simulate(5000+seed, stretch{.05, 400, 5, coin(.6, .3)})
		caught = append(caught, untilHarm(rate(Goal, Up, .03), cells, strata, .6, .24))
	}
	if false_ > upTo(.01, runs) {
		t.Errorf("a harmless release is harmful in %d of %d runs", false_, runs)
	}
	slices.Sort(caught)
	if median, late := caught[runs/2], caught[runs*95/100]; median < HarmMinimum || median > 100 || late > 200 {
		t.Errorf("a halved resolution is found after %d treated units in half of the runs, %d in all but a twentieth", median, late)
	}
}

// untilHarm is the number of treated units at which harm is proven, under a plan that
// expects the decision at 14,000 units of equal arms.
func untilHarm(m Metric, cells []Cell, strata []Stratum, level, spread float64) int64 {
	treated := int64(0)
	for i, c := range cells {
		if c.Arm != Treatment {
			continue
		}
		treated += c.N
		if treated < HarmMinimum {
			continue
		}
		d := dataOfCells(m, cells[:i+1], strata, level, spread)
		d.Metrics[0].Frozen.PlanUnits, d.Metrics[0].Frozen.PlanShare = 14_000, .5
		if Evaluate(d).Metrics[0].Margin.Check == CheckFailed {
			return treated
		}
	}
	return math.MaxInt64
}

// A record written before harm had a tuning of its own is computed as it was then: with the plan's.
func TestHarmWithoutTuning(t *testing.T) {
	cells, strata := simulate(6000, stretch{.5, 20, 100, coin(.6, .5)})
	with := func(harmUnits Number) float64 {
		d := dataOfCells(rate(Goal, Up, .03), cells, strata, .6, .24)
		d.Metrics[0].Frozen.PlanUnits, d.Metrics[0].Frozen.PlanShare, d.Metrics[0].Frozen.HarmUnits = 4000, .5, harmUnits
		return float64(Evaluate(d).Metrics[0].Margin.HarmPValue)
	}
	if old, same := with(0), with(1000); math.Abs(old-same) > 1e-12 { // 1,000 units weigh as 4,000 of equal arms do
		t.Errorf("p of harm without a tuning: %g, with the plan's: %g", old, same)
	}
	if early := with(HarmUnits); early == with(0) {
		t.Errorf("the tuning of harm changes nothing: p %g", early)
	}
}

// The two-sided limits hold the truth at every look together, and the estimate's error is
// honest at one look.
func TestCoverage(t *testing.T) {
	const runs = 300
	missed, fixedMissed := 0, 0
	for seed := range uint64(runs) {
		cells, strata := simulate(6000+seed, stretch{.2, 20, 250, coin(.3, .36)})
		m := evaluateCells(rate(Goal, Up, .03), cells, strata, .3, .21)
		if m.Test.Lower > .06 || m.Test.Upper < .06 {
			missed++
		}
		if math.Abs(float64(m.Absolute.Value)-.06) > 1.96*float64(m.Absolute.StdErr) {
			fixedMissed++
		}
	}
	if missed > upTo(.05, runs) {
		t.Errorf("the sequence misses the truth in %d of %d runs", missed, runs)
	}
	if fixedMissed > upTo(.05, runs) || fixedMissed < 3 {
		t.Errorf("1.96 standard errors miss the truth in %d of %d runs", fixedMissed, runs)
	}
}
