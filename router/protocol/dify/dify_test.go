package dify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/internal/sim/standin"
	standindify "weir/internal/sim/standin/dify"
	"weir/router/protocol"
	"weir/router/protocol/dify"
	"weir/router/protocol/protocoltest"
	"weir/trace"
)

const order = "Where is my order 123456? It should have been here on Monday."

// usual is how the stand-ins of these tests act.
var usual = standin.Behaviour{Seed: 5, Resolved: 0.5, Quality: 0.5, PromptTokens: 400, Latency: standin.Wait{Median: 8 * time.Millisecond}}

func body(mode string) string {
	return `{"query": "` + order + `", "inputs": {"query": "` + order + `"}, "user": "u", "response_mode": "` + mode + `", "conversation_id": ""}`
}

// record calls a stand-in and keeps what went over the wire.
func record(t testing.TB, app standindify.App, path, body string) protocoltest.Exchange {
	t.Helper()
	app.Key = "app-1"
	server := httptest.NewServer(standindify.New(app))
	defer server.Close()
	request, err := http.NewRequest(http.MethodPost, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer app-1")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return protocoltest.Exchange{
		Request: protocol.Request{Method: http.MethodPost, Path: path, Header: request.Header, Body: []byte(body), Whole: true},
		Status:  response.StatusCode, Header: response.Header, Answer: answer, Cut: err != nil,
	}
}

// A call is one recorded in a mode of an application.
type call struct {
	name string
	app  standindify.App
	path string
}

var calls = []call{
	{"chat", standindify.App{}, "/v1/chat-messages"},
	{"moderated chat", standindify.App{Replaced: 1, Speech: true}, "/v1/chat-messages"},
	{"agent", standindify.App{Mode: standindify.Agent}, "/v1/chat-messages"},
	{"chatflow", standindify.App{Mode: standindify.Chatflow, Reasoning: true}, "/v1/chat-messages"},
	{"chatflow that counts nothing", standindify.App{Mode: standindify.Chatflow, ZeroUsage: true}, "/v1/chat-messages"},
	{"chatflow that waits", standindify.App{Mode: standindify.Chatflow, Paused: 1}, "/v1/chat-messages"},
	{"completion", standindify.App{Mode: standindify.Completion}, "/v1/completion-messages"},
	{"workflow", standindify.App{Mode: standindify.Workflow}, "/v1/workflows/run"},
}

// What a stream says is what the stand-in meant, and does not depend on where
// its chunks end.
func TestStreams(t *testing.T) {
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			c.app.Behaviour = usual
			x := record(t, c.app, c.path, body("streaming"))
			called, reply := protocoltest.Read(dify.Protocol{}, x)
			if !called.Streaming || called.User != "u" || called.Input != order || called.FollowUp || called.Aside {
				t.Errorf("call %+v", called)
			}
			check(t, c, reply)
			protocoltest.SameAtAnyBorder(t, dify.Protocol{}, x)
		})
	}
}

// A blocking call says the same.
func TestDocuments(t *testing.T) {
	for _, c := range calls {
		if c.app.Mode == standindify.Agent || c.app.Paused > 0 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			c.app.Behaviour = usual
			x := record(t, c.app, c.path, body("blocking"))
			called, reply := protocoltest.Read(dify.Protocol{}, x)
			if called.Streaming {
				t.Errorf("call %+v", called)
			}
			if c.app.ZeroUsage || c.app.Mode == standindify.Workflow {
				if reply.Usage != (protocol.Usage{}) {
					t.Errorf("usage %+v", reply.Usage)
				}
				reply.Usage = protocol.Usage{Input: new(int64(411)), Output: new(int64(14)), CostUSD: new(0.0001), Source: trace.UsageReported}
			}
			check(t, c, reply)
			protocoltest.SameAtAnyBorder(t, dify.Protocol{}, x)
		})
	}
}

// check holds a reply to what is common to all answers about the order.
func check(t *testing.T, c call, r protocol.Reply) {
	t.Helper()
	talk := c.app.Mode != standindify.Completion && c.app.Mode != standindify.Workflow
	switch {
	case r.Error != "" || r.Incomplete || r.Truncated:
		t.Errorf("fails: %+v", r)
	case talk != (r.Session != "") || talk && r.Learned[0] != "conversation:"+r.Session:
		t.Errorf("session %q, learned %q", r.Session, r.Learned)
	case len(r.Learned) < 2:
		t.Errorf("learned %q", r.Learned)
	}
	if c.app.Paused > 0 {
		return
	}
	said := "Order 123456 left our warehouse"
	if c.app.Replaced > 0 {
		said = "Your message cannot be answered here"
	}
	if !strings.HasPrefix(r.Output, said) || len(standin.ReadTruths(r.Output)) != 1 || r.FirstToken.IsZero() {
		t.Errorf("output %q, first token %v", r.Output, r.FirstToken)
	}
	if r.Usage.Source != trace.UsageReported || *r.Usage.Input < 400 || *r.Usage.Output < 10 || r.Usage.CostUSD == nil || *r.Usage.CostUSD <= 0 {
		t.Errorf("usage %+v", r.Usage)
	}
	if c.app.Mode == standindify.Agent && !reflect.DeepEqual(r.ToolCalls, []protocol.ToolCall{{Name: "order_status", Arguments: `{"order": 123456}`}}) {
		t.Errorf("tools %+v", r.ToolCalls)
	}
}

