package reports

import (
	"math"
	"strings"

	"weir/analyze"
)

// A breakdown is one metric's effect in parts of its units, as it is shown.
type breakdown struct {
	Metric string // label
	By     string // epoch, age of the release, tier
	Of     string // what is compared where that is not the metric itself
	Parts  []part
	P      string // p of one effect in all parts; empty where unknown
	Varies bool
	Shared bool // parts share alpha
}

// A part is a row of a breakdown.
type part struct {
	state
	Name               string
	Control, Treatment armFigure
	Effect             effect
	Bar                bar
}

// A bar is an interval on an axis from 0 to 100, good to the right, that all parts of a
// breakdown share. An unknown interval has Known false.
type bar struct {
	Zero, Lower, Upper, Value float64
	Known                     bool
}

// segments says each breakdown by an attribute in a line: resolution by device: ▲ mobile +3.7 pp
// (+1.2 to +6.2), ○ desktop +0.3 pp (−2.1 to +2.7).
func (p page) segments(l Language) []string {
	var out []string
	for _, b := range p.Breakdowns {
		if !b.Shared {
			continue
		}
		words := make([]string, len(b.Parts))
		for i, x := range b.Parts {
			words[i] = x.Glyph + noBreak + x.Name + " " + l.Say(x.Effect.Text())
		}
		of := ""
		if b.Of != "" {
			of = " (" + l.Say(b.Of) + ")"
		}
		out = append(out, b.Metric+" "+l.by()+" "+b.By+of+": "+strings.Join(words, ", "))
	}
	return out
}

// by stands between a metric and what it is split by.
func (l Language) by() string {
	if l == Chinese {
		return "按"
	}
	return "by"
}

var byWords = map[string]string{"epoch": "epoch", "age": "age of the release"}

// attributePrefix is left out of an attribute's name.
const attributePrefix = "attributes."

// breakdownsOf lists the breakdowns of all metrics in their order.
func breakdownsOf(r analyze.Result) []breakdown {
	var out []breakdown
	for _, m := range r.Metrics {
		for _, b := range m.Breakdowns {
			out = append(out, breakdownOf(m, b))
		}
	}
	return out
}

func breakdownOf(m analyze.MetricResult, b analyze.Breakdown) breakdown {
	by, known := byWords[b.By]
	if !known {
		by = visible(b.By)
		if len(by) > len(attributePrefix) && by[:len(attributePrefix)] == attributePrefix {
			by = by[len(attributePrefix):]
		}
	}
	v := breakdown{Metric: label(m.Name), By: by, Varies: b.Varies, Shared: !known}
	if m.Kind == analyze.KindQuantile {
		v.Of = "rate above the frozen threshold"
	}
	if b.PValue.Known() {
		v.P = pText(b.PValue, analyze.Unknown)
	}
	magnitude, half := 0.0, math.Inf(1)
	for _, p := range b.Parts {
		for _, x := range []analyze.Number{p.Control.Value, p.Treatment.Value} {
			if x.Known() {
				magnitude = math.Max(magnitude, math.Abs(float64(x)))
			}
		}
		if w := float64(p.Upper-p.Lower) / 2; finite(w) && w > 0 {
			half = math.Min(half, w)
		}
	}
	s := scaleOf(b.Unit, magnitude, half)
	ax := partAxis(b.Parts, m.Good)
	for _, p := range b.Parts {
		v.Parts = append(v.Parts, part{
			state: partState(p), Name: visible(p.Name),
			Control:   armFigure{Value: s.level(p.Control.Value), Units: count(p.Control.Units)},
			Treatment: armFigure{Value: s.level(p.Treatment.Value), Units: count(p.Treatment.Units)},
			Effect:    effect{s.change(p.Value), s.limits(p.Lower, p.Upper), pText(p.PValue, p.PAdjusted)},
			Bar:       ax.bar(p),
		})
	}
	return v
}

func partState(p analyze.Part) state {
	switch p.Direction {
	case analyze.Better:
		return state{"▲", "better", classBetter}
	case analyze.Worse:
		return state{"▼", "worse", classWorse}
	case analyze.Unclear:
		return state{"○", "no clear difference", classOpen}
	}
	return state{"✕", "too few units", classUnknown}
}

// A partsAxis maps effects to 0 ... 100, good to the right.
type partsAxis struct{ low, high, sign float64 }

func partAxis(parts []analyze.Part, good analyze.Good) partsAxis {
	ax := partsAxis{sign: 1}
	if good == analyze.Down {
		ax.sign = -1
	}
	for _, p := range parts {
		for _, x := range []analyze.Number{p.Lower, p.Upper, p.Value} {
			if x.Known() {
				ax.low, ax.high = math.Min(ax.low, ax.sign*float64(x)), math.Max(ax.high, ax.sign*float64(x))
			}
		}
	}
	return ax
}

func (ax partsAxis) at(x analyze.Number) float64 {
	if ax.high <= ax.low {
		return 50
	}
	return 2 + 96*(ax.sign*float64(x)-ax.low)/(ax.high-ax.low)
}

func (ax partsAxis) bar(p analyze.Part) bar {
	if !p.Value.Known() || !p.Lower.Known() || !p.Upper.Known() {
		return bar{Zero: ax.at(0)}
	}
	a, b := ax.at(p.Lower), ax.at(p.Upper)
	return bar{Zero: ax.at(0), Lower: math.Min(a, b), Upper: math.Max(a, b), Value: ax.at(p.Value), Known: true}
}
