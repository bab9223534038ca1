package lake

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/collector/parquet"
	"weir/trace"
)

// judgedRows are the rows of 300 sessions, some of them judged and labelled.
type judgedRows struct{ parquet.Rows }

// newJudgedRows draws them: a session is drawn for the judge with probability q, by odd sessions
// a half; of the judged one in two for labels. Some are given up, judged again, judged by a panel,
// labelled by two people, declined.
func newJudgedRows(seed uint64) *judgedRows {
	r := rand.New(rand.NewPCG(seed, 1))
	rows := &judgedRows{}
	for s := range 900 {
		version, session := "v1", fmt.Sprintf("s%03d", s)
		if r.Float64() < .4 {
			version = "v2"
		}
		p := map[string]float64{"v1": .6, "v2": .4}[version]
		begun := start.Add(time.Duration(r.IntN(30*60)) * time.Minute)
		for turn := range 1 + r.IntN(2) {
			rows.Exchanges = append(rows.Exchanges, trace.Exchange{
				TraceID: fmt.Sprintf("%s-%d", session, turn), App: "bot", Release: "r1", SessionID: session, UnitID: session,
				AssignedVersion: version, ServedVersion: version, Randomized: some(true), Propensity: &p, Epoch: some(int64(1)),
				AssignedAt: begun, StartedAt: begun.Add(time.Duration(turn) * time.Minute), PromiseHash: "p",
			})
		}
		q := 1 - .5*float64(s%2)
		if r.Float64() >= q {
			continue
		}
		rows.judge(r, session, q)
	}
	return rows
}

func (rows *judgedRows) judge(r *rand.Rand, session string, q float64) {
	add := func(model string, score *float64, why string, after time.Duration) {
		rows.Judgments = append(rows.Judgments, trace.Judgment{
			JudgmentID: fmt.Sprintf("j%d", len(rows.Judgments)), App: "bot", Release: "r1", SessionID: session, Criterion: "quality.tone",
			Score: score, JudgeModel: model, JudgeHash: "h1", InclusionProbability: &q, Error: why, JudgedAt: start.Add(40*time.Hour + after),
		})
	}
	add("gpt", nil, trace.Pending, 0)
	switch x := r.Float64(); {
	case x < .1:
		add("gpt", nil, "refused", time.Minute)
		return
	case x < .3: // a panel: its members do not count
		add("panel", some(r.Float64()), "", time.Minute)
		add("gpt", some(0.0), "", 2*time.Minute)
	case x < .5: // judged again
		add("gpt", some(0.0), "", time.Minute)
		add("gpt", some(r.Float64()), "", 2*time.Minute)
	default:
		add("gpt", some(r.Float64()), "", time.Minute)
	}
	l := .5
	if r.Float64() >= l {
		return
	}
	label := func(labeler string, score *float64, verdict string) {
		rows.Labels = append(rows.Labels, trace.Label{
			LabelID: fmt.Sprintf("l%d", len(rows.Labels)), App: "bot", SessionID: session, Criterion: "quality.tone", Score: score,
			Verdict: verdict, Labeler: labeler, InclusionProbability: &l, LabeledAt: start.Add(50*time.Hour + time.Duration(len(rows.Labels))*time.Second),
		})
	}
	label("", nil, trace.Pending)
	switch x := r.Float64(); {
	case x < .1:
		label("ann", nil, trace.Skipped)
	case x < .3:
		label("ann", some(0.0), "bad")
		label("ann", some(1.0), "good") // corrected
		label("bob", some(0.0), "bad")
	default:
		label("ann", some(float64(r.IntN(2))), "")
	}
}

