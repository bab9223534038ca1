package analyze

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestDegenerate: data without an answer get none, of every kind and design: nothing panics, nothing is called better or passes its
// margin but where no event in so many units is an answer, no interval is a point, and what has no test says what is missing.
func TestDegenerate(t *testing.T) {
	for name, k := range kinds() {
		m := &k.metric
		m.Margin = &Margin{Value: .05}
		if m.Kind == KindQuantile {
			m.Margin = &Margin{Value: .1, Relative: true}
		}
		r := rand.New(rand.NewPCG(1, 2))
		k.designs(r, func(design string, full Data) {
			for what, spoil := range spoilers(k, r) {
				d := full
				d.Metrics = slices.Clone(full.Metrics)
				spoil(&d.Metrics[0])
				where := name + ", " + design + ", " + what
				got := Evaluate(d).Metrics[0]
				if got.Direction == Better || got.Margin.Check == CheckPassed && !strings.Contains(got.Method, "exact, no") { // so many alike say something
					t.Errorf("%s: %s, margin %s; p %g, %g", where, got.Direction, got.Margin.Check, float64(got.Test.PValue), float64(got.Margin.PValue))
				}
				if got.Absolute.Lower.Known() && got.Absolute.Lower == got.Absolute.Upper || got.Test.Lower.Known() && got.Test.Lower == got.Test.Upper {
					t.Errorf("%s: an interval is a point: %+v, %+v", where, got.Absolute, got.Test)
				}
				if !got.Test.PValue.Known() && (got.Direction != NotEstimable || !slices.ContainsFunc(got.Warnings, func(w string) bool { return strings.Contains(w, "not estimable") })) {
					t.Errorf("%s: no test, direction %s, warnings %q", where, got.Direction, got.Warnings)
				}
				if _, err := json.Marshal(got); err != nil {
					t.Errorf("%s: %v", where, err)
				}
			}
		})
	}
}

// spoilers make data degenerate.
func spoilers(k kindOf, r *rand.Rand) map[string]func(*MetricData) {
	only := func(keep func(Cell) bool) func(*MetricData) {
		return func(m *MetricData) {
			m.Pairs = nil
			m.Cells = slices.DeleteFunc(slices.Clone(m.Cells), func(c Cell) bool { return !keep(c) })
		}
	}
	few := func(n int) func(*MetricData) {
		return func(m *MetricData) {
			if m.Pairs != nil {
				*m = *clonePairs(k.paired(r, n).Metrics[0], m)
				return
			}
			m.Cells = nil
			for _, a := range Arms {
				var units [][]float64
				for len(units) < n {
					if v := k.unit(r); v != nil {
						units = append(units, v)
					}
				}
				m.Cells = append(m.Cells, Cell{Arm: a, Moments: MomentsOf(units...)})
			}
		}
	}
	constant := func(m *MetricData) { // no unit differs from another
		still := func(x Moments) Moments { return Moments{N: x.N, Mean: x.Mean, Cross: make([]float64, len(x.Cross))} }
		if m.Pairs != nil {
			pairs := still(*m.Pairs)
			for i := range len(pairs.Mean) / 2 {
				pairs.Mean[len(pairs.Mean)/2+i] = pairs.Mean[i]
			}
			m.Pairs = &pairs
			return
		}
		m.Cells = slices.Clone(m.Cells)
		for i := range m.Cells {
			m.Cells[i].Moments = still(m.Cells[i].Moments)
			m.Cells[i].Mean = m.Cells[0].Mean
		}
		m.Frozen.Spread = 0
	}
	endless := func(x float64) func(*MetricData) {
		return func(m *MetricData) {
			if m.Pairs != nil {
				pairs := *m.Pairs
				pairs.Mean = slices.Clone(pairs.Mean)
				pairs.Mean[0] = x
				m.Pairs = &pairs
				return
			}
			m.Cells = slices.Clone(m.Cells)
			m.Cells[0].Mean = slices.Clone(m.Cells[0].Mean)
			m.Cells[0].Mean[0] = x
		}
	}
	return map[string]func(*MetricData){
		"no unit":          only(func(Cell) bool { return false }),
		"no treated unit":  only(func(c Cell) bool { return c.Arm == Control }),
		"no control unit":  only(func(c Cell) bool { return c.Arm == Treatment }),
		"one unit an arm":  few(1),
		"two units an arm": few(2),
		"constant":         constant,
		"infinite":         endless(math.Inf(1)),
		"not a number":     endless(math.NaN()),
		"nothing frozen":   func(m *MetricData) { m.Frozen, m.Cells, m.Pairs = Frozen{Level: Unknown, Spread: Unknown}, nil, nil },
		"absent":           func(m *MetricData) { m.Absent = "no row has a value" },
	}
}

// clonePairs gives few cases in place of many.
func clonePairs(few MetricData, as *MetricData) *MetricData {
	out := *as
	out.Pairs = few.Pairs
	return &out
}

// TestOneEmptyStratum: a stratum in which one arm has no unit leaves the others as they are.
func TestOneEmptyStratum(t *testing.T) {
	for name, k := range kinds() {
		r := rand.New(rand.NewPCG(3, 4))
		d := k.data(r, 2, 8, 120, Fixed)
		m := d.Metrics[0]
		m.Cells = slices.DeleteFunc(slices.Clone(m.Cells), func(c Cell) bool { return c.Stratum == 1 && c.Arm == Treatment })
		alone := m
		alone.Cells = slices.DeleteFunc(slices.Clone(m.Cells), func(c Cell) bool { return c.Stratum == 1 })
		d.Metrics = []MetricData{m, alone}
		got := Evaluate(d).Metrics
		if k.metric.Corrected { // control's units of the other stratum tune the correction
			continue
		}
		if a, b := got[0].Absolute, got[1].Absolute; !a.Value.Known() || !near(float64(a.Value), float64(b.Value), 1e-9) || !near(float64(a.StdErr), float64(b.StdErr), 1e-9) {
			t.Errorf("%s: %+v with a stratum of control alone, %+v without", name, a, b)
		}
		if k.metric.Kind != KindJudge && !slices.ContainsFunc(got[0].Warnings, func(w string) bool { return strings.Contains(w, "1 of 2 strata have fewer than") }) {
			t.Errorf("%s: warnings %q", name, got[0].Warnings)
		}
	}
}
