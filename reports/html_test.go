package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"weir/analyze"
	"weir/rollout"
)

// An element is a start tag with its attributes and the text directly in it.
type element struct {
	name string
	attr map[string]string
	text string
	path string // names of its ancestors
}

// elements parses HTML as XML: the report is both, so that a strict parser can
// hold it well-formed.
func elements(t *testing.T, page []byte) []element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	var all []element
	var open []int
	path := ""
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attr: map[string]string{}, path: path}
			for _, a := range x.Attr {
				if _, twice := e.attr[a.Name.Local]; twice {
					t.Errorf("%s has %s twice", e.name, a.Name.Local)
				}
				e.attr[a.Name.Local] = a.Value
			}
			all = append(all, e)
			open = append(open, len(all)-1)
			path += "/" + e.name
		case xml.EndElement:
			open = open[:len(open)-1]
			path = path[:strings.LastIndexByte(path, '/')]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(x)
			}
		}
	}
	return all
}

func htmlOf(t *testing.T, rec rollout.Record, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := New(rec, o).HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHTMLIsSound(t *testing.T) {
	for _, f := range append(fixtures(), fixture{name: "empty"}) {
		t.Run(f.name, func(t *testing.T) {
			all := elements(t, htmlOf(t, f.record, f.options))
			checkIDs(t, all)
			checkClosed(t, all)
			checkLandmarks(t, all)
			checkTables(t, all)
		})
	}
}

// checkIDs holds ids unique and references to them alive.
func checkIDs(t *testing.T, all []element) {
	ids := map[string]bool{}
	for _, e := range all {
		if id, ok := e.attr["id"]; ok {
			if ids[id] {
				t.Errorf("id %q is given twice", id)
			}
			ids[id] = true
		}
	}
	for _, e := range all {
		refs := strings.Fields(e.attr["aria-labelledby"])
		if to, ok := strings.CutPrefix(e.attr["href"], "#"); ok {
			refs = append(refs, to)
		}
		if to, ok := strings.CutPrefix(e.attr["fill"], "url(#"); ok {
			refs = append(refs, strings.TrimSuffix(to, ")"))
		}
		for _, ref := range refs {
			if !ids[ref] {
				t.Errorf("<%s> points at %q, which is not there", e.name, ref)
			}
		}
	}
}

// checkClosed holds the page self-contained and inert: no script, no
// handler, no style outside the hashed sheet, nothing fetched.
func checkClosed(t *testing.T, all []element) {
	for _, e := range all {
		switch e.name {
		case "script", "iframe", "object", "embed", "form", "img", "base", "button":
			t.Errorf("there is a <%s>", e.name)
		case "input":
			if e.attr["type"] != "radio" || e.attr["name"] != "theme" {
				t.Errorf("there is an <input type=%q name=%q>", e.attr["type"], e.attr["name"])
			}
		}
		for name, value := range e.attr {
			if strings.HasPrefix(name, "on") || name == "style" || name == "src" || name == "srcset" {
				t.Errorf("<%s> has %s=%q", e.name, name, value)
			}
			if name == "href" && !strings.HasPrefix(value, "#") && value != "data:," {
				t.Errorf("<%s> links to %q", e.name, value)
			}
		}
	}
}

func checkLandmarks(t *testing.T, all []element) {
	n := map[string]int{}
	for _, e := range all {
		n[e.name]++
		switch {
		case e.name == "html" && e.attr["lang"] != "en":
			t.Error("the page has no language")
		case e.name == "section" && e.attr["aria-labelledby"] == "":
			t.Error("a section has no label")
		case e.name == "svg" && e.attr["role"] != "img" && e.attr["aria-hidden"] != "true":
			t.Error("a drawing is neither described nor hidden")
		}
	}
	for _, name := range []string{"main", "header", "footer", "nav", "h1", "title"} {
		if name != "title" && n[name] != 1 {
			t.Errorf("there are %d <%s>", n[name], name)
		}
	}
	titled := map[string]bool{}
	for _, e := range all {
		if strings.HasSuffix(e.path, "/svg") && e.name == "title" || e.name == "desc" {
			if strings.TrimSpace(e.text) == "" {
				t.Errorf("a drawing has an empty %s", e.name)
			}
			titled[e.attr["id"]] = true
		}
	}
	for _, e := range all {
		if e.name == "svg" && e.attr["role"] == "img" {
			for _, id := range strings.Fields(e.attr["aria-labelledby"]) {
				if !titled[id] {
					t.Errorf("a drawing lacks its %s", id)
				}
			}
		}
	}
}

func checkTables(t *testing.T, all []element) {
	for _, e := range all {
		if e.name == "th" && e.attr["scope"] == "" {
			t.Errorf("a header cell %q has no scope", e.text)
		}
	}
}

func TestPolicyAllowsTheStyleSheetAndNothingElse(t *testing.T) {
	page := htmlOf(t, holding(), Options{})
	policyOf := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)
	sheet := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(page)
	if policyOf == nil || sheet == nil {
		t.Fatal("policy or style sheet is missing")
	}
	got := html.UnescapeString(string(policyOf[1]))
	hash := sha256.Sum256(sheet[1])
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; img-src data:; base-uri 'none'; form-action 'none'"
	if got != want {
		t.Errorf("policy %s\nwant   %s", got, want)
	}
	for _, fetches := range []string{"url(", "@import", "@font-face", "expression("} {
		if bytes.Contains(sheet[1], []byte(fetches)) {
			t.Errorf("the style sheet has %s", fetches)
		}
	}
}