// judgedMetric is the metric of quality.tone.
func judgedQuery() Query {
	m := analyze.Metric{Name: "tone", Role: analyze.Goal, Kind: analyze.KindJudge, Good: analyze.Up, Judged: true, Minimum: 100, Shown: analyze.JudgedForm(), Tested: analyze.JudgedForm(), Margined: analyze.JudgedForm()}
	for _, part := range analyze.JudgedParts() {
		m.Columns = append(m.Columns, analyze.Column{Value: "quality.tone", Per: "session", Part: part})
	}
	return Query{
		App: "bot", Release: "r1", Control: "v1", Treatment: "v2", Unit: "session", Method: analyze.Sequential, Alpha: .05,
		AsOf: start.Add(100 * time.Hour), Judged: []analyze.Metric{m}, UnitsPerDay: 900, Days: 2, LastShare: .4,
	}
}

// judgedVector computes a session's vector by plain loops; ok is false where it was given up.
func (rows *judgedRows) judgedVector(session string) (v []float64, ok bool) {
	v = make([]float64, 7)
	var score *float64
	var q float64
	drawn, panel := false, false
	for _, j := range rows.Judgments { // they are in order of time
		if j.SessionID != session || panel && j.JudgeModel != "panel" {
			continue
		}
		drawn, panel = true, j.JudgeModel == "panel"
		score, q = j.Score, *j.InclusionProbability
	}
	if !drawn {
		return v, true
	}
	if score == nil {
		return nil, false
	}
	v[0], v[1], v[5] = 1/q, *score/q, 1
	labels, l := map[string]float64{}, 0.0
	for _, x := range rows.Labels {
		if x.SessionID == session {
			l = *x.InclusionProbability
			if x.Score != nil {
				labels[x.Labeler] = *x.Score
			}
		}
	}
	if len(labels) > 0 {
		mean := 0.0
		for _, x := range labels {
			mean += x / float64(len(labels))
		}
		v[2], v[3], v[4], v[6] = 1/(q*l), *score/(q*l), mean/(q*l), 1
	}
	return v, true
}

// readJudged brings the rows into a lake and reduces them.
func readJudged(t *testing.T, rows *parquet.Rows, q Query) analyze.MetricData {
	t.Helper()
	d, err := writeRows(t, rows, Options{MemoryMB: 500, Threads: 1}).Data(t.Context(), q)
	check(t, err)
	if len(d.Metrics) != 1 {
		t.Fatalf("%d metrics", len(d.Metrics))
	}
	return d.Metrics[0]
}

// The query gives what plain loops over the rows give.
func TestJudgedOracle(t *testing.T) {
	for seed := range uint64(3) {
		rows := newJudgedRows(seed)
		got := readJudged(t, &rows.Rows, judgedQuery())
		if got.Absent != "" || !got.Metric.Corrected || len(got.Judging.Hashes) != 1 {
			t.Fatalf("absent %q, corrected %v, %+v", got.Absent, got.Metric.Corrected, got.Judging)
		}
		type place struct {
			hour int64
			arm  analyze.Arm
		}
		want := map[place][][]float64{}
		var missing, judged, labelled analyze.ByArm
		seen := map[string]bool{}
		for _, e := range rows.Exchanges {
			if seen[e.SessionID] {
				continue
			}
			seen[e.SessionID] = true
			arm := armOf(e.AssignedVersion == "v2")
			v, ok := rows.judgedVector(e.SessionID)
			if !ok {
				add(&missing, arm, 1)
				continue
			}
			at := place{e.AssignedAt.Unix() / 3600, arm}
			want[at] = append(want[at], v)
			add(&judged, arm, int64(v[5]))
			add(&labelled, arm, int64(v[6]))
		}
		if got.Missing != missing || got.Judging.Judged != judged || got.Judging.Labelled != labelled {
			t.Errorf("missing %v, judged %v, labelled %v; want %v, %v, %v", got.Missing, got.Judging.Judged, got.Judging.Labelled, missing, judged, labelled)
		}
		if len(got.Cells) != len(want) {
			t.Fatalf("%d cells, want %d", len(got.Cells), len(want))
		}
		for _, c := range got.Cells {
			m := analyze.MomentsOf(want[place{c.Hour, c.Arm}]...)
			if c.N != m.N || !near(c.Mean, m.Mean) || !near(c.Cross, m.Cross) {
				t.Fatalf("hour %d, %s: %v, want %v", c.Hour, c.Arm, c.Moments, m)
			}
		}
		table := got.Judging.Tables
		if n := table[0][0][0] + table[0][0][1] + table[0][1][0] + table[0][1][1]; n != labelled.Control {
			t.Errorf("the table of agreement counts %d of %d labels", n, labelled.Control)
		}
		if !got.Frozen.Spread.Known() || got.Frozen.Provisional {
			t.Errorf("frozen %+v", got.Frozen)
		}
	}
}

