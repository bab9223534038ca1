package reports

import (
	"math"
	"strings"
)

// A plot is the forest plot laid out: all metrics on one axis in units of
// their margin, good to the right, the lines −1 and 0 being the decision rule.
// Coordinates are in the units of the drawing, y downwards.
type plot struct {
	ID            string // prefix of ids inside the document
	Title, Desc   string
	Width, Height float64
	Beyond        string // names the zone left of −1
	Left, Right   float64
	Ticks         []tick
	Rows          []plotRow
	FreeHead      float64 // heading of the metrics without margin
	// Margin and Zero are where −1 and 0 lie.
	Margin, Zero        float64
	HasMargins, HasFree bool
}

// A tick is a labelled mark on the axis.
type tick struct {
	X     float64
	Label string
}

// A plotRow is one metric.
type plotRow struct {
	metric
	Short               string // the label, as far as it fits
	Top, LabelY         float64
	RoleX, RoleY        float64
	RoleAnchor          string
	LineTop, LineBottom float64 // ends of the lines −1 and 0

	Y                  float64 // of the bar
	From, To           float64 // the two-sided interval
	CutLeft, CutRight  bool    // it goes on beyond the axis
	Dot, Mark          float64 // estimate and one-sided bound
	HasDot, HasMark    bool
	Hatched            bool // there is no interval
	HatchFrom, HatchTo float64

	TextX float64
	Lines []textLine
}

// A textLine is a line of text beside or below a bar.
type textLine struct {
	Y           float64
	Text, Aside string // Aside is lighter
	Strong      bool
}

// A layout is how a plot uses its width: wide with text on both sides of the
// axis, or narrow with text above and below each bar.
type layout struct {
	id                       string
	width, left, right, text float64
	narrow                   bool
	chars, label             int    // of a line of text, of a metric's name
	beyond                   string // names the zone left of −1
	language                 Language
}

var (
	wide   = layout{id: "wide", width: 960, left: 226, right: 660, text: 684, chars: 40, label: 24, beyond: "beyond margin"}
	narrow = layout{id: "narrow", width: 360, left: 10, right: 350, text: labelIndent, narrow: true, chars: 44, label: 18, beyond: "beyond"}
)

const (
	headHeight  = 52
	lineHeight  = 18
	rowGap      = 13
	labelIndent = 20
)

// plotOf lays out the forest plot.
func plotOf(title string, ms []metric, l layout, in Language) plot {
	l.language = in
	p := plot{ID: l.id, Title: title, Desc: describe(ms), Width: l.width, Beyond: l.beyond, Left: l.left, Right: l.right}
	margined, free := grouped(ms)
	p.HasMargins, p.HasFree = len(margined) > 0, len(free) > 0
	ax := axisOf(margined, l)
	p.Margin, p.Zero = ax.x(-1), ax.x(0)
	y := 0.0
	if p.HasMargins {
		p.Ticks = ax.ticks()
		y = p.rows(margined, ax, l, headHeight)
	}
	if p.HasFree {
		p.FreeHead = y + 30
		y = p.rows(free, ax.free(), l, p.FreeHead+14)
	}
	p.Height = y + 4
	return p
}

// grouped separates metrics with a margin from those without.
func grouped(ms []metric) (margined, free []metric) {
	for _, m := range ms {
		if m.Axis.Margined {
			margined = append(margined, m)
		} else {
			free = append(free, m)
		}
	}
	return margined, free
}

// rows lays out a group from y down and returns where it ends.
func (p *plot) rows(ms []metric, ax axis, l layout, y float64) float64 {
	for _, m := range ms {
		r, height := rowOf(m, ax, l, y)
		p.Rows = append(p.Rows, r)
		y += height
	}
	return y
}

