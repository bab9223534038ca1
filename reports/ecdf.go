package reports

import (
	"fmt"
	"math"
	"strconv"

	"weir/analyze"
)

// A spreadView is how a duration is spread: a picture and the quantiles in figures.
type spreadView struct {
	Name  string
	Chart chart
	Rows  []quantileRow
}

// A quantileRow is one quantile in both arms.
type quantileRow struct{ Name, Control, Treatment, Change string }

// The quantiles that are marked.
var marked = []struct {
	name  string
	share float64
}{{"p50", .5}, {"p95", .95}, {"p99", .99}}

var spreadNames = map[string]string{"latency_ms": "latency", "ttft_ms": "time to the first token"}

// spreadsOf draws the spreads of both arms.
func spreadsOf(spreads []Spread, a arms) []spreadView {
	var out []spreadView
	for i, s := range spreads {
		v := spreadView{Name: spreadNames[s.Column]}
		if v.Name == "" {
			v.Name = label(s.Column)
		}
		v.Chart = ecdf(fmt.Sprintf("spread-%d", i+1), v.Name, s, a)
		for _, q := range marked {
			x, y := s.Arms[0].quantile(q.share), s.Arms[1].quantile(q.share)
			v.Rows = append(v.Rows, quantileRow{q.name, duration(x), duration(y), ratioText(x, y)})
		}
		v.Chart.Desc = fmt.Sprintf("Distribution of %s on a logarithmic axis. %s: %s; %s: %s.", v.Name,
			a.Control, quantileWords(v.Rows, func(r quantileRow) string { return r.Control }),
			a.Treatment, quantileWords(v.Rows, func(r quantileRow) string { return r.Treatment }))
		out = append(out, v)
	}
	return out
}

func quantileWords(rows []quantileRow, of func(quantileRow) string) string {
	text := ""
	for i, r := range rows {
		if i > 0 {
			text += ", "
		}
		text += r.Name + " " + of(r)
	}
	return text
}

// quantile is the middle of the step that reaches a share; NaN of nothing.
func (s ArmSpread) quantile(share float64) float64 {
	for i, p := range s.Steps {
		if p.Share >= share {
			if p.MS == 0 {
				return 0
			}
			if i == 0 {
				return p.MS
			}
			return p.MS * math.Exp(-binWidth/2)
		}
	}
	return math.NaN()
}

// binWidth is how wide a step is, as a difference of logarithms.
const binWidth = .02

// duration writes milliseconds to three digits: what a bin of 2 % can bear.
func duration(ms float64) string {
	switch {
	case !finite(ms):
		return dash
	case ms >= 1000:
		return significant(ms/1000) + " s"
	}
	return significant(ms) + " ms"
}

func significant(x float64) string {
	if x == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	step := math.Pow(10, float64(digits))
	return group(strconv.FormatFloat(math.Round(x*step)/step, 'f', max(digits, 0), 64))
}

// ratioText is the change from x to y in per cent.
func ratioText(x, y float64) string {
	if !(x > 0) || !finite(y) {
		return dash
	}
	return scale{factor: 100, diffUnit: "%"}.change(analyze.Number(y/x - 1))
}

// seconds is from how many milliseconds on an axis counts in seconds.
const seconds = 3000

// ecdf draws both arms' distribution functions on a logarithmic axis; control is dashed.
func ecdf(id, name string, s Spread, a arms) chart {
	low, high := math.Inf(1), 0.0
	for _, arm := range s.Arms {
		if arm.Rows > 0 {
			low, high = math.Min(low, arm.quantile(.002)), math.Max(high, arm.quantile(.999))
		}
	}
	low = math.Max(low, high/1e4)
	c, f := sizedChart(id, name, smallWidth, smallHeight+20, 30, math.Log(low), math.Log(math.Max(high, low*2)), 0, 1)
	c.XLabel = "ms, logarithmic"
	if high > seconds {
		c.XLabel = "s, logarithmic"
	}
	for _, v := range logTicks(low, high) {
		text := group(strconv.FormatFloat(v, 'f', -1, 64))
		if high > seconds {
			text = strconv.FormatFloat(v/1000, 'f', -1, 64)
		}
		c.XTicks = append(c.XTicks, tick{f.x(math.Log(v)), text})
	}
	f.shareTicks()
	for i, arm := range s.Arms {
		class, who := "control-line", a.Control
		if i == 1 {
			class, who = "accent", a.Treatment
		}
		var points []point
		for _, p := range thinned(arm.Steps, 160) {
			if x := math.Log(p.MS); p.MS > 0 && x >= f.x0 && x <= f.x1 {
				points = append(points, point{x, p.Share})
			}
		}
		f.line(class, "", i == 0, points)
		for _, q := range marked {
			if x := arm.quantile(q.share); x > 0 && math.Log(x) >= f.x0 && math.Log(x) <= f.x1 {
				c.Ticks = append(c.Ticks, chartTick{Class: class, X: f.x(math.Log(x)), Y: f.y(q.share), Up: i == 1})
			}
		}
		name := shorten(who, 12)
		c.Keys = append(c.Keys, chartKey{Class: class, Dashed: i == 0, Name: name, X: c.Right - float64(110*(1-i)) - 90})
	}
	for _, q := range marked[1:] {
		c.Rules = append(c.Rules, chartRule{Class: "rule", Y: f.y(q.share)})
	}
	for _, q := range marked {
		c.RightTicks = append(c.RightTicks, tick{f.y(q.share), q.name})
	}
	last := len(c.RightTicks) - 1 // the two highest lie close
	c.RightTicks[last].X -= 5
	c.RightTicks[last-1].X += 5
	return *c
}

// logTicks are 1, 2 and 5 times the powers of ten in between, thinned to some seven.
func logTicks(low, high float64) []float64 {
	for _, factors := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		var out []float64
		for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
			for _, k := range factors {
				if v := k * math.Pow(10, e); v >= low && v <= high {
					out = append(out, v)
				}
			}
		}
		if len(out) <= 8 || len(factors) == 1 {
			return out
		}
	}
	return nil
}

// thinned keeps at most some n steps: those that rise most over each part.
func thinned(steps []Step, n int) []Step {
	if len(steps) <= n {
		return steps
	}
	var out []Step
	last := -1.0
	for i, s := range steps {
		if s.Share-last >= 1/float64(n) || i == len(steps)-1 {
			out, last = append(out, s), s.Share
		}
	}
	return out
}
