package browse

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

// TestFinds holds every condition to a plain loop over what the lake was made of.
func TestFinds(t *testing.T) {
	g := newRig(t)
	day := func(n int) time.Time { return start.Truncate(24*time.Hour).AddDate(0, 0, n) }
	type condition struct {
		query url.Values
		meets func(talked) bool
	}
	conditions := map[string]condition{
		"all":     {url.Values{}, func(talked) bool { return true }},
		"version": {url.Values{"version": {"v2"}}, func(x talked) bool { return x.version == "v2" }},
		"session": {url.Values{"session": {"s07"}}, func(x talked) bool { return x.session == "s07" }},
		"days":    {url.Values{"from": {"2026-11-21"}, "to": {"2026-11-23"}}, func(x talked) bool { return !x.at.Before(day(1)) && x.at.Before(day(3)) }},
		"failed":  {url.Values{"failed": {"true"}}, func(x talked) bool { return x.errorType != "" }},
		"error":   {url.Values{"error": {"timeout"}}, func(x talked) bool { return x.errorType == "timeout" }},
		"text":    {url.Values{"text": {"REFUNDS"}}, func(x talked) bool { return strings.Contains(x.said, "refunds") }},
		"score":   {url.Values{"criterion": {"support-quality"}, "score": {"0.25..0.5"}}, func(x talked) bool { return x.score != nil && *x.score >= .25 && *x.score <= .5 }},
		"judged":  {url.Values{"criterion": {"support-quality"}}, func(x talked) bool { return x.score != nil }},
		"outcome": {url.Values{"outcome": {"resolved"}, "value": {"1"}}, func(x talked) bool { return x.resolved }},
		"several": {url.Values{"version": {"v1"}, "text": {"about"}, "outcome": {"resolved"}, "value": {"..0"}}, func(x talked) bool { return x.version == "v1" && strings.Contains(x.said, "about") && !x.resolved }},
		"release": {url.Values{"release": {"another"}}, func(talked) bool { return false }},
	}
	for _, text := range hostile {
		conditions["text "+text] = condition{url.Values{"text": {strings.ToLower(text)}}, func(x talked) bool { return x.said == text }}
		conditions["intent "+text] = condition{url.Values{"intent": {text[:4]}}, func(x talked) bool { return x.said[:4] == text[:4] }}
	}
	for name, c := range conditions {
		if got, want := g.sessions(c.query, 23), g.those(c.meets); !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", name, got, want)
		}
	}
}

func TestLineOfTheList(t *testing.T) {
	g := newRig(t)
	d := g.page(url.Values{"session": {"s35"}}).Dialogues[0]
	if d.Version != "v2" || d.Requests != 2 || d.Errors != 1 || d.Opening != g.talks[35].said || len(d.Marks) != 2 {
		t.Fatalf("%+v", d)
	}
	for _, m := range d.Marks {
		if want := map[string]float64{"support-quality": 35. / 60, "resolved": 0}[m.Name]; *m.Value != want {
			t.Errorf("%s is %v, want %v: the last counts", m.Name, *m.Value, want)
		}
	}
}

func TestRead(t *testing.T) {
	g := newRig(t)
	var d struct {
		Requests []struct {
			TraceID string `json:"trace_id"`
			Text    string
			Content struct {
				Input, Output string
				Retrieval     []struct{ Text string }
				Spans         []struct {
					Name       string
					DurationMS float64 `json:"duration_ms"`
				}
			}
		}
		Marks []struct{ Kind, Said string }
		Drawn []any
		Case  []any
	}
	if err := json.Unmarshal([]byte(g.call("GET", "dialogue?session=s00", "", 200)), &d); err != nil {
		t.Fatal(err)
	}
	first := d.Requests[0]
	switch {
	case len(d.Requests) != 2 || first.TraceID != "s00-0" || first.Text != "kept" || first.Content.Input != hostile[0]:
		t.Errorf("%+v", d.Requests)
	case first.Content.Retrieval[0].Text != "passage" || first.Content.Spans[0].DurationMS != 80:
		t.Errorf("%+v", first)
	case len(d.Marks) != 2 || len(d.Drawn) != 0 || len(d.Case) != 0:
		t.Errorf("%+v", d)
	}
	g.call("GET", "dialogue?session=nobody", "", 404)
	g.call("GET", "dialogue?session="+url.QueryEscape("' or 1=1 --"), "", 404)
}

