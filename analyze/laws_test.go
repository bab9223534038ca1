package analyze

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A world is cells of two strata with different shares, drawn at random.
type world struct {
	cells  []Cell
	strata []Stratum
}

// draw makes units with two components, the second positive, over some hours.
func drawWorld(t *rapid.T) world {
	w := world{strata: []Stratum{{Share: .2, Known: true}, {Share: .5, Known: true}}}
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	for hour := range 8 {
		stratum := hour / 4
		var units [2][][]float64
		for range 120 {
			arm := Control
			if r.Float64() < w.strata[stratum].Share {
				arm = Treatment
			}
			units[arm] = append(units[arm], []float64{10 + r.NormFloat64()*3, 1 + math.Floor(r.ExpFloat64()*3)})
		}
		for _, a := range Arms {
			if len(units[a]) > 0 {
				w.cells = append(w.cells, Cell{Stratum: stratum, Hour: int64(hour), Arm: a, Moments: MomentsOf(units[a]...)})
			}
		}
	}
	return w
}

// evaluate compares the world's arms in one form.
func (w world) evaluate(f Form, method Method) MetricResult {
	kind := KindMean
	if f.Den != Ones {
		kind = KindRatio
	}
	m := Metric{Name: "m", Role: Monitor, Kind: kind, Good: Up, Minimum: 50, Columns: []Column{{}, {Count: true}}, Shown: f, Tested: f, Margined: f}
	return Evaluate(Data{
		Control: "v1", Treatment: "v2", Strata: w.strata,
		Design: Design{Unit: "session", Kind: Stratified, Strata: 2, Method: method, Alpha: .05, Randomized: true},
		Metrics: []MetricData{{Metric: m, Cells: w.cells, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: 10, Spread: 9, PlanUnits: 1000, PlanShare: .5,
		}}},
	}).Metrics[0]
}

// swapped exchanges the arms, and with them the shares.
func (w world) swapped() world {
	out := world{cells: slices.Clone(w.cells), strata: slices.Clone(w.strata)}
	for i := range out.cells {
		out.cells[i].Arm = 1 - out.cells[i].Arm
	}
	for i := range out.strata {
		out.strata[i].Share = 1 - out.strata[i].Share
	}
	return out
}

// times multiplies the first component by k.
func (w world) times(k float64) world {
	out := world{cells: slices.Clone(w.cells), strata: w.strata}
	for i, c := range out.cells {
		m := Moments{N: c.N, Mean: slices.Clone(c.Mean), Cross: slices.Clone(c.Cross)}
		m.Mean[0] *= k
		m.Cross[0] *= k * k
		m.Cross[1] *= k
		out.cells[i].Moments = m
	}
	return out
}

var forms = map[string]Form{"mean": mean, "ratio": {Num: 0, Den: 1}}

// Swapping the arms turns every effect and limit; errors and p-values stay.
func TestSwapFlipsSigns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for name, f := range forms {
			a, b := w.evaluate(f, Fixed), w.swapped().evaluate(f, Fixed)
			mirrored(t, name, a, b)
			if name == "mean" { // a ratio is linearised at control's, so its sequence knows which arm that is
				mirrored(t, name+" sequential", w.evaluate(f, Sequential), w.swapped().evaluate(f, Sequential))
			}
		}
	})
}

func mirrored(t *rapid.T, name string, a, b MetricResult) {
	for what, pair := range map[string][2]Number{
		"effect": {a.Absolute.Value, -b.Absolute.Value}, "error": {a.Absolute.StdErr, b.Absolute.StdErr},
		"lower": {a.Absolute.Lower, -b.Absolute.Upper}, "upper": {a.Absolute.Upper, -b.Absolute.Lower},
		"test": {a.Test.Value, -b.Test.Value}, "test lower": {a.Test.Lower, -b.Test.Upper}, "p": {a.Test.PValue, b.Test.PValue},
		"Hajek": {a.CrossChecks[0].Value, -b.CrossChecks[0].Value}, "epochs differ": {a.Breakdowns[0].PValue, b.Breakdowns[0].PValue},
	} {
		if !near(float64(pair[0]), float64(pair[1]), 1e-8) {
			t.Fatalf("%s: %s %g, swapped %g", name, what, float64(pair[0]), float64(pair[1]))
		}
	}
}

