package reports

import (
	"math"
	"testing"

	"pgregory.net/rapid"
	"weir/analyze"
	"weir/rollout"
)

// drawnMetric draws a metric with an interval and a margin.
func drawnMetric(t *rapid.T) analyze.MetricResult {
	value := rapid.Float64Range(-10, 10).Draw(t, "value")
	half := rapid.Float64Range(0.01, 20).Draw(t, "half-width")
	m := made("m", analyze.Guardrail, analyze.KindMean, analyze.Up, "", levels{value: [2]analyze.Number{5, 5}},
		analyze.Number(value), analyze.Number(value-half), analyze.Number(value+half), 0.5)
	margin := rapid.Float64Range(0.01, 5).Draw(t, "margin")
	return margined(m, margin, false, analyze.Number(value-0.8*half), 0.5, 0.5, analyze.CheckOpen)
}

// The lines of the plot are the decision rule: the bound lies right of −1
// where it is on the good side of the margin, the interval right of 0 where all of it is better.
func TestPositionIsTheDecisionRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawnMetric(t)
		p := positionOf(m)
		if (p.Bound > -1) != (float64(m.Margin.Bound) > -float64(m.Margin.Value)) {
			t.Fatalf("bound %v of margin %v lies at %v", m.Margin.Bound, m.Margin.Value, p.Bound)
		}
		if (p.Lower > 0) != (m.Test.Lower > 0) || (p.Upper < 0) != (m.Test.Upper < 0) {
			t.Fatalf("interval %v to %v lies at %v to %v", m.Test.Lower, m.Test.Upper, p.Lower, p.Upper)
		}
		if !(p.Lower <= p.Value && p.Value <= p.Upper) {
			t.Fatalf("out of order: %+v", p)
		}
	})
}

// Where less is better, the mirrored metric lies at the same place.
func TestPositionTurnsWhereLessIsBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		up := drawnMetric(t)
		down := up
		down.Good = analyze.Down
		down.Test.Value, down.Test.Lower, down.Test.Upper = -up.Test.Value, -up.Test.Upper, -up.Test.Lower
		down.Margin.Bound = -up.Margin.Bound
		if positionOf(up) != positionOf(down) {
			t.Fatalf("%+v and %+v", positionOf(up), positionOf(down))
		}
	})
}

func TestPositionOf(t *testing.T) {
	nan := math.NaN()
	relative := tokens()
	open := relative
	open.Relative.Upper = unknown
	for _, c := range []struct {
		name string
		m    analyze.MetricResult
		want position
	}{
		{"points", handoff(), position{true, -0.2, -0.55, 0.15, -0.495}},
		{"relative", margined(relative, 0.1, true, 0.05, 0, 1, analyze.CheckPassed),
			position{true, float64(-relative.Relative.Value) * 10, float64(-relative.Relative.Upper) * 10, float64(-relative.Relative.Lower) * 10, -0.5}},
		{"open end, less is better", margined(open, 0.1, true, unknown, 0, 1, analyze.CheckOpen),
			position{true, float64(-relative.Relative.Value) * 10, math.Inf(-1), float64(-relative.Relative.Lower) * 10, nan}},
		{"no margin", satisfaction(), position{false, 0.07 / 0.18, -0.04 / 0.18, 1, nan}},
		{"not estimable", unestimable("x", analyze.Goal, analyze.Up, "share", 0.03, "no units"), position{true, nan, nan, nan, nan}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := positionOf(c.m)
			if got.Margined != c.want.Margined {
				t.Errorf("margined %v", got.Margined)
			}
			for i, pair := range [][2]float64{{got.Value, c.want.Value}, {got.Lower, c.want.Lower}, {got.Upper, c.want.Upper}, {got.Bound, c.want.Bound}} {
				if !(math.IsNaN(pair[0]) && math.IsNaN(pair[1])) && pair[0] != pair[1] && math.Abs(pair[0]-pair[1]) > 1e-12 {
					t.Errorf("number %d is %v, want %v", i, pair[0], pair[1])
				}
			}
		})
	}
}

func TestPositionOfNoVarianceWithoutMargin(t *testing.T) {
	m := made("m", analyze.Monitor, analyze.KindMean, analyze.Up, "", levels{}, 0, 0, 0, 1)
	if p := positionOf(m); p.Value != 0 || p.Lower != 0 || p.Upper != 0 {
		t.Errorf("%+v", p)
	}
}

// Whatever the intervals are, a plot stays within its frame.
func TestPlotStaysInFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rs []analyze.MetricResult
		for range rapid.IntRange(1, 5).Draw(t, "metrics") {
			rs = append(rs, drawnMetric(t))
		}
		ms := metricsOf(rollout.Record{Analysis: rollout.Analysis{Result: analyze.Result{Metrics: rs}}})
		for _, l := range []layout{wide, narrow} {
			p := plotOf("", ms, l, English)
			for _, r := range p.Rows {
				for _, x := range []float64{r.From, r.To} {
					if x < l.left || x > l.right {
						t.Fatalf("%s: bar at %v", l.id, x)
					}
				}
				if r.HasDot && (r.Dot < l.left || r.Dot > l.right) || r.HasMark && (r.Mark < l.left || r.Mark > l.right) {
					t.Fatalf("%s: dot at %v, mark at %v", l.id, r.Dot, r.Mark)
				}
				if r.From > r.To {
					t.Fatalf("%s: bar from %v to %v", l.id, r.From, r.To)
				}
				if r.CutLeft != (r.Axis.Lower < mostLow) || r.CutRight != (r.Axis.Upper > mostHigh) {
					t.Fatalf("%s: arrows %v %v for %+v", l.id, r.CutLeft, r.CutRight, r.Axis)
				}
			}
			if last := p.Rows[len(p.Rows)-1]; last.Lines[len(last.Lines)-1].Y > p.Height {
				t.Fatalf("%s: text below the frame", l.id)
			}
		}
	})
}
