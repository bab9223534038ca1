package browse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/judge"
	"weir/rollout/spec"
	"weir/trace"
)

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const release = `
app: bot
release: r1
stable: v1
candidate: v2
`

// talked is what a session of the lake is made of.
type talked struct {
	session, version, errorType, said string
	at                                time.Time
	score                             *float64
	resolved                          bool
}

// hostile are texts that would end a literal, a pattern or a page.
var hostile = []string{"it's '; DROP TABLE traces; --", `100% _under\score`, "<script>alert(1)</script>", "$text ? :x", "ÄRGER"}

// talks are some sessions, each of two requests.
func talks() (out []talked) {
	for i := range 60 {
		x := talked{
			session: fmt.Sprintf("s%02d", i), version: []string{"v1", "v2"}[i%2], at: start.Add(time.Duration(i) * 2 * time.Hour),
			said: fmt.Sprintf("question %d about %s", i, []string{"orders", "refunds"}[i%3/2]), resolved: i%4 == 0,
		}
		if i%7 == 0 {
			x.errorType = []string{"timeout", "reset"}[i%2]
		}
		if i%5 == 0 {
			x.score = new(float64(i) / 60)
		}
		if i < len(hostile) {
			x.said = hostile[i]
		}
		out = append(out, x)
	}
	return out
}

// A rig is a lake, and the handler over it.
type rig struct {
	*testing.T
	lake    string
	talks   []talked
	handler http.Handler
}

func newRig(t *testing.T) *rig {
	t.Helper()
	g := &rig{T: t, lake: t.TempDir(), talks: talks()}
	rows := &parquet.Rows{}
	for _, x := range g.talks {
		for turn := range 2 {
			e := trace.Exchange{
				TraceID: fmt.Sprintf("%s-%d", x.session, turn), App: "bot", Release: "r1", SessionID: x.session, UserID: "u", AssignedVersion: x.version, ServedVersion: x.version,
				Turn: new(int64(turn + 1)), StartedAt: x.at.Add(time.Duration(turn) * time.Minute), LatencyMS: new(100.), Randomized: new(true), AssignedAt: x.at,
				Attributes: map[string]string{"intent": x.said[:4]},
			}
			c := trace.Content{TraceID: e.TraceID, App: "bot", Input: x.said, Output: fmt.Sprintf("answer %d", turn), Retrieval: []trace.Passage{{Rank: 1, DocID: "d", Text: "passage"}}, Spans: []trace.Span{{Name: "model", StartMS: new(0.), DurationMS: new(80.)}}}
			if turn == 1 {
				e.ErrorType, c.Input = x.errorType, "and then?"
			}
			rows.Exchanges, rows.Contents = append(rows.Exchanges, e), append(rows.Contents, parquet.DatedContent{Content: c, Date: trace.Date(e.StartedAt)})
		}
		rows.Outcomes = append(rows.Outcomes,
			trace.Outcome{OutcomeID: x.session + "-early", App: "bot", SessionID: x.session, Name: "resolved", Value: 0.5, OccurredAt: x.at},
			trace.Outcome{OutcomeID: x.session + "-late", App: "bot", SessionID: x.session, Name: "resolved", Value: map[bool]float64{true: 1}[x.resolved], OccurredAt: x.at.Add(time.Hour)})
		if x.score != nil {
			for i, score := range []float64{1 - *x.score, *x.score} { // the later counts
				rows.Judgments = append(rows.Judgments, trace.Judgment{
					JudgmentID: fmt.Sprint(x.session, i), App: "bot", SessionID: x.session, Release: "r1", Criterion: "support-quality", Score: &score, JudgeModel: "m", JudgeHash: "h",
					Reason: "because of " + x.said, InclusionProbability: new(1.), JudgedAt: x.at.Add(time.Duration(i+1) * time.Hour),
				})
			}
		}
	}
	keep(t, g.lake, "made", rows)
	r, err := spec.Parse("weir.yaml", []byte(release))
	if err != nil {
		t.Fatal(err)
	}
	rubric, err := judge.Builtin("support-quality", "en")
	if err != nil {
		t.Fatal(err)
	}
	g.handler = New(Config{
		Lake: g.lake, App: "bot", Now: func() time.Time { return start.Add(30 * 24 * time.Hour) },
		Spec: func() (*spec.Release, []*judge.Rubric, error) { return r, []*judge.Rubric{rubric}, nil },
	})
	return g
}

func keep(t *testing.T, dir, name string, rows *parquet.Rows) {
	t.Helper()
	l, err := parquet.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write(name, rows); err != nil {
		t.Fatal(err)
	}
}

// call asks, in the name of anna, and gives the answer.
func (g *rig) call(method, name, body string, status int) string {
	g.Helper()
	r := httptest.NewRequest(method, "/v1/applications/bot/"+name, strings.NewReader(body))
	r.Header.Set(Caller, "anna")
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	if w.Code != status {
		g.Fatalf("%s %s: status %d, want %d: %.500s", method, name, w.Code, status, w.Body)
	}
	return w.Body.String()
}

type page struct {
	Dialogues []struct {
		Session, Version, Opening string
		Requests, Errors          int64
		Marks                     []struct {
			Kind, Name string
			Value      *float64
		}
	}
	Next *string
}

func (g *rig) page(query url.Values) (p page) {
	g.Helper()
	if err := json.Unmarshal([]byte(g.call("GET", "dialogues?"+query.Encode(), "", 200)), &p); err != nil {
		g.Fatal(err)
	}
	return p
}

// sessions gives those that a query finds, page by page.
func (g *rig) sessions(query url.Values, limit int) (out []string) {
	g.Helper()
	query.Set("limit", fmt.Sprint(limit))
	for {
		p := g.page(query)
		for _, d := range p.Dialogues {
			out = append(out, d.Session)
		}
		if p.Next == nil {
			return out
		}
		query.Set("after", *p.Next)
	}
}

// those gives the sessions that a plain loop finds, the latest first.
func (g *rig) those(meets func(talked) bool) (out []string) {
	for _, x := range slices.Backward(g.talks) {
		if meets(x) {
			out = append(out, x.session)
		}
	}
	return out
}
