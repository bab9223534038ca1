package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/backtest"
)

// NewBacktest makes the view of a backtest: when the rule would have ended the release.
func NewBacktest(r backtest.Result, opts Options) Study {
	if opts.Width == 0 {
		opts.Width = 100
	}
	first, last := r.Looks[0].At, r.Looks[len(r.Looks)-1].At
	p := studyPage{App: visible(r.App), Release: visible(r.Release), Verdict: backtestVerdict(r), Facts: []string{
		visible(r.Treatment) + " against " + visible(r.Control), plural(int64(len(r.Looks)), "look"), utc(first) + " to " + utc(last),
	}}
	p.Sheets = []sheet{backtestLooks(r), backtestTruth(r)}
	for i, m := range r.Metrics {
		if m.Role != analyze.Monitor && m.Margin != nil {
			p.Charts = append(p.Charts, bandChart(r, i))
		}
	}
	p.Notes = []string{"After an early stop the effect seen runs high: what stopped it was, in part, luck.",
		"Losses, served versions and missing values are taken in proportion to the units seen by then; the decisive look was read from the lake again."}
	if r.End == nil {
		p.Notes = p.Notes[1:]
	}
	return newStudy(opts, r, p)
}

func backtestVerdict(r backtest.Result) studyVerdict {
	if r.End == nil {
		last := r.Looks[len(r.Looks)-1]
		return studyVerdict{Class: "open", Glyph: "○", Word: "No end", Headline: fmt.Sprintf("No look would have ended this release: the last says %s.", last.Verdict), Reasons: relabel(last.Reasons, labelled(r))}
	}
	e := r.End
	day := e.At.Sub(r.Looks[0].At.Add(-interval(r))).Hours() / 24
	v := studyVerdict{Class: "better", Glyph: "▲", Word: "Promote", Reasons: relabel(e.Reasons, labelled(r))}
	what := "promoted"
	if e.Verdict == rollout.Rollback {
		v.Class, v.Glyph, v.Word, what = "worse", "▼", "Roll back", "rolled back"
	}
	v.Headline = fmt.Sprintf("The rule would have %s it after %s days, on %s, with %s on %s.", what, dayText(analyze.Number(day)), utc(e.At), plural(e.Units.Treatment, r.Unit), visible(r.Treatment))
	if r.Confirmed != "" && r.Confirmed != e.Verdict.String() {
		v.Headline += fmt.Sprintf(" Read from the lake again as of then, the verdict is %s.", r.Confirmed)
	}
	return v
}

// labelled are the release's metrics by name and label.
func labelled(r backtest.Result) []metric {
	out := make([]metric, len(r.Metrics))
	for i, m := range r.Metrics {
		out[i] = metric{Name: m.Name, Label: label(m.Name)}
	}
	return out
}

// interval is the time between two looks.
func interval(r backtest.Result) time.Duration {
	if len(r.Looks) < 2 {
		return 0
	}
	return r.Looks[1].At.Sub(r.Looks[0].At)
}