func TestRunsOfACaseAreBesideEachOther(t *testing.T) {
	g := newRig(t)
	rows := &parquet.Rows{}
	for _, v := range []string{"v1", "v2"} {
		rows.Exchanges = append(rows.Exchanges, trace.Exchange{TraceID: "run-" + v, App: "bot", Release: "replay", SessionID: "run-" + v, AssignedVersion: v, CaseID: "c1", Trial: new(int64(1)), StartedAt: start})
	}
	keep(t, g.lake, "runs", rows)
	if body := g.call("GET", "dialogue?session=run-v1", "", 200); !strings.Contains(body, `"case":[{"session":"run-v1","version":"v1","trial":1},{"session":"run-v2","version":"v2","trial":1}]`) || !strings.Contains(body, `"text":"not_kept"`) {
		t.Error(body)
	}
}

func TestLongDialoguesAreBounded(t *testing.T) {
	g := newRig(t)
	rows := &parquet.Rows{}
	long := strings.Repeat("x", 3<<20)
	for i := range 4 {
		id := "long-" + string(rune('a'+i))
		rows.Exchanges = append(rows.Exchanges, trace.Exchange{TraceID: id, App: "bot", SessionID: "long", AssignedVersion: "v1", StartedAt: start.Add(time.Duration(i) * time.Second)})
		rows.Contents = append(rows.Contents, parquet.DatedContent{Content: trace.Content{TraceID: id, App: "bot", Input: long}, Date: trace.Date(start)})
	}
	keep(t, g.lake, "long", rows)
	body := g.call("GET", "dialogue?session=long", "", 200)
	if strings.Count(body, `"text":"kept"`) != 2 || strings.Count(body, `"text":"left_out"`) != 2 || len(body) > 7<<20 {
		t.Errorf("%d bytes, %d texts", len(body), strings.Count(body, `"text":"kept"`))
	}
}

func TestBadQuestions(t *testing.T) {
	g := newRig(t)
	for _, query := range []string{
		"dialogues?nonsense=1", "dialogues?limit=0", "dialogues?limit=9999", "dialogues?from=yesterday", "dialogues?score=low", "dialogues?score=NaN", "dialogues?after=abc", "dialogues?attribute=tier",
		"dialogues?version=v1&version=v2", "dialogues?text=" + strings.Repeat("x", maxText+1), "dialogue", "dialogue?session=s00&from=x",
	} {
		if body := g.call("GET", query, "", http.StatusBadRequest); !strings.Contains(body, `"code":`) {
			t.Errorf("%s: %s", query, body)
		}
	}
	r := httptest.NewRequest("GET", "/v1/applications/other/dialogues", nil)
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	if w.Code != 404 {
		t.Errorf("status %d", w.Code)
	}
}

// What can be answered by nothing alone is refused, with what was found and what is allowed.
func TestRefused(t *testing.T) {
	g := newRig(t)
	for query, want := range map[string]struct {
		status int
		says   string
	}{
		"dialogues?from=2026-11-23&to=2026-11-21":                      {400, `from "2026-11-23" is later than to "2026-11-21": write the earlier time as from`},
		"dialogues?from=2026-11-23&to=2026-11-23":                      {400, `from and to are both "2026-11-23"`},
		"dialogue?session=s00&from=2026-11-23T10:00:00Z&to=2026-11-23": {400, `from "2026-11-23T10:00:00Z" is later than to "2026-11-23"`},
		"dialogues?score=0.5..0.25":                                    {400, `score "0.5..0.25" ends below its beginning: write the lower number first`},
		"dialogues?limit=9999":                                         {400, `limit "9999": write a number from 1 to 200`},
		"samples/none":                                                 {404, `there is no such set: "none"; sets of rubric support-quality in this lake: none`},
		"samples/none?rubric=tone":                                     {404, `the spec has no rubric "tone": it has support-quality`},
	} {
		var failed struct{ Error struct{ Message string } }
		if err := json.Unmarshal([]byte(g.call("GET", query, "", want.status)), &failed); err != nil || !strings.HasPrefix(failed.Error.Message, want.says) {
			t.Errorf("%s: %q, want %q", query, failed.Error.Message, want.says)
		}
	}
	at := start.Format(time.RFC3339) // the one moment of a session of one request
	g.call("GET", "dialogue?session=s00&from="+at+"&to="+at, "", 200)
	var drawn struct{ Set string }
	if err := json.Unmarshal([]byte(g.call("POST", "samples", `{"rate": 1}`, 200)), &drawn); err != nil {
		t.Fatal(err)
	}
	if body := g.call("GET", "samples/none", "", 404); !strings.Contains(body, "this lake: "+drawn.Set) {
		t.Errorf("it does not name the set that there is: %s", body)
	}
}

