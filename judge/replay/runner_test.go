package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/trace"
)

// serve starts a version; it is closed with the test.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// asked reads a request's JSON body.
func asked(r *http.Request) map[string]any {
	var v map[string]any
	raw, _ := io.ReadAll(r.Body)
	json.Unmarshal(raw, &v)
	return v
}

func read(t *testing.T, text string) []Case {
	t.Helper()
	cases, err := ReadCases("cases", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func version(t *testing.T, name, protocol, url string, streamed bool) Version {
	t.Helper()
	r, err := RequestFor(protocol, streamed)
	if err != nil {
		t.Fatal(err)
	}
	return Version{Name: name, Upstream: url, Request: r, Connect: time.Second, Total: 5 * time.Second, Texts: 1, Metadata: true}
}

func options(versions ...Version) Options {
	return Options{App: "bot", Release: "r1", Versions: versions, Trials: 1, Seed: 1, InFlight: 4, Now: time.Now}
}

// memory is a store without a file.
type memory struct{ runs []Run }

func (m *memory) Has(caseID, version string, trial int64) (string, bool) {
	for _, r := range m.runs {
		if r.CaseID == caseID && r.Version == version && r.Trial == trial {
			return r.Key, true
		}
	}
	return "", false
}

func (m *memory) Keep(r Run) error { m.runs = append(m.runs, r); return nil }

// execute runs the cases and gives the runs by case and version.
func execute(t *testing.T, cases []Case, o Options) map[string]Run {
	t.Helper()
	var m memory
	if _, err := Execute(t.Context(), cases, o, &m); err != nil {
		t.Fatal(err)
	}
	out := map[string]Run{}
	for _, r := range m.runs {
		out[r.CaseID+"/"+r.Version] = r
	}
	return out
}

// A conversation over OpenAI's protocol carries its history, its usage and its price.
func TestOpenAI(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		v := asked(r)
		messages := v["messages"].([]any)
		if r.URL.Path != "/base/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer k" || v["model"] != "m" {
			http.Error(w, "wrong request", 400)
			return
		}
		fmt.Fprintf(w, `{"model": "m-1", "choices": [{"message": {"content": "answer %d"}}], "usage": {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}}}`, len(messages))
	})
	v := version(t, "v1", "openai", url+"/base/", false)
	v.Headers = map[string]string{"Authorization": "Bearer k"}
	v.Price = func(model string, input, cached, output int64) *float64 {
		cost := float64(input-cached) + float64(output)/10
		return &cost
	}
	o := options(v)
	o.Set = map[string]string{"model": "m"}
	run := execute(t, read(t, `{"id": "a", "turns": [{"input": "x"}, {"input": "y"}], "expect": {"exact": "answer 3"}}`), o)["a/v1"]
	if len(run.Requests) != 2 || run.Failed() {
		t.Fatalf("%+v", run)
	}
	e := run.Requests[1]
	if e.SessionID != run.Key || *e.Turn != 2 || e.CaseID != "a" || *e.Trial != 1 || e.AssignedVersion != "v1" || e.Randomized != nil || *e.Status != 200 {
		t.Errorf("the row is %+v", e)
	}
	if e.Model != "m-1" || *e.InputTokens != 100 || *e.OutputTokens != 10 || *e.CachedTokens != 40 || *e.CostUSD != 61 || e.UsageSource != trace.UsageReported {
		t.Errorf("usage is %s %v %v %v %v %s", e.Model, *e.InputTokens, *e.OutputTokens, *e.CachedTokens, *e.CostUSD, e.UsageSource)
	}
	if c := run.Contents[1]; c.Input != "y" || c.Output != "answer 3" || c.TraceID != e.TraceID {
		t.Errorf("the text is %+v", c)
	}
	if o := run.Outcomes; len(o) != 1 || o[0].Name != "resolved" || o[0].Value != 1 || o[0].SessionID != run.Key {
		t.Errorf("the outcome is %+v", o)
	}
	if strings.Contains(run.Key, "v1") {
		t.Error("the session's id shows the version")
	}
}

