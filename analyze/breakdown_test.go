package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze/cluster"
)

// breakdownOf finds one by its name.
func breakdownOf(t *testing.T, m MetricResult, by string) Breakdown {
	t.Helper()
	for _, b := range m.Breakdowns {
		if b.By == by {
			return b
		}
	}
	t.Fatalf("no effect by %s among %d breakdowns", by, len(m.Breakdowns))
	return Breakdown{}
}

// fading is a release whose effect on a rate falls over ten days; daily traffic has a
// drift that both arms share.
func fading(seed uint64, effects []float64) MetricResult {
	var stretches []stretch
	for i, effect := range effects {
		p := .5 + .02*float64(i%3)
		stretches = append(stretches, stretch{[]float64{.05, .2, .5}[min(i, 2)], 24, 160, coin(p, p+effect)})
	}
	cells, strata := simulate(seed, stretches...)
	return evaluateCells(rate(Goal, Up, .03), cells, strata, .5, .25)
}

// A constant effect is called varying in hardly any run though it is looked at
// daily; one that fades is in nearly all.
func TestFadingEffectIsFlagged(t *testing.T) {
	const runs = 40
	constant, faded := 0, 0
	for seed := range uint64(runs) {
		for day := 2; day <= 10; day += 2 { // looks
			effects := make([]float64, day)
			for i := range effects {
				effects[i] = .04
			}
			if breakdownOf(t, fading(seed, effects), byAge).Varies {
				constant++
				break
			}
		}
		m := fading(100+seed, []float64{.12, .10, .07, .04, .02, .01, 0, 0, 0, 0})
		if b := breakdownOf(t, m, byAge); b.Varies {
			faded++
		}
	}
	if constant > 1 {
		t.Errorf("a constant effect is flagged in %d of %d runs", constant, runs)
	}
	if faded < runs*9/10 {
		t.Errorf("a fading effect is flagged in %d of %d runs", faded, runs)
	}
}

// Parts of attributes share alpha: where none has an effect, some part is called
// better or worse in at most alpha of the runs; where one has, that one is found.
func TestSegmentsShareAlpha(t *testing.T) {
	const runs = 200
	wrong, found := 0, 0
	for seed := range uint64(runs) {
		for _, effect := range []float64{0, .15} {
			var segments []Segment
			for i, name := range []string{"desktop", "mobile", "tablet", "tv", "watch"} {
				e := 0.0
				if name == "mobile" {
					e = effect
				}
				cells, _ := simulate(seed*10+uint64(i), stretch{.5, 20, 60, coin(.4, .4+e)})
				segments = append(segments, Segment{"device", name, cells})
			}
			parts := segmented(segments)
			for _, p := range parts {
				differs := p.Direction == Better || p.Direction == Worse
				if effect == 0 && differs {
					wrong++
					break
				}
				if p.Name == "mobile" && effect > 0 && p.Direction == Better {
					found++
				}
			}
		}
	}
	if wrong > upTo(.05, runs) {
		t.Errorf("some part is called different in %d of %d runs without effect", wrong, runs)
	}
	if found < runs*9/10 {
		t.Errorf("the part with an effect is found in %d of %d runs", found, runs)
	}
}

// segmented evaluates a rate with the segments' units together.
func segmented(segments []Segment) []Part {
	var all []Cell
	for _, s := range segments {
		all = append(all, s.Cells...)
	}
	units := int64(0)
	for _, c := range all {
		units += c.N
	}
	r := Evaluate(Data{
		Control: "v1", Treatment: "v2", Strata: []Stratum{{Share: .5, Known: true}},
		Design: Design{Unit: "session", Kind: Independent, Strata: 1, Method: Sequential, Alpha: .05, Randomized: true},
		Metrics: []MetricData{{Metric: rate(Goal, Up, .03), Cells: all, Segments: segments, Binary: true, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: .4, Spread: .24, PlanUnits: Number(units), PlanShare: .5,
		}}},
	})
	for _, b := range r.Metrics[0].Breakdowns {
		if b.By == "device" {
			return b.Parts
		}
	}
	return nil
}

// Hajek's estimate from moments is that over rows (cluster.Hajek, checked against R's survey).
func TestHajekFromMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var rows []cluster.Assigned[int]
	var cells []Cell
	strata := []Stratum{{Share: .1, Known: true}, {Share: .4, Known: true}}
	unit := 0
	for s := range strata {
		var units [2][][]float64
		for range 300 {
			a := Control
			if r.Float64() < strata[s].Share {
				a = Treatment
			}
			y := 5 + 2*float64(s) + r.NormFloat64()
			units[a] = append(units[a], []float64{y})
			rows = append(rows, cluster.Assigned[int]{Cluster: unit, Share: strata[s].Share, Treatment: a == Treatment, Y: y})
			unit++
		}
		for _, a := range Arms {
			cells = append(cells, Cell{Stratum: s, Hour: int64(s), Arm: a, Moments: MomentsOf(units[a]...)})
		}
	}
	m := Metric{Name: "m", Role: Monitor, Kind: KindMean, Good: Up, Minimum: 20, Columns: []Column{{}}, Shown: mean, Tested: mean, Margined: mean}
	got := evaluateCells(m, cells, strata, 5, 1).CrossChecks[0]
	want := cluster.Hajek(rows).Difference
	if !near(float64(got.Value), want.Value, 1e-12) {
		t.Errorf("value %g, want %g", float64(got.Value), want.Value)
	}
	if se := float64(got.Upper-got.Lower) / 2 / 1.959963984540054; !near(se, want.StdErr(), 1e-6) {
		t.Errorf("error %g, want %g", se, want.StdErr())
	}
}

