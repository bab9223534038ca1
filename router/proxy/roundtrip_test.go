package proxy_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
	"weir/internal/sim/standin/openai"
	"weir/router"
	"weir/trace"
)

// A wire is what a version got and gave, to the byte.
type wire struct {
	http.Handler
	mu       sync.Mutex
	uri      string
	got      http.Header
	asked    []byte
	given    http.Header
	answered bytes.Buffer
}

func (v *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.uri, v.got = r.RequestURI, r.Header.Clone()
	v.asked, _ = io.ReadAll(r.Body)
	v.answered.Reset()
	r.Body = io.NopCloser(bytes.NewReader(v.asked))
	v.Handler.ServeHTTP(&teed{w, &v.answered}, r)
	v.given = w.Header().Clone()
}

type teed struct {
	http.ResponseWriter
	to io.Writer
}

func (t *teed) Unwrap() http.ResponseWriter { return t.ResponseWriter }
func (t *teed) Write(b []byte) (int, error) {
	_, _ = t.to.Write(b)
	return t.ResponseWriter.Write(b)
}

// stated are the headers that Weir states, and those of one connection.
var stated = []string{"X-Weir-Version", "X-Weir-Trace-Id", "Traceparent", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	"X-Accel-Buffering", "Connection", "Content-Length", "Date", "Authorization", "Accept-Encoding", "User-Agent"}

func plainHeaders(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range stated {
		h.Del(name)
	}
	return h
}

// TestRoundTrip compares every byte of calls and answers on both sides.
func TestRoundTrip(t *testing.T) {
	usual := standin.Usual()
	usual.Name = "one"
	for _, test := range []struct {
		protocol string
		v1       http.Handler
		calls    []string // method, path, body
	}{
		{"openai", openai.New(openai.Options{Behaviour: usual}), []string{
			"POST", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":"Where is my order 123456? 你好"}]}`,
			"POST", "/v1/chat/completions", `{"model":"m", "stream":true,"messages":[{"role":"user","content":"hi"}]}`,
			"POST", "/v1/chat/completions", `{"model":"m", "stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}`,
			"POST", "/v1/responses", `{"model":"m","stream":true,"input":"hi"}`,
			"POST", "/v1/responses", `{"model":"m","input":"hi"}`,
			"POST", "/v1/embeddings", `{"model":"m","input":["a","b"]}`,
			"POST", "/v1/completions", `{"model":"m","prompt":"a","stream":true}`,
			"GET", "/v1/models", "",
			"POST", "/v1/chat/completions", `{"broken`,
			"GET", "/nowhere?x=%20;y", "",
		}},
		{"dify", dify.New(dify.App{Key: "app-1", Behaviour: usual}), []string{
			"POST", "/v1/chat-messages", `{"inputs":{},"query":"Where is my order 123456?","user":"anna","response_mode":"streaming","conversation_id":""}`,
			"POST", "/v1/chat-messages", `{"inputs":{}, "query":"hi","user":"anna"}`,
			"GET", "/v1/parameters?user=anna", "",
			"GET", "/v1/conversations?user=anna&limit=5", "",
			"POST", "/v1/chat-messages", `{"query":`,
		}},
	} {
		t.Run(test.protocol, func(t *testing.T) {
			v1 := &wire{Handler: test.v1}
			r := newRig(t, v1, says(""), "  v1: {upstream: V1, protocol: "+test.protocol+", ask_usage: false}\n  v2: {upstream: V2}\n")
			for call := range slices.Chunk(test.calls, 3) {
				q, _ := http.NewRequest(call[0], r.url+call[1], strings.NewReader(call[2]))
				q.Header.Set("Authorization", "Bearer app-1")
				q.Header.Set("Content-Type", "application/json")
				q.Header["X-Twice"] = []string{"a", "b"}
				sent := plainHeaders(q.Header)
				res, body := r.do(q)
				if v1.uri != call[1] || string(v1.asked) != call[2] || !maps.EqualFunc(plainHeaders(v1.got), sent, slices.Equal) {
					t.Errorf("%s %s arrived as %s %q %v, was sent %q %v", call[0], call[1], v1.uri, v1.asked, plainHeaders(v1.got), call[2], sent)
				}
				if body != v1.answered.String() || !maps.EqualFunc(plainHeaders(res.Header), plainHeaders(v1.given), slices.Equal) {
					t.Errorf("%s %s: given %q %v\ncame %q %v", call[0], call[1], v1.answered.String(), plainHeaders(v1.given), body, plainHeaders(res.Header))
				}
			}
			for _, e := range r.ended() {
				if e.Exchange.ErrorType != "" {
					t.Errorf("an error is recorded: %+v", e.Exchange)
				}
			}
		})
	}
}

