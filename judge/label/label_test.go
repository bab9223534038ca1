package label

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/judge"
)

const hostile = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> \u202e @data@ @script@ =1+1"

func set(t testing.TB, language string) Set {
	t.Helper()
	r, err := judge.Builtin("support-quality", language)
	if err != nil {
		t.Fatal(err)
	}
	return Set{ID: "s1", Rubric: r, Items: []Item{
		{"i1", []judge.Dialogue{{Turns: []judge.Turn{{Input: "hi", Output: hostile, Passages: []string{hostile}}, {Input: "=cmd()", Output: "bye"}}}}},
		{"i2", []judge.Dialogue{{Turns: []judge.Turn{{Input: "=SUM(A1)", Output: "你好"}}}}},
	}}
}

// drawn tells of the items of a set of dialogues and one of pairs that were drawn in the
// morning of the day before.
func drawn(item string) (Drawn, bool) {
	d := Drawn{At: now.Add(-28 * time.Hour)}
	switch item {
	case "i1", "i2":
		return d, true
	case "p1", "p2":
		d.Mode = judge.Pairwise
		return d, true
	}
	return Drawn{}, false
}

// pairs are two items whose first holds an answer that is no text to trust, and none.
func pairs(t testing.TB, language string) Set {
	s := set(t, language)
	s.Mode, s.Items = judge.Pairwise, []Item{
		{"p1", []judge.Dialogue{{Turns: []judge.Turn{{Input: "hi", Output: hostile}}}, {Turns: []judge.Turn{{Input: "hi"}}}}},
		{"p2", []judge.Dialogue{{Turns: []judge.Turn{{Input: "=SUM(A1)", Output: "你好"}}}, {Turns: []judge.Turn{{Input: "=SUM(A1)", Output: "bye"}}}}},
	}
	return s
}

// What is written out and filled in comes back, in every form.
func TestRoundTrip(t *testing.T) {
	s := set(t, "en")
	want := []Mark{
		{Item: "i1", Levels: []Level{{Given, 2}, {Given, 0}}, Comment: "a \"note\",\nin two lines", Labeler: "ann"},
		{Item: "i2", Levels: []Level{{Skipped, 0}, {Given, 1}}, Labeler: "bob"},
	}
	var table bytes.Buffer
	if err := s.CSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if rows[2][1] != "User: =SUM(A1)\nAssistant: 你好" || len(rows) != 3 {
		t.Errorf("the table is %q", rows)
	}
	rows[1][2], rows[1][3], rows[1][4], rows[1][5] = "2", "0", want[0].Comment, "ann"
	rows[2][2], rows[2][3] = "skip", "1"
	var filled bytes.Buffer
	csv.NewWriter(&filled).WriteAll(rows)
	compare(t, "labels.csv", "\ufeff"+filled.String(), want)

	var lines bytes.Buffer
	if err := s.JSONL(&lines); err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(`"labels":{"clarity":null,"resolution":null},"comment":"","labeler":""`, `"labels":{"clarity":0,"resolution":2},"comment":"a \"note\",\nin two lines","labeler":"ann"`).Replace(strings.Split(lines.String(), "\n")[0]) +
		"\n\n" + `{"item":"i2","labels":{"resolution":"skip","clarity":1}}` + "\n" + `{"item":"i2","labels":{}}`
	compare(t, "labels.jsonl", text, want)
}

// What is said of pairs comes back, in every form, beside what is said of dialogues.
func TestPairsRoundTrip(t *testing.T) {
	s := pairs(t, "en")
	want := []Mark{
		{Item: "p1", Mode: judge.Pairwise, Levels: []Level{{Given, 2}, {Given, 1}}, Labeler: "bob"},
		{Item: "p2", Mode: judge.Pairwise, Levels: []Level{{Given, 0}, {Skipped, 0}}, Labeler: "bob"},
	}
	var table bytes.Buffer
	if err := s.CSV(&table); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], " "); got != "item dialogue_a dialogue_b resolution clarity comment labeler" || rows[2][2] != "User: =SUM(A1)\nAssistant: bye" {
		t.Errorf("the table is %q", rows)
	}
	rows[1][3], rows[1][4] = "A", "Tie"
	rows[2][3], rows[2][4] = "b", "skip"
	var filled bytes.Buffer
	csv.NewWriter(&filled).WriteAll(rows)
	compare(t, "labels.csv", filled.String(), want)

	var lines bytes.Buffer
	if err := s.JSONL(&lines); err != nil {
		t.Fatal(err)
	}
	given := []string{`"clarity":"tie","resolution":"A"`, `"clarity":"skip","resolution":"B"`}
	text := strings.Split(lines.String(), "\n")
	for i := range given {
		text[i] = strings.Replace(text[i], `"clarity":null,"resolution":null`, given[i], 1)
	}
	compare(t, "labels.jsonl", strings.Join(text, "\n")+`{"item":"i1","labels":{"resolution":1}}`, append(slices.Clone(want),
		Mark{Item: "i1", Levels: []Level{{Given, 1}, {Open, 0}}, Labeler: "bob"}))

	for i, shares := range [][]float64{{1, .5}, {0, 0}} {
		got, whole, all := want[i].Shares(s.Rubric)
		if got[0] != shares[0] || all != (i == 0) || all && math.Abs(whole-(2*1+.5)/3) > 1e-12 {
			t.Errorf("shares of A are %v, whole %v, all %v", got, whole, all)
		}
	}
	if w := want[0].Word(s.Rubric.Criteria[1], want[0].Levels[1]); w != "tie" {
		t.Errorf("the word is %q", w)
	}
}