// Dify hands out the conversation's id, writes prices as text and says what it retrieved.
func TestDify(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		v := asked(r)
		if v["conversation_id"] != "" && v["conversation_id"] != "c7" {
			http.Error(w, "no such conversation", 404)
			return
		}
		fmt.Fprintf(w, `{"conversation_id": "c7", "answer": "%s/%s", "metadata": {"usage": {"prompt_tokens": 5, "completion_tokens": 0, "total_price": "0.0012"},
			"retriever_resources": [{"position": 2, "document_id": "d", "score": 0.5, "content": "text"}]}}`, v["query"], v["conversation_id"])
	})
	run := execute(t, read(t, `{"id": "a", "turns": [{"input": "x"}, {"input": "y"}]}`), options(version(t, "v1", "dify", url, false)))["a/v1"]
	if len(run.Contents) != 2 || run.Contents[1].Output != "y/c7" {
		t.Fatalf("%+v", run)
	}
	if p := run.Contents[1].Retrieval; len(p) != 1 || p[0].Rank != 2 || p[0].DocID != "d" || *p[0].Score != .5 || p[0].Text != "text" {
		t.Errorf("retrieved %+v", p)
	}
	if e := run.Requests[0]; *e.CostUSD != .0012 || *e.OutputTokens != 0 {
		t.Errorf("usage is %+v", e)
	}
}

// Streams give the time of the first token; one that ends too early is an error.
func TestStreams(t *testing.T) {
	openAI := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ": ping\n\ndata: {\"choices\": [{\"delta\": {\"role\": \"assistant\"}}]}\n\ndata: {\"choices\": [{\"delta\": {\"content\": \"an\"}}]}\n\ndata: {\"choices\": [{\"delta\": {\"content\": \"swer\"}}]}\n\n")
		if asked(r)["messages"].([]any)[0].(map[string]any)["content"] == "whole" {
			fmt.Fprint(w, "data: {\"model\": \"m\", \"choices\": [], \"usage\": {\"prompt_tokens\": 3, \"completion_tokens\": 2}}\n\ndata: [DONE]\n\n")
		}
	})
	dify := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: ping\n\ndata: {\"event\": \"agent_message\", \"answer\": \"to be\", \"conversation_id\": \"c\"}\n\ndata: {\"event\": \"message_replace\", \"answer\": \"answer\"}\n\n")
		if asked(r)["query"] == "whole" {
			fmt.Fprint(w, "data: {\"event\": \"message_end\", \"metadata\": {\"usage\": {\"prompt_tokens\": 0, \"completion_tokens\": 0, \"total_price\": \"0\"}}}\n\n")
		} else {
			fmt.Fprint(w, "data: {\"event\": \"error\", \"message\": \"x\"}\n\n")
		}
	})
	runs := execute(t, read(t, "{\"id\": \"a\", \"input\": \"whole\"}\n{\"id\": \"b\", \"input\": \"half\"}"),
		options(version(t, "o", "openai", openAI, true), version(t, "d", "dify", dify, true)))
	for name, failure := range map[string]string{"a/o": "", "a/d": "", "b/o": "truncated_stream", "b/d": "error_in_stream"} {
		run := runs[name]
		e := run.Requests[0]
		if run.Contents[0].Output != "answer" || e.ErrorType != failure || e.TTFTMS == nil || *e.TTFTMS > *e.LatencyMS || !*e.Streamed {
			t.Errorf("%s: %q, %+v", name, run.Contents[0].Output, e)
		}
	}
	if e := runs["a/o"].Requests[0]; *e.InputTokens != 3 || *e.OutputTokens != 2 || e.Model != "m" {
		t.Errorf("usage is %+v", e)
	}
	if e := runs["a/d"].Requests[0]; e.InputTokens != nil || e.CostUSD != nil || e.UsageSource != trace.UsageUnknown {
		t.Errorf("an all-zero usage is %+v, not unknown", e)
	}
}

// A failure is a row with an error and an unresolved case, never a missing one; what was still
// to be said is not said.
func TestFailures(t *testing.T) {
	var calls atomic.Int64
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch asked(r)["message"] {
		case "500":
			http.Error(w, "no", 500)
		case "404":
			http.Error(w, "no", 404)
		case "moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "reset":
			panic(http.ErrAbortHandler)
		case "hang":
			<-r.Context().Done()
		default:
			fmt.Fprint(w, "plain text, no JSON")
		}
	})
	v := version(t, "v", "http", url, false)
	v.Total = 200 * time.Millisecond
	var text strings.Builder
	for _, input := range []string{"500", "404", "moved", "reset", "hang", "fine"} {
		fmt.Fprintf(&text, `{"id": %[1]q, "turns": [{"input": %[1]q}, {"input": "more"}], "expect": [{"contains": "plain"}, {"lacks": "x", "outcome": "clean"}]}`+"\n", input)
	}
	runs := execute(t, read(t, text.String()), options(v))
	for input, want := range map[string]string{"500": "status_500", "404": "status_404", "moved": "status_302", "reset": "broken_connection", "hang": "timeout"} {
		run := runs[input+"/v"]
		if len(run.Requests) != 1 || run.Requests[0].ErrorType != want || !run.Failed() || run.Requests[0].LatencyMS == nil {
			t.Errorf("%s: %+v", input, run.Requests)
		}
		for _, o := range run.Outcomes {
			if o.Value != 0 {
				t.Errorf("%s: %s is %v without an answer", input, o.Name, o.Value)
			}
		}
		if len(run.Outcomes) != 2 {
			t.Errorf("%s: outcomes are %+v", input, run.Outcomes)
		}
	}
	if run := runs["fine/v"]; len(run.Requests) != 2 || run.Outcomes[0].Value != 0 || run.Outcomes[1].Value != 1 {
		t.Errorf("fine: %+v", run)
	}
	if n := calls.Load(); n != 7 {
		t.Errorf("%d calls, want 7", n)
	}
}

