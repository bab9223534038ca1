package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze/fixed"
)

// ranTwice is a metric of so many cases under both versions, with or without the cases themselves.
func ranTwice(m Metric, cases [][2]float64, few bool) Data {
	var joint [][]float64
	for _, c := range cases {
		joint = append(joint, []float64{c[0], c[1]})
	}
	pairs, n := MomentsOf(joint...), int64(len(cases))
	d := MetricData{Metric: m, Pairs: &pairs, Frozen: Frozen{Cap: Unknown, Threshold: Unknown, Level: Unknown, Spread: Unknown, PlanUnits: Unknown, PlanShare: Unknown}}
	if few {
		d.Cases = cases
	}
	return Data{Control: "v1", Treatment: "v2", Design: Design{Unit: "case", Kind: Paired, Strata: 1, Method: Fixed, Alpha: .05, Offline: true},
		Units: UnitCounts{Control: n, Treatment: n}, Strata: []Stratum{{Share: .5}}, Metrics: []MetricData{d}}
}

// Few cases are compared by flipping signs: the p-value and the limits are that test's, a margin is passed
// by it and by t, and swapping the versions turns everything round.
func TestFewCases(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var cases, swapped [][2]float64
	var d []float64
	for range 22 {
		a, b := float64(r.IntN(5))/4, float64(1+r.IntN(4))/4
		cases, swapped, d = append(cases, [2]float64{a, b}), append(swapped, [2]float64{b, a}), append(d, b-a)
	}
	m := rate(Goal, Up, .05)
	m.Minimum = 20
	exact, byT, turned := Evaluate(ranTwice(m, cases, true)).Metrics[0], Evaluate(ranTwice(m, cases, false)).Metrics[0], Evaluate(ranTwice(m, swapped, true)).Metrics[0]
	want := fixed.NewSignFlip(d)
	lower, upper := fixed.SignFlipInterval(d, .05)
	if float64(exact.Test.PValue) != want.TwoSided || float64(exact.Test.Lower) != lower || float64(exact.Test.Upper) != upper {
		t.Errorf("test %+v, want p %v, limits %v, %v", exact.Test, want.TwoSided, lower, upper)
	}
	if exact.Test.Value != byT.Test.Value || exact.Absolute.StdErr != byT.Absolute.StdErr || exact.Test.PValue == byT.Test.PValue {
		t.Errorf("exact %+v, by t %+v", exact.Test, byT.Test)
	}
	if exact.Margin.PValue < byT.Margin.PValue || exact.Margin.Bound > byT.Margin.Bound {
		t.Errorf("the margin is passed more easily than by t: %+v, %+v", exact.Margin, byT.Margin)
	}
	if turned.Test.PValue != exact.Test.PValue || !near(float64(turned.Test.Lower), -upper, 1e-5) || !near(float64(turned.Test.Upper), -lower, 1e-5) {
		t.Errorf("swapped %+v, was %+v", turned.Test, exact.Test)
	}
	if more := Evaluate(ranTwice(m, append(cases, cases...), true)).Metrics[0]; math.Abs(float64(more.Test.PValue-Evaluate(ranTwice(m, append(cases, cases...), false)).Metrics[0].Test.PValue)) > 0 {
		t.Error("more cases than can be flipped are not compared by t")
	}
}
