package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// A Study is the view of what is asked beside a release's analysis: its outlook,
// an A/A test, a backtest. As a report's, its verdict comes first, then pictures and
// tables.
type Study struct {
	options Options
	value   any // what JSON writes
	page    studyPage
}

// A studyPage is all that is shown of a study, written out.
type studyPage struct {
	App, Release string
	Facts        []string
	Verdict      studyVerdict
	Charts       []chart
	Sheets       []sheet
	Notes        []string
}

// A studyVerdict is a study's finding: a word with its glyph, and a sentence.
type studyVerdict struct {
	Class, Glyph, Word, Headline string
	Reasons                      []string
}

// A sheet is a table.
type sheet struct {
	Title string
	Head  []string
	Names []string // what programs call the columns, where that is not their head
	Left  int      // columns that are words, from the left; the others are figures
	Rows  [][]string
	// Metrics says that the first column names metrics, HeadMetrics how many heads at the
	// end do: names are the same in every language.
	Metrics     bool
	HeadMetrics int
}

// said is the sheet in a language.
func (s sheet) said(l Language) sheet {
	words := len(s.Head) - s.HeadMetrics
	out := s
	out.Title, out.Head, out.Rows = l.Say(s.Title), append(l.all(s.Head[:words]), s.Head[words:]...), nil
	for _, r := range s.Rows {
		row := l.all(r)
		if s.Metrics {
			row[0] = r[0]
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// newStudy is the study in the language asked for.
func newStudy(o Options, value any, p studyPage) Study {
	l := o.Language
	p.Facts, p.Notes = l.all(p.Facts), l.all(p.Notes)
	p.Verdict.Word, p.Verdict.Headline, p.Verdict.Reasons = l.Say(p.Verdict.Word), l.Say(p.Verdict.Headline), l.all(p.Verdict.Reasons)
	sheets := make([]sheet, len(p.Sheets))
	for i, s := range p.Sheets {
		sheets[i] = s.said(l)
	}
	p.Sheets = sheets
	return Study{options: o, value: value, page: p}
}

// JSON writes the study's numbers, indented. A number that cannot be had is null.
func (s Study) JSON(w io.Writer) error { return writeJSON(w, s.value) }

// Table writes the study for a terminal: the tables, what is to be said of them, and the finding last.
func (s Study) Table(w io.Writer) error {
	t := terminal{width: s.options.Width, color: s.options.Color}
	p := s.page
	l := s.options.Language
	t.paragraph("", strings.Join(append([]string{strings.TrimSpace(p.App + " " + p.Release)}, p.Facts...), " · "))
	for _, sh := range p.Sheets {
		t.line("")
		if sh.Title != "" {
			t.line(sh.Title)
		}
		for _, l := range sh.lines() {
			t.line(l)
		}
	}
	t.line("")
	for _, n := range p.Notes {
		t.paragraph(lead(l.Say("note")), n)
	}
	for _, r := range p.Verdict.Reasons {
		t.paragraph(lead(""), "○ "+r)
	}
	t.paragraph(t.painted(p.Verdict.Class, lead(strings.ToUpper(p.Verdict.Word))), p.Verdict.Headline)
	_, err := w.Write(t.out.Bytes())
	return err
}

// Answer writes the finding alone, with its reasons.
func (s Study) Answer(w io.Writer) error {
	t := terminal{width: s.options.Width, color: s.options.Color}
	t.paragraph(lead(strings.ToUpper(s.page.Verdict.Word)), s.page.Verdict.Headline)
	for _, r := range s.page.Verdict.Reasons {
		t.paragraph(lead(""), "○ "+r)
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

// lines writes the sheet with aligned columns.
func (s sheet) lines() []string {
	cols := make([]tableColumn, len(s.Head))
	for i, h := range s.Head {
		cols[i] = tableColumn{head: h, points: i >= s.Left}
		for _, r := range s.Rows {
			cols[i].cells = append(cols[i].cells, r[i])
		}
		cols[i].align()
	}
	head := ""
	for _, c := range cols {
		head += pad(c.head, c.width()) + gap
	}
	out := []string{"  " + head}
	for i := range s.Rows {
		out = append(out, "  "+row(cols, i))
	}
	return out
}

// Markdown writes the study as a page of Markdown.
func (s Study) Markdown(w io.Writer) error {
	var b bytes.Buffer
	p := s.page
	fmt.Fprintf(&b, "## %s %s: %s\n\n**%s**\n\n%s\n", p.Verdict.Glyph, escaped(p.Verdict.Word), escaped(strings.TrimSpace(p.App+" "+p.Release)),
		escaped(p.Verdict.Headline), escaped(strings.Join(p.Facts, " · ")))
	for _, sh := range p.Sheets {
		b.WriteString("\n")
		if sh.Title != "" {
			fmt.Fprintf(&b, "**%s**\n\n", escaped(sh.Title))
		}
		b.WriteString(sh.markdown())
	}
	l := s.options.Language
	list(&b, l.Say("Doubts"), p.Verdict.Reasons)
	list(&b, l.Say("Notes"), p.Notes)
	_, err := w.Write(b.Bytes())
	return err
}

func (s sheet) markdown() string {
	var b strings.Builder
	write := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + escaped(c) + " |")
		}
		b.WriteString("\n")
	}
	write(s.Head)
	rule := make([]string, len(s.Head))
	for i := range rule {
		rule[i] = "---"
		if i >= s.Left {
			rule[i] = "---:"
		}
	}
	write(rule)
	for _, r := range s.Rows {
		write(r)
	}
	return b.String()
}

// CSV writes the first sheet as it is shown, with the metrics' declared names.
func (s Study) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	sh := s.page.Sheets[0]
	head := sh.Head
	if sh.Names != nil {
		head = sh.Names
	}
	if err := c.Write(head); err != nil {
		return err
	}
	if err := c.WriteAll(sh.Rows); err != nil {
		return err
	}
	return c.Error()
}

// HTML writes the study as one self-contained file, as a report is.
func (s Study) HTML(w io.Writer) error {
	page, err := execute(s.options.Language, "study", s.page)
	if err != nil {
		return err
	}
	_, err = w.Write(page)
	return err
}

// SVG writes the study's first picture alone.
func (s Study) SVG(w io.Writer) error {
	return svgFile(w, s.options.Language, "chart-file", s.page.Charts[0])
}

// svgFile writes one picture as a file of its own.
func svgFile(w io.Writer, l Language, name string, picture any) error {
	b, err := execute(l, name, picture)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+string(b))
	return err
}
