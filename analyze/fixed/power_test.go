package fixed

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPower(t *testing.T) {
	// statsmodels 0.15 TTestIndPower and NormalIndPower.
	plan := Plan{Ratio: 1, Alpha: 0.05}
	near(t, "t", plan.Power(0.5, 20), 0.3379390289250411, 1e-10)
	near(t, "z", Plan{Ratio: 1, Alpha: 0.05, Normal: true}.Power(0.5, 20), 0.3526080824447023, 1e-12)
	near(t, "larger", Plan{Ratio: 1, Alpha: 0.05, Alternative: Larger}.Power(0.5, 20), 0.46337434929640864, 1e-10)
	near(t, "smaller", Plan{Ratio: 1, Alpha: 0.05, Alternative: Smaller}.Power(-0.5, 20), 0.46337434929640864, 1e-10)
	near(t, "half the units", Plan{Ratio: 0.5, Alpha: 0.05}.Power(0.5, 20), 0.23858999623629082, 1e-10)

	// R's help of power.t.test: n = 20, delta = 1 gives 0.8689528, and power =
	// .90, delta = 1 gives n = 22.02110.
	one := Plan{Ratio: 1, Alpha: 0.025, Alternative: Larger}
	near(t, "R power", one.Power(1, 20), 0.8689528, 1e-7)
	near(t, "R size", one.SampleSize(1, 0.9), 22.02110, 1e-6)

	near(t, "no effect", plan.Power(0, 50), 0.05, 1e-10)
	near(t, "size for no effect", plan.SampleSize(0, 0.8), math.NaN(), 0)
	near(t, "size on the wrong side", one.SampleSize(-1, 0.8), math.NaN(), 0)
	near(t, "power below alpha", plan.Detectable(50, 0.01), math.NaN(), 0)
	near(t, "too few units", plan.Power(1, 1), math.NaN(), 0)
}

func TestPlanInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := Plan{
			Ratio:       rapid.SampledFrom([]float64{1, 0.25, 5.0 / 95, 3}).Draw(t, "ratio"),
			Alpha:       rapid.SampledFrom([]float64{0.01, 0.05}).Draw(t, "alpha"),
			Alternative: rapid.SampledFrom([]Alternative{TwoSided, Larger, Smaller}).Draw(t, "alternative"),
			Normal:      rapid.Bool().Draw(t, "normal"),
		}
		power := rapid.Float64Range(0.2, 0.99).Draw(t, "power")
		n := rapid.Float64Range(20, 1e5).Draw(t, "n")
		d := plan.Detectable(n, power)
		near(t, "power of the detectable effect", plan.Power(d, n), power, 1e-8)
		near(t, "size for the detectable effect", plan.SampleSize(d, power), n, 1e-6)
	})
}

func TestRateSampleSize(t *testing.T) {
	// R's help of power.prop.test: p1 = .50, p2 = .75, power = .90 gives n =
	// 76.7.
	if n := RateSampleSize(0.5, 0.75, 0.05, 0.9); math.Abs(n-76.7) > 0.05 {
		t.Errorf("size is %g, R has 76.7", n)
	}
	near(t, "swapped", RateSampleSize(0.75, 0.5, 0.05, 0.9), RateSampleSize(0.5, 0.75, 0.05, 0.9), 1e-14)
	near(t, "equal rates", RateSampleSize(0.5, 0.5, 0.05, 0.9), math.Inf(1), 0)
	near(t, "h", CohenH(0.05, 0.06), 0.04390731454463309, 1e-13) // statsmodels proportion_effectsize
	near(t, "h, swapped", CohenH(0.06, 0.05), -0.04390731454463309, 1e-13)
}
