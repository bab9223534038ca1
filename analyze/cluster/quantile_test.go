package cluster

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestQuantileEdges(t *testing.T) {
	x := []float64{1, 2, 4, 8}
	for p, want := range map[float64]float64{0: 1, 1: 8, 0.5: 3, 1.0 / 3: 2, 0.9: 6.8, -0.1: math.NaN(), 1.1: math.NaN()} {
		check(t, "quantile", Quantile(x, p), want)
	}
	check(t, "of none", Quantile(nil, 0.5), math.NaN())
	check(t, "of one", Quantile([]float64{7}, 0.3), 7)
	check(t, "at NaN", Quantile(x, math.NaN()), math.NaN())
	// (n-1) p is whole but for rounding: exactly that value.
	ten := make([]float64, 1001)
	for i := range ten {
		ten[i] = float64(i) * float64(i)
	}
	for i := range ten {
		if got := Quantile(ten, float64(i)/1000); got != ten[i] {
			t.Fatalf("quantile %d/1000 = %v, want %v", i, got, ten[i])
		}
	}
}

var (
	latency  = []float64{3, 8, 1, 9, 4, 4, 12, 7, 5, 2, 6, 11, 10, 3, 8}
	sessions = []int{1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 6, 7, 7}
)

// numpy 2.4.6: quantile(x, F -+ 1.959963984540054 s), s from the sums over
// sessions of I(x <= q) - F with G/(G-1).
func TestWoodruffReference(t *testing.T) {
	q := Woodruff(latency, sessions, 0.5, 0.05)
	check(t, "median", q.Value, 6)
	check(t, "share", q.Below.Value, 0.5333333333333333)
	check(t, "its error", q.Below.StdErr(), 0.11953269780115146)
	check(t, "lower", q.Lower, 4)
	check(t, "upper", q.Upper, 8.746583623979003)
	q = Woodruff(latency, sessions, 0.25, 0.05)
	check(t, "quartile", q.Value, 3.5)
	check(t, "lower", q.Lower, 1.2234217396313638)
	check(t, "upper", q.Upper, 6.2432449270353025)
	check(t, "implied error", q.Figure().StdErr(), (6.2432449270353025-1.2234217396313638)/2/1.959963984540054)
}

func TestWoodruffLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		values := rapid.SliceOfN(rapid.Float64Range(-9, 9), n, n).Draw(t, "values")
		labels := rapid.SliceOfN(rapid.IntRange(0, 9), n, n).Draw(t, "labels")
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		given := slices.Clone(values)
		q := Woodruff(values, labels, p, 0.1)
		if !slices.Equal(values, given) {
			t.Fatal("the values were changed")
		}
		if q.Lower > q.Upper {
			t.Fatalf("limits %v and %v", q.Lower, q.Upper)
		}
		doubled := make([]float64, n)
		for i := range values {
			doubled[i] = 2 * values[i]
		}
		d := Woodruff(doubled, labels, p, 0.1)
		if d.Value != 2*q.Value || !math.IsNaN(q.Lower) && d.Lower != 2*q.Lower || math.IsNaN(q.Upper) != math.IsNaN(d.Upper) {
			t.Fatalf("in another unit %+v, not %+v", d, q)
		}
	})
}

func TestWoodruffUnknown(t *testing.T) {
	for name, q := range map[string]ClusteredQuantile{
		"one cluster":     Woodruff(latency, make([]int, len(latency)), 0.5, 0.05),
		"constant values": Woodruff([]float64{2, 2, 2}, []int{1, 2, 3}, 0.5, 0.05),
		"no values":       Woodruff(nil, []int{}, 0.5, 0.05),
		"NaN":             Woodruff([]float64{1, math.NaN(), 3}, []int{1, 2, 3}, 0.5, 0.05),
	} {
		if !math.IsNaN(q.Lower) || !math.IsNaN(q.Upper) || !math.IsNaN(q.Figure().Variance) {
			t.Errorf("%s: %+v has limits", name, q)
		}
	}
	if q := Woodruff([]float64{1, math.NaN(), 3}, []int{1, 2, 3}, 0, 0.05); !math.IsNaN(q.Value) {
		t.Errorf("quantile with a NaN: %v", q.Value)
	}
	// Beyond the data there is no limit on that side.
	if q := Woodruff(latency, sessions, 0.95, 0.05); !math.IsNaN(q.Upper) || math.IsNaN(q.Lower) {
		t.Errorf("p95 of 15 values: %+v", q)
	}
}