// A reply of another form than the protocol's is a failure, not an answer.
func TestNoAnswer(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch asked(r)["user"] {
		case "error":
			fmt.Fprint(w, `{"error": {"message": "overloaded"}}`)
		case "empty":
			fmt.Fprint(w, `{"choices": []}`)
		default:
			fmt.Fprint(w, `<html>a proxy's page</html>`)
		}
	})
	runs := execute(t, read(t, "{\"id\": \"error\", \"input\": \"x\"}\n{\"id\": \"empty\", \"input\": \"x\"}\n{\"id\": \"html\", \"input\": \"x\"}"), options(version(t, "v", "openai", url, false)))
	for id, want := range map[string]string{"error": "error_in_reply", "empty": "no_answer", "html": "no_answer"} {
		if got := runs[id+"/v"].Requests[0].ErrorType; got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
}

// Each run is done once: an interrupted one is done again, a finished one never; what the file
// lost to a torn write is done again.
func TestResume(t *testing.T) {
	var mu sync.Mutex
	calls := map[string]int{}
	var stop context.CancelFunc
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls[r.Header.Get("X-Weir-Version")+fmt.Sprint(asked(r)["session"])]++
		if len(calls) == 7 && stop != nil {
			stop()
		}
		mu.Unlock()
		fmt.Fprint(w, "ok")
	})
	o := options(version(t, "v1", "http", url, false), version(t, "v2", "http", url, false))
	o.Trials = 3
	cases := read(t, "{\"id\": \"a\", \"input\": \"x\"}\n{\"id\": \"b\", \"input\": \"x\"}\n{\"id\": \"c\", \"input\": \"x\"}")
	path := filepath.Join(t.TempDir(), "state", "r1.jsonl")
	open := func() *Journal {
		t.Helper()
		j, err := OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	j := open()
	if _, err := OpenJournal(path); !errors.Is(err, ErrBusy) {
		t.Errorf("a second process opens the journal: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop = cancel
	first, err := Execute(ctx, cases, o, j)
	if !errors.Is(err, context.Canceled) || first < 3 || first > 7 {
		t.Fatalf("%d runs, %v", first, err)
	}
	batch := j.Batch()
	if _, err := j.file.WriteString(`{"Key":"torn`); err != nil {
		t.Fatal(err)
	}
	j.Close()
	stop = nil
	j = open()
	if len(j.Runs()) != first || j.Batch() != batch {
		t.Fatalf("%d runs of batch %s are remembered, want %d of %s", len(j.Runs()), j.Batch(), first, batch)
	}
	second, err := Execute(t.Context(), cases, o, j)
	if err != nil || first+second != 18 || len(j.Runs()) != 18 {
		t.Fatalf("%d and %d runs, %v", first, second, err)
	}
	if again, err := Execute(t.Context(), cases, o, j); again != 0 || err != nil {
		t.Errorf("%d runs are done again: %v", again, err)
	}
	seen := map[string]bool{}
	for _, r := range j.Runs() {
		if seen[r.Key] {
			t.Errorf("run %s is kept twice", r.Key)
		}
		seen[r.Key] = true
	}
	repeated := 0
	for _, n := range calls {
		repeated += n - 1
	}
	if repeated > o.InFlight {
		t.Errorf("%d calls were repeated, more than were under way", repeated)
	}
	cases[1].Turns[0].Input = "y"
	if _, err := Execute(t.Context(), cases, o, j); !errors.Is(err, ErrChanged) {
		t.Errorf("a changed case is run in the same release: %v", err)
	}
	if err := j.Discard(); err != nil {
		t.Fatal(err)
	}
	if j = open(); len(j.Runs()) != 0 || j.Batch() == batch {
		t.Error("a discarded journal is not forgotten")
	}
	j.Close()
}

// The order is drawn by the seed, and at no time has one version been asked much more than the
// other.
func TestPlan(t *testing.T) {
	o := options(Version{Name: "v1"}, Version{Name: "v2"})
	o.Trials = 5
	var cases []Case
	for i := range 40 {
		cases = append(cases, Case{ID: fmt.Sprint(i), Turns: []Turn{{Input: "x"}}})
	}
	plan := o.plan(cases)
	if len(plan) != 400 {
		t.Fatalf("%d runs", len(plan))
	}
	ahead, first := 0, 0
	for i, j := range plan {
		if j.version == "v1" {
			ahead++
		} else {
			ahead--
		}
		if ahead < -1 || ahead > 1 {
			t.Fatalf("after %d runs one version is %d ahead", i+1, ahead)
		}
		if i%2 == 0 && j.version == "v1" {
			first++
		}
	}
	if first < 75 || first > 125 { // of 200, six standard errors are 42
		t.Errorf("v1 comes first in %d of 200 blocks", first)
	}
	names := func(plan []job) (out []string) {
		for _, j := range plan {
			out = append(out, j.key)
		}
		return out
	}
	if !slices.Equal(names(plan), names(o.plan(cases))) {
		t.Error("the same seed gives another order")
	}
	o.Seed++
	if slices.Equal(names(plan), names(o.plan(cases))) {
		t.Error("another seed gives the same order")
	}
}

// At most so many conversations run at a time, of all versions and of each.
func TestBounds(t *testing.T) {
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		v := r.Header.Get("X-Weir-Version")
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			for _, k := range []string{v, "all"} {
				now[k] += by
				most[k] = max(most[k], now[k])
			}
		}
		count(1)
		time.Sleep(5 * time.Millisecond)
		count(-1)
		fmt.Fprint(w, "ok")
	})
	v1, v2 := version(t, "v1", "http", url, false), version(t, "v2", "http", url, false)
	v2.InFlight = 1
	o := options(v1, v2)
	o.Trials, o.InFlight = 20, 3
	execute(t, read(t, `{"id": "a", "input": "x"}`), o)
	if most["all"] > 3 || most["v2"] > 1 || most["v1"] == 0 {
		t.Errorf("at most %v at a time", most)
	}
}