// TestDify holds a conversation with two applications: it stays with v2, and
// goes on with v1, without v2's ids, once v2 is rolled back; a rating of an
// answer becomes its outcome.
func TestDify(t *testing.T) {
	app := func(name string) http.Handler {
		b := standin.Usual()
		b.Name = name
		return dify.New(dify.App{Key: "app-" + name, Behaviour: b})
	}
	r := newRig(t, app("one"), app("two"),
		"  v1: {upstream: V1, protocol: dify, set_headers: {Authorization: Bearer app-one}}\n  v2: {upstream: V2, protocol: dify, set_headers: {Authorization: Bearer app-two}}\n")
	r.share(1)
	say := func(conversation string) (version, id, message string) {
		res, body := r.post("/v1/chat-messages", `{"inputs":{},"query":"hi","user":"anna","response_mode":"blocking","conversation_id":"`+conversation+`"}`)
		var reply struct {
			Conversation string `json:"conversation_id"`
			Message      string `json:"message_id"`
		}
		if err := json.Unmarshal([]byte(body), &reply); err != nil || res.StatusCode != 200 {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
		return res.Header.Get("X-Weir-Version"), reply.Conversation, reply.Message
	}
	version, conversation, message := say("")
	if version != "v2" {
		t.Fatalf("v2 has all, and %s answered", version)
	}
	r.share(0)
	if version, same, _ := say(conversation); version != "v2" || same != conversation {
		t.Errorf("the conversation went on at %s as %s", version, same)
	}
	first, second := r.last(1).Exchange, r.last(2).Exchange
	if first.SessionID != conversation || second.SessionID != conversation || second.UnitID != first.UnitID || value(first.Turn) != 1 || value(second.Turn) != 2 {
		t.Errorf("recorded %+v\nthen %+v", first, second)
	}
	if res, body := r.post("/v1/messages/"+message+"/feedbacks", `{"rating":"like","user":"anna"}`); res.StatusCode != 200 || res.Header.Get("X-Weir-Version") != "v2" {
		t.Errorf("the rating was answered %d %s", res.StatusCode, body)
	}
	if o := r.outcome(); o == nil || o.Name != trace.OutcomeSatisfaction || o.Value != 1 || o.TraceID != first.TraceID {
		t.Errorf("rated %+v", o)
	}
	r.state(router.State{Epoch: 2, RolledBack: true})
	version, moved, _ := say(conversation)
	if version != "v1" || moved == conversation {
		t.Errorf("after the rollback it went on at %s as %s", version, moved)
	}
	if x := r.last(4).Exchange; x.UnitID != first.UnitID || x.AssignedVersion != "v2" || x.Reason != trace.ReasonRollback {
		t.Errorf("recorded %+v", x)
	}
	if version, same, _ := say(moved); version != "v1" || same != moved {
		t.Errorf("and then at %s as %s", version, same)
	}
}

// outcome is the last outcome recorded; nil: none.
func (r *rig) outcome() (last *trace.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range r.records {
		if rec.Outcome != nil {
			last = rec.Outcome
		}
	}
	return last
}
