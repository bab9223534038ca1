package sequential

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The e-value is the ratio of the density of t under a normal mixture of
// effects, a scaled t, to that under none: scipy 1.17.1, log(t.pdf(x/s, 46)/s
// / t.pdf(x, 46)) with x^2 = 12.5, s^2 = 1 + 50/2.
func TestLogETReference(t *testing.T) {
	check(t, "log e", LogET(12.5, 46, 50, 2), 3.775671895709505, 1e-12)
}

func TestTRadiusInvertsLogET(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := float64(rapid.IntRange(20, 1_000_000).Draw(t, "n"))
		g := rapid.Float64Range(0.5, 1000).Draw(t, "g")
		alpha := rapid.Float64Range(0.001, 0.3).Draw(t, "alpha")
		radius := TRadius(n-2, n, g, alpha)
		if math.IsInf(radius, 1) {
			return
		}
		if e := LogET(radius*radius, n-2, n, g); math.Abs(e+math.Log(alpha)) > 1e-6 {
			t.Fatalf("log e at the radius = %v, want %v", e, -math.Log(alpha))
		}
		if z := ZRadius(n, g, alpha); !(radius > z) {
			t.Fatalf("radius %v is not above its limit %v for known variance", radius, z)
		}
	})
}

func TestTRadiusEdges(t *testing.T) {
	check(t, "many observations", TRadius(1e12-2, 1e12, 5, 0.05), ZRadius(1e12, 5, 0.05), 1e-9)
	if got := TRadius(1, 3, 1, 0.001); !math.IsInf(got, 1) {
		t.Errorf("three observations bound a coefficient to %v at 0.001", got)
	}
	for _, v := range []float64{TRadius(0, 2, 1, 0.05), TRadius(5, 7, 0, 0.05), ZRadius(0, 1, 0.05), LogET(-1, 5, 7, 1), LogET(1, 0, 7, 1)} {
		if !math.IsNaN(v) {
			t.Errorf("got %v outside the domain", v)
		}
	}
}
