package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/internal/app"
	"weir/judge"
	"weir/trace"
)

// A bench is a lake of dialogues whose quality is known: they say it, in words that a person reads
// and a judge reads with errors that favour v2.
type bench struct{ dir, lake, spec string }

var benchStart = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// benchOf writes rows, and the spec of a release whose goal is judged, with further options of
// that metric.
func benchOf(t *testing.T, rows *parquet.Rows, options string) bench {
	t.Helper()
	dir := t.TempDir()
	b := bench{dir, filepath.Join(dir, "lake"), filepath.Join(dir, "weir.yaml")}
	spec := `app: bot
release: r1
stable: v1
candidate: v2
metrics:
  - {name: quality, role: goal, per: session, judge: support-quality.resolution, good: up, margin: 0.1` + options + `}
judge: {models: [m], rubrics: [support-quality]}
`
	if err := os.WriteFile(b.spec, []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := parquet.Open(b.lake)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write("bench", rows); err != nil {
		t.Fatal(err)
	}
	return b
}

// newBench makes sessions an hour over three days; rates of good dialogues by version.
func newBench(t *testing.T, anHour int, v1, v2 float64) bench {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(anHour), 2))
	rows := &parquet.Rows{}
	yes, half, one := true, .5, int64(1)
	for hour := range 72 {
		for n := range anHour {
			version, rate, right := "v1", v1, [2]float64{.85, .85}
			if r.Float64() < .5 {
				version, rate, right = "v2", v2, [2]float64{.6, .95}
			}
			session := fmt.Sprintf("s-%d-%d", hour, n)
			at := benchStart.Add(time.Duration(hour)*time.Hour + time.Duration(r.IntN(3500))*time.Second)
			truth := 0
			if r.Float64() < rate {
				truth = 1
			}
			said := truth
			if r.Float64() >= right[truth] {
				said = 1 - truth
			}
			rows.Exchanges = append(rows.Exchanges, trace.Exchange{
				TraceID: "t-" + session, App: "bot", Release: "r1", SessionID: session, UnitID: session, AssignedVersion: version, ServedVersion: version,
				Randomized: &yes, Propensity: &half, Epoch: &one, AssignedAt: at, StartedAt: at, PromiseHash: "p", Language: [2]string{"zh", "en"}[truth],
			})
			rows.Contents = append(rows.Contents, parquet.DatedContent{Date: trace.Date(at), Content: trace.Content{
				TraceID: "t-" + session, App: "bot", Input: "Where is my parcel?", Output: map[int]string{0: "I cannot say.", 1: "It comes today."}[truth],
			}})
			score, p := float64(said), 1.0
			for _, criterion := range []string{"support-quality", "support-quality.resolution"} {
				rows.Judgments = append(rows.Judgments, trace.Judgment{
					JudgmentID: criterion + session, App: "bot", Release: "r1", SessionID: session, Criterion: criterion, Score: &score,
					JudgeModel: "m", JudgeHash: "h", InclusionProbability: &p, JudgedAt: benchStart.Add(84 * time.Hour),
				})
			}
		}
	}
	return benchOf(t, rows, ", mature_after: 1h")
}

const (
	benchNow   = "2026-11-05T00:00:00Z"
	benchLater = "2027-11-04T00:00:00Z"
)

func (b bench) args(command string, more ...string) []string {
	return append([]string{command, "--lake", b.lake, "--spec", b.spec}, more...)
}

