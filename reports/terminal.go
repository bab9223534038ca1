package reports

import (
	"bytes"
	"io"
	"slices"
	"strings"
)

// Table writes the report for a terminal: the metrics with glyph and words,
// health, doubts, and the verdict last, where the eye is. It fits
// Options.Width: words are abbreviated first, then roles become headings, and at last the
// arms' levels and the words on margin and superiority go to a line below the metric.
func (r Report) Table(w io.Writer) error {
	t := terminal{width: r.options.Width, color: r.options.Color}
	p, l := r.page, r.options.Language
	t.paragraph("", p.title(l))
	t.line("")
	t.metrics(p, l)
	t.line("")
	t.paragraph(lead(l.Say("health")), healthLine(p.Checks, l))
	for _, text := range p.Warnings {
		t.paragraph(lead(""), l.Say(text))
	}
	for _, m := range p.Metrics {
		for _, n := range m.notes(l) {
			t.paragraph(lead(l.Say("note")), n)
		}
	}
	for _, line := range p.segments(l) {
		t.paragraph(lead(l.Say("segments")), line)
	}
	v := p.Verdict
	t.paragraph(t.painted(v.Class, lead(strings.ToUpper(l.Say(v.Word)))), strings.TrimSpace(l.Say(v.Headline)+" "+l.Say(v.Needs)))
	if r.options.HTMLPath != "" {
		t.line(lead(l.Say("report")) + visible(r.options.HTMLPath)) // never broken, so that it can be opened
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

// title is the first line: what was compared.
func (p page) title(l Language) string {
	parts := append([]string{p.App + " " + p.Release}, l.all(append([]string{p.Time}, p.Facts...))...)
	return strings.Join(append(parts, l.all(p.Arms.Line)...), " · ")
}

// lead is the word before a paragraph; all are as wide as ROLL BACK.
func lead(word string) string { return pad(word, 11) }

func healthLine(checks []check, l Language) string {
	checks = told(checks)
	parts := make([]string, len(checks))
	for i, c := range checks {
		parts[i] = c.Glyph + noBreak + l.Say(c.Name) + " " + l.Say(c.Found)
	}
	return strings.Join(parts, " · ")
}

// A terminal collects lines of at most width columns.
type terminal struct {
	width int
	color bool
	out   bytes.Buffer
}

func (t *terminal) line(s string) {
	t.out.WriteString(strings.TrimRight(s, " "))
	t.out.WriteByte('\n')
}

// paragraph breaks text into lines; before the first stands a word or cells,
// the others are indented by as much.
func (t *terminal) paragraph(before, text string) {
	indent := columns(before)
	for i, l := range wrapColumns(text, t.width-indent) {
		if i > 0 {
			before = strings.Repeat(" ", indent)
		}
		t.line(before + l)
	}
}

// escapes are the colours of a terminal with 256 of them; no colour stands alone.
var escapes = map[string]string{
	classBetter: "\x1b[38;5;36m", classWorse: "\x1b[38;5;166m", classWithin: "\x1b[38;5;32m",
	classOpen: "\x1b[38;5;245m", classUnknown: "\x1b[38;5;245m",
}

func (t *terminal) painted(class, s string) string {
	if !t.color {
		return s
	}
	return escapes[class] + s + "\x1b[0m"
}

// metrics writes the table of metrics. What is not estimable says why in
// place of its effect.
func (t *terminal) metrics(p page, l Language) {
	if len(p.Metrics) == 0 {
		t.line("  " + l.Say("no metric was analysed"))
		return
	}
	left, right := tableColumns(p, l)
	for i := range left {
		left[i].align()
	}
	for i := range right {
		right[i].align()
	}
	var down []tableColumn
	if rowWidth(left)+rowWidth(right) > t.width {
		left, right = abbreviated(left), abbreviated(right)
	}
	for below := 3; below > 0 && rowWidth(left)+rowWidth(right) > t.width; below-- {
		var first, second []tableColumn
		left, first = lowered(left, below)
		right, second = lowered(right, below)
		down = append(down, append(first, second...)...)
	}
	head := "  "
	for _, c := range slices.Concat(left, right) {
		head += pad(c.head, c.width()) + gap
	}
	t.line(head)
	heads := len(down) == 1 // of roles, where they alone find no room
	for i, m := range p.Metrics {
		if heads && (i == 0 || m.Role != p.Metrics[i-1].Role) {
			t.line("  " + l.Say(m.Role))
		}
		before := t.painted(m.Class, m.Glyph) + " " + row(left, i)
		if m.Why != "" {
			t.paragraph(before, l.Say(m.finding()))
		} else {
			t.line(before + row(right, i))
		}
		if below := line(down, i); below != "" && !heads {
			t.paragraph("    ", below)
		}
	}
}