func near(a, b []float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-9*(1+math.Abs(b[i])) {
			return false
		}
	}
	return len(a) == len(b)
}

// What an hour waits for, and what it does not.
func TestJudgedHours(t *testing.T) {
	entering := func(rows *judgedRows) (n int64, m analyze.MetricData) {
		t.Helper()
		m = readJudged(t, &rows.Rows, judgedQuery())
		for _, c := range m.Cells {
			n += c.N
		}
		return n + m.Missing.Control + m.Missing.Treatment, m
	}
	all, m := entering(newJudgedRows(1))
	if all != 900 || m.Immature != (analyze.ByArm{}) {
		t.Fatalf("%d of 900 units enter, %v do not", all, m.Immature)
	}
	hourOf := func(rows *judgedRows, session string) time.Time {
		for _, e := range rows.Exchanges {
			if e.SessionID == session {
				return e.AssignedAt.Truncate(time.Hour)
			}
		}
		t.Fatalf("no session %s", session)
		return time.Time{}
	}
	in := func(rows *judgedRows, hour time.Time) (n int64) {
		seen := map[string]bool{}
		for _, e := range rows.Exchanges {
			if !seen[e.SessionID] && e.AssignedAt.Truncate(time.Hour).Equal(hour) {
				n++
			}
			seen[e.SessionID] = true
		}
		return n
	}

	rows := newJudgedRows(1) // a drawn unit that is still to be judged keeps its hour out
	last := &rows.Judgments[len(rows.Judgments)-1]
	hour := hourOf(rows, last.SessionID)
	rows.Judgments = append(rows.Judgments, *last)
	again := &rows.Judgments[len(rows.Judgments)-1]
	again.JudgmentID, again.Score, again.Error, again.JudgeModel = "late", nil, trace.Pending, "panel"
	again.JudgedAt = again.JudgedAt.Add(time.Hour)
	if got, _ := entering(rows); got != 900-in(rows, hour) {
		t.Errorf("with a pending judgment %d units enter, want %d", got, 900-in(rows, hour))
	}

	rows = newJudgedRows(1) // so does one drawn for a label
	rows.Labels = append(rows.Labels, trace.Label{LabelID: "late", App: "bot", Criterion: "quality.tone", Verdict: trace.Pending, InclusionProbability: some(.5)})
	for _, j := range rows.Judgments {
		labelled := false
		for _, l := range rows.Labels {
			labelled = labelled || l.SessionID == j.SessionID
		}
		if j.Score != nil && !labelled {
			rows.Labels[len(rows.Labels)-1].SessionID = j.SessionID
			break
		}
	}
	hour = hourOf(rows, rows.Labels[len(rows.Labels)-1].SessionID)
	if got, _ := entering(rows); got != 900-in(rows, hour) {
		t.Errorf("with a pending label %d units enter, want %d", got, 900-in(rows, hour))
	}

	rows = newJudgedRows(1) // where the judge says which hours are done, only those enter
	for h := range 10 {
		rows.Events = append(rows.Events, trace.Event{EventID: fmt.Sprint(h), App: "bot", Release: "r1", Kind: "judged", Detail: "quality", OccurredAt: start.Add(time.Duration(h) * time.Hour)})
	}
	want := int64(0)
	for h := range 10 {
		want += in(rows, start.Add(time.Duration(h)*time.Hour))
	}
	if got, _ := entering(rows); got != want {
		t.Errorf("ten hours are done: %d units enter, want %d", got, want)
	}

	rows = newJudgedRows(1) // few labels correct nothing, and are waited for by nobody
	rows.Labels = append(rows.Labels[:60:60], trace.Label{LabelID: "late", App: "bot", SessionID: rows.Judgments[0].SessionID, Criterion: "quality.tone", Verdict: trace.Pending, InclusionProbability: some(.5)})
	if got, m := entering(rows); got != 900 || m.Metric.Corrected {
		t.Errorf("with few labels %d units enter, corrected: %v", got, m.Metric.Corrected)
	}
}

