package ingest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/collector/ingest"
	"weir/trace"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A rig is an ingest, what it recorded, and its clock.
type rig struct {
	*testing.T
	*ingest.Ingest
	rows []*trace.Ended
	now  time.Time
}

func newRig(t *testing.T, change func(*ingest.Config)) *rig {
	g := &rig{T: t, now: now}
	c := ingest.Config{
		App: "bot", Current: func() (string, []string) { return "r1", []string{"v1", "v2"} }, Now: func() time.Time { return g.now },
		Record: func(r trace.Record) { g.rows = append(g.rows, r.Ended) },
	}
	if change != nil {
		change(&c)
	}
	g.Ingest = ingest.New(c)
	return g
}

func (g *rig) post(body string) (int, string) {
	g.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/traces", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// report posts requests in the lake's words.
func (g *rig) report(rows ...string) ingest.Report {
	g.Helper()
	_, body := g.post(`{"traces": [` + strings.Join(rows, ",") + `]}`)
	var r ingest.Report
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		g.Fatalf("%s: %v", body, err)
	}
	return r
}

const whole = `{"trace_id": "t1", "app": "bot", "release": "r2", "session_id": "s", "user_id": "u", "unit_id": "s", "turn": 2,
	"assigned_version": "v2", "served_version": "v1", "reason": "split", "randomized": true, "propensity": 0.2, "epoch": 3, "assigned_at": "2026-11-23T08:00:00Z",
	"started_at": "2026-11-23T08:59:00Z", "latency_ms": 1200.5, "ttft_ms": 300, "status": 200, "streamed": true,
	"model": "m", "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.001, "usage_source": "reported", "attributes": {"tier": "gold", "seats": 3, "none": null},
	"input": "hi", "output": "hello", "prompt": "be kind", "retrieval": [{"rank": 1, "doc_id": "d", "score": 0.5, "text": "p"}], "spans": [{"name": "model", "start_ms": 1, "duration_ms": 2}]}`

// What is reported is what is recorded, and what is not said is null.
func TestTraces(t *testing.T) {
	g := newRig(t, nil)
	if got := g.report(whole, `{"assigned_version": "v1"}`); !reflect.DeepEqual(got, ingest.Report{Accepted: 2, Rejected: []ingest.Rejection{}}) {
		t.Fatalf("%+v", got)
	}
	want := &trace.Ended{
		Exchange: trace.Exchange{
			TraceID: "t1", App: "bot", Release: "r2", SessionID: "s", UserID: "u", UnitID: "s", Turn: new(int64(2)),
			AssignedVersion: "v2", ServedVersion: "v1", Reason: "split", Randomized: new(true), Propensity: new(0.2), Epoch: new(int64(3)),
			AssignedAt: now.Add(-time.Hour), StartedAt: now.Add(-time.Minute), LatencyMS: new(1200.5), TTFTMS: new(300.0), Status: new(int64(200)), Streamed: new(true),
			Model: "m", InputTokens: new(int64(10)), OutputTokens: new(int64(5)), CostUSD: new(0.001), UsageSource: trace.UsageReported,
			Attributes: map[string]string{"tier": "gold", "seats": "3"},
		},
		Content: &trace.Content{
			TraceID: "t1", App: "bot", Input: "hi", Output: "hello", Prompt: "be kind",
			Retrieval: []trace.Passage{{Rank: 1, DocID: "d", Score: new(0.5), Text: "p"}}, Spans: []trace.Span{{Name: "model", StartMS: new(1.0), DurationMS: new(2.0)}},
		},
	}
	if !reflect.DeepEqual(g.rows[0], want) {
		t.Errorf("got\n%+v\nwant\n%+v", g.rows[0], want)
	}
	least := g.rows[1].Exchange
	if least.TraceID == "" || least.Release != "r1" || least.Propensity != nil || least.LatencyMS != nil || g.rows[1].Content != nil {
		t.Errorf("%+v", least)
	}
}

