package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
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

//go:embed html/report.gohtml
var reportTemplate string

//go:embed html/plot.gohtml
var plotTemplate string

//go:embed html/style.css
var styleSheet string

var (
	style      = variables() + styleSheet
	stylePrint = sha256.Sum256([]byte(style))
	// policy allows the page its own style sheet and nothing else.
	policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(stylePrint[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
)

var htmlTemplates = template.Must(template.Must(template.New("report").Funcs(template.FuncMap{
	"px":      px,
	"keep":    keep,
	"style":   func() template.CSS { return template.CSS(style) },
	"policy":  func() string { return policy },
	"count":   func(n int) string { return count(int64(n)) },
	"ms":      milliseconds,
	"add":     func(a, b float64) float64 { return a + b },
	"mid":     func(a, b float64) float64 { return (a + b) / 2 },
	"neg":     func(a float64) float64 { return -a },
	"percent": func(share float64) float64 { return 100 * share },
	"score":   func(x float64) string { return strconv.FormatFloat(x, 'g', 3, 64) },
}).Parse(reportTemplate)).New("plot").Parse(plotTemplate))

// HTML writes the report as one self-contained file: no script, no network,
// readable in light and dark, on a phone and on paper.
func (r Report) HTML(w io.Writer) error {
	p := r.page
	bare, err := execute("report", p)
	if err != nil {
		return err
	}
	all := pairsOf(r.options.Dialogues, r.record.Analysis.Control, r.record.Analysis.Treatment)
	if p.Pairs, err = fitting(all, maxHTML-len(bare)); err != nil {
		return err
	}
	p.PairsLeft = len(all) - len(p.Pairs)
	whole, err := execute("report", p)
	if err != nil {
		return err
	}
	_, err = w.Write(whole)
	return err
}

// fitting returns the first pairs that take no more than room bytes together,
// less what the section's own words take.
func fitting(all []pair, room int) ([]pair, error) {
	const words = 2000
	room -= words
	for i, p := range all {
		text, err := execute("pair", p)
		if err != nil {
			return nil, err
		}
		if room -= len(text); room < 0 {
			return all[:i], nil
		}
	}
	return all, nil
}

func execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := htmlTemplates.ExecuteTemplate(&b, name, data); err != nil {
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
	if x >= 1000 {
		return strconv.FormatFloat(x/1000, 'f', 2, 64) + " s"
	}
	return strconv.FormatFloat(x, 'f', 0, 64) + " ms"
}