// While units are immature, those of whole hours whose window has passed enter.
func TestJudgedWhileImmature(t *testing.T) {
	rows := newJudgedRows(1)
	for i := range rows.Judgments {
		rows.Judgments[i].JudgedAt = rows.Judgments[i].JudgedAt.Add(-40 * time.Hour)
	}
	rows.Labels = nil
	q := judgedQuery()
	window := q.Judged[0].Columns[0].Window
	q.AsOf = start.Add(20*time.Hour + window + 30*time.Minute)
	m := readJudged(t, &rows.Rows, q)
	want, seen := int64(0), map[string]bool{}
	for _, e := range rows.Exchanges {
		if !seen[e.SessionID] && e.AssignedAt.Before(start.Add(20*time.Hour)) {
			want++
		}
		seen[e.SessionID] = true
	}
	n := m.Missing.Control + m.Missing.Treatment
	for _, c := range m.Cells {
		n += c.N
	}
	if n != want || want == 900 {
		t.Errorf("%d units enter, want %d", n, want)
	}
}

// Two configurations of the judge are two strata; samples of unknown probability are refused.
func TestJudgedHashes(t *testing.T) {
	rows := newJudgedRows(2)
	for i := range rows.Judgments {
		for _, e := range rows.Exchanges {
			if e.SessionID == rows.Judgments[i].SessionID && e.AssignedAt.Before(start.Add(12*time.Hour)) {
				rows.Judgments[i].JudgeHash = "h0"
			}
		}
	}
	got := readJudged(t, &rows.Rows, judgedQuery())
	strata := map[int]bool{}
	for _, c := range got.Cells {
		strata[c.Stratum] = true
		if early := c.Hour < start.Add(12*time.Hour).Unix()/3600; early != (c.Stratum == 1) {
			t.Fatalf("hour %d is in stratum %d", c.Hour, c.Stratum)
		}
	}
	if len(strata) != 2 || fmt.Sprint(got.Judging.Hashes) != "[h0 h1]" {
		t.Errorf("strata %v, hashes %v", strata, got.Judging.Hashes)
	}
	rows = newJudgedRows(2)
	for i := range rows.Judgments {
		rows.Judgments[i].InclusionProbability = nil
	}
	if got := readJudged(t, &rows.Rows, judgedQuery()); !strings.Contains(got.Absent, "do not say with which probability they were drawn (inclusion_probability), and only") {
		t.Errorf("absent: %q", got.Absent)
	}
}

