package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze/cluster"
	"weir/analyze/dist"
	"weir/analyze/sequential"
)

// withPast is a metric whose last component is a covariate.
func withPast(m Metric) Metric {
	m.Columns = append(append([]Column{}, m.Columns...), Column{Past: true})
	at := len(m.Columns) - 1
	m.Shown.Covariate, m.Tested.Covariate, m.Margined.Covariate = at, at, at
	return m
}

// At one look the adjusted effect is that of stats-cuped, whose values are checked against others':
// of a mean, and of a ratio by its linearised values.
func TestAdjustedIsCUPED(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var units [2][][]float64
	var cells []Cell
	for a, n := range []int{400, 300} {
		for range n {
			x := r.NormFloat64()
			requests := 1 + float64(r.IntN(4))
			units[a] = append(units[a], []float64{requests * (5 + .3*float64(a) + x + r.NormFloat64()), requests, x})
		}
		cells = append(cells, Cell{Arm: Arm(a), Moments: MomentsOf(units[a]...)})
	}
	for _, form := range []Form{{Num: 0, Den: Ones, Covariate: 2}, {Num: 0, Den: 1, Covariate: 2}} {
		compareCUPED(t, form, cells, units)
	}
}

func compareCUPED(t *testing.T, form Form, cells []Cell, units [2][][]float64) {
	t.Helper()
	y := cluster.Mean(0)
	if form.Den != Ones {
		y = cluster.Ratio{Num: 0, Den: 1}
	}
	m := Metric{Name: "mean", Role: Goal, Kind: KindMean, Good: Up, Minimum: 100, Margin: &Margin{Value: .1},
		Columns: []Column{{}, {}, {Past: true}}, Shown: form, Tested: form, Margined: form}
	d := dataOfCells(m, cells, []Stratum{{Share: .5, Known: true}}, 5, 2)
	d.Design.Method = Fixed
	got := Evaluate(d).Metrics[0]
	moments := func(a Arm) cluster.Moments { return cluster.MomentsOf(units[a]) }
	want := cluster.CUPED(moments(Control), moments(Treatment), y, cluster.Mean(2))
	if effect, stdErr := want.B.Value-want.A.Value, math.Hypot(want.A.StdErr(), want.B.StdErr()); !near(float64(got.Absolute.Value), effect, 1e-10) || !near(float64(got.Absolute.StdErr), stdErr, 1e-10) {
		t.Errorf("%+v: effect %v with error %v, want %v with %v", form, got.Absolute.Value, got.Absolute.StdErr, effect, stdErr)
	}
	if got.Adjustment == nil || !(got.Adjustment.Correlation > .2) {
		t.Errorf("adjustment %+v", got.Adjustment)
	}
	if form.Den == Ones && float64(got.Control.Value) != cells[0].Mean[0] {
		t.Errorf("control's level is adjusted: %v", got.Control.Value)
	}
}

// pastUnits are units whose outcome correlates with x by rho, in a ramp under drift of both x
// and the outcome: a mean, a rate, or a ratio whose denominators differ by arm.
func pastUnits(seed uint64, kind Kind, rho, effect float64) ([]Cell, []Stratum) {
	of := func(level, shift float64) func(*rand.Rand, bool) []float64 {
		return func(r *rand.Rand, treated bool) []float64 {
			x := shift + r.NormFloat64()
			e := rho*(x-shift) + math.Sqrt(1-rho*rho)*r.NormFloat64()
			y := level + shift + e
			if treated {
				y += effect
			}
			switch {
			case kind == KindProportion:
				one := 0.0
				if e < dist.NormalQuantile(level/10) {
					one = 1
				}
				return []float64{one, x}
			case kind == KindRatio:
				n := 1 + float64(r.IntN(4))
				if treated {
					n++
				}
				return []float64{n * y, n, x}
			}
			return []float64{y, x}
		}
	}
	return simulate(seed, stretch{.05, 40, 100, of(5, 0)}, stretch{.2, 20, 100, of(5, .5)}, stretch{.5, 40, 100, of(5, 1)})
}

