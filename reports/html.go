package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// maxHTML bounds the HTML report, in bytes. Dialogues are left out from the
// end until it fits.
const maxHTML = 1_500_000

//go:embed html/*.gohtml
var templateFiles embed.FS

//go:embed html/style.css
var styleSheet string

var (
	style      = variables() + styleSheet
	stylePrint = sha256.Sum256([]byte(style))
	// policy allows the page its own style sheet and nothing else.
	policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(stylePrint[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
)

// templates are the pages in each language.
var templates = map[Language]*template.Template{English: templatesIn(English), Chinese: templatesIn(Chinese)}

func templatesIn(l Language) *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"t":       func(s string) string { return keep(l.Say(s)) },
		"kept":    keep, // of what is said already
		"lang":    func() string { return l.Tag() },
		"comma":   func() string { return map[Language]string{English: ", ", Chinese: "，"}[l] },
		"glyphs":  func() []state { return legend },
		"words":   func(parts ...string) string { return strings.Join(strings.Fields(strings.Join(parts, " ")), " ") },
		"px":      px,
		"style":   func() template.CSS { return template.CSS(style) },
		"policy":  func() string { return policy },
		"count":   func(n int) string { return count(int64(n)) },
		"add":     func(a, b float64) float64 { return a + b },
		"mid":     func(a, b float64) float64 { return (a + b) / 2 },
		"neg":     func(a float64) float64 { return -a },
		"percent": func(share float64) float64 { return 100 * share },
		"score":   func(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) },
	}).ParseFS(templateFiles, "html/*.gohtml"))
}

// legend explains the glyphs.
var legend = []state{
	{"▲", "better", classBetter}, {"▼", "worse", classWorse}, {"●", "within margin", classWithin},
	{"○", "open", classOpen}, {"✕", "not estimable", classUnknown},
}

// HTML writes the report as one self-contained file: no script, no network,
// readable in light and dark, on a phone and on paper.
func (r Report) HTML(w io.Writer) error {
	p, l := r.page, r.options.Language
	all := pairsOf(r.options.Background.Dialogues, r.record.Analysis.Control, r.record.Analysis.Treatment)
	p.Contents = p.contents(len(all) > 0)
	bare, err := execute(l, "report", p)
	if err != nil {
		return err
	}
	if p.Pairs, err = fitting(l, all, maxHTML-len(bare)); err != nil {
		return err
	}
	p.PairsLeft = len(all) - len(p.Pairs)
	p.Contents = p.contents(len(p.Pairs) > 0)
	whole, err := execute(l, "report", p)
	if err != nil {
		return err
	}
	_, err = w.Write(whole)
	return err
}

// A link leads to a part of the page.
type link struct{ ID, Name string }

// contents lists the parts of the page.
func (p page) contents(dialogues bool) []link {
	var out []link
	for _, x := range []struct {
		there bool
		link
	}{
		{p.OverTime != nil, link{"time", "Effect over time"}},
		{len(p.Spreads) > 0, link{"spreads", "Distributions"}},
		{len(p.Metrics) > 0, link{"arms", "Arms side by side"}},
		{len(p.Breakdowns) > 0, link{"breakdowns", "Where the effect differs"}},
		{len(p.Views) > 0, link{"views", "Other views"}},
		{true, link{"units", "Units"}},
		{p.Judging != nil, link{"judging", "Judge"}},
		{dialogues, link{"dialogues", "Dialogues"}},
		{true, link{"promise", "What was promised"}},
		{true, link{"read", "What was read"}},
		{true, link{"how", "How it was computed"}},
	} {
		if x.there {
			out = append(out, x.link)
		}
	}
	return out
}

// fitting returns the first pairs that take no more than room bytes together,
// less what the section's own words take.
func fitting(l Language, all []pair, room int) ([]pair, error) {
	const words = 2000
	room -= words
	for i, p := range all {
		text, err := execute(l, "pair", p)
		if err != nil {
			return nil, err
		}
		if room -= len(text); room < 0 {
			return all[:i], nil
		}
	}
	return all, nil
}

func execute(l Language, name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates[l.known()].ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	return b.Bytes(), nil
}

// px writes a coordinate with at most one decimal.
func px(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

var insideNumber = regexp.MustCompile(`([0-9]) (%|(?:pp|ms|s|points|tokens)\b)|(\bp) ([.<>])`)

// noBreak is a space at which no line breaks.
const noBreak = "\u00a0"

// keep joins numbers to their units and p to its value, so that no line
// breaks between them.
func keep(s string) string { return insideNumber.ReplaceAllString(s, "$1$3"+noBreak+"$2$4") }

// milliseconds writes a duration within a dialogue.
func milliseconds(x float64) string {
	switch {
	case !finite(x):
		return dash
	case x >= 1000:
		return strconv.FormatFloat(x/1000, 'f', 2, 64) + " s"
	}
	return strconv.FormatFloat(x, 'f', 0, 64) + " ms"
}
