package sequential

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The algorithm of QuantileABTest in gostevehoward/confseq (commit 70b1ef3),
// transcribed to Python with scipy 1.17.1's betaln and minimize_scalar.
func TestQuantilePReference(t *testing.T) {
	a := slices.Repeat([]float64{12, 15.5, 9, 22, 18, 14, 11, 16, 30, 13, 12.5, 19, 21, 10, 17, 15, 16.5, 14.5}, 4)
	b := slices.Repeat([]float64{30, 41, 28, 35, 52, 33, 29, 47, 38, 31, 36, 44, 27, 39, 34, 32}, 4)
	check(t, "median", QuantileP(a, b, 0.5, 100, 0.05), 5.043276814742954e-14, 1e-6)
	check(t, "p90", QuantileP(a, b, 0.9, 100, 0.05), 0.015185144179042733, 1e-6)
}

// Formulas of Howard and Ramdas (2022), theorems 2 and 3, in Python with
// mpmath's zeta and scipy 1.17.1's brentq and minimize_scalar.
func TestQuantileBoundsReference(t *testing.T) {
	check(t, "low quantile", DoubleStitching(0.2, 900, 0.05, 150), 68.33745132713553, 1e-12)
	check(t, "before start", DoubleStitching(0.9, 60, 0.02, 200), 16.060574768566788, 1e-12)
	check(t, "whole distribution", EmpiricalCDFRadius(800, 0.1, 32), 0.09046883038727398, 1e-8)
}

func TestQuantilePLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Map(rapid.IntRange(-50, 50), func(i int) float64 { return float64(i) })
		a := rapid.SliceOfN(value, 1, 60).Draw(t, "a")
		b := rapid.SliceOfN(value, 1, 60).Draw(t, "b")
		p := rapid.Float64Range(0.05, 0.95).Draw(t, "p")
		got := QuantileP(a, b, p, 50, 0.05)
		if !(got > 0 && got <= 1) {
			t.Fatalf("p-value %v", got)
		}
		if swapped := QuantileP(b, a, p, 50, 0.05); !near(swapped, got, 1e-9) {
			t.Fatalf("swapped arms give %v, not %v", swapped, got)
		}
		if same := QuantileP(a, a, p, 50, 0.05); same != 1 {
			t.Fatalf("a sample differs from itself: %v", same)
		}
		cubed := func(x []float64) []float64 {
			y := make([]float64, len(x))
			for i := range x {
				y[i] = x[i] * x[i] * x[i]
			}
			return y
		}
		if monotone := QuantileP(cubed(a), cubed(b), p, 50, 0.05); !near(monotone, got, 1e-9) {
			t.Fatalf("a monotone change of scale gives %v, not %v", monotone, got)
		}
	})
}

func TestQuantilePErrorRate(t *testing.T) {
	const runs, alpha = 100, 0.1
	random := rand.New(rand.NewPCG(3, 4))
	rejected := 0
	for range runs {
		var a, b []float64
		least := 1.0
		for range 15 {
			for range 20 {
				a, b = append(a, random.ExpFloat64()), append(b, random.ExpFloat64())
			}
			least = min(least, QuantileP(a, b, 0.75, 150, alpha))
		}
		if least <= alpha {
			rejected++
		}
	}
	if most := int(runs*alpha + 3*math.Sqrt(runs*alpha*(1-alpha))); rejected > most {
		t.Errorf("%d of %d runs without difference rejected, want at most %d", rejected, runs, most)
	}
}

func TestQuantileEdges(t *testing.T) {
	a := []float64{1, 2, 3}
	for _, v := range []float64{
		QuantileP(nil, a, 0.5, 100, 0.05), QuantileP(a, []float64{math.NaN()}, 0.5, 100, 0.05), QuantileP(a, a, 1, 100, 0.05),
		QuantileP(a, a, 0.5, 0, 0.05), DoubleStitching(0, 10, 0.05, 1), EmpiricalCDFRadius(10, 0.05, 0),
	} {
		if !math.IsNaN(v) {
			t.Errorf("got %v outside the domain", v)
		}
	}
	if got := EmpiricalCDFRadius(10, 0.05, 50); !math.IsInf(got, 1) {
		t.Errorf("radius %v before the start", got)
	}
	if !slices.Equal(a, []float64{1, 2, 3}) {
		t.Error("the sample was changed")
	}
}
