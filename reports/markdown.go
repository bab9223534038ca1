package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// A Picture is one of a report's plots as a file of its own.
type Picture struct {
	Name  string
	Title string
	SVG   func(io.Writer) error
}

// Pictures are the report's plots: effects in margins, each effect over time, and each
// distribution.
func (r Report) Pictures() []Picture {
	l := r.options.Language
	var out []Picture
	add := func(name, title, template string, drawn any) {
		out = append(out, Picture{name, title, func(w io.Writer) error { return svgFile(w, l, template, drawn) }})
	}
	if len(r.page.Metrics) > 0 {
		add("effects", r.page.Plots[0].Title+", in margins, good to the right", "plot-file", r.page.Plots[0])
	}
	if t := r.page.OverTime; t != nil {
		for _, c := range t.Charts {
			add(c.ID, c.Title+" over time, in margins, good upwards", "chart-file", c)
		}
	}
	for _, s := range r.page.Spreads {
		add(s.Chart.ID, "Distribution of "+s.Name, "chart-file", s.Chart)
	}
	return out
}

// MarkdownWithPictures writes the summary, with the pictures that lie beside it under base, a
// hyphen and their names.
func (r Report) MarkdownWithPictures(w io.Writer, base string) error {
	if err := r.Markdown(w); err != nil {
		return err
	}
	for _, p := range r.Pictures() {
		if _, err := fmt.Fprintf(w, "\n![%s](<%s-%s.svg>)\n", escaped(r.options.Language.Say(p.Title)), escaped(base), p.Name); err != nil {
			return err
		}
	}
	return nil
}

// Markdown writes a summary for a build's page: the verdict first, then a
// table with intervals drawn in characters, health and reasons.
func (r Report) Markdown(w io.Writer) error {
	var b bytes.Buffer
	p, l := r.page, r.options.Language
	said := func(text string) string { return escaped(l.Say(text)) }
	fmt.Fprintf(&b, "## %s %s: %s %s\n\n", p.Verdict.Glyph, said(p.Verdict.Word), escaped(p.App), escaped(p.Release))
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace("**"+said(p.Verdict.Headline)+"** "+said(p.Verdict.Needs)))
	facts := l.all(append([]string{p.Time}, append(p.Facts, p.Arms.Line...)...))
	fmt.Fprintf(&b, "\n%s\n", escaped(strings.Join(facts, " · ")))
	p.markdownMetrics(&b, l)
	p.markdownHealth(&b, l)
	list(&b, l.Say("Segments"), p.segments(l))
	list(&b, l.Say("Reasons"), l.all(p.Verdict.Reasons))
	fmt.Fprintf(&b, "\n<sub>%s %s `%s`.</sub>\n", said(p.Comparison), said("Computed again by"), strings.ReplaceAll(p.Replay, "`", "'"))
	_, err := w.Write(b.Bytes())
	return err
}

func (p page) markdownMetrics(b *bytes.Buffer, l Language) {
	said := func(text string) string { return escaped(l.Say(text)) }
	if len(p.Metrics) == 0 {
		fmt.Fprintf(b, "\n%s\n", said("No metric was analysed."))
		return
	}
	margined, _ := grouped(p.Metrics)
	ax := axisOf(margined, layout{})
	fmt.Fprintf(b, "\n| | %s | %s | %s | %s | %s | %s | %s: −1 ┊ 0 │ | %s |\n", said("Metric"), said("Role"),
		escaped(p.Arms.Control), escaped(p.Arms.Treatment), said(fmt.Sprintf("Effect (%s interval)", p.Level)), said("Margin"), said("In margins, good to the right"), said("Finding"))
	b.WriteString("| --- | --- | --- | ---: | ---: | ---: | ---: | --- | --- |\n")
	for _, m := range p.Metrics {
		finding := l.Say(m.Word)
		if m.Why != "" {
			finding += ": " + l.Say(m.Why)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | `%s` | %s |\n", m.Glyph, escaped(m.Label), said(m.Role),
			said(m.Control.Value), said(m.Treatment.Value), said(m.Effect.Text()), said(m.Margin), m.Axis.drawn(ax), escaped(finding))
	}
	var notes []string
	for _, m := range p.Metrics {
		notes = append(notes, m.notes(l)...)
	}
	list(b, l.Say("Notes"), notes)
}

func (p page) markdownHealth(b *bytes.Buffer, l Language) {
	checks := told(p.Checks)
	parts := make([]string, len(checks))
	for i, c := range checks {
		parts[i] = c.Glyph + " " + escaped(l.Say(c.Name)+" "+l.Say(c.Found))
	}
	fmt.Fprintf(b, "\n**%s** %s\n", l.Say("Health"), strings.Join(parts, " · "))
	for i, w := range p.Warnings {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "- %s\n", escaped(l.Say(w)))
	}
}

// list writes a titled list, nothing where it is empty.
func list(b *bytes.Buffer, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", escaped(item))
	}
}

// barCells is the width of an interval drawn in characters.
const barCells = 31

// drawn is the interval in characters, on the axis of the metrics with margin
// or, for a metric without, on its own.
func (p position) drawn(ax axis) string {
	if !p.Margined {
		ax = ax.free()
	}
	ax.left, ax.right = 0, barCells-1
	cells := []rune(strings.Repeat("\u00a0", barCells))
	put := func(v float64, r rune) { cells[int(ax.x(ax.clamp(v))+0.5)] = r }
	if p.Margined {
		put(-1, '┊')
	}
	put(0, '│')
	if !p.known() {
		fill(cells, ax, ax.hatchFrom, ax.hatchTo, '▒')
	} else {
		fill(cells, ax, p.Lower, p.Upper, '─')
		put(p.Lower, end(p.Lower < ax.low, '◄', '├'))
		put(p.Upper, end(p.Upper > ax.high, '►', '┤'))
	}
	if ax.holds(p.Value) {
		put(p.Value, '●')
	}
	return string(cells)
}

// fill draws from one value to another; the lines −1 and 0 show through a bar.
func fill(cells []rune, ax axis, from, to float64, r rune) {
	through := map[rune]rune{'┊': '┼', '│': '┼'}
	for i := int(ax.x(ax.clamp(from)) + 0.5); i <= int(ax.x(ax.clamp(to))+0.5); i++ {
		if t, ok := through[cells[i]]; ok && r == '─' {
			cells[i] = t
			continue
		}
		cells[i] = r
	}
}

func end(beyond bool, arrow, bracket rune) rune {
	if beyond {
		return arrow
	}
	return bracket
}

var markdownEscapes = strings.NewReplacer(
	"\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "|", "\\|",
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "#", "\\#", "~", "\\~", "\n", " ", "\r", " ",
)

// escaped makes text plain in Markdown, on one line.
func escaped(s string) string { return markdownEscapes.Replace(s) }
