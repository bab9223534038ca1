package plan

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
)

// quality is a judge's metric.
func quality(role analyze.Role, margin float64, corrected bool) analyze.Metric {
	m := analyze.Metric{
		Name: "quality", Role: role, Kind: analyze.KindJudge, Good: analyze.Up, Judged: true, Corrected: corrected, Minimum: 100,
		Margin: &analyze.Margin{Value: margin}, Shown: analyze.JudgedForm(), Tested: analyze.JudgedForm(), Margined: analyze.JudgedForm(),
	}
	for _, part := range analyze.JudgedParts() {
		m.Columns = append(m.Columns, analyze.Column{Value: "support-quality", Window: time.Hour, Part: part})
	}
	return m
}

// labelled makes a pool of units of which half are judged and a fifth of those labelled, by people who see a good
// unit in 70 of 100; the judge agrees with them in 85.
func labelled(units int, r *rand.Rand) draw.Matrix {
	const q, l = .5, .2
	out := draw.Matrix{Width: 7}
	for range units {
		truth, score := 0., 0.
		if r.Float64() < .7 {
			truth = 1
		}
		if score = truth; r.Float64() < .15 {
			score = 1 - truth
		}
		row := make([]float64, 7)
		if r.Float64() < q {
			row[0], row[1], row[5] = 1/q, score/q, 1
			if r.Float64() < l {
				row[2], row[3], row[4], row[6] = 1/(q*l), score/(q*l), truth/(q*l), 1
			}
		}
		out.Values = append(out.Values, row...)
	}
	return out
}

// TestJudgePower: what a judge's metric is planned to prove is the share of simulated releases in which the analysis,
// on drawn units with their weights, has proven it: on the judge's own scale, and corrected by labels.
func TestJudgePower(t *testing.T) {
	const runs, days, perDay = 200, 7, 1200
	own := must(t, quality(analyze.Guardrail, .05, false), Law{Level: .7, Sigma: .3, Judged: .3}, 0, perDay, .5)
	if level := float64(own.level()); math.Abs(level-.7) > 1e-9 {
		t.Errorf("made-up scores have a mean of %g, stated is 0.7", level)
	}
	pool := labelled(6000, rand.New(rand.NewPCG(4, 4)))
	corrected := Metric{Metric: quality(analyze.Guardrail, .12, true), Control: pool, Treatment: pool}
	corrected.Freeze(7*perDay, .5)
	for name, m := range map[string]Metric{"own scale": own, "corrected": corrected} {
		p := Plan{Metrics: []Metric{m}, UnitsPerDay: perDay, Unit: "session", Method: analyze.Sequential, Alpha: .05, Steps: []Step{{Share: .5}}}
		powers, err := p.Powers(5, days)
		if err != nil {
			t.Fatal(err)
		}
		planned := powers[0].Sequential.ByDay
		proven := p.proven(runs, days)
		t.Logf("%s: planned %.3f, the analysis %.3f", name, planned, proven)
		for d, want := range proven {
			if se := math.Sqrt(math.Max(want*(1-want), .01)/runs) + powers[0].StdErr; math.Abs(planned[d]-want) > 3.5*se+.03 {
				t.Errorf("%s: after %d days a power of %.3f is planned, the analysis has %.3f", name, d+1, planned[d], want)
			}
		}
	}
}

// TestJudgeOnItsOwnScale: without labels a goal is never better, and the plan says so; a judge's units come a day later.
func TestJudgeOnItsOwnScale(t *testing.T) {
	m := must(t, quality(analyze.Goal, .05, false), Law{Level: .7, Sigma: .3, Judged: .5}, .2, 2000, .5)
	p := Plan{Metrics: []Metric{m}, UnitsPerDay: 2000, Unit: "session", Method: analyze.Sequential, Alpha: .05, Steps: []Step{{Share: .5}}}
	o, err := p.Look(t.Context(), []Effect{.2}, Options{Seed: 1, Releases: 10, Days: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.Rule.Promote.Value > 0 || len(o.Metrics[0].Tests) != 1 || o.Metrics[0].Tests[0].Question != Within {
		t.Errorf("%.2f are promoted; tests %+v", o.Rule.Promote.Value, o.Metrics[0].Tests)
	}
	if !strings.Contains(strings.Join(o.Doubts, "\n"), "quality is on the judge's own scale") {
		t.Errorf("doubts %q", o.Doubts)
	}
	m.Lag = 24 * time.Hour
	p.Metrics = []Metric{m}
	late, err := p.Powers(1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if d := late[0].Sequential.Days80 - o.Metrics[0].Tests[0].Sequential.Days80; math.Abs(float64(d)-1) > .1 {
		t.Errorf("a day of waiting makes it %.2f days later", float64(d))
	}
}
