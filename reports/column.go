package reports

import (
	"slices"
	"strings"
)

// A tableColumn is one column of the metrics' table.
type tableColumn struct {
	head   string
	cells  []string
	points bool // aligned on the decimal point
	role   bool // of metrics
	below  int  // goes to a line below when space is short, the highest first; 0 never
}

const (
	gap = "  "
	// maxTableLabel bounds a metric's name, in characters.
	maxTableLabel = 20
)

// tableColumns makes the columns: the left ones every metric has, the right
// ones those that are estimable.
func tableColumns(p page, l Language) (left, right []tableColumn) {
	left = []tableColumn{
		{head: l.Say("metric")}, {head: l.Say("role"), role: true, below: 3},
		{head: p.Arms.Control, points: true, below: 2}, {head: p.Arms.Treatment, points: true, below: 2},
	}
	right = []tableColumn{
		{head: l.Say("effect"), points: true}, {head: ""},
		{head: l.Say("within"), points: true, below: 1}, {head: l.Say("better"), below: 1},
	}
	for _, m := range p.Metrics {
		limits := ""
		if m.Effect.Interval() {
			limits = "(" + strings.Replace(m.Effect.Limits, " to ", " … ", 1) + ")"
		}
		add(left, shorten(m.Label, maxTableLabel), l.Say(m.Role), l.Say(m.Control.Value), l.Say(m.Treatment.Value))
		if m.Why != "" {
			add(right, "", "", "", "")
			continue
		}
		add(right, l.Say(m.Effect.Value), limits, strings.TrimSpace(l.Say(m.Margin)+" "+l.Say(m.WithinWord)), l.Say(m.BetterWord))
	}
	return left, right
}

func add(to []tableColumn, cells ...string) {
	for i, c := range cells {
		to[i].cells = append(to[i].cells, c)
	}
}

func (c tableColumn) width() int {
	w := columns(c.head)
	for _, s := range c.cells {
		w = max(w, columns(s))
	}
	return w
}

// align moves cells to the right so that their decimal points stand below
// each other. A cell without a number ends where the whole numbers do.
func (c *tableColumn) align() {
	if !c.points {
		return
	}
	for i := range c.cells {
		c.cells[i] = strings.TrimLeft(c.cells[i], " ")
	}
	most := 0
	for _, s := range c.cells {
		most = max(most, beforePoint(s))
	}
	for i, s := range c.cells {
		if s != "" {
			c.cells[i] = strings.Repeat(" ", most-beforePoint(s)) + s
		}
	}
}

// beforePoint counts the columns before a number's decimal point, or before
// the space that ends it.
func beforePoint(s string) int {
	number := s
	if i := strings.IndexAny(s, " "+thinSpace); i >= 0 {
		number = s[:i]
	}
	whole, _, _ := strings.Cut(number, ".")
	return columns(whole)
}

func rowWidth(cs []tableColumn) int {
	w := 2
	for _, c := range cs {
		w += c.width() + len(gap)
	}
	return w - len(gap)
}

// lowered separates the columns that go to a line below from those that stay.
func lowered(cs []tableColumn, below int) (stay, down []tableColumn) {
	for _, c := range cs {
		if below > 0 && c.below >= below {
			down = append(down, c)
		} else {
			stay = append(stay, c)
		}
	}
	return stay, down
}

// shortRoles are roles where space is short.
var shortRoles = map[string]string{"guardrail": "guard"}

// abbreviated shortens what can be said shorter.
func abbreviated(cs []tableColumn) []tableColumn {
	out := slices.Clone(cs)
	for i := range out {
		out[i].cells = slices.Clone(out[i].cells)
		for k, s := range out[i].cells {
			if short, ok := shortRoles[s]; ok && out[i].role {
				out[i].cells[k] = short
			}
		}
		if out[i].points {
			out[i].align()
		}
	}
	return out
}

// line joins the filled cells of a row with their headings: guardrail · v1 9.2 %.
func line(cs []tableColumn, i int) string {
	var parts []string
	for _, c := range cs {
		cell := strings.TrimSpace(c.cells[i])
		switch {
		case cell == "":
		case c.role || c.head == "":
			parts = append(parts, cell)
		default:
			parts = append(parts, c.head+noBreak+strings.ReplaceAll(cell, " ", noBreak))
		}
	}
	return strings.Join(parts, " · ")
}

func row(cs []tableColumn, i int) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(pad(c.cells[i], c.width()) + gap)
	}
	return b.String()
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}
