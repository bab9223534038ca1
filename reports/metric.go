package reports

import (
	"math"
	"strconv"
	"strings"

	"weir/analyze"
	"weir/rollout"
)

// A metric is one metric as it is shown: every number formatted here, once.
type metric struct {
	Anchor string // names its place in the document
	Name   string // as declared
	Label  string // as read: latency p95
	Role   string
	Good   string // more is better, less is better
	state
	// Why says why a metric is not estimable; empty otherwise.
	Why string

	Control, Treatment armFigure
	// Effect is the one of the three below that is on the margin's scale.
	Effect effect
	// Cited is the test's effect where the words rest on it and the effect shown could
	// be read otherwise: it says of what.
	Cited              string
	Absolute, Relative effect
	Test               effect // of a quantile: of the rate above its threshold
	Margin, Bound      string // empty without a margin
	Harm               string // p of not being beyond the margin; empty unless harm is proven
	TestOf             string // what is tested where that is not the metric itself
	More               string // how many more units would prove what is open
	WithinWord         string // yes, no, open: whether the margin is passed
	BetterWord         string // yes, worse, and open for a goal: whether superiority is proven
	Naive              string // what pooled arms say, where that misleads
	Warnings           []string

	Axis position
}

// An armFigure is a metric's level in one arm.
type armFigure struct {
	Value           string
	Units           string // how many have a value
	Spread, Missing string // empty where unknown
}

// An effect is a difference with its two-sided interval.
type effect struct {
	Value  string // +3.1 pp
	Limits string // −0.4 to +6.6; a dash where unknown
	P      string // p .049, adjusted .1; empty where unknown
}

// Interval reports whether there is one.
func (e effect) Interval() bool { return e.Limits != dash }

// Text joins value and interval: +3.1 pp (−0.4 to +6.6).
func (e effect) Text() string {
	if !e.Interval() {
		return e.Value
	}
	return e.Value + " (" + e.Limits + ")"
}

// metricsOf makes the view of each metric, in their order.
func metricsOf(rec rollout.Record) []metric {
	r := rec.Analysis.Result
	ms := make([]metric, len(r.Metrics))
	for i, m := range r.Metrics {
		ms[i] = metricOf(m)
		d, _ := dataOf(rec, m.Name)
		ms[i].Cited = citedText(m, ms[i], d.Frozen.Threshold)
		ms[i].Anchor = "metric-" + strconv.Itoa(i+1)
	}
	return ms
}

func metricOf(m analyze.MetricResult) metric {
	abs, rel, test := scalesOf(m)
	v := metric{
		Name:       visible(m.Name),
		Label:      label(m.Name),
		Role:       string(m.Role),
		Good:       goodWords[m.Good],
		state:      stateOf(m),
		Control:    armFigureOf(m.Control, abs),
		Treatment:  armFigureOf(m.Treatment, abs),
		Absolute:   effect{abs.change(m.Absolute.Value), abs.limits(m.Absolute.Lower, m.Absolute.Upper), pText(m.Absolute.PValue, analyze.Unknown)},
		Relative:   effect{rel.change(m.Relative.Value), rel.limits(m.Relative.Lower, m.Relative.Upper), ""},
		Test:       effect{test.change(m.Test.Value), test.limits(m.Test.Lower, m.Test.Upper), pText(m.Test.PValue, m.Test.PAdjusted)},
		BetterWord: betterWord(m),
		Naive:      naiveText(m, abs),
		Warnings:   allProse(m.Warnings),
		More:       moreText(m),
		Axis:       positionOf(m),
	}
	if m.Kind == analyze.KindQuantile {
		v.TestOf = "rate above threshold"
	}
	switch shownOf(m) {
	case onRelative:
		v.Effect = v.Relative
	case onAbsolute:
		v.Effect = v.Absolute
	default:
		v.Effect = v.Test
	}
	if m.Margin.Check != analyze.CheckNone && m.Margin.Value.Known() {
		v.Margin, v.Bound = marginText(m.Margin, abs), boundText(m.Margin, abs, rel)
		if m.Margin.Check == analyze.CheckFailed {
			v.Harm = pText(m.Margin.HarmPValue, m.Margin.HarmAdjusted)
		}
		v.WithinWord = withinWords[m.Margin.Check]
	}
	if m.Direction == analyze.NotEstimable && m.Margin.Check != analyze.CheckFailed {
		v.Why = cure(v.Warnings)
	}
	return v
}

var goodWords = map[analyze.Good]string{analyze.Up: "more is better", analyze.Down: "less is better"}

var withinWords = map[analyze.Check]string{analyze.CheckPassed: "yes", analyze.CheckFailed: "no", analyze.CheckOpen: "open"}

func armFigureOf(a analyze.ArmResult, s scale) armFigure {
	f := armFigure{Value: s.level(a.Value), Units: count(a.Units)}
	if a.StdErr.Known() {
		f.Spread = s.spread(a.StdErr)
	}
	if a.Missing.Known() {
		f.Missing = "missing " + share(a.Missing)
		if a.Filled {
			f.Missing = "none reported " + share(a.Missing) + ", scored"
		}
	}
	return f
}

