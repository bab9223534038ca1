package plan

import (
	"math"
	"testing"
	"time"

	"weir/analyze"
)

// TestBetsAreThoseOfTheAnalysis: the power of a rare rate's margin is the share of simulated releases in
// which the analysis itself, on drawn units, has proven it, day by day.
func TestBetsAreThoseOfTheAnalysis(t *testing.T) {
	const runs, days = 300, 8
	for _, test := range []struct {
		name   string
		metric analyze.Metric
		level  float64
		effect Effect
	}{
		{"bad events", rate("handoff", analyze.Guardrail, analyze.Down, .01, 0), .004, 0},
		{"good events, a little worse", rate("resolution", analyze.Guardrail, analyze.Up, .012, 0), .99, -.002},
	} {
		m := must(t, test.metric, Law{Level: test.level}, test.effect, 900, .2)
		p := Plan{
			Metrics: []Metric{m}, UnitsPerDay: 900, Unit: "session", Method: analyze.Sequential, Alpha: .05,
			Steps: []Step{{Share: .1, Hold: 24 * time.Hour}, {Share: .4}},
		}
		powers, err := p.Powers(5, days)
		if err != nil {
			t.Fatal(err)
		}
		planned := powers[0]
		if planned.By != Bets || planned.Question != Within {
			t.Fatalf("%s: planned by %s to show %s", test.name, planned.By, planned.Question)
		}
		proven := p.proven(runs, days)
		t.Logf("%s: planned %.3f, the analysis %.3f", test.name, planned.Sequential.ByDay, proven)
		for d, want := range proven {
			got := planned.Sequential.ByDay[d]
			if se := math.Sqrt(math.Max(want*(1-want), .01)/runs) + planned.StdErr; math.Abs(got-want) > 3.5*se {
				t.Errorf("%s: after %d days a power of %.3f is planned, the analysis has %.3f", test.name, d+1, got, want)
			}
		}
	}
}

// TestBetsDetect: a margin that is said to be detectable is proven in 80 %, and a rate that is not rare is not bet on.
func TestBetsDetect(t *testing.T) {
	power := func(margin float64) Power {
		m := must(t, rate("handoff", analyze.Guardrail, analyze.Down, margin, 0), Law{Level: .004}, 0, 900, .4)
		powers, err := Plan{Metrics: []Metric{m}, UnitsPerDay: 900, Unit: "session", Alpha: .05, Steps: []Step{{Share: .4}}}.Powers(5, 4)
		if err != nil {
			t.Fatal(err)
		}
		return powers[0]
	}
	detectable := float64(power(.01).Sequential.Detectable)
	if again := power(detectable).Sequential.ByDay[3]; math.Abs(again-.8) > .03 {
		t.Errorf("a margin of %.4f is proven in %.3f", detectable, again)
	}
	if by := power(.05).By; by != Sums {
		t.Errorf("a rate of 5.4 %% at the margin is planned by %s", by)
	}
}