// Every colour that the style sheet uses is in the palette, so that the
// contrast of all is tested.
func TestStyleUsesThePalette(t *testing.T) {
	known := map[string]bool{"state": true}
	for _, c := range palette {
		known[c.Role] = true
	}
	for _, m := range regexp.MustCompile(`var\(--([a-z]+)`).FindAllStringSubmatch(styleSheet, -1) {
		if !known[m[1]] {
			t.Errorf("colour %q is not in the palette", m[1])
		}
	}
	if literal := regexp.MustCompile(`#[0-9A-Fa-f]{3,8}\b[^{]*;|rgba?\(|hsla?\(`).FindString(styleSheet); literal != "" {
		t.Errorf("a colour outside the palette: %q", literal)
	}
}

func TestHostileTextIsShownNotInterpreted(t *testing.T) {
	page := htmlOf(t, extremes(), Options{Background: Background{Dialogues: hostile()}})
	shown := ""
	for _, e := range elements(t, page) {
		shown += e.text
	}
	for _, want := range []string{
		"</p></main><script>document.title='owned'</script><img src=x onerror=alert(3)>",
		`"><script>alert(2)</script>`,
		"A reason with <script>alert(1)</script>",
		"price ⟦U+202E⟧001 EUR⟦U+202C⟧ and ⟦U+2067⟧isolated⟦U+2069⟧, a tag ⟦U+E0041⟧, an escape ⟦U+001B⟧[2J, a null ⟦U+0000⟧",
		"שלום עולם",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	if i := strings.IndexFunc(string(page), acts); i >= 0 {
		t.Errorf("a character acts on the page at %d: %q", i, page[i:i+4])
	}
}

func TestHTMLIsBounded(t *testing.T) {
	rec := holding()
	for i := range 60 {
		m := resolution()
		m.Name = fmt.Sprintf("metric_%d", i)
		m.Warnings = []string{strings.Repeat("a doubt ", 50)}
		rec.Analysis.Metrics = append(rec.Analysis.Metrics, m)
	}
	for range 5000 {
		rec.Files = append(rec.Files, rollout.File{Path: strings.Repeat("p", 200), SHA256: strings.Repeat("0", 64)})
	}
	rec.Spec = strings.Repeat("<>&\"", 200_000)
	var ds []Dialogue
	for i := range 1000 {
		d := Dialogue{Version: []string{"v1", "v2"}[i%2], SessionID: fmt.Sprint(i)}
		for range 6 {
			d.Turns = append(d.Turns, Turn{Asked: strings.Repeat("<&>", 600)})
		}
		ds = append(ds, d)
	}
	page := htmlOf(t, rec, Options{Background: Background{Dialogues: ds}})
	if len(page) > maxHTML {
		t.Errorf("%d bytes, at most %d are allowed", len(page), maxHTML)
	}
	text := string(page)
	if !strings.Contains(text, "more are not shown, to keep this file small") || !strings.Contains(text, "The record lists 4,802 more") {
		t.Error("the page does not say what it leaves out")
	}
	if n := strings.Count(text, `<article class="pair">`); n < 5 {
		t.Errorf("only %d pairs are shown", n)
	}
}

func TestReproductionIsShownOrLeftToTheRecord(t *testing.T) {
	for _, c := range []struct {
		name  string
		input any
		want  string
		not   string
	}{
		{"short", map[string]any{"n": []int{1, 2}}, "weir stat stats-welch-t &lt;&lt;&#39;JSON&#39;", "reproduce.input"},
		{"long", make([]int, 5000), "as <code>reproduce.input</code>", "JSON&#39;"},
		{"without JSON", math.NaN(), "How it was computed", "weir stat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := resolution()
			m.Reproduce = &analyze.Reproduction{Method: "stats-welch-t", Input: c.input}
			page := string(htmlOf(t, live(rollout.Hold, nil, nil, m), Options{}))
			if !strings.Contains(page, c.want) || strings.Contains(page, c.not) {
				t.Errorf("want %q, not %q", c.want, c.not)
			}
		})
	}
}
