package reports

import (
	"fmt"
	"math"
	"time"

	"weir/analyze"
	"weir/rollout/backtest"
)

// Small charts stand side by side on a screen and one below the other on a phone.
const (
	smallWidth  = 440
	smallHeight = 216
)

// An overTime shows how the effects came about, look by look.
type overTime struct {
	Charts []chart
	Looks  sheet
	Count  string
	Flags  []string // amendments, in words
}

// overTimeOf draws a history; nil where there is none, or no metric has a margin.
func overTimeOf(h *backtest.Result, amendments []analyze.Amendment) *overTime {
	if h == nil || len(h.Looks) < 2 {
		return nil
	}
	o := &overTime{Looks: backtestLooks(*h), Count: plural(int64(len(h.Looks)), "look")}
	for i, m := range h.Metrics {
		if m.Margin != nil && m.Role != analyze.Monitor && m.Margin.Value > 0 {
			o.Charts = append(o.Charts, narrowing(*h, i, amendments))
		}
	}
	if len(o.Charts) == 0 {
		return nil
	}
	for _, a := range amendments {
		o.Flags = append(o.Flags, sentence(visible(a.String())))
	}
	return o
}

// narrowing draws one metric's interval look by look, in margins with good upwards: ramp steps
// are hairlines with their share, amendments flags, and what was not estimable yet is hatched.
func narrowing(h backtest.Result, i int, amendments []analyze.Amendment) chart {
	m := h.Metrics[i]
	good := 1.0
	if m.Good == analyze.Down {
		good = -1
	}
	begin, end := h.Looks[0].At.Add(-interval(h)), h.Looks[len(h.Looks)-1].At
	day := func(t time.Time) float64 { return t.Sub(begin).Hours() / 24 }
	var xs, lower, upper []float64
	var middle []point
	for _, l := range h.Looks {
		s := l.Metrics[i]
		a, b := good*float64(s.Lower)/m.Margin.Value, good*float64(s.Upper)/m.Margin.Value
		xs, lower, upper = append(xs, day(l.At)), append(lower, math.Min(a, b)), append(upper, math.Max(a, b))
		p := point{day(l.At), good * float64(s.Value) / m.Margin.Value}
		if !s.Lower.Known() && !s.Upper.Known() { // no point without its error
			p.Y = math.NaN()
		}
		middle = append(middle, p)
	}
	low, high := reach(lower, upper, middle[len(middle)-1].Y)
	name := label(m.Name)
	c, f := sizedChart(fmt.Sprintf("time-%d", i+1), name, smallWidth, smallHeight, 14, 0, day(end), low, high)
	f.dayTicks(day(end))
	c.XLabel = "days since the first unit"
	for v := math.Ceil(low); v <= high; v++ {
		c.YTicks = append(c.YTicks, tick{f.y(v), tickLabel(int(v))})
	}
	known := f.unknownUntil(xs, lower, upper)
	before := analyze.Unknown
	for _, l := range h.Looks {
		if l.Share.Known() && l.Share != before {
			x := day(l.At)
			if !before.Known() {
				x = 0
			}
			f.upright("step", x, share(l.Share))
			before = l.Share
		}
	}
	for _, a := range amendments {
		if at, err := time.Parse(time.RFC3339, a.At); err == nil && !at.Before(begin) && !at.After(end) {
			f.upright("flag", day(at), "⚑")
		}
	}
	f.band("accent", xs, clampAll(lower, low, high), clampAll(upper, low, high))
	f.level("margin", -1, "")
	f.level("zero", 0, "")
	f.line("accent", "", false, middle)
	last := h.Looks[len(h.Looks)-1].Metrics[i]
	if y := middle[len(middle)-1].Y; finite(y) && y >= low && y <= high {
		c.Marks = append(c.Marks, chartMark{Class: "accent", X: f.x(day(end)), Y: f.y(y)})
	}
	c.Aside = seenWords(m, last)
	c.Desc = fmt.Sprintf("%s over %s: %s at the last look.", capital(name), plural(int64(len(h.Looks)), "look"), c.Aside)
	if known > 0 {
		c.Desc += fmt.Sprintf(" Not estimable before day %s.", count(int64(math.Ceil(known))))
	}
	return *c
}

// seenWords says what a look saw, with its interval: +3.1 pp (−0.4 to +6.6).
func seenWords(m backtest.Metric, s backtest.Seen) string {
	if !s.Value.Known() {
		return "not estimable"
	}
	sc := seenScale(m, s)
	return effect{sc.change(s.Value), sc.limits(s.Lower, s.Upper), ""}.Text()
}

// most is how far from zero an estimate is shown, in margins.
const most = 8

// reach is how far the axis goes: to the intervals of the later half of looks, as far as
// three margins either way, to the last estimate, and to both lines of the rule at least.
func reach(lower, upper []float64, last float64) (low, high float64) {
	low, high = leastLow, leastHigh
	if finite(last) {
		low, high = math.Min(low, math.Max(last-.5, -most)), math.Max(high, math.Min(last+.5, most))
	}
	for i := len(lower) / 2; i < len(lower); i++ {
		if finite(lower[i]) {
			low = math.Min(low, math.Max(lower[i], mostLow))
		}
		if finite(upper[i]) {
			high = math.Max(high, math.Min(upper[i], mostHigh))
		}
	}
	return math.Floor(2*low) / 2, math.Ceil(2*high) / 2
}

func clampAll(xs []float64, low, high float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = math.Max(low, math.Min(high, x)) // NaN stays
	}
	return out
}

// unknownUntil hatches the time before the first interval, and says when that was.
func (f frame) unknownUntil(xs, lower, upper []float64) float64 {
	end := f.x1
	for i := range xs {
		if finite(lower[i]) && finite(upper[i]) {
			end = xs[i]
			break
		}
	}
	if f.x(end)-f.chart.Left < 8 {
		return 0
	}
	f.chart.Hatch = &chartBar{X: f.chart.Left, Y: f.chart.Top, Width: f.x(end) - f.chart.Left, Height: f.chart.Bottom - f.chart.Top}
	return end
}