var now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// A label was given when its row says so: at a time in any zone, on a day, or, by a
// clock that is a little ahead, now.
func TestWhen(t *testing.T) {
	for text, want := range map[string]time.Time{
		"": {}, "2026-11-24": now.Truncate(24*time.Hour).AddDate(0, 0, -2), "2026-11-26T20:00:00+08:00": now,
		"2026-11-25T23:59:59.5Z": time.Date(2026, 11, 25, 23, 59, 59, 5e8, time.UTC), "2026-11-26T12:05:00Z": now,
	} {
		for name, file := range map[string]string{
			"l.csv": "item,clarity,resolution,at\ni1,1,1," + text + "\n", "l.jsonl": `{"item":"i1","labels":{"clarity":1},"at":"` + text + `"}`,
		} {
			marks, err := Read(name, strings.NewReader(file), set(t, "en").Rubric, "bob", drawn, now)
			if err != nil || len(marks) != 1 || !marks[0].At.Equal(want) {
				t.Errorf("%s, at %q: %v, %v", name, text, marks, err)
			}
		}
	}
}

// What was drawn as of a time to come, as in a simulation, bounds no label.
func TestDrawnLater(t *testing.T) {
	later := func(string) (Drawn, bool) { return Drawn{At: now.AddDate(1, 0, 0)}, true }
	line := `{"item":"i1","labels":{"clarity":1},"at":"2026-11-20"}`
	if marks, err := Read("l.jsonl", strings.NewReader(line), set(t, "en").Rubric, "bob", later, now); err != nil || len(marks) != 1 {
		t.Errorf("%v, %v", marks, err)
	}
}

func compare(t *testing.T, name, text string, want []Mark) {
	t.Helper()
	got, err := Read(name, strings.NewReader(text), set(t, "en").Rubric, "bob", drawn, now)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i := range got {
		if !strings.HasPrefix(got[i].Where, name+":") {
			t.Errorf("it was read at %q", got[i].Where)
		}
		got[i].Where = ""
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		t.Errorf("%s: read %s, want %s", name, a, b)
	}
}

