package plan

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
)

// TestLaws: made-up units have the figures that were asked for.
func TestLaws(t *testing.T) {
	r := func() *rand.Rand { return rand.New(rand.NewPCG(1, 1)) }
	figure := func(f analyze.Form, m draw.Matrix) float64 { return f.Estimate(m.Moments()).Value }
	near := func(what string, got, want, off float64) {
		t.Helper()
		if math.Abs(got-want) > off {
			t.Errorf("%s is %g, want %g", what, got, want)
		}
	}
	for _, test := range []struct {
		m     analyze.Metric
		l     Law
		e     Effect
		level float64 // of the tested figure, in control
		want  float64 // in the treatment
	}{
		{rate("resolution", analyze.Goal, analyze.Up, .03, time.Hour), Law{Level: .6}, .05, .6, .65},
		{requestRate("errors", .01), Law{Level: .01, Requests: 3.5, ICC: .2}, .01, .01, .02},
		{sum("tokens", .15), Law{Level: 1500, CV: .5}, 0, 0, 0},
		{p95("latency", .1), Law{Level: 2000, Sigma: .6, Requests: 4, ICC: .3}, 0, .05, .05},
	} {
		arms, err := test.l.Make(test.m, test.e, 20_000, r())
		if err != nil {
			t.Fatal(err)
		}
		if test.level > 0 {
			near(test.m.Name+" of control", figure(test.m.Tested, arms[0]), test.level, 1e-4)
			near(test.m.Name+" of the treatment", figure(test.m.Tested, arms[1]), test.want, 1e-4)
		} else {
			near("mean", figure(test.m.Shown, arms[0]), test.l.Level, 1e-6*test.l.Level)
			near("spread", math.Sqrt(arms[0].Moments().Var(0))/test.l.Level, test.l.CV, .01)
			if capped := figure(test.m.Tested, arms[0]); capped >= test.l.Level || capped < .97*test.l.Level {
				t.Errorf("capped mean %g of %g", capped, test.l.Level)
			}
		}
	}

	m := p95("latency", .1)
	arms, err := Law{Level: 2000, Sigma: .6, Requests: 4, ICC: .3}.Make(m, .1, 20_000, r())
	if err != nil {
		t.Fatal(err)
	}
	near("at the margin, the treatment's rate above its threshold", figure(m.Margined, arms[1]), figure(m.Tested, arms[0]), 1e-9)

	errors, err := Law{Level: .01, Requests: 4, ICC: .2}.Make(requestRate("errors", .01), 0, 20_000, r())
	if err != nil {
		t.Fatal(err)
	}
	mo := errors[0].Moments()
	icc := (mo.Var(0)/(4*.01*.99) - 1) / 3
	near("correlation of errors within units", icc, .2, .02)
	for _, l := range []Law{{Level: 0}, {Level: 1}, {Level: math.NaN()}} {
		if _, err := l.Make(rate("x", analyze.Goal, analyze.Up, .03, 0), 0, 100, r()); err == nil {
			t.Errorf("a rate of %g is accepted", l.Level)
		}
	}
	if _, err := (Law{Level: .98}).Make(rate("x", analyze.Goal, analyze.Up, .03, 0), .05, 100, r()); err == nil {
		t.Error("a rate above 1 is accepted")
	}
}
