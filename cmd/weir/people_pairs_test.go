package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

// A pairBench is a lake of cases that ran twice on both versions, of known quality, which
// their answers say; a judge has compared all of them in both orders.
type pairBench struct{ bench }

// newPairBench makes cases of which v2 does better in some, and v1 in others; the judge takes the
// first shown where it errs.
func newPairBench(t *testing.T, cases int) pairBench {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 5))
	rows := &parquet.Rows{}
	one := 1.0
	for n := range cases {
		id := fmt.Sprintf("case-%d", n)
		for trial := range int64(2) {
			var quality [2]int
			for a, version := range []string{"v1", "v2"} {
				quality[a] = r.IntN(3) + a*r.IntN(2)
				session := fmt.Sprintf("run-%d", r.Uint64())
				at := benchStart.Add(time.Duration(n) * time.Minute)
				rows.Exchanges = append(rows.Exchanges, trace.Exchange{
					TraceID: "t-" + session, App: "bot", Release: "r1", SessionID: session, UserID: "u-" + id, UnitID: session, AssignedVersion: version, ServedVersion: version,
					StartedAt: at, CaseID: id, Trial: &trial,
				})
				if n%40 == 39 && version == "v2" {
					continue // its text is not kept
				}
				rows.Contents = append(rows.Contents, parquet.DatedContent{Date: trace.Date(at), Content: trace.Content{
					TraceID: "t-" + session, App: "bot", Input: fmt.Sprintf("Question %d?", n), Output: fmt.Sprintf("An answer worth %d.", quality[a]),
				}})
			}
			for _, position := range []string{"control_first", "treatment_first"} {
				share := .5 + .5*float64(min(1, max(-1, quality[1]-quality[0])))
				if r.Float64() < .2 {
					share = map[string]float64{"control_first": 0, "treatment_first": 1}[position]
				}
				for _, criterion := range []string{"support-quality", "support-quality.resolution", "support-quality.clarity"} {
					rows.Judgments = append(rows.Judgments, trace.Judgment{
						JudgmentID: fmt.Sprint(criterion, id, trial, position), App: "bot", Release: "r1", CaseID: id, Trial: &trial, Criterion: criterion, Score: &share,
						JudgeModel: "m", JudgeHash: "h", Position: position, InclusionProbability: &one, JudgedAt: benchStart.Add(84 * time.Hour),
					})
				}
			}
		}
	}
	return pairBench{benchOf(t, rows, "")}
}

// A shownPair is a line of an exported set.
type shownPair struct {
	Item string
	A, B []struct{ User, Assistant string }
}

