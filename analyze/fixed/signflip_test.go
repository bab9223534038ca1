package fixed

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// SciPy 1.17.1: permutation_test((d,), mean, permutation_type="samples", n_resamples=inf); the last by
// convolution of the 26 quarters in Python's integers.
func TestSignFlipReference(t *testing.T) {
	for _, c := range []struct {
		d    []float64
		want SignFlip
	}{
		{[]float64{.5, -.25, .75, 0, .25, 1, -.5, .25, .5, 0, .75, -.25}, SignFlip{0.123046875, 0.0615234375, 0.96875}},
		{[]float64{1.31, -.42, 2.7, .55, -.1, 3.9, .02, -1.25, .8, 1.1, .33, -.6, 2.2, .07}, SignFlip{0.061767578125, 0.0308837890625, 0.9696044921875}},
		{[]float64{4, 0, 1, 2, 0, 1, 1, 1, 1, 0, 1, 0, 0, -2, 1, -1, -1, 2, 1, -1, 1, 2, -2, 1, 0, 1}, SignFlip{0.06230926513671875, 0.031154632568359375, math.NaN()}},
	} {
		got := NewSignFlip(c.d)
		if got.TwoSided != c.want.TwoSided || got.Greater != c.want.Greater || !math.IsNaN(c.want.Less) && got.Less != c.want.Less {
			t.Errorf("%v: %+v, want %+v", c.d, got, c.want)
		}
	}
}

// Shares are those over all signs, one by one; and the limits are where the tests turn.
func TestSignFlipByEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(rapid.Map(rapid.IntRange(-8, 8), func(k int) float64 { return float64(k) / 4 }), 1, 11).Draw(t, "d")
		sum, greater, less, far := 0.0, 0, 0, 0
		for _, x := range d {
			sum += x
		}
		for signs := range 1 << len(d) {
			s := 0.0
			for i, x := range d {
				if signs>>i&1 == 1 {
					x = -x
				}
				s += x
			}
			if s >= sum {
				greater++
			}
			if s <= sum {
				less++
			}
			if math.Abs(s) >= math.Abs(sum) {
				far++
			}
		}
		all := float64(int(1) << len(d))
		got := NewSignFlip(d)
		if want := (SignFlip{float64(far) / all, float64(greater) / all, float64(less) / all}); got != want && sum != 0 || got.Greater != want.Greater {
			t.Fatalf("%+v, want %+v", got, want)
		}
		alpha := rapid.Float64Range(.01, .4).Draw(t, "alpha")
		lower := SignFlipLower(d, alpha)
		for _, off := range []float64{-1e-5, 1e-5} {
			moved := make([]float64, len(d))
			for i := range d {
				moved[i] = d[i] - lower - off
			}
			if p := NewSignFlip(moved).Greater; !math.IsInf(lower, 0) && (p > alpha) != (off > 0) {
				t.Fatalf("lower limit %v at %v: p %v beside it", lower, alpha, p)
			}
		}
	})
}

// No difference, too many, or NaN have no test; few have no limit.
func TestSignFlipSpecial(t *testing.T) {
	for _, d := range [][]float64{nil, make([]float64, MaxExactFlips+1), {1, math.NaN()}} {
		if got := NewSignFlip(d); !math.IsNaN(got.TwoSided) || !math.IsNaN(got.Greater) || !math.IsNaN(got.Less) {
			t.Errorf("%v: %+v", d, got)
		}
	}
	if lower, upper := SignFlipInterval([]float64{1, 2, 3}, .05); !math.IsInf(lower, -1) || !math.IsInf(upper, 1) {
		t.Errorf("limits of three: %v, %v", lower, upper)
	}
	if got := NewSignFlip([]float64{0, 0}); got.TwoSided != 1 {
		t.Errorf("zeros: %+v", got)
	}
}

func BenchmarkSignFlipInterval(b *testing.B) {
	d := make([]float64, MaxExactFlips)
	for i := range d {
		d[i] = math.Sin(float64(i)) + .2
	}
	for b.Loop() {
		SignFlipInterval(d, .05)
	}
}
