package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weir/analyze"
	"weir/rollout"
)

func TestTableFits(t *testing.T) {
	for _, f := range fixtures() {
		for _, width := range []int{80, 100, 140} {
			f.options.Width, f.options.HTMLPath = width, ""
			var b bytes.Buffer
			if err := New(f.record, f.options).Table(&b); err != nil {
				t.Fatal(err)
			}
			for _, l := range strings.Split(b.String(), "\n") {
				if columns(l) > width {
					t.Errorf("%s at %d: %d columns: %s", f.name, width, columns(l), l)
				}
			}
		}
	}
}

func TestTableColourAddsNothingElse(t *testing.T) {
	escape := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for _, f := range fixtures() {
		var plain, coloured bytes.Buffer
		if err := New(f.record, f.options).Table(&plain); err != nil {
			t.Fatal(err)
		}
		f.options.Color = true
		if err := New(f.record, f.options).Table(&coloured); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsRune(plain.Bytes(), '\x1b') {
			t.Errorf("%s: colour without being asked for", f.name)
		}
		if !bytes.ContainsRune(coloured.Bytes(), '\x1b') {
			t.Errorf("%s: no colour", f.name)
		}
		if got := escape.ReplaceAllString(coloured.String(), ""); got != plain.String() {
			t.Errorf("%s: the coloured table says something else:\n%s", f.name, got)
		}
	}
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "−0.4 … +6.6": 11, "对话": 4, "e\u0301": 1, "\x1b[38;5;36m●\x1b[0m": 1, "👍": 2} {
		if got := columns(s); got != want {
			t.Errorf("columns(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestAlignOnThePoint(t *testing.T) {
	c := tableColumn{points: true, cells: []string{"61.2 %", "9.80 %", "1,840 tokens", "", "–", "+$0.0031"}}
	c.align()
	want := []string{"   61.2 %", "    9.80 %", "1,840 tokens", "", "    –", "  +$0.0031"}
	if !slices.Equal(c.cells, want) {
		t.Errorf("got %q, want %q", c.cells, want)
	}
}

func TestWrapColumnsBreaksLongWords(t *testing.T) {
	got := wrapColumns("a "+strings.Repeat("x", 50)+" b", 20)
	if want := []string{"a", strings.Repeat("x", 20), strings.Repeat("x", 20), strings.Repeat("x", 10) + " b"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestMarkdownTablesAgree(t *testing.T) {
	bar := regexp.MustCompile("`([^`]*)`")
	for _, f := range fixtures() {
		var b bytes.Buffer
		if err := New(f.record, f.options).Markdown(&b); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for _, l := range strings.Split(b.String(), "\n") {
			if !strings.HasPrefix(l, "|") {
				continue
			}
			rows++
			if n := strings.Count(strings.ReplaceAll(l, `\|`, ""), "|"); n != 10 {
				t.Errorf("%s: %d bars in %s", f.name, n, l)
			}
			if drawn := bar.FindStringSubmatch(l); rows > 2 && len([]rune(drawn[1])) != barCells {
				t.Errorf("%s: interval %q", f.name, drawn[1])
			}
		}
		if want := len(f.record.Analysis.Metrics) + 2; rows != want {
			t.Errorf("%s: %d rows, want %d", f.name, rows, want)
		}
	}
}

func TestMarkdownIsPlain(t *testing.T) {
	if got, want := escaped("a|b `c` *d* _e_ <f> & [g](h)\ni"), "a\\|b \\`c\\` \\*d\\* \\_e\\_ &lt;f&gt; &amp; \\[g\\](h) i"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDrawn(t *testing.T) {
	ax := axis{low: -1.5, high: 1.5, hatchFrom: -1}
	for want, p := range map[string]position{
		"     ┊     ├───┼────●────┤     ": {Margined: true, Value: 0.5, Lower: -0.4, Upper: 1},
		"◄────┼──●──────┤               ": {Margined: true, Value: -0.7, Lower: -9, Upper: 0},
		"     ▒▒▒▒▒▒▒▒▒▒▒               ": {Margined: true, Value: float64(unknown), Lower: float64(unknown), Upper: float64(unknown)},
	} {
		if got := strings.ReplaceAll(p.drawn(ax), noBreak, " "); got != want {
			t.Errorf("%+v\ngot  %q\nwant %q", p, got, want)
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	for _, f := range fixtures() {
		var b bytes.Buffer
		if err := New(f.record, f.options).CSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(f.record.Analysis.Metrics)+1 {
			t.Fatalf("%s: %d rows", f.name, len(rows))
		}
		column := func(name string) int { return slices.Index(rows[0], name) }
		for i, m := range f.record.Analysis.Metrics {
			for name, want := range map[string]analyze.Number{
				"control_value": m.Control.Value, "test_lower": m.Test.Lower, "margin_bound": m.Margin.Bound, "more_superior": m.More.Superior,
			} {
				got := rows[i+1][column(name)]
				if !want.Known() {
					if got != "" {
						t.Errorf("%s, %s: unknown is %q", f.name, name, got)
					}
					continue
				}
				if x, err := strconv.ParseFloat(got, 64); err != nil || x != float64(want) {
					t.Errorf("%s, %s: %q is not %v", f.name, name, got, want)
				}
			}
		}
	}
}

// Columns are only ever added at the end.
func TestCSVColumnsAreStable(t *testing.T) {
	const promised = "app,release,control,treatment,as_of,verdict,metric,role,kind,good,unit," +
		"control_value,control_std_err,control_units,control_missing,treatment_value,treatment_std_err,treatment_units,treatment_missing," +
		"absolute_estimand,absolute_value,absolute_std_err,absolute_lower,absolute_upper,absolute_p_value,relative_value,relative_lower,relative_upper," +
		"test_estimand,test_value,test_lower,test_upper,test_p_value,test_p_adjusted,naive_value," +
		"margin_value,margin_relative,margin_bound,margin_p_value,harm_p_value,harm_p_adjusted,margin_check," +
		"more_superior,more_non_inferior,direction,missing_differs,method,warnings"
	var names []string
	for _, c := range csvColumns {
		names = append(names, c.name)
	}
	if got := strings.Join(names, ","); !strings.HasPrefix(got, promised) {
		t.Errorf("columns are %s", got)
	}
}

func TestJUnit(t *testing.T) {
	for _, c := range []struct {
		fixture                  string
		tests, failures, skipped int
	}{
		{"promote", 8, 0, 0},
		{"hold", 11, 0, 3},         // the verdict, latency and quality
		{"rollback", 8, 3, 0},      // the verdict, handoff and errors
		{"invalid", 7, 4, 0},       // the verdict and three checks
		{"not-estimable", 8, 0, 7}, // all but maturity
		{"monitors", 8, 0, 1},      // the verdict; a monitor never fails
		{"paired", 4, 0, 0},        //
		{"extremes", 10, 1, 4},     // a guardrail fails; the verdict and three margins are open
	} {
		t.Run(c.fixture, func(t *testing.T) {
			i := slices.IndexFunc(fixtures(), func(f fixture) bool { return f.name == c.fixture })
			var b bytes.Buffer
			if err := New(fixtures()[i].record, Options{}).JUnit(&b); err != nil {
				t.Fatal(err)
			}
			var got junitSuites
			if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Tests != c.tests || got.Failures != c.failures || got.Skipped != c.skipped {
				t.Errorf("%d tests, %d failures, %d skipped", got.Tests, got.Failures, got.Skipped)
			}
			if n := len(got.Suites[0].Cases); n != c.tests {
				t.Errorf("%d cases", n)
			}
		})
	}
}

func TestJUnitHasValueAndInterval(t *testing.T) {
	var b bytes.Buffer
	if err := New(holding(), Options{}).JUnit(&b); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	for _, c := range suites.Suites[0].Cases {
		if c.Name != "resolution" {
			continue
		}
		want := []junitProperty{{"control", "0.612"}, {"treatment", "0.643"}, {"value", "0.031"}, {"lower", "-0.004"}, {"upper", "0.066"}, {"margin", "0.03"}, {"bound", "-0.0009"}}
		if !slices.Equal(c.Properties.List, want) {
			t.Errorf("properties %v", c.Properties.List)
		}
		return
	}
	t.Error("no case resolution")
}

func TestJSONReadsBack(t *testing.T) {
	for _, f := range fixtures() {
		r := New(f.record, f.options)
		var analysis, record bytes.Buffer
		if err := r.JSON(&analysis); err != nil {
			t.Fatal(err)
		}
		if err := r.RecordJSON(&record); err != nil {
			t.Fatal(err)
		}
		var a rollout.Analysis
		var rec rollout.Record
		if err := json.Unmarshal(analysis.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(record.Bytes(), &rec); err != nil {
			t.Fatal(err)
		}
		if a.Schema != analyze.ResultSchema || rec.Schema != rollout.RecordSchema || a.Decision.Verdict != f.record.Analysis.Decision.Verdict {
			t.Errorf("%s: %s, %s, %s", f.name, a.Schema, rec.Schema, a.Decision.Verdict)
		}
		if encoded(t, rec) != encoded(t, f.record) {
			t.Errorf("%s: the record does not read back the same", f.name)
		}
	}
}
