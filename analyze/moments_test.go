package analyze

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// vectors draws units of the given number of components.
func vectors(t *rapid.T, p, least int) [][]float64 {
	return rapid.SliceOfN(rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), p, p), least, 30).Draw(t, "units")
}

func near(got, want, tolerance float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))
}

// Moments of two disjoint sets of units add up to those of the whole.
func TestMomentsAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := vectors(t, 3, 0), vectors(t, 3, 0)
		whole := append(append([][]float64{}, a...), b...)
		sum := MomentsOf(a...).Add(MomentsOf(b...))
		if want := MomentsOf(whole...); want.N > 0 || sum.N > 0 {
			if !near(float64(sum.N), float64(want.N), 0) {
				t.Fatalf("units: got %d, want %d", sum.N, want.N)
			}
			for i := range want.Cross {
				if !near(sum.Cross[i], want.Cross[i], 1e-9*math.Max(1, math.Abs(want.Cross[0]))) {
					t.Fatalf("cross %d: got %g, want %g", i, sum.Cross[i], want.Cross[i])
				}
			}
		}
	})
}

// Data far from zero keep their variance: sums of squares would lose it.
func TestMomentsFarFromZero(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5}
	units, far := make([][]float64, len(x)), make([][]float64, len(x))
	for i := range x {
		units[i], far[i] = []float64{x[i]}, []float64{x[i] + 1e9}
	}
	got := MomentsOf(far[:2]...).Add(MomentsOf(far[2:]...)).Var(0)
	if want := MomentsOf(units...).Var(0); !near(got, want, 1e-9) {
		t.Errorf("variance at 1e9: got %g, want %g", got, want)
	}
}

// A mean's standard error is s / sqrt(n); a ratio's is the mean's where every denominator is 1.
func TestFormEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := vectors(t, 1, 2)
		pairs := make([][]float64, len(units))
		for i, u := range units {
			pairs[i] = []float64{u[0], 1}
		}
		mean := Form{Num: 0, Den: Ones}.Estimate(MomentsOf(units...))
		ratio := Form{Num: 0, Den: 1}.Estimate(MomentsOf(pairs...))
		if !near(mean.Value, ratio.Value, 1e-9) || !near(mean.StdErr, ratio.StdErr, 1e-9) {
			t.Fatalf("mean %v, ratio %v", mean, ratio)
		}
	})
	if e := (Form{Den: Ones}).Estimate(Moments{}); !math.IsNaN(e.Value) || !math.IsNaN(e.StdErr) {
		t.Errorf("no units: got %v, want NaN", e)
	}
	if e := (Form{Den: Ones}).Estimate(MomentsOf([]float64{3})); e.Value != 3 || !math.IsNaN(e.StdErr) {
		t.Errorf("one unit: got %v, want 3 without an error", e)
	}
}