// label fills in an exported set as a person who reads what is there.
func (b bench) label(t *testing.T, set string, only func(i int) bool) string {
	t.Helper()
	var out strings.Builder
	for i, text := range strings.Split(strings.TrimSpace(read(t, set)), "\n") {
		var item struct {
			Item  string
			Turns []struct{ Assistant string }
		}
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		if !only(i) {
			continue
		}
		level := 0
		if strings.Contains(item.Turns[0].Assistant, "today") {
			level = 2
		}
		fmt.Fprintf(&out, `{"item": %q, "labels": {"resolution": %d, "clarity": "skip"}}`+"\n", item.Item, level)
	}
	path := filepath.Join(b.dir, fmt.Sprintf("labels-%d.jsonl", out.Len()))
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// quality is the metric in the gate's record.
func (b bench) quality(t *testing.T, status int) (document, document) {
	t.Helper()
	record := parsed(t, status, b.args("gate", "--as-of", benchLater, "--format", "json")...)
	analysis := document{record.at(t, "analysis")}
	return analysis.metric(t, "quality"), analysis
}

// From judgments over people's labels to the verdict: a judge that favours v2 makes it look better on
// its own scale, which promotes nothing; labels show that both are alike.
func TestPeople(t *testing.T) {
	b := newBench(t, 30, .6, .6)
	q, analysis := b.quality(t, statusHold)
	q.match(t, []figure{{"judge.corrected", "false"}, {"direction", "unclear"}, {"margin.harm_p_value", "null"}, {"judge.judged.control", fmt.Sprint(q.at(t, "control.units"))}})
	if naive := q.number(t, "absolute.value"); naive < .1 {
		t.Errorf("the judge's own scale shows %v: the bench shows nothing", naive)
	}
	if p := q.number(t, "test.p_value"); p > .01 {
		t.Errorf("on the judge's own scale p is %v: the bench shows nothing", p)
	}
	if said := fmt.Sprint(analysis.at(t, "decision.reasons")); !strings.Contains(said, "judge's own scale") {
		t.Errorf("the reasons do not speak of the judge's own scale: %s", said)
	}

	set := filepath.Join(b.dir, "set.jsonl")
	_, said := ran(t, statusDone, b.args("export", "--rate", "0.5", "--as-of", benchNow, "--format", "jsonl", "--output", set)...)
	if !strings.Contains(said, "judged dialogues drawn, each with probability 0.5") {
		t.Errorf("it says %s", said)
	}
	for _, shown := range []string{"v1", "v2", "s-1-", "score", "probability"} {
		if strings.Contains(read(t, set), shown) {
			t.Errorf("the set shows %q", shown)
		}
	}
	_, said = ran(t, statusUsage, b.args("export", "--rate", "1", "--as-of", benchNow, "--output", set+"2")...)
	if !strings.Contains(said, "nothing to label: of 0 sessions in hours that are over and not offered yet") {
		t.Errorf("hours are offered twice: %s", said)
	}

	some := b.label(t, set, func(i int) bool { return i%2 == 0 })
	ran(t, statusDone, b.args("label", "--labeler", "ann", some)...)
	b.quality(t, statusHold) // half of the drawn are still open: their hours wait
	waiting := parsed(t, statusDone, b.args("label", "--format", "json")...)
	if n := waiting.number(t, "agreement.criteria.1.waiting"); n == 0 {
		t.Error("nothing waits for labels")
	}

	all := b.label(t, set, func(int) bool { return true })
	got := parsed(t, statusDone, b.args("label", "--labeler", "ann", "--format", "json", all)...)
	if added, known := got.number(t, "import.added"), got.number(t, "import.known"); added == 0 || known == 0 {
		t.Errorf("%v added, %v known", added, known)
	}
	again := parsed(t, statusDone, b.args("label", "--labeler", "ann", "--format", "json", all)...)
	again.match(t, []figure{{"import.added", "0"}, {"import.corrected", "0"}, {"agreement.criteria.1.waiting", "0"}})
	c := document{again.at(t, "agreement.criteria.1")}
	if k, s := c.number(t, "kappa.value"), c.number(t, "sensitivity.value"); k < .4 || k > .8 || s < .8 || s > .97 {
		t.Errorf("kappa is %v, sensitivity %v", k, s)
	}

	q, _ = b.quality(t, statusHold)
	q.match(t, []figure{{"judge.corrected", "true"}, {"direction", "unclear"}})
	if low, high := q.number(t, "absolute.lower"), q.number(t, "absolute.upper"); low > 0 || high < 0 {
		t.Errorf("with labels the difference of equal versions is from %v to %v", low, high)
	}
	if v := q.number(t, "control.value"); v < .5 || v > .7 {
		t.Errorf("v1's quality is %v, the truth .6", v)
	}
	table, _ := ran(t, statusDone, b.args("label")...)
	if !strings.Contains(table, "support-quality.resolution") || !strings.Contains(table, "corrected for its errors") {
		t.Errorf("the table is\n%s", table)
	}
	record := filepath.Join(b.dir, "record.json")
	ran(t, statusHold, b.args("gate", "--as-of", benchLater, "--format", "json", "--output", record)...)
	ran(t, statusHold, "gate", "--replay", record)
}

// Enough labels prove what the judge only says.
func TestPeoplePromote(t *testing.T) {
	b := newBench(t, 60, .5, .75)
	set := filepath.Join(b.dir, "set.jsonl")
	ran(t, statusDone, b.args("export", "--rate", "0.3", "--as-of", benchNow, "--format", "jsonl", "--output", set)...)
	ran(t, statusDone, b.args("label", "--labeler", "ann", b.label(t, set, func(int) bool { return true }))...)
	q, _ := b.quality(t, statusDone)
	q.match(t, []figure{{"judge.corrected", "true"}, {"direction", "better"}, {"margin.check", "passed"}})
}

// What people say of dialogues that they chose changes nothing of what is estimated:
// neither the metric nor how far judge and people agree, though it says the opposite
// of all that is labelled by chance.
func TestPeopleChoose(t *testing.T) {
	b := newBench(t, 6, .6, .6)
	set := filepath.Join(b.dir, "set.jsonl")
	ran(t, statusDone, b.args("export", "--rate", "0.4", "--as-of", benchNow, "--format", "jsonl", "--output", set)...)
	ran(t, statusDone, b.args("label", "--labeler", "ann", b.label(t, set, func(int) bool { return true }))...)
	figures := func() []any {
		q, _ := b.quality(t, statusHold)
		a := parsed(t, statusDone, b.args("label", "--format", "json")...).at(t, "agreement.criteria.1")
		delete(a.(map[string]any), "picked")
		return []any{q.value, a}
	}
	before := figures()
	if !strings.Contains(fmt.Sprint(before), "corrected:true") {
		t.Fatalf("labels do not correct the judge, so this shows nothing: %v", before)
	}
	rubric, err := judge.Builtin("support-quality", "en")
	if err != nil {
		t.Fatal(err)
	}
	for hour := range 72 {
		job := app.LabelJob{Lake: b.lake, App: "bot", Rubric: rubric, Labeler: "bob", Now: benchStart.AddDate(0, 0, 10).Add(time.Duration(hour) * time.Second)}
		line := `{"item": "s-%[1]d-0", "labels": {"resolution": 0, "clarity": 0}}`
		_, err := app.PickLabels(t.Context(), job, fmt.Sprintf("s-%d-0", hour), strings.NewReader(fmt.Sprintf(line, hour)))
		if err != nil && !errors.Is(err, app.ErrDrawn) { // bob has not labelled what was drawn
			t.Fatal(err)
		}
	}
	said, _ := ran(t, statusDone, b.args("label")...)
	if !strings.Contains(said, "more on dialogues that somebody chose; they are in no figure") {
		t.Errorf("it does not tell of them: %s", said)
	}
	if after := figures(); !alike(after, before) {
		t.Errorf("chosen labels change the figures:\n%v\nwere\n%v", after, before)
	}
}

// A label is of the time in at: an analysis as of an earlier one does not know it, a
// correction that was said later stays though it came in first, and what is as old
// as another gives way to what comes in after it.
func TestPeopleSayWhen(t *testing.T) {
	b := newBench(t, 3, .6, .6)
	set := filepath.Join(b.dir, "set.jsonl")
	ran(t, statusDone, b.args("export", "--rate", "1", "--format", "jsonl", "--output", set, "--as-of", benchNow)...)
	first, _, _ := strings.Cut(read(t, set), "\n")
	var item struct{ Item string }
	if err := json.Unmarshal([]byte(first), &item); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		at    string
		level int
		want  string
	}{
		{"2026-11-10", 2, "1 answers added (0 of them corrections"}, {"2026-11-08", 0, "1 answers left out"},
		{"2026-11-10", 1, "1 answers added (1 of them corrections"}, {"2026-11-12T08:00:00+08:00", 0, "1 answers added (1 of them corrections"},
	} {
		path := filepath.Join(b.dir, "l.csv")
		if err := os.WriteFile(path, fmt.Appendf(nil, "item,resolution,clarity,labeler,at\n%s,%d,,ann,%s\n", item.Item, x.level, x.at), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, got := ran(t, statusDone, b.args("label", path)...); !strings.Contains(got, x.want) {
			t.Errorf("at %s: %s, want %q", x.at, got, x.want)
		}
	}
	rows, _ := ran(t, statusDone, "query", "--lake", b.lake, "--format", "csv", "--", "select strftime(labeled_at, '%dT%H'), verdict from labels where labeler = 'ann' order by labeled_at")
	if want := "10T00,2\n10T00,1\n12T00,0\n"; !strings.HasSuffix(rows, want) {
		t.Errorf("the lake holds %q, want %q", rows, want)
	}
}

// A second person's labels are compared with the first's; a mistake changes nothing.
func TestPeopleAgree(t *testing.T) {
	b := newBench(t, 6, .6, .6)
	set := filepath.Join(b.dir, "set.jsonl")
	ran(t, statusDone, b.args("export", "--count", "60", "--as-of", benchNow, "--format", "jsonl", "--output", set)...)
	all := b.label(t, set, func(int) bool { return true })
	ran(t, statusDone, b.args("label", "--labeler", "ann", all)...)
	got := parsed(t, statusDone, b.args("label", "--labeler", "bob", "--format", "json", all)...)
	got.match(t, []figure{{"agreement.criteria.1.labelers", "2"}, {"agreement.criteria.1.alpha.value", "1"}})
	bad := filepath.Join(b.dir, "bad.jsonl")
	if err := os.WriteFile(bad, append(bytes.Clone([]byte(read(t, all))), `{"item": "nobody", "labels": {"resolution": 9}}`...), 0o644); err != nil {
		t.Fatal(err)
	}
	_, said := ran(t, statusUsage, b.args("label", "--labeler", "eve", bad)...)
	if !strings.Contains(said, `item "nobody" was not exported from this lake for rubric support-quality`) {
		t.Errorf("it says %s", said)
	}
	parsed(t, statusDone, b.args("label", "--format", "json")...).match(t, []figure{{"agreement.criteria.1.labelers", "2"}})
	page := filepath.Join(b.dir, "page.html")
	id := setID(t, b)
	ran(t, statusDone, b.args("export", "--again", id, "--output", page, "--language", "zh")...)
	if text := read(t, page); !strings.Contains(text, `lang="zh-CN"`) || strings.Count(text, `"item":`) < 20 {
		t.Error("the page does not hold the set")
	}
}

// setID finds the only set's name.
func setID(t *testing.T, b bench) string {
	t.Helper()
	rows := parsed(t, statusDone, "query", "--lake", b.lake, "--format", "json", "select distinct split_part(label_id, '/', 2) as id from labels where verdict = 'pending'")
	return fmt.Sprint(rows.at(t, "0.id"))
}