// Of runs of cases, pairs are compared where there are such judgments, else scores are.
func TestJudgedCases(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	rows := &parquet.Rows{}
	var wins []float64
	var scores [2][]float64
	one := 1.0
	for c := range 60 {
		id := fmt.Sprintf("c%02d", c)
		var sum [2]float64
		for trial := range int64(2) {
			for arm, version := range []string{"v1", "v2"} {
				session := fmt.Sprintf("%s-%s-%d", id, version, trial)
				rows.Exchanges = append(rows.Exchanges, trace.Exchange{
					TraceID: session, App: "bot", Release: "r1", SessionID: session, CaseID: id, Trial: some(trial),
					AssignedVersion: version, StartedAt: start.Add(time.Duration(r.IntN(100)) * time.Minute),
				})
				score := r.Float64()
				sum[arm] += score / 2
				rows.Judgments = append(rows.Judgments, trace.Judgment{
					JudgmentID: "s" + session, App: "bot", Release: "r1", SessionID: session, Criterion: "quality.tone", Score: &score, JudgeHash: "h", InclusionProbability: &one,
				})
			}
		}
		for arm := range scores {
			scores[arm] = append(scores[arm], sum[arm])
		}
		win := 0.0
		for trial := range int64(2) {
			for _, order := range []string{"control_first", "treatment_first"} {
				score := float64(r.IntN(3)) / 2
				win += score / 4
				rows.Judgments = append(rows.Judgments, trace.Judgment{
					JudgmentID: fmt.Sprint("p", id, trial, order), App: "bot", Release: "r1", CaseID: id, Trial: &trial, Criterion: "quality.tone",
					Score: &score, JudgeHash: "h", Position: order, InclusionProbability: &one,
				})
			}
		}
		wins = append(wins, win)
	}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	// People have said something of three cases of this release, and taken it back of one of them.
	label := func(id, caseID, release string, trial int64, score *float64, at int) {
		rows.Labels = append(rows.Labels, trace.Label{
			LabelID: id, App: "bot", CaseID: caseID, Release: release, Trial: &trial, Criterion: "quality.tone", Score: score, Labeler: "ann", LabeledAt: start.Add(time.Duration(at) * time.Minute),
		})
	}
	cases := rows.Exchanges
	a, b, c := cases[0].CaseID, cases[4].CaseID, cases[8].CaseID
	label("drawn/s/i/quality.tone", cases[12].CaseID, "r1", 0, nil, 0)
	label("l1", a, "r1", 0, &one, 1)
	label("l2", a, "r1", 1, &one, 1)
	label("l3", b, "", 0, &one, 1)
	label("l4", c, "r1", 0, &one, 1)
	label("l5", c, "r1", 0, nil, 2)
	label("l6", cases[16].CaseID, "another", 0, &one, 1)
	label("l7", "unknown", "r1", 0, &one, 1)
	q := judgedQuery()
	got := readJudged(t, rows, q)
	if want := (analyze.ByArm{Control: 2, Treatment: 2}); got.Judging == nil || got.Judging.Labelled != want {
		t.Errorf("people labelled %+v, want %+v", got.Judging, want)
	}
	rows.Labels = nil
	if got.Pairs == nil || !got.Judging.Pairwise || got.Pairs.N != 60 || math.Abs(got.Pairs.Mean[1]-mean(wins)) > 1e-12 || math.Abs(got.Pairs.Mean[0]-1+mean(wins)) > 1e-12 {
		t.Fatalf("%+v, want %v", got.Pairs, mean(wins))
	}
	for i := range rows.Judgments {
		if rows.Judgments[i].Position != "" {
			rows.Judgments[i].Criterion = "other"
		}
	}
	got = readJudged(t, rows, q)
	if got.Pairs == nil || got.Judging.Pairwise || got.Pairs.N != 60 || math.Abs(got.Pairs.Mean[1]-mean(scores[0])) > 1e-12 || math.Abs(got.Pairs.Mean[8]-mean(scores[1])) > 1e-12 {
		t.Fatalf("%+v, want %v and %v", got.Pairs, mean(scores[0]), mean(scores[1]))
	}
	d := analyze.Data{Control: "v1", Treatment: "v2", Design: analyze.Design{Unit: "case", Kind: analyze.Paired, Method: analyze.Fixed, Alpha: .05, Offline: true}, Metrics: []analyze.MetricData{got}}
	m := analyze.Evaluate(d).Metrics[0]
	difference := make([]float64, 60)
	for i := range difference {
		difference[i] = scores[1][i] - scores[0][i]
	}
	square := 0.0
	for _, x := range difference {
		square += (x - mean(difference)) * (x - mean(difference))
	}
	if want := math.Sqrt(square / 59 / 60); math.Abs(float64(m.Absolute.Value)-mean(difference)) > 1e-12 || math.Abs(float64(m.Absolute.StdErr)-want) > 1e-12 {
		t.Errorf("the difference is %v (%v), want %v (%v)", m.Absolute.Value, m.Absolute.StdErr, mean(difference), want)
	}
}
