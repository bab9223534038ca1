package proxy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
	"weir/router"
	"weir/trace"
)

const twoApps = `  v1: {upstream: V1, protocol: dify, set_headers: {Authorization: "Bearer app-1"}}
  v2: {upstream: V2, protocol: dify, set_headers: {Authorization: "Bearer app-2"}}
`

// A talk is a client's side of a conversation.
type talk struct {
	Conversation string `json:"conversation_id"`
	Message      string `json:"message_id"`
	Task         string `json:"task_id"`
	Answer       string
}

// ask is one turn of a conversation, blocking.
func (r *rig) ask(t talk) (talk, *http.Response) {
	r.t.Helper()
	body, _ := json.Marshal(map[string]any{"query": "Do I have to print anything?", "inputs": map[string]any{}, "user": "u", "conversation_id": t.Conversation})
	response, said := r.post("/v1/chat-messages", string(body))
	if response.StatusCode != 200 {
		r.t.Fatalf("%d %s", response.StatusCode, said)
	}
	if err := json.Unmarshal([]byte(said), &t); err != nil {
		r.t.Fatal(err)
	}
	return t, response
}

func difyApp(key string, mode dify.Mode) *dify.Service {
	return dify.New(dify.App{Key: key, Mode: mode, Behaviour: standin.Behaviour{Name: key, PromptTokens: 100}})
}

// Two applications behind one address: a conversation stays where it began, what
// is about it follows, and ratings become outcomes of the rated answer.
func TestDifyTwoApps(t *testing.T) {
	r := newRig(t, difyApp("app-1", dify.Chat), difyApp("app-2", dify.Chat), twoApps)
	r.share(1)
	first, response := r.ask(talk{})
	if response.Header.Get("X-Weir-Version") != "v2" {
		t.Fatalf("answered by %s", response.Header.Get("X-Weir-Version"))
	}
	r.share(0)
	second, response := r.ask(first)
	if second.Conversation != first.Conversation || response.Header.Get("X-Weir-Version") != "v2" {
		t.Errorf("the conversation went to %s as %s", response.Header.Get("X-Weir-Version"), second.Conversation)
	}
	for path, body := range map[string]string{
		"/v1/messages/" + second.Message + "/feedbacks":     `{"rating": "like", "user": "u", "content": "good"}`,
		"/v1/conversations/" + first.Conversation + "/name": `{"name": "mine", "user": "u"}`,
		"/v1/chat-messages/" + second.Task + "/stop":        `{"user": "u"}`,
	} {
		if response, said := r.post(path, body); response.StatusCode != 200 || response.Header.Get("X-Weir-Version") != "v2" {
			t.Errorf("%s: %d by %s: %s", path, response.StatusCode, response.Header.Get("X-Weir-Version"), said)
		}
	}
	rows := r.ended()
	if rows[0].Exchange.SessionID != first.Conversation || rows[1].Exchange.SessionID != first.Conversation || rows[0].Exchange.UnitID != rows[1].Exchange.UnitID || *rows[1].Exchange.Turn != 2 {
		t.Errorf("rows %+v and %+v", rows[0].Exchange, rows[1].Exchange)
	}
	if e := rows[0]; e.Exchange.UsageSource != trace.UsageReported || *e.Exchange.InputTokens < 100 || e.Exchange.CostUSD == nil || !strings.HasPrefix(e.Content.Output, "No. The code") {
		t.Errorf("row %+v, %+v", e.Exchange, e.Content)
	}
	if response, said := r.post("/v1/messages/"+second.Message+"/feedbacks", `{"rating": null, "user": "u"}`); response.StatusCode != 200 {
		t.Errorf("%d %s", response.StatusCode, said)
	}
	outcomes := r.outcomes()
	if len(outcomes) != 1 || outcomes[0].Name != "satisfaction" || outcomes[0].Value != 1 || outcomes[0].Comment != "good" || outcomes[0].TraceID != rows[1].Exchange.TraceID {
		t.Errorf("outcomes %+v", outcomes)
	}
}