// rowOf lays out one metric and returns its height.
func rowOf(m metric, ax axis, l layout, top float64) (plotRow, float64) {
	r := plotRow{metric: m, Short: shorten(m.Label, l.label), Top: top, TextX: l.text, LabelY: top + rowGap + 12}
	textTop := r.place(l)
	for i, t := range wording(m, l) {
		t.Y = textTop + float64(i)*lineHeight
		r.Lines = append(r.Lines, t)
	}
	r.bar(ax)
	last := math.Max(r.RoleY, r.Lines[len(r.Lines)-1].Y)
	height := last + rowGap - top
	if !l.narrow {
		r.LineTop, r.LineBottom = top, top+height
	}
	return r, height
}

// place puts label, role and bar, and returns where the text begins.
func (r *plotRow) place(l layout) float64 {
	if l.narrow {
		r.RoleX, r.RoleY, r.RoleAnchor = l.width, r.LabelY, "end"
		r.Y = r.LabelY + lineHeight + 2
		r.LineTop, r.LineBottom = r.Y-11, r.Y+11
		return r.Y + lineHeight + 9
	}
	r.RoleX, r.RoleY, r.RoleAnchor = labelIndent, r.LabelY+lineHeight, "start"
	r.Y = r.LabelY + 4
	return r.LabelY
}

// wording says beside the bar what the bar shows.
func wording(m metric, l layout) []textLine {
	if m.Why != "" {
		lines := []textLine{{Text: m.Word, Strong: true}}
		for _, t := range l.wrapped(m.Why, l.chars, 3) {
			lines = append(lines, textLine{Aside: t})
		}
		return lines
	}
	effect, word := textLine{Text: m.Effect.Value, Aside: "(no interval)", Strong: true}, textLine{Text: m.Word}
	if m.Effect.Interval() {
		effect.Aside = "(" + m.Effect.Limits + ")"
	}
	if m.Margin != "" {
		word.Aside = "· margin " + m.Margin
	}
	lines := append(effect.fitted(l.chars), word.fitted(l.chars)...)
	if m.Cited != "" {
		for _, t := range l.wrapped(m.Cited, l.chars+4, 2) {
			lines = append(lines, textLine{Aside: t})
		}
	}
	return lines
}

// wrapped breaks a text of the plot's language into lines.
func (l layout) wrapped(s string, chars, most int) []string {
	said := l.language.Say(s)
	if said == s {
		return wrap(s, chars, most)
	}
	return wrapHan(said, chars/2+2, most)
}

// fitted gives a line's aside a line of its own where it is too long for chars.
func (t textLine) fitted(chars int) []textLine {
	if len([]rune(t.Text+t.Aside)) <= chars-4 {
		return []textLine{t}
	}
	return []textLine{{Text: t.Text, Strong: t.Strong}, {Aside: strings.TrimPrefix(t.Aside, "· ")}}
}

// bar places interval, estimate and bound, clipped to the axis.
func (r *plotRow) bar(ax axis) {
	if !r.Axis.known() {
		r.Hatched, r.HatchFrom, r.HatchTo = true, ax.x(ax.hatchFrom), ax.x(ax.hatchTo)
	} else {
		r.interval(ax)
	}
	if ax.holds(r.Axis.Value) {
		r.HasDot, r.Dot = true, ax.x(r.Axis.Value)
	}
	if ax.holds(r.Axis.Bound) {
		r.HasMark, r.Mark = true, ax.x(r.Axis.Bound)
	}
}

// interval places the two-sided interval; what is cut off gets an arrow.
func (r *plotRow) interval(ax axis) {
	lower, upper := ax.clamp(r.Axis.Lower), ax.clamp(r.Axis.Upper)
	r.From, r.To = ax.x(lower), ax.x(upper)
	r.CutLeft, r.CutRight = r.Axis.Lower < ax.low, r.Axis.Upper > ax.high
	const least = 16 // so that an interval wholly outside still points there
	if r.CutLeft && r.To < r.From+least {
		r.To = r.From + least
	}
	if r.CutRight && r.From > r.To-least {
		r.From = r.To - least
	}
}

// describe says in words what the plot shows.
func describe(ms []metric) string {
	var b strings.Builder
	for _, m := range ms {
		b.WriteString(m.Label + ": " + m.finding() + ". ")
	}
	return strings.TrimSpace(b.String())
}
