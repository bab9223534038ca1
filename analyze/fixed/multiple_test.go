package fixed

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAdjustments(t *testing.T) {
	// R: p.adjust(c(.01, .02, .03, .04, .05), method).
	p := []float64{0.01, 0.02, 0.03, 0.04, 0.05}
	harmonic := 1 + 1.0/2 + 1.0/3 + 1.0/4 + 1.0/5
	for name, c := range map[string]struct{ got, want []float64 }{
		"bonferroni": {Bonferroni(p), []float64{0.05, 0.1, 0.15, 0.2, 0.25}},
		"holm":       {Holm(p), []float64{0.05, 0.08, 0.09, 0.09, 0.09}},
		"bh":         {BenjaminiHochberg(p), []float64{0.05, 0.05, 0.05, 0.05, 0.05}},
		"by":         {BenjaminiYekutieli(p), slices.Repeat([]float64{0.05 * harmonic}, 5)},
		"missing":    {Holm([]float64{0.04, math.NaN(), 0.01}), []float64{0.04, math.NaN(), 0.02}},
		"none":       {BenjaminiHochberg(nil), nil},
	} {
		if len(c.got) != len(c.want) {
			t.Fatalf("%s has %d values, want %d", name, len(c.got), len(c.want))
		}
		for i := range c.want {
			near(t, name, c.got[i], c.want[i], 1e-14)
		}
	}
	if p[0] != 0.01 || p[4] != 0.05 {
		t.Error("the input was changed")
	}
}

func TestAdjustmentLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 12).Draw(t, "p")
		bonferroni, holm, bh, by := Bonferroni(p), Holm(p), BenjaminiHochberg(p), BenjaminiYekutieli(p)
		for i, v := range p {
			const rounding = 1 + 1e-14
			if !(v <= bh[i]*rounding && bh[i] <= holm[i]*rounding && holm[i] <= bonferroni[i]*rounding && bh[i] <= by[i]*rounding && by[i] <= 1) {
				t.Fatalf("p %g: bh %g, holm %g, bonferroni %g, by %g", v, bh[i], holm[i], bonferroni[i], by[i])
			}
			for j, w := range p {
				if v < w && holm[i] > holm[j] {
					t.Fatalf("holm turns the order of %g and %g", v, w)
				}
			}
		}
		order := rand.New(rand.NewPCG(1, 2)).Perm(len(p))
		shuffled := make([]float64, len(p))
		for i, j := range order {
			shuffled[i] = p[j]
		}
		again := Holm(shuffled)
		for i, j := range order {
			near(t, "holm, shuffled", again[i], holm[j], 0)
		}
	})
}