// At every look together, the adjusted test is wrong at most alpha of the time, also against a relative
// margin, where control counts more than once, while x and outcomes drift; and it is as narrow as
// the boundary is where variance is 1 - rho^2 times as much.
func TestAdjustedSequence(t *testing.T) {
	const runs, rho = 200, .7
	for _, c := range []struct {
		kind          Kind
		metric        Metric
		level, spread float64
		rest          float64 // of the variance; 0: not known
	}{
		{KindMean, Metric{Name: "mean", Role: Guardrail, Kind: KindMean, Good: Up, Minimum: 100, Columns: []Column{{}}, Shown: mean, Tested: mean, Margined: mean}, 5, 1, 1 - rho*rho},
		{KindRatio, Metric{Name: "ratio", Role: Guardrail, Kind: KindRatio, Good: Up, Minimum: 100, Columns: []Column{{}, {Count: true}}, Shown: Form{Den: 1}, Tested: Form{Den: 1}, Margined: Form{Den: 1}}, 5, 8, 0},
		{KindProportion, rate(Goal, Up, .03), .5, .25, 1 - 2/math.Pi*rho*rho}, // the correlation of a sign
	} {
		wrong, passed, width, plain := 0, 0, 0.0, 0.0
		for seed := range uint64(runs) {
			cells, strata := pastUnits(7000+seed, c.kind, rho, 0)
			adjusted, without := evaluateCells(withPast(c.metric), cells, strata, c.level, c.spread), evaluateCells(c.metric, cells, strata, c.level, c.spread)
			if adjusted.Test.PValue < .05 {
				wrong++
			}
			width += float64(adjusted.Test.Upper - adjusted.Test.Lower)
			plain += float64(without.Test.Upper - without.Test.Lower)
			if c.kind == KindMean { // exactly at a relative margin of a tenth
				worse, strata := pastUnits(7000+seed, c.kind, rho, 0)
				for i := range worse {
					if worse[i].Arm == Treatment {
						worse[i].Mean = []float64{.9 * worse[i].Mean[0], worse[i].Mean[1]}
						worse[i].Cross = []float64{.81 * worse[i].Cross[0], .9 * worse[i].Cross[1], worse[i].Cross[2]}
					}
				}
				m := withPast(c.metric)
				m.Margin = &Margin{Value: .1, Relative: true}
				if evaluateCells(m, worse, strata, 5, 1).Margin.Check == CheckPassed {
					passed++
				}
			}
		}
		if wrong > upTo(.05, runs) || passed > upTo(.05, runs) {
			t.Errorf("%s: %d of %d runs differ, %d pass at the margin", c.kind, wrong, runs, passed)
		}
		variance, r := c.spread*(4000*.05*.95+2000*.2*.8+4000*.25), sequential.Tuning(c.spread*10_000*.25, .05)
		want := sequential.Radius(c.rest*variance, r, .05) / sequential.Radius(variance, r, .05)
		if got := width / plain; c.rest > 0 && math.Abs(got-want) > .025 {
			t.Errorf("%s: the interval is %.3f times as wide, want %.3f", c.kind, got, want)
		} else if got > .9 {
			t.Errorf("%s: the interval is %.3f times as wide", c.kind, got)
		}
	}
}

// A covariate that says nothing, or that nobody has, changes nothing but the words.
func TestUselessCovariate(t *testing.T) {
	cells, strata := pastUnits(1, KindMean, 0, .1)
	m := Metric{Name: "mean", Role: Goal, Kind: KindMean, Good: Up, Minimum: 100, Margin: &Margin{Value: .1}, Columns: []Column{{}}, Shown: mean, Tested: mean, Margined: mean}
	for i := range cells {
		c := &cells[i]
		c.Mean = []float64{c.Mean[0], 0}
		c.Cross = []float64{c.Cross[0], 0, 0}
	}
	with, without := evaluateCells(withPast(m), cells, strata, 5, 1), evaluateCells(m, cells, strata, 5, 1)
	if with.Test != without.Test || with.Margin != without.Margin || with.Absolute.Value != without.Absolute.Value || with.Absolute.Lower != without.Absolute.Lower {
		t.Errorf("%+v\n%+v", with.Test, without.Test)
	}
	if with.Adjustment != nil || len(with.Warnings) != len(without.Warnings)+1 {
		t.Errorf("adjustment %+v, warnings %q", with.Adjustment, with.Warnings)
	}
}