// Every fault is reported with its line; then nothing is read.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"l.csv", "", "l.csv:1: there is no header: write item and the criteria"},
		{"l.csv", "a,b\n", "l.csv:1: there is no column item"},
		{"l.csv", "item,clarity\n", "l.csv:1: there is no column resolution, a criterion of support-quality"},
		{"l.csv", "item,clarity,resolution\ni1,7,yes\ni9,1,1\ni1,1\n", `l.csv:2: resolution: "yes" is no level: allowed are 0, 1, 2, skip, or nothing
l.csv:2: clarity: "7" is no level: allowed are 0, 1, 2, skip, or nothing
l.csv:3: item "i9" was not exported from this lake for rubric support-quality
l.csv:4: the row has 2 cells, the header 3`},
		{"l.csv", "item,clarity,resolution\ni1,1,1\n\"i1,1", "l.csv:3: the row cannot be read as CSV: check its quotes"},
		{"l.jsonl", `{"item": "i1"`, "l.jsonl:1: this is no JSON object of an item"},
		{"l.jsonl", "\n" + `{"item": "i1", "labels": {"resolution": 1.5, "tone": 1}}`, `l.jsonl:2: resolution: "1.5" is no level: allowed are 0, 1, 2, skip, or nothing
l.jsonl:2: "tone" is no criterion of support-quality`},
		{"l.jsonl", `{"item": "i1", "labels": {"resolution": 1}}` + "\n" + `{"item": "i1", "labels": {"resolution": 2}}`, `l.jsonl:2: item "i1" is labelled by "bob" on line 1 already`},
		{"l.jsonl", `{"item": "i1", "labels": {"resolution": 1}, "at": "noon"}`, `l.jsonl:1: at: "noon" is no time: write 2026-11-23T14:00:00Z, or a day, or leave it out`},
		{"l.csv", "item,clarity,resolution,at\ni1,1,1,2026-11-27\n", `l.csv:2: at: "2026-11-27" is later than now, 2026-11-26T12:00:00Z: correct the time, or leave it out`},
		{"l.csv", "item,clarity,resolution,at\ni1,1,1,1970-01-01\n", `l.csv:2: at: "1970-01-01" is before the item was drawn, 2026-11-25T08:00:00Z: correct the time, or leave it out`},
		{"l.jsonl", `{"item": "i2", "labels": {"resolution": 1}, "at": "2026-11-23T23:59:59Z"}`, `l.jsonl:1: at: "2026-11-23T23:59:59Z" is before the item was drawn, 2026-11-25T08:00:00Z: correct the time, or leave it out`},
		{"l.jsonl", `{"labels": {"resolution": 1}}`, "l.jsonl:1: the item is missing"},
		{"l.csv", "item,clarity,resolution\np1,A,2\ni1,tie,1\np9,A,left\n", `l.csv:2: resolution: "2" is no answer on a pair: allowed are A, B, tie, skip, or nothing
l.csv:3: clarity: "tie" is no level: allowed are 0, 1, 2, skip, or nothing
l.csv:4: item "p9" was not exported from this lake for rubric support-quality`},
		{"l.jsonl", `{"item": "i1", "scores": {"resolution": 1}}`, `l.jsonl:1: "scores" is no key of an item: allowed are item, turns, a, b, labels, comment, labeler, set, at`},
	} {
		marks, err := Read(c.name, strings.NewReader(c.text), set(t, "en").Rubric, "bob", drawn, now)
		if err == nil || err.Error() != c.want || marks != nil {
			t.Errorf("%q: %v\nwant %s", c.text, err, c.want)
		}
		if faults := (Faults{}); !errors.As(err, &faults) {
			t.Errorf("%q: it is no fault of the user's", c.text)
		}
	}
	if _, err := Read("l.jsonl", strings.NewReader(`{"item": "i1", "labels": {"resolution": 1}}`), set(t, "en").Rubric, "", drawn, now); err == nil || !strings.Contains(err.Error(), "nobody is named") {
		t.Errorf("%v", err)
	}
}

// What a dialogue says stays data: it neither ends the script it stands in nor enters the page
// as markup, and the page may run and load nothing else.
func TestPage(t *testing.T) {
	for i, s := range []Set{set(t, "en"), set(t, "zh"), pairs(t, "en"), pairs(t, "zh")} {
		language := s.Rubric.Language
		var b bytes.Buffer
		if err := s.HTML(&b); err != nil {
			t.Fatal(err)
		}
		page := b.String()
		if n := strings.Count(page, "</script>"); n != 2 {
			t.Errorf("%s: %d scripts end, not 2", language, n)
		}
		if strings.Contains(page, "<img") || strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "innerHTML") {
			t.Errorf("%s: the page holds markup of a dialogue, or refers to the network", language)
		}
		data := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
		var got pageSet
		if err := json.Unmarshal([]byte(data[1]), &got); err != nil || slices.Concat(got.Items[0].Turns, got.Items[0].A)[0].Assistant != hostile || got.Language != language || (got.Mode == judge.Pairwise) != (i > 1) {
			t.Errorf("%s: the page is told %v (%v)", language, got.Items, err)
		}
		script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(page)
		style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
		if !strings.Contains(page, "script-src '"+hash([]byte(script[1]))+"'") || !strings.Contains(page, "style-src '"+hash([]byte(style[1]))+"'") {
			t.Errorf("%s: the policy does not allow the page's own script and style", language)
		}
		if want := map[string]string{"en": `lang="en"`, "zh": `lang="zh-CN"`}[language]; !strings.Contains(page, want) {
			t.Errorf("%s: the page's language is another", language)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("l.csv", "item,clarity,resolution\ni1,1,skip\n")
	f.Add("l.csv", "item,clarity,resolution\np1,A,skip\n")
	f.Add("l.jsonl", `{"item": "i1", "labels": {"resolution": 1, "clarity": null}}`)
	r := set(f, "en").Rubric
	f.Fuzz(func(t *testing.T, name, text string) {
		marks, err := Read(name, strings.NewReader(text), r, "bob", drawn, now)
		if err != nil && marks != nil {
			t.Fatal("labels and faults")
		}
		for _, m := range marks {
			if d, known := drawn(m.Item); !known || d.Mode != m.Mode || m.Empty() || len(m.Levels) != len(r.Criteria) || m.Labeler == "" {
				t.Fatalf("an unusable label: %+v", m)
			}
		}
	})
}