// Nodes give spans, from the start of the request, and the model's name.
func TestSpans(t *testing.T) {
	x := record(t, standindify.App{Mode: standindify.Chatflow, Behaviour: usual}, "/v1/chat-messages", body("streaming"))
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := dify.Protocol{}.Reader(dify.Protocol{}.Call(x.Request), protocol.Response{
		Status: 200, Header: x.Header, Began: began, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil),
	})
	for i, event := range strings.SplitAfter(string(x.Answer), "\n\n") {
		r.Write([]byte(event), began.Add(time.Duration(i)*time.Millisecond))
	}
	reply := r.End(true, began.Add(time.Second))
	var names []string
	for i, s := range reply.Spans {
		names = append(names, s.Name)
		if s.StartMS == nil || s.DurationMS == nil || *s.StartMS != float64(2+2*i) {
			t.Errorf("span %+v begins at %v", s, *s.StartMS)
		}
	}
	if !reflect.DeepEqual(names, []string{"Start", "Look up", "Answer from passages"}) || reply.Model != "sim-model" {
		t.Errorf("spans %q, model %q", names, reply.Model)
	}
	if len(reply.Retrieval) != 2 || reply.Retrieval[0].Rank != 1 || *reply.Retrieval[0].Score != 0.86 || !strings.Contains(reply.Retrieval[0].Text, "three working days") {
		t.Errorf("retrieval %+v", reply.Retrieval)
	}
}

// What fails inside of status 200 is an error; what breaks off is incomplete.
func TestFailures(t *testing.T) {
	for _, c := range calls {
		faulty := usual
		faulty.Faults = map[standin.Fault]float64{standin.InStream: 1}
		c.app.Behaviour, c.app.Paused = faulty, 0
		x := record(t, c.app, c.path, body("streaming"))
		if _, reply := protocoltest.Read(dify.Protocol{}, x); x.Status != 200 || reply.Error != protocol.ErrorInStream || reply.Incomplete {
			t.Errorf("%s: %d %+v", c.name, x.Status, reply)
		}
		protocoltest.SameAtAnyBorder(t, dify.Protocol{}, x)
		faulty.Faults = map[standin.Fault]float64{standin.Half: 1}
		c.app.Behaviour = faulty
		x = record(t, c.app, c.path, body("streaming"))
		if _, reply := protocoltest.Read(dify.Protocol{}, x); !x.Cut || reply.Error != "" || !reply.Incomplete {
			t.Errorf("%s: %+v", c.name, reply)
		}
	}
}

// The last whole text counts, however often an answer is said again.
func TestSaidAgain(t *testing.T) {
	const stream = "event: ping\r\n\r\n" +
		`data: {"event": "agent_message", "answer": "a", "message_id": "m"}` + "\n\n" +
		`data: {"event": "agent_message", "answer": "b", "message_id": "m"}` + "\n\n" +
		`data: {"event": "message", "answer": "ab", "message_id": "m"}` + "\n\n" +
		`data: {"event": "message_end", "message_id": "m", "metadata": {"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_price": "0", "currency": "USD"}}}` + "\n\n"
	x := protocoltest.Exchange{
		Request: protocol.Request{Method: http.MethodPost, Path: "/v1/chat-messages", Header: http.Header{}}, Status: 200,
		Header: http.Header{"Content-Type": {"text/event-stream"}}, Answer: []byte(stream),
	}
	_, reply := protocoltest.Read(dify.Protocol{}, x)
	if reply.Output != "ab" || reply.Usage.CostUSD != nil || *reply.Usage.Output != 2 {
		t.Errorf("%+v", reply)
	}
}

func TestBounded(t *testing.T) {
	protocoltest.Bounded(t, dify.Protocol{}, protocol.Call{Operation: dify.Chat, Streaming: true})
}

// FuzzStream reads anything, cut anywhere, the same in one piece and in two.
func FuzzStream(f *testing.F) {
	for _, c := range calls {
		c.app.Behaviour = usual
		f.Add(record(f, c.app, c.path, body("streaming")).Answer, uint16(100))
	}
	f.Add([]byte("data: {\"event\": \"message\", \"answer\": \"\\ud800\xff\"}\r\rdata: {\"event\":[]}\n\n"), uint16(1))
	f.Fuzz(func(t *testing.T, answer []byte, at uint16) {
		read := func(chunks ...[]byte) protocol.Reply {
			r := dify.Protocol{}.Reader(protocol.Call{Operation: dify.Chat}, protocol.Response{
				Status: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil),
			})
			for _, chunk := range chunks {
				r.Write(chunk, time.Unix(1, 0))
			}
			return r.End(true, time.Unix(2, 0))
		}
		i := int(at) % (len(answer) + 1)
		if one, two := read(answer), read(answer[:i], answer[i:]); !reflect.DeepEqual(one, two) {
			t.Errorf("cut at %d:\n got %+v\nwant %+v", i, two, one)
		}
	})
}

// TestNullResources takes resources that are null for none.
func TestNullResources(t *testing.T) {
	x := protocoltest.Exchange{
		Request: protocol.Request{Method: "POST", Path: "/v1/chat-messages", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body("blocking")), Whole: true},
		Status:  200, Header: http.Header{"Content-Type": {"application/json"}},
		Answer: []byte(`{"event":"message","id":"m","message_id":"m","conversation_id":"c","answer":"a","metadata":{"usage":{},"retriever_resources":null}}`),
	}
	if _, reply := protocoltest.Read(dify.Protocol{}, x); len(reply.Retrieval) > 0 || reply.Output != "a" {
		t.Errorf("reply %+v", reply)
	}
}