func TestDamagedLakeIsNotShown(t *testing.T) {
	g := newRig(t)
	files, err := filepath.Glob(filepath.Join(g.lake, "traces/app=bot/*/*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	if err := os.WriteFile(files[0], []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if body := g.call("GET", "dialogues", "", 500); strings.Contains(body, g.lake) {
		t.Errorf("the answer names the folder: %s", body)
	}
}

// Pairs that were drawn for labels have a page of their own, and are none of the sets that
// are labelled here; as files they are written as weir export does.
func TestPairsAreLabelledElsewhere(t *testing.T) {
	g := newRig(t)
	rows := &parquet.Rows{Labels: []trace.Label{{
		LabelID: "drawn/p1/i1/support-quality", App: "bot", Release: "r1", CaseID: "c1", Trial: new(int64(1)), Criterion: "support-quality",
		Verdict: trace.Pending, Position: "treatment_first", InclusionProbability: new(1.), LabeledAt: start,
	}}}
	for _, v := range []string{"v1", "v2"} {
		id := "run-" + v
		rows.Exchanges = append(rows.Exchanges, trace.Exchange{TraceID: id, App: "bot", Release: "r1", SessionID: id, AssignedVersion: v, CaseID: "c1", Trial: new(int64(1)), StartedAt: start})
		rows.Contents = append(rows.Contents, parquet.DatedContent{Date: trace.Date(start), Content: trace.Content{TraceID: id, App: "bot", Output: "by " + v}})
	}
	keep(t, g.lake, "pairs", rows)
	if sets := g.call("GET", "samples", "", 200); strings.Contains(sets, "p1") {
		t.Errorf("pairs are listed: %s", sets)
	}
	if body := g.call("GET", "samples/p1?rubric=support-quality", "", 400); !strings.Contains(body, "set p1 is of pairs: weir export --again writes the page") {
		t.Error(body)
	}
	if body := g.call("GET", "samples/p1?rubric=support-quality&format=csv", "", 200); !strings.Contains(body, "i1,Assistant: by v2,Assistant: by v1,") {
		t.Error(body)
	}
}

// TestLabelsGoTheWayOfWeirLabel: a set is drawn, is blind, is labelled in place, and
// the labels are in the lake under the caller's name with the probability of the draw.
func TestLabelsGoTheWayOfWeirLabel(t *testing.T) {
	g := newRig(t)
	var drawn struct {
		Set   string
		Items int
		Rate  float64
	}
	if err := json.Unmarshal([]byte(g.call("POST", "samples", `{"rubric": "support-quality", "rate": 1}`, 200)), &drawn); err != nil {
		t.Fatal(err)
	}
	judged := len(g.those(func(x talked) bool { return x.score != nil }))
	if drawn.Items != judged || drawn.Rate != 1 {
		t.Fatalf("%+v, %d are judged", drawn, judged)
	}
	g.call("POST", "samples", `{"rubric": "support-quality", "rate": 1}`, 409) // an hour is offered once
	path := "samples/" + drawn.Set + "?rubric=support-quality"
	blind := g.call("GET", path, "", 200)
	for _, secret := range []string{`"v1"`, `"v2"`, "s05", "session", "score", "because of"} {
		if strings.Contains(blind, secret) {
			t.Errorf("the set tells %s", secret)
		}
	}
	var set struct {
		Items []struct {
			Item   string
			Turns  []struct{ User, Assistant string }
			Levels map[string]*string
		}
	}
	if err := json.Unmarshal([]byte(blind), &set); err != nil {
		t.Fatal(err)
	}
	item := set.Items[0].Item
	label := func(levels string) string {
		return `{"rubric": "support-quality", "item": "` + item + `", "levels": ` + levels + `}`
	}
	for _, wrong := range []string{label(`{"resolution": "7"}`), label(`{"nonsense": "1"}`), strings.Replace(label(`{"resolution": "1"}`), item, "nothing", 1), `{"rubric": "support-quality", "labeler": "bob"}`, `[`} {
		g.call("POST", "labels", wrong, 400)
	}
	answer := g.call("POST", "labels", label(`{"resolution": "2", "clarity": "skip"}`), 200)
	if !strings.Contains(answer, `"added":3`) || !strings.Contains(answer, `"session":"s`) {
		t.Error(answer)
	}
	if again := g.call("POST", "labels", label(`{"resolution": "2", "clarity": "skip"}`), 200); !strings.Contains(again, `"added":0`) {
		t.Error(again)
	}
	if mine := g.call("GET", path, "", 200); !strings.Contains(mine, `"resolution":"2"`) || !strings.Contains(mine, `"clarity":"skip"`) {
		t.Error("the answers are not remembered")
	}
	if sets := g.call("GET", "samples", "", 200); !strings.Contains(sets, `"labelled":1,"mine":1`) {
		t.Error(sets)
	}
	l, err := parquet.Open(g.lake)
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for x, err := range parquet.ReadAll[trace.Label](t.Context(), l, "bot") {
		if err != nil {
			t.Fatal(err)
		}
		if x.Labeler != "" {
			given++
			if x.Labeler != "anna" || *x.InclusionProbability != 1 {
				t.Errorf("%+v", x)
			}
		}
	}
	if given != 3 {
		t.Errorf("%d labels", given)
	}
}

func TestSetsAsFiles(t *testing.T) {
	g := newRig(t)
	var drawn struct{ Set string }
	if err := json.Unmarshal([]byte(g.call("POST", "samples", `{"rate": 1}`, 200)), &drawn); err != nil {
		t.Fatal(err)
	}
	path := "samples/" + drawn.Set + "?rubric=support-quality&format="
	table, err := csv.NewReader(strings.NewReader(g.call("GET", path+"csv", "", 200))).ReadAll()
	if err != nil || len(table) != 13 || table[0][0] != "item" {
		t.Errorf("%d rows, %v", len(table), err)
	}
	if lines := strings.Count(g.call("GET", path+"jsonl", "", 200), "\n"); lines != 12 {
		t.Errorf("%d lines", lines)
	}
	g.call("GET", path+"pdf", "", 400)
}

// A label on what somebody chose is kept as that: it is in no set's count, corrects
// nothing, and does not stand for the label of a dialogue that chance draws.
func TestLabelsOfWhatWasChosen(t *testing.T) {
	g := newRig(t)
	give := func(what string, status int) string {
		return g.call("POST", "labels", `{"rubric":"support-quality",`+what+`,"levels":{"resolution":"2","clarity":"1"},"comment":"mine"}`, status)
	}
	if body := give(`"session":"s03"`, 200); !strings.Contains(body, `"added":3`) {
		t.Error(body)
	}
	if body := give(`"session":"s03"`, 200); !strings.Contains(body, `"known":3`) {
		t.Error(body)
	}
	for what, status := range map[string]int{`"session":"nobody"`: 404, `"session":"s03","item":"x"`: 400, `"comment":""`: 400} {
		give(what, status)
	}
	if body := g.call("GET", "dialogue?session=s03", "", 200); !strings.Contains(body, `"flags":"picked"`) {
		t.Error("the dialogue does not show it")
	}
	g.call("POST", "samples", `{"rubric":"support-quality","rate":1}`, 200)
	var list struct {
		Samples []struct {
			Set                   string
			Items, Labelled, Mine int
		}
	}
	if err := json.Unmarshal([]byte(g.call("GET", "samples", "", 200)), &list); err != nil || len(list.Samples) != 1 || list.Samples[0].Labelled != 0 || list.Samples[0].Mine != 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	var d struct {
		Drawn []struct {
			Item string
			Mine bool
		}
	}
	of := func(session string) {
		t.Helper()
		d.Drawn = nil
		if err := json.Unmarshal([]byte(g.call("GET", "dialogue?session="+session, "", 200)), &d); err != nil || len(d.Drawn) != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	of("s05") // one that was judged, and so drawn: it is labelled blind first
	give(`"session":"s05"`, 409)
	give(`"item":"`+d.Drawn[0].Item+`"`, 200)
	if of("s05"); !d.Drawn[0].Mine {
		t.Error("its label in the set does not count")
	}
}