// Late, doubled, corrected, unknown and bad requests are told from each other.
func TestCounts(t *testing.T) {
	g := newRig(t, nil)
	g.report(whole)
	got := g.report(
		whole,
		strings.Replace(whole, `"hello"`, `"other"`, 1),
		`{"assigned_version": "v1", "started_at": "2026-11-20T00:00:00Z"}`,
		`{"assigned_version": "v1", "started_at": "2026-11-20T00:00:00Z"}`,
		`{"assigned_version": "v9"}`,
		`{"assigned_version": "v1", "latency": 3}`,
		`{"assigned_version": "v1", "app": "other"}`,
		`{"assigned_version": "v1", "propensity": 2}`,
		`{"session_id": "s"}`,
		`7`,
	)
	want := ingest.Report{Accepted: 3, Doubled: 1, Corrected: 1, Late: 2, Unknown: 1}
	for i, message := range []string{
		"is already", "unknown name \"latency\"", "its app is another", "propensity", "assigned_version", "no JSON object",
	} {
		index := []int64{1, 5, 6, 7, 8, 9}[i]
		if len(got.Rejected) <= i || got.Rejected[i].Index != index || !strings.Contains(got.Rejected[i].Message, message) {
			t.Errorf("rejection %d: %+v, want %d with %q", i, got.Rejected, index, message)
		}
	}
	if got.Rejected = nil; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if c := g.Counts(); c != (ingest.Counts{Accepted: 4, Doubled: 1, Corrected: 1, Late: 2, Unknown: 1, Rejected: 6}) {
		t.Errorf("%+v", c)
	}
	// The same without an id is the same, twice what came twice.
	if again := g.report(`{"assigned_version": "v1", "started_at": "2026-11-20T00:00:00Z"}`, `{"assigned_version": "v1", "started_at": "2026-11-20T00:00:00Z"}`); again.Doubled != 2 || again.Accepted != 0 {
		t.Errorf("%+v", again)
	}
	if status, _ := g.post(`{"traces": [{"session_id": "s"}]}`); status != http.StatusBadRequest {
		t.Errorf("all bad: %d", status)
	}
}

// Ids are hashed where they are to be.
func TestHashed(t *testing.T) {
	g := newRig(t, func(c *ingest.Config) { c.Hash = func(id string) string { return "h(" + id + ")" } })
	g.report(whole)
	if e := g.rows[0].Exchange; e.SessionID != "h(s)" || e.UserID != "h(u)" || e.UnitID != "h(s)" || e.TraceID != "t1" {
		t.Errorf("%+v", e)
	}
	if again := g.report(whole); again.Doubled != 1 {
		t.Errorf("%+v", again)
	}
}

func spanOf(id, parent, attributes string) string {
	return fmt.Sprintf(`{"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "%s", "parentSpanId": "%s", "startTimeUnixNano": "1795424340000000000", "endTimeUnixNano": "1795424341000000000", "attributes": [%s]}`, id, parent, attributes)
}

func export(spans ...string) string {
	return `{"resourceSpans": [{"resource": {"attributes": [{"key": "service.version", "value": {"stringValue": "v2"}}]}, "scopeSpans": [{"spans": [` + strings.Join(spans, ",") + `]}]}]}`
}

const modelCall = `{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}, {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}}, {"key": "gen_ai.usage.output_tokens", "value": {"intValue": 7}},
	{"key": "gen_ai.conversation.id", "value": {"stringValue": "c"}}, {"key": "gen_ai.output.messages", "value": {"stringValue": "hello"}}`

// Spans that come in two calls, the root last, are one request once they settle.
func TestSpans(t *testing.T) {
	g := newRig(t, nil)
	if status, body := g.post(export(spanOf("00f067aa0ba902b7", "00f067aa0ba902b8", modelCall))); status != 200 || body != "{}\n" {
		t.Fatalf("%d %s", status, body)
	}
	g.now = now.Add(5 * time.Second)
	g.post(export(spanOf("00f067aa0ba902b8", "", "")))
	if g.Settle(); len(g.rows) != 0 {
		t.Fatalf("%+v", g.rows)
	}
	g.now = now.Add(16 * time.Second)
	if g.Settle(); len(g.rows) != 1 {
		t.Fatalf("%d rows", len(g.rows))
	}
	e := g.rows[0].Exchange
	if e.TraceID != "0af7651916cd43dd8448eb211c80319c" || e.AssignedVersion != "v2" || e.SessionID != "c" || *e.InputTokens != 12 || *e.OutputTokens != 7 || *e.LatencyMS != 1000 || g.rows[0].Content.Output != "hello" {
		t.Errorf("%+v", e)
	}
	// The same again adds nothing, once it has settled.
	g.post(export(spanOf("00f067aa0ba902b7", "00f067aa0ba902b8", modelCall), spanOf("00f067aa0ba902b8", "", "")))
	if g.Close(); len(g.rows) != 1 || g.Counts().Doubled != 1 {
		t.Errorf("%d rows, %+v", len(g.rows), g.Counts())
	}
	// Once it is closed nothing is held.
	if g.post(strings.ReplaceAll(export(spanOf("00f067aa0ba902b7", "", modelCall)), "0af76519", "1af76519")); len(g.rows) != 2 {
		t.Errorf("%d rows", len(g.rows))
	}
}

