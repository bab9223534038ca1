package fixed

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"weir/analyze/dist"
)

func TestPosterior(t *testing.T) {
	flat := Posterior{SD: math.Inf(1)}
	p := flat.Update(1.5, 0.25)
	near(t, "flat mean", p.Mean, 1.5, 0)
	near(t, "flat sd", p.SD, 0.5, 1e-15)
	near(t, "above", p.Above(), dist.NormalCDF(3), 1e-15)
	lower, upper := p.Interval(0.05)
	near(t, "lower", lower, 1.5-0.5*1.959963984540054, 1e-14)
	near(t, "upper", upper, 1.5+0.5*1.959963984540054, 1e-14)

	equal := Posterior{Mean: 1, SD: 2}.Update(3, 4)
	near(t, "equal precision, mean", equal.Mean, 2, 1e-15)
	near(t, "equal precision, sd", equal.SD, math.Sqrt2, 1e-15)

	centred := Posterior{SD: 3}
	near(t, "gain at zero", centred.Gain(), 3/math.Sqrt(2*math.Pi), 1e-14)
	near(t, "certain gain", Posterior{Mean: 4, SD: 0.01}.Gain(), 4, 1e-15)
	near(t, "certain loss", Posterior{Mean: 4, SD: 0.01}.Loss(), 0, 0)
	near(t, "no variance", flat.Update(1, 0).Above(), math.NaN(), 0)
	near(t, "unknown variance", flat.Update(1, math.NaN()).Mean, math.NaN(), 0)
}

func TestPosteriorLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Posterior{Mean: rapid.Float64Range(-5, 5).Draw(t, "mean"), SD: rapid.Float64Range(0.1, 5).Draw(t, "sd")}
		near(t, "above and below", p.Above()+p.Below(), 1, 1e-14)
		if math.Abs(p.Gain()-p.Loss()-p.Mean) > 1e-12 {
			t.Fatalf("gain %g less loss %g is not the mean %g", p.Gain(), p.Loss(), p.Mean)
		}
	})
}

func TestLiftVariance(t *testing.T) {
	a, b := Sample{N: 950, Mean: 10, Var: 16}, Sample{N: 50, Mean: 10.8, Var: 16}
	want := 16/(100*50.0) + 16*10.8*10.8/(1e4*950)
	near(t, "lift variance", LiftVariance(a, b), want, 1e-14)
}