// A version that is not there is found out before anything is asked.
func TestUnreachable(t *testing.T) {
	var calls atomic.Int64
	here := serve(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1) })
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	o := options(version(t, "v1", "http", here, false), version(t, "v2", "http", gone.URL, false))
	_, err := Execute(t.Context(), read(t, `{"id": "a", "input": "x"}`), o, &memory{})
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "versions.v2.upstream http://127.0.0.1:") || calls.Load() != 0 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

// What a request refers to must exist; of an unknown name the error says which there are.
func TestRequest(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := json.Marshal(asked(r))
		fmt.Fprintf(w, `{"out": [%q, %q]}`, r.URL.RequestURI(), b)
	})
	request, err := ParseRequest([]byte(`{"method": "PUT", "path": "/a/{{turn}}?lang={{inputs.lang}}", "headers": {"X-S": "{{session}}"},
		"body": {"q": "[{{input}}]", "n": "{{inputs.n}}", "list": ["{{turn}}"], "history": "{{messages}}"}, "answer": "out.1"}`))
	if err != nil {
		t.Fatal(err)
	}
	v := Version{Name: "v", Upstream: url, Request: request, Texts: 1}
	cases := read(t, `{"id": "a", "input": "x", "inputs": {"lang": "de", "n": 7}}`)
	run := execute(t, cases, options(v))["a/v"]
	if got, want := run.Contents[0].Output, `{"history":[{"content":"x","role":"user"}],"list":[1],"n":7,"q":"[x]"}`; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	v.Request.Body = map[string]any{"q": "{{inptu}}"}
	_, err = Execute(t.Context(), cases, options(v), &memory{})
	if err == nil || !strings.Contains(err.Error(), "body: {{inptu}} has no value: there are input, messages") {
		t.Errorf("%v", err)
	}
	for text, want := range map[string]string{`{"path": "x"}`: "path does not begin with /", `{"pth": "/"}`: `unknown field "pth"`} {
		if _, err := ParseRequest([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