// A span that cannot be read is refused; the others are taken. Without a root, a
// trace is handed over after a longer wait; with too much held, at once.
func TestSpansInPart(t *testing.T) {
	g := newRig(t, nil)
	status, body := g.post(export(`{"traceId": "zz"}`, spanOf("00f067aa0ba902b7", "00f067aa0ba902b8", modelCall)))
	if status != 200 || !strings.Contains(body, `"rejectedSpans":"1"`) || !strings.Contains(body, "traceId") {
		t.Errorf("%d %s", status, body)
	}
	for after, want := range []int{0, 0, 1} {
		g.now = now.Add(time.Duration(after) * 31 * time.Second)
		if g.Settle(); len(g.rows) != want {
			t.Errorf("after %d: %d rows", after, len(g.rows))
		}
	}
	g = newRig(t, func(c *ingest.Config) { c.Held = 1 })
	if g.post(export(spanOf("00f067aa0ba902b7", "", modelCall))); len(g.rows) != 1 {
		t.Errorf("%d rows", len(g.rows))
	}
}

func TestRefused(t *testing.T) {
	g := newRig(t, nil)
	for body, want := range map[string]int{
		``: 400, `[]`: 400, `{}`: 400, `{"traces": 7}`: 400, `{"resourceSpans": 7}`: 400, `{"resourceLogs": []}`: 400,
		`{"traces": [` + strings.Repeat("{},", 10_000) + `{}]}`: 413,
		strings.Repeat("[", 100_000):                            400,
	} {
		if status, answer := g.post(body); status != want || !strings.Contains(answer, `"error"`) && want != 200 {
			t.Errorf("%.40s: %d %s", body, status, answer)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/traces", strings.NewReader("x"))
	r.Header.Set("Content-Type", "application/x-protobuf")
	w := httptest.NewRecorder()
	if g.ServeHTTP(w, r); w.Code != http.StatusUnsupportedMediaType || !strings.Contains(w.Body.String(), "http/json") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Compressed bodies are read, and bombs are bounded.
func TestCompressed(t *testing.T) {
	g := newRig(t, nil)
	for body, want := range map[string]int{`{"traces": [` + whole + `]}`: 200, strings.Repeat(" ", 64<<20): 413} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(body))
		z.Close()
		r := httptest.NewRequest(http.MethodPost, "/v1/traces", &b)
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Content-Encoding", "gzip")
		w := httptest.NewRecorder()
		if g.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%.20s: %d %s", body, w.Code, w.Body)
		}
	}
}

// FuzzBody takes any body without a panic, and records what it counts.
func FuzzBody(f *testing.F) {
	f.Add(`{"traces": [` + whole + `]}`)
	f.Add(export(spanOf("00f067aa0ba902b7", "", modelCall)))
	f.Add(`{"traces": [{"assigned_version": "v1", "unit_id": 7, "attributes": []}, null, [], {"started_at": 1e400}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		g := newRig(t, nil)
		g.post(body)
		g.Close()
		if c := g.Counts(); int64(len(g.rows)) != c.Accepted {
			t.Errorf("%d rows, %+v", len(g.rows), c)
		}
	})
}

// The page's example is one that is taken whole.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/ingest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	body, _, _ := strings.Cut(rest, "```")
	g := newRig(t, nil)
	if status, answer := g.post(body); status != 200 || g.Counts().Accepted != 1 || g.rows[0].Content == nil || len(g.rows[0].Content.Spans) != 1 {
		t.Errorf("%d %s", status, answer)
	}
}