func pText(p, adjusted analyze.Number) string {
	switch {
	case !p.Known():
		return ""
	case adjusted.Known() && adjusted != p:
		return "p " + probability(p) + ", adjusted " + probability(adjusted)
	}
	return "p " + probability(p)
}

// moreText says how many more units the present effect would need: for the
// margin where that is open, else for a goal to be better.
func moreText(m analyze.MetricResult) string {
	var more analyze.Number
	switch {
	case m.Direction != analyze.Unclear || !decides(m):
		return ""
	case m.Margin.Check == analyze.CheckOpen:
		more = m.More.NonInferior
	case m.Role == analyze.Goal:
		more = m.More.Superior
	}
	if !more.Known() || more < 1 {
		return ""
	}
	return "needs about " + roughly(int64(math.Ceil(float64(more)))) + " more"
}

func marginText(m analyze.MarginCheck, abs scale) string {
	if m.Relative {
		return scale{factor: 100, diffUnit: "%"}.declared(m.Value)
	}
	return abs.declared(m.Value)
}

func boundText(m analyze.MarginCheck, abs, rel scale) string {
	if !m.Bound.Known() {
		return ""
	}
	if m.Relative {
		return rel.change(m.Bound)
	}
	return abs.change(m.Bound)
}

func betterWord(m analyze.MetricResult) string {
	switch {
	case m.Direction == analyze.Better:
		return "yes"
	case m.Direction == analyze.Worse:
		return "worse"
	case m.Direction == analyze.Unclear && m.Role == analyze.Goal:
		return "open"
	}
	return ""
}

// naiveText tells what the pooled arms say where that has the other sign than
// the estimate or lies outside its interval. Otherwise it is empty.
func naiveText(m analyze.MetricResult, s scale) string {
	n, e := m.Naive.Value, m.Absolute
	if !n.Known() || !e.Value.Known() {
		return ""
	}
	text, shown := s.change(n), s.change(e.Value)
	outside := e.Lower.Known() && n < e.Lower || e.Upper.Known() && n > e.Upper
	if !opposite(text, shown) && !outside {
		return ""
	}
	if m.Naive.Note != "" {
		text += " (" + visible(m.Naive.Note) + ")"
	}
	return text
}

// opposite reports whether two written changes have opposite signs; what is
// written as zero has none.
func opposite(a, b string) bool {
	return strings.HasPrefix(a, minus) && strings.HasPrefix(b, "+") ||
		strings.HasPrefix(a, "+") && strings.HasPrefix(b, minus)
}

// cure is the warning that says why a metric is not estimable, as part of a
// sentence: the one that begins so, or else the first.
func cure(warnings []string) string {
	for _, w := range warnings {
		if why, ok := strings.CutPrefix(w, "not estimable: "); ok {
			return strings.TrimSuffix(why, ".")
		}
	}
	if len(warnings) == 0 {
		return "no reason is recorded"
	}
	return strings.TrimSuffix(warnings[0], ".")
}

// label is a metric's name as it is read.
func label(name string) string { return strings.ReplaceAll(visible(name), "_", " ") }

// finding says in a line what was found of the metric.
func (m metric) finding() string {
	switch {
	case m.Why != "":
		return m.Word + ": " + m.Why
	case m.Margin != "":
		return m.Effect.Text() + ", margin " + m.Margin + ": " + m.Word
	}
	return m.Effect.Text() + ": " + m.Word
}

// citedText says what the words rest on where that is not the interval shown and they
// seem at odds: a difference is claimed and the interval holds zero.
func citedText(m analyze.MetricResult, v metric, threshold analyze.Number) string {
	if v.Why != "" || !v.Test.Interval() {
		return ""
	}
	above := "share of requests above the frozen threshold"
	if threshold.Known() {
		above = "share of requests above the frozen " + scaleOfUnit(m.Unit, float64(threshold)).rounded(threshold)
	}
	basis, shown := shownOf(m), shownInterval(m)
	claims := m.Direction == analyze.Better || m.Direction == analyze.Worse
	switch {
	case basis == onTest && m.Kind == analyze.KindQuantile:
		return above
	case basis == onTest || !claims || shown.Lower > 0 || shown.Upper < 0:
		return ""
	case m.Kind == analyze.KindQuantile:
		return "tested: " + v.Test.Text() + " of " + above
	}
	return "tested: " + v.Test.Text()
}

// notes are the metric's doubts, each with its name.
func (m metric) notes(l Language) []string {
	var notes []string
	if m.Cited != "" {
		notes = append(notes, m.Label+": "+l.Say(m.Cited))
	}
	if m.Naive != "" {
		notes = append(notes, m.Label+": "+l.Say("the naive figure is "+m.Naive))
	}
	for _, w := range m.Warnings {
		if m.Why == "" || !strings.Contains(w, m.Why) {
			notes = append(notes, m.Label+": "+l.Say(w))
		}
	}
	return notes
}