// After a rollback a conversation of v2 goes on with v1, under a new id that
// belongs to the same unit; what is about old answers still goes to v2.
func TestDifyRollback(t *testing.T) {
	r := newRig(t, difyApp("app-1", dify.Chat), difyApp("app-2", dify.Chat), twoApps)
	r.share(1)
	before, _ := r.ask(talk{})
	r.state(router.State{Epoch: 2, RolledBack: true})
	after, response := r.ask(before)
	if response.Header.Get("X-Weir-Version") != "v1" || after.Conversation == before.Conversation || after.Conversation == "" {
		t.Fatalf("by %s as %q", response.Header.Get("X-Weir-Version"), after.Conversation)
	}
	again, response := r.ask(after)
	if response.Header.Get("X-Weir-Version") != "v1" || again.Conversation != after.Conversation {
		t.Errorf("by %s as %q", response.Header.Get("X-Weir-Version"), again.Conversation)
	}
	if response, said := r.post("/v1/messages/"+before.Message+"/feedbacks", `{"rating": "dislike", "user": "u"}`); response.StatusCode != 200 {
		t.Errorf("%d %s", response.StatusCode, said)
	}
	for _, e := range r.ended()[1:3] {
		if e.Exchange.UnitID != r.ended()[0].Exchange.UnitID || e.Exchange.AssignedVersion != "v2" || e.Exchange.ServedVersion != "v1" {
			t.Errorf("row %+v", e.Exchange)
		}
	}
}

// Two workflows of one application: each version pins its own, and a rollback
// keeps the conversation, as both know it.
func TestDifyPinned(t *testing.T) {
	app := dify.New(dify.App{Key: "app-1", Mode: dify.Chatflow, ZeroUsage: true, Workflows: map[string]standin.Behaviour{
		"w-1": {Name: "w1", Resolved: 0}, "w-2": {Name: "w2", Resolved: 1},
	}})
	const key = `set_headers: {Authorization: "Bearer app-1"}`
	r := newRig(t, app, nil, "  v1: {upstream: V1, protocol: dify, workflow_id: w-1, "+key+"}\n  v2: {upstream: V1, protocol: dify, workflow_id: w-2, "+key+"}\n")
	r.share(1)
	first, _ := r.ask(talk{})
	if !standin.ReadTruths(first.Answer)[0].Resolved {
		t.Errorf("v2 said %q", first.Answer)
	}
	r.state(router.State{Epoch: 2, RolledBack: true})
	second, response := r.ask(first)
	if response.Header.Get("X-Weir-Version") != "v1" || second.Conversation != first.Conversation || standin.ReadTruths(second.Answer)[0].Resolved {
		t.Errorf("by %s as %q: %q", response.Header.Get("X-Weir-Version"), second.Conversation, second.Answer)
	}
	if e := r.ended()[0].Exchange; e.UsageSource != trace.UsageUnknown || e.InputTokens != nil {
		t.Errorf("row %+v", e)
	}
}

// A stream passes as it came, to the byte, and its row has the nodes' times.
func TestDifyStream(t *testing.T) {
	app := difyApp("app-1", dify.Chatflow)
	var sent strings.Builder
	copied := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { app.ServeHTTP(&copying{w, &sent}, q) })
	r := newRig(t, copied, nil, twoApps)
	response, got := r.post("/v1/chat-messages", `{"query": "Do I have to print anything?", "inputs": {}, "user": "u", "response_mode": "streaming"}`)
	if got != sent.String() || !strings.Contains(got, "workflow_finished") || response.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("got %d bytes of %d, header %v", len(got), sent.Len(), response.Header)
	}
	e := r.last(1)
	if len(e.Content.Spans) != 3 || e.Content.Spans[2].StartMS == nil || e.Exchange.TTFTMS == nil || e.Exchange.SessionID == "" || e.Exchange.ErrorType != "" {
		t.Errorf("row %+v, spans %+v", e.Exchange, e.Content.Spans)
	}
}

// copying copies what is written.
type copying struct {
	http.ResponseWriter
	to io.Writer
}

func (c *copying) Write(b []byte) (int, error) {
	c.to.Write(b)
	return c.ResponseWriter.Write(b)
}

func (c *copying) Unwrap() http.ResponseWriter { return c.ResponseWriter }