// uniform is a rate per request, margin .01, of n units in each arm that all
// have the same value.
func uniform(n int, good Good, value float64) MetricResult {
	var cells []Cell
	for _, a := range Arms {
		units := make([][]float64, n)
		for i := range units {
			units[i] = []float64{2 * value, 2}
		}
		cells = append(cells, Cell{Arm: a, Moments: MomentsOf(units...)})
	}
	m := rate(Guardrail, good, .01)
	m.Kind, m.Columns = KindRatio, []Column{{}, {Count: true}}
	m.Shown, m.Tested, m.Margined = Form{Num: 0, Den: 1}, Form{Num: 0, Den: 1}, Form{Num: 0, Den: 1}
	return Evaluate(Data{
		Control: "v1", Treatment: "v2", Strata: []Stratum{{Share: .5, Known: true}},
		Design:  Design{Unit: "session", Kind: Independent, Strata: 1, Method: Fixed, Alpha: .05, Randomized: true},
		Metrics: []MetricData{{Metric: m, Cells: cells}},
	}).Metrics[0]
}

// Where no unit shows an event the margin passes by the exact bound, about three
// over the number of units, and not before.
func TestNoEventSeen(t *testing.T) {
	for _, c := range []struct {
		name  string
		n     int
		good  Good
		value float64
		want  Check
	}{
		{"298 units without an error", 298, Down, 0, CheckOpen}, // .99^298 = .0500
		{"299 units without an error", 299, Down, 0, CheckPassed},
		{"299 units that all succeed", 299, Up, 1, CheckPassed},
		{"299 units that all fail, fewer being bad", 299, Up, 0, CheckPassed},
	} {
		m := uniform(c.n, c.good, c.value)
		if m.Margin.Check != c.want || m.Direction != Unclear {
			t.Errorf("%s: %s and %s, want %s and unclear; p %g", c.name, m.Margin.Check, m.Direction, c.want, float64(m.Margin.PValue))
		}
		if want := m.Good.sign() * (1 - math.Pow(.05, 1/float64(c.n))); !near(-float64(m.Margin.Bound), want, 1e-9) {
			t.Errorf("%s: bound %g, want %g", c.name, float64(m.Margin.Bound), -want)
		}
	}
}

// A version exactly at its margin passes for want of events in at most alpha of the runs.
func TestNoEventSeenAtTheMargin(t *testing.T) {
	const runs = 4000
	r := rand.New(rand.NewPCG(9, 9))
	for _, units := range []int{250, 300, 600} {
		passes := uniform(units, Down, 0).Margin.Check == CheckPassed
		passed := 0
		for range runs {
			events := 0
			for range units {
				if r.Float64() < .01 {
					events++
				}
			}
			if events == 0 && passes {
				passed++
			}
		}
		if passed > upTo(.05, runs) {
			t.Errorf("%d units: passed in %d of %d runs", units, passed, runs)
		}
	}
}

// A metric that was changed on the way counts later units only, at half the alpha.
func TestRestart(t *testing.T) {
	cells, strata := simulate(1, stretch{.5, 10, 400, coin(.2, .4)}, stretch{.5, 10, 400, coin(.2, .24)})
	since := cells[len(cells)/2].Hour
	d := Data{
		Control: "v1", Treatment: "v2", Strata: strata,
		Design: Design{Unit: "session", Kind: Stratified, Strata: 2, Method: Sequential, Alpha: .05, Randomized: true},
		Metrics: []MetricData{{Metric: rate(Goal, Up, .03), Cells: cells, Binary: true, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: .2, Spread: .16, PlanUnits: 4000, PlanShare: .5,
		}}},
	}
	whole := Evaluate(d).Metrics[0]
	d.Metrics[0].Restart = &Restart{K: 1, Since: since}
	later := Evaluate(d).Metrics[0]
	if whole.Direction != Better || later.Direction != Unclear {
		t.Errorf("whole %s, later units %s; want better, unclear", whole.Direction, later.Direction)
	}
	if n := later.Control.Units + later.Treatment.Units; n != 4000 {
		t.Errorf("%d units count, want 4000", n)
	}
	d.Metrics[0].Cells = cells[len(cells)/2:]
	d.Metrics[0].Restart = nil
	d.Design.Alpha = .025
	alone := Evaluate(d).Metrics[0]
	if !near(float64(later.Test.Upper), float64(alone.Test.Upper), 1e-12) || !near(float64(later.Test.PValue), math.Min(1, 2*float64(alone.Test.PValue)), 1e-12) {
		t.Errorf("upper %g, p %g; the same units at .025 have %g, %g", float64(later.Test.Upper), float64(later.Test.PValue), float64(alone.Test.Upper), float64(alone.Test.PValue))
	}
}

// Control's own decline beyond the margin is flagged, one within it is not.
func TestPast(t *testing.T) {
	for _, c := range []struct {
		now   float64
		worse bool
	}{{.01, false}, {.015, false}, {.06, true}} {
		before, _ := simulate(1, stretch{.01, 1, 8000, coin(.01, .01)})
		cells, strata := simulate(2, stretch{.2, 4, 2000, coin(c.now, c.now)})
		m := MetricData{Metric: rate(Guardrail, Down, .01), Cells: cells, Binary: true, Past: &before[0].Moments, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: .01, Spread: .02, PlanUnits: 8000, PlanShare: .2,
		}}
		r := Evaluate(Data{Control: "v1", Treatment: "v2", Strata: strata,
			Design:  Design{Unit: "session", Kind: Independent, Strata: 1, Method: Sequential, Alpha: .05, Randomized: true},
			Metrics: []MetricData{m}}).Metrics[0]
		if r.Past == nil || r.Past.Worse != c.worse {
			t.Errorf("now %g: %+v, want worse %t", c.now, r.Past, c.worse)
		}
	}
}
