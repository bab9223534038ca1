package plan

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze"
)

// alone is the power of one test at one share, tuned to be tightest when it has its power.
func alone(m Metric, perDay, share float64, question Question, floor bool) Power {
	p := Plan{Metrics: []Metric{m}, UnitsPerDay: perDay, Unit: "session", Alpha: .05, Steps: []Step{{Share: share}}}
	var out Power
	days := 12.0
	for range 3 {
		m.Freeze(days*perDay, share)
		c := m.contest(question)
		if !floor {
			c.floorControl, c.floorTreated = 0, 0
		}
		out = c.power(p.schedule(int(days*2)+2), .05, rand.New(rand.NewPCG(3, 3)))
		days = math.Min(float64(out.Sequential.Days80), 60)
	}
	return out
}

// TestDaysOfTheReference: the days to 80 % power that other code computed for constant shares, at
// one look and sequentially. Windows are left out, as there.
//
// The reference has no floor under a rate's variance, which the rule has and pays for: with it
// days are more. And it takes a quantile's variance as of rows at the margin; at no effect
// the treatment has fewer rows above the margin's threshold, 3.6 % for 5 %, and so less.
func TestDaysOfTheReference(t *testing.T) {
	const fewer = .0356 * .9644 / (.05 * .95)
	for _, test := range []struct {
		metric            analyze.Metric
		law               Law
		effect            Effect
		question          Question
		sequential, fixed float64
		off               float64 // relative
	}{
		{rate("resolution", analyze.Goal, analyze.Up, .03, 0), Law{Level: .6}, .05, Better, 12.5, 7.7, .04},
		{rate("handoff", analyze.Guardrail, analyze.Down, .02, 0), Law{Level: .1}, 0, Within, 26, 14.7, .04},
		// Exceeding the p95 then correlates by about .2 within a session.
		{p95("p95", .1), Law{Level: 2000, Sigma: .6, Requests: 4, ICC: .5}, 0, Within, 10 * fewer, 6 * fewer, .08},
	} {
		for i := range test.metric.Columns {
			test.metric.Columns[i].Window = 0
		}
		m := must(t, test.metric, test.law, test.effect, 2000, .05)
		got, with := alone(m, 2000, .05, test.question, false), alone(m, 2000, .05, test.question, true)
		t.Logf("%-10s sequential %.1f days (%.4g), fixed %.1f (%.4g), price %.2f; with the floor %.1f", m.Name,
			got.Sequential.Days80, test.sequential, got.Fixed.Days80, test.fixed, got.Sequential.Days80/got.Fixed.Days80, with.Sequential.Days80)
		if math.Abs(float64(got.Sequential.Days80)/test.sequential-1) > test.off {
			t.Errorf("%s: %.1f days, the reference has %g", m.Name, got.Sequential.Days80, test.sequential)
		}
		if math.Abs(float64(got.Fixed.Days80)/test.fixed-1) > test.off {
			t.Errorf("%s: %.1f days at one look, the reference has %g", m.Name, got.Fixed.Days80, test.fixed)
		}
		if with.Sequential.Days80 < got.Sequential.Days80 {
			t.Errorf("%s: a floor under the variance makes it faster", m.Name)
		}
	}
}

// TestPowerIsThatOfTheRule: what a metric proves alone, by its sum, is what releases show.
func TestPowerIsThatOfTheRule(t *testing.T) {
	p := usual(t, 1000, .06)
	p.Metrics = p.Metrics[:1]
	powers, err := p.Powers(1, 10)
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.Simulate(context.Background(), 2, 400, 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	for d, got := range f.PromotedByDay {
		want := math.Min(powers[0].Sequential.ByDay[d], powers[1].Sequential.ByDay[d])
		if d < 2 { // the ramp asks for half of the information at shares of 20 %
			continue
		}
		if se := math.Sqrt(want*(1-want)/400) + powers[0].StdErr; math.Abs(got-want) > 4*se+.03 {
			t.Errorf("after %d days %.3f of the releases are promoted; the goal alone has power %.3f", d+1, got, want)
		}
	}
}

// TestDetectable: the effect that is said to be detectable has the power.
func TestDetectable(t *testing.T) {
	p := usual(t, 1000, .05)
	powers, err := p.Powers(1, 14)
	if err != nil {
		t.Fatal(err)
	}
	q := usual(t, 1000, Effect(powers[0].Sequential.Detectable))
	again, err := q.Powers(1, 14)
	if err != nil {
		t.Fatal(err)
	}
	if got := again[0].Sequential.ByDay[13]; math.Abs(got-.8) > .02 {
		t.Errorf("an effect of %.4f has power %.3f", powers[0].Sequential.Detectable, got)
	}
}