// backtestLooks is the table of looks: one a day, and the one that ends the release.
func backtestLooks(r backtest.Result) sheet {
	s := sheet{Title: "Looks, one a day", Head: []string{"look", "verdict", visible(r.Treatment) + " at", "units " + visible(r.Control), "units " + visible(r.Treatment)}, Left: 2}
	s.Names = slices.Clone(s.Head)
	var shown []int
	for i, m := range r.Metrics {
		if m.Role != analyze.Monitor {
			shown = append(shown, i)
			s.Head, s.Names = append(s.Head, label(m.Name)), append(s.Names, visible(m.Name))
			s.HeadMetrics++
		}
	}
	day := time.Time{}
	for _, l := range r.Looks {
		ends := r.End != nil && l.At.Equal(r.End.At)
		if !ends && l.At.Truncate(24*time.Hour).Equal(day) && !l.At.Equal(r.Looks[len(r.Looks)-1].At) {
			continue
		}
		day = l.At.Truncate(24 * time.Hour)
		word := l.Verdict.String()
		if ends {
			word = strings.ToUpper(word)
		}
		cells := []string{l.At.UTC().Format("2 Jan 15:04"), word, share(l.Share), count(l.Units.Control), count(l.Units.Treatment)}
		for _, i := range shown {
			cells = append(cells, seenText(r.Metrics[i], l.Metrics[i]))
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

// seenText writes what a look saw: glyph, effect and interval.
func seenText(m backtest.Metric, s backtest.Seen) string {
	if !s.Value.Known() {
		return "✕"
	}
	glyph := "○"
	switch {
	case s.Check == analyze.CheckFailed:
		glyph = "▼"
	case s.Direction == analyze.Better && s.Check != analyze.CheckOpen:
		glyph = "▲"
	case s.Check == analyze.CheckPassed:
		glyph = "●"
	}
	sc := seenScale(m, s)
	return fmt.Sprintf("%s %s", glyph, sc.change(s.Value))
}

func seenScale(m backtest.Metric, s backtest.Seen) scale {
	half := float64(s.Upper-s.Lower) / 2
	if s.Relative {
		return relativeScale(half, math.Abs(float64(s.Value)))
	}
	return scaleOf(m.Unit, math.Abs(float64(s.Value)), half)
}

// backtestTruth compares what the last, and the decisive, look saw with the truth.
func backtestTruth(r backtest.Result) sheet {
	s := sheet{Title: "Against the truth", Head: []string{"metric", "truth", "when it ended", "off by", "at the last look", "off by", "interval holds it"}, Left: 1, Metrics: true}
	last := r.Looks[len(r.Looks)-1]
	for i, m := range r.Metrics {
		if m.Truth == nil || m.Role == analyze.Monitor {
			continue
		}
		truth := m.Truth.Overlap
		if last.Metrics[i].Relative {
			truth = m.Truth.Relative
		}
		sc := seenScale(m, last.Metrics[i])
		cells := []string{label(m.Name), sc.change(truth), dash, dash, sc.change(last.Metrics[i].Value), sc.change(m.Off(last.Metrics[i])), holds(last.Metrics[i], truth)}
		if r.End != nil {
			e := r.End.Metrics[i]
			cells[2], cells[3] = sc.change(e.Value), sc.change(m.Off(e))
		}
		s.Rows = append(s.Rows, cells)
	}
	if len(s.Rows) == 0 {
		s.Title, s.Rows = "Against the truth: not known of this lake", nil
	}
	return s
}

func holds(s backtest.Seen, truth analyze.Number) string {
	switch {
	case !truth.Known() || !s.Lower.Known() || !s.Upper.Known():
		return dash
	case s.Lower <= truth && truth <= s.Upper:
		return "yes"
	}
	return "no"
}

// bandChart draws a metric's interval, look by look, in margins with good upwards.
func bandChart(r backtest.Result, i int) chart {
	m := r.Metrics[i]
	good := 1.0
	if m.Good == analyze.Down {
		good = -1
	}
	scaled := func(x analyze.Number) float64 { return good * float64(x) / m.Margin.Value }
	begin := r.Looks[0].At.Add(-interval(r))
	day := func(t time.Time) float64 { return t.Sub(begin).Hours() / 24 }
	n := day(r.Looks[len(r.Looks)-1].At)
	c, f := newChart("backtest-"+visible(m.Name), label(m.Name)+", in margins, good upwards", 230, 90, 0, n, -3, 3)
	f.dayTicks(n)
	c.XLabel = "days since the first unit"
	for _, v := range []float64{-2, -1, 0, 1, 2} {
		c.YTicks = append(c.YTicks, tick{f.y(v), tickLabel(int(v))})
	}
	var xs, lower, upper []float64
	var middle []point
	before := analyze.Unknown
	var steps []stepMark
	for _, l := range r.Looks {
		s := l.Metrics[i]
		a, b := scaled(s.Lower), scaled(s.Upper)
		xs, lower, upper = append(xs, day(l.At)), append(lower, math.Min(a, b)), append(upper, math.Max(a, b))
		middle = append(middle, point{day(l.At), scaled(s.Value)})
		if l.Share.Known() && l.Share != before {
			steps = append(steps, stepMark{day(l.At), share(l.Share)})
			before = l.Share
		}
	}
	f.stepMarks(steps)
	f.band("accent", xs, lower, upper)
	f.level("margin", -1, "")
	f.level("zero", 0, "")
	f.line("accent", "effect", false, middle)
	if m.Truth != nil {
		truth := m.Truth.Overlap
		if r.Looks[len(r.Looks)-1].Metrics[i].Relative {
			truth = m.Truth.Relative
		}
		if v := scaled(truth); finite(v) {
			f.line("open", "truth", true, []point{{0, v}, {n, v}})
		}
	}
	if r.End != nil {
		class := "better"
		if r.End.Verdict == rollout.Rollback {
			class = "worse"
		}
		f.upright("zero", day(r.End.At), "")
		if v := scaled(r.End.Metrics[i].Value); finite(v) {
			c.Marks = append(c.Marks, chartMark{Class: class, X: f.x(day(r.End.At)), Y: f.y(v), Label: r.End.Verdict.String()})
		}
	}
	c.spread()
	c.Desc = fmt.Sprintf("The interval of %s over time, narrowing look by look.", label(m.Name))
	return *c
}