func shownPairs(t *testing.T, set string) (out []shownPair) {
	t.Helper()
	for line := range strings.Lines(read(t, set)) {
		var p shownPair
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// reads says what somebody who reads both answers says.
func (p shownPair) reads() string {
	var a, b int
	fmt.Sscanf(p.A[0].Assistant, "An answer worth %d.", &a)
	fmt.Sscanf(p.B[0].Assistant, "An answer worth %d.", &b)
	return map[bool]string{true: "A", false: map[bool]string{true: "B", false: "tie"}[b > a]}[a > b]
}

// label answers all pairs of a set.
func (b pairBench) label(t *testing.T, set string, answer func(shownPair) string) string {
	t.Helper()
	var out strings.Builder
	for _, p := range shownPairs(t, set) {
		fmt.Fprintf(&out, `{"item": %q, "labels": {"resolution": %q, "clarity": "skip"}}`+"\n", p.Item, answer(p))
	}
	path := filepath.Join(b.dir, fmt.Sprintf("labels-%d.jsonl", time.Now().UnixNano()))
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// From pairs over people's labels to what is said of them: blind, in balanced order, what people say
// of A and B is of the right version, and the judge's pull to the first place shows in each order.
func TestPeoplePairs(t *testing.T) {
	b := newPairBench(t, 400)
	set := filepath.Join(b.dir, "set.jsonl")
	_, said := ran(t, statusDone, b.args("export", "--pairs", "--rate", "0.3", "--as-of", benchNow, "--format", "jsonl", "--output", set)...)
	if !strings.Contains(said, "of 400 judged pairs drawn, each with probability 0.3") {
		t.Errorf("it says %s", said)
	}
	for _, shown := range []string{"v1", "v2", "case-", "run-", "r1", "control", "treatment", "score", "probability"} {
		if strings.Contains(read(t, set), shown) {
			t.Errorf("the set shows %q", shown)
		}
	}
	pairs := shownPairs(t, set)
	var textless int
	if _, err := fmt.Sscanf(said[strings.Index(said, "warning: the texts of"):], "warning: the texts of %d are not kept", &textless); err != nil || textless < 1 || !strings.Contains(said, fmt.Sprintf("(of v1 in 0, of v2 in %d)", textless)) {
		t.Errorf("of texts that are not kept it says %q", said)
	}
	if len(pairs) < 90 || len(pairs) > 150 || !slices.IsSortedFunc(pairs, func(a, b shownPair) int { return strings.Compare(a.Item, b.Item) }) {
		t.Errorf("%d of 400 pairs are drawn, at .3", len(pairs))
	}
	orders, _ := ran(t, statusDone, "query", "--lake", b.lake, "--format", "csv", "--", "select position, count(*) n, count(distinct case_id) cases from labels where label_id like 'drawn/%' and criterion = 'support-quality' and session_id is null and release = 'r1' and trial is not null group by 1 order by 1")
	var first, second, firstCases, secondCases int
	fmt.Sscanf(strings.NewReplacer("position,n,cases\n", "", ",", " ").Replace(orders), "control_first %d %d\ntreatment_first %d %d", &first, &firstCases, &second, &secondCases)
	if first+second != len(pairs)+textless || first-second > 1 || second > first || firstCases != first || secondCases != second {
		t.Errorf("orders are not balanced, or a case is drawn twice: %s", orders)
	}

	_, said = ran(t, statusUsage, b.args("export", "--pairs", "--rate", "1", "--as-of", benchNow, "--output", set+"2")...)
	if !strings.Contains(said, "were offered before, as set") {
		t.Errorf("pairs are offered twice: %s", said)
	}
	id := fmt.Sprint(parsed(t, statusDone, "query", "--lake", b.lake, "--format", "json", "select distinct split_part(label_id, '/', 2) as id from labels").at(t, "0.id"))
	again := filepath.Join(b.dir, "again.jsonl")
	ran(t, statusDone, b.args("export", "--again", id, "--format", "jsonl", "--output", again)...)
	if read(t, again) != read(t, set) {
		t.Error("the set is another one when it is written once more")
	}

	waiting := parsed(t, statusDone, b.args("label", "--format", "json")...)
	waiting.match(t, []figure{{"pairs.criteria.1.waiting", fmt.Sprint(len(pairs))}, {"pairs.criteria.1.win_rate.value", "null"}, {"agreement.criteria.1.waiting", "0"}})
	ann := b.label(t, set, shownPair.reads)
	got := parsed(t, statusDone, b.args("label", "--labeler", "ann", "--format", "json", ann)...)
	got.match(t, []figure{{"import.pairs", fmt.Sprint(len(pairs))}, {"import.dialogues", "0"}, {"pairs.criteria.1.waiting", "0"}, {"pairs.criteria.1.labelled", fmt.Sprint(len(pairs))},
		{"pairs.criteria.1.declined", fmt.Sprint(textless)}, {"pairs.criteria.2.declined", fmt.Sprint(len(pairs) + textless)}, {"pairs.criteria.0.declined", fmt.Sprint(len(pairs) + textless)}, {"agreement.criteria.1.labelled", "0"}})
	c := document{got.at(t, "pairs.criteria.1")}

	// What people say, joined to the versions in the lake by hand.
	truth := parsed(t, statusDone, "query", "--lake", b.lake, "--format", "json", `with runs as (
		select t.case_id, t.trial, t.assigned_version as version, cast(regexp_extract(c.output, '[0-9]') as int) as worth from traces t join contents c using (trace_id))
		select avg(case when b.worth > a.worth then 1 when b.worth < a.worth then 0 else 0.5 end) as rate
		from labels l join runs a on a.case_id = l.case_id and a.trial = l.trial and a.version = 'v1' join runs b on b.case_id = l.case_id and b.trial = l.trial and b.version = 'v2'
		where l.verdict = 'pending' and l.criterion = 'support-quality'`).number(t, "0.rate")
	if rate := c.number(t, "win_rate.value"); rate < truth-1e-9 || rate > truth+1e-9 || rate < .55 {
		t.Errorf("v2 wins %v by people, %v by the texts", rate, truth)
	}
	if lower, upper := c.number(t, "corrected.lower"), c.number(t, "corrected.upper"); lower > truth || upper < truth || upper-lower > c.number(t, "win_rate.upper")-c.number(t, "win_rate.lower") {
		t.Errorf("with the judge's help it is from %v to %v", lower, upper)
	}
	if lower, upper := c.number(t, "first_shown.lower"), c.number(t, "first_shown.upper"); lower > .5 || upper < .5 {
		t.Errorf("people who read favour a place: from %v to %v", lower, upper)
	}
	for n, order := range []string{"both", "control_first", "treatment_first"} {
		m := document{c.at(t, fmt.Sprint("judge.", n))}
		if k := m.number(t, "kappa.value"); m.at(t, "order") != order || k < .4 || k > .95 || m.number(t, "kappa.lower") >= k {
			t.Errorf("%s: kappa %v", order, k)
		}
	}
	control, treatment := document{c.at(t, "judge.1.table")}, document{c.at(t, "judge.2.table")}
	if control.number(t, "0.2") < 5 || treatment.number(t, "2.0") < 2 || control.number(t, "2.0") > 0 || treatment.number(t, "0.2") > 0 {
		t.Errorf("the judge's errors are not those for the first place: %v, %v", control.value, treatment.value)
	}

	// weir judge compares with the same labels: those of the trial that people saw.
	shown := parsed(t, statusDone, b.args("judge", "--show", "--format", "json")...)
	shown.match(t, []figure{{"pairs.2.criterion", "support-quality.resolution"}, {"pairs.2.labelled", fmt.Sprint(len(pairs))}})
	for i, side := range []string{"right_control_first", "right_treatment_first"} {
		m := document{c.at(t, fmt.Sprint("judge.", i+1))}
		if right := m.number(t, "same.value") * m.number(t, "compared"); math.Abs(right-shown.number(t, "pairs.2."+side)) > 1e-9 {
			t.Errorf("%s: %v by weir label, %v by weir judge", side, right, shown.number(t, "pairs.2."+side))
		}
	}

	// Somebody who always takes the left one is seen, and moves the win rate to one half.
	ran(t, statusDone, b.args("label", "--labeler", "ann", b.label(t, set, func(shownPair) string { return "A" }))...)
	c = document{parsed(t, statusDone, b.args("label", "--format", "json")...).at(t, "pairs.criteria.1")}
	c.match(t, []figure{{"first_shown.value", "1"}, {"first_shown.lower", "null"}})
	if rate := c.number(t, "win_rate.value"); rate < .5-.5/float64(len(pairs)) || rate > .5+.5/float64(len(pairs)) {
		t.Errorf("who always takes the first gives v2 %v", rate)
	}
	ran(t, statusDone, b.args("label", "--labeler", "bob", ann)...)
	parsed(t, statusDone, b.args("label", "--format", "json")...).match(t, []figure{{"pairs.criteria.1.labelers", "2"}, {"pairs.criteria.1.doubled", fmt.Sprint(len(pairs))}})
	table, _ := ran(t, statusDone, b.args("label")...)
	for _, want := range []string{"v2 wins, ties, v1 wins", "v1 first", "same winner where neither ties"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not say %q:\n%s", want, table)
		}
	}
	if strings.Contains(table, "sensitivity") {
		t.Errorf("a table of dialogues is shown, and none is labelled or judged:\n%s", table)
	}

	// A fault reads nothing; forgetting the person takes their pairs.
	bad := filepath.Join(b.dir, "bad.csv")
	if err := os.WriteFile(bad, fmt.Appendf(nil, "item,resolution,clarity\n%s,left,A\n%s,2,\n", pairs[0].Item, pairs[1].Item), 0o644); err != nil {
		t.Fatal(err)
	}
	_, said = ran(t, statusUsage, b.args("label", "--labeler", "eve", bad)...)
	for _, want := range []string{`bad.csv:2: resolution: "left" is no answer on a pair: allowed are A, B, tie, skip, or nothing`, `bad.csv:3: resolution: "2" is no answer on a pair`} {
		if !strings.Contains(said, want) {
			t.Errorf("it says %s, want %s", said, want)
		}
	}
	drawnCase := fmt.Sprint(parsed(t, statusDone, "query", "--lake", b.lake, "--format", "json", "select min(case_id) as id from labels").at(t, "0.id"))
	ran(t, statusDone, "forget", "--lake", b.lake, "--spec", b.spec, "--user", "u-"+drawnCase)
	left, _ := ran(t, statusDone, "query", "--lake", b.lake, "--format", "csv", "--", "select (select count(*) from labels where case_id = '"+drawnCase+"') + (select count(*) from judgments where case_id = '"+drawnCase+"') as n")
	if left != "n\n0\n" {
		t.Errorf("of a forgotten person's pair %s rows are left", left)
	}
}

// What cannot be drawn says why.
func TestPeoplePairsRefused(t *testing.T) {
	b := newBench(t, 1, .5, .5)
	_, said := ran(t, statusUsage, b.args("export", "--pairs", "--as-of", benchNow, "--output", filepath.Join(b.dir, "x"))...)
	if !strings.Contains(said, "0 cases of release r1 ran on both versions (weir replay runs them)") {
		t.Errorf("it says %s", said)
	}
	_, said = ran(t, statusUsage, b.args("export", "--pairs", "--split-rate", "0.5", "--output", filepath.Join(b.dir, "x"))...)
	if !strings.Contains(said, "--split-rate and --stratum are of dialogues") {
		t.Errorf("it says %s", said)
	}
}