// Measured in another unit, effects and errors are in that unit; p-values and
// relative effects stay.
func TestRescaling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		k := rapid.Float64Range(1e-3, 1e3).Draw(t, "k")
		for name, f := range forms {
			a, b := w.evaluate(f, Fixed), w.times(k).evaluate(f, Fixed)
			for what, pair := range map[string][2]Number{
				"effect": {a.Absolute.Value * Number(k), b.Absolute.Value}, "error": {a.Absolute.StdErr * Number(k), b.Absolute.StdErr},
				"test": {a.Test.Upper * Number(k), b.Test.Upper}, "p": {a.Test.PValue, b.Test.PValue},
				"relative": {a.Relative.Lower, b.Relative.Lower}, "Hajek": {a.CrossChecks[0].Upper * Number(k), b.CrossChecks[0].Upper},
				"chance": {a.Belief.ChanceBetter, b.Belief.ChanceBetter},
			} {
				if !near(float64(pair[0]), float64(pair[1]), 1e-7) {
					t.Fatalf("%s: %s %g, rescaled %g", name, what, float64(pair[0]), float64(pair[1]))
				}
			}
		}
	})
}

// Neither the order of cells, nor splitting a cell in two, changes a figure.
func TestOrderAndSplitting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		shuffled := world{cells: rapid.Permutation(w.cells).Draw(t, "cells"), strata: w.strata}
		half := MomentsOf([]float64{9, 2}, []float64{11, 1}, []float64{12, 4})
		rest := MomentsOf([]float64{8, 1}, []float64{10, 2})
		joined, split := w, w
		joined.cells = append(slices.Clone(w.cells), Cell{Stratum: 1, Hour: 9, Arm: Treatment, Moments: half.Add(rest)})
		split.cells = append(slices.Clone(w.cells), Cell{Stratum: 1, Hour: 9, Arm: Treatment, Moments: rest}, Cell{Stratum: 1, Hour: 9, Arm: Treatment, Moments: half})
		for name, f := range forms {
			for _, method := range []Method{Fixed, Sequential} {
				same(t, name+" shuffled", w.evaluate(f, method), shuffled.evaluate(f, method))
				same(t, name+" split", joined.evaluate(f, method), split.evaluate(f, method))
			}
		}
	})
}

func same(t *rapid.T, name string, a, b MetricResult) {
	for what, pair := range map[string][2]Number{
		"effect": {a.Absolute.Value, b.Absolute.Value}, "error": {a.Absolute.StdErr, b.Absolute.StdErr},
		"test": {a.Test.Value, b.Test.Value}, "lower": {a.Test.Lower, b.Test.Lower}, "p": {a.Test.PValue, b.Test.PValue},
	} {
		if !near(float64(pair[0]), float64(pair[1]), 1e-8) {
			t.Fatalf("%s: %s %g and %g", name, what, float64(pair[0]), float64(pair[1]))
		}
	}
}

// Moments of halves of the data, such as shards, add up to those of the whole wherever
// they enter: an estimate of the sum is an estimate of all.
func TestAddition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := vectors(t, 2, 2), vectors(t, 2, 2)
		whole := MomentsOf(slices.Concat(a, b)...)
		sum := MomentsOf(a...).Add(MomentsOf(b...))
		x, y := mean.Estimate(whole), mean.Estimate(sum)
		if !near(x.Value, y.Value, 1e-9) || !near(x.StdErr, y.StdErr, 1e-9) {
			t.Fatalf("%v and %v", x, y)
		}
	})
}
