package dify_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
	"weir/router/protocol/dify"
)

func TestCall(t *testing.T) {
	for _, c := range []struct {
		request string
		body    string
		want    protocol.Call
	}{
		{"POST /v1/chat-messages", `{"query": "x", "user": "u", "conversation_id": "c", "files": [{"upload_file_id": "f"}]}`,
			protocol.Call{Operation: dify.Chat, User: "u", Session: "c", Input: "x", Bound: []string{"conversation:c", "file:f"}}},
		{"POST /dify/v1/chat-messages", `{"query": "x", "response_mode": "streaming", "conversation_id": null}`, protocol.Call{Operation: dify.Chat, Input: "x", Streaming: true}},
		{"POST /v1/chat-messages/t%2D1/stop", `{"user": "u"}`, protocol.Call{Operation: dify.Stop, User: "u", Bound: []string{"task:t-1"}, FollowUp: true}},
		{"GET /v1/messages?conversation_id=c&user=u", ``, protocol.Call{Operation: dify.Messages, User: "u", Bound: []string{"conversation:c"}, FollowUp: true}},
		{"GET /v1/messages/m/suggested?user=u", ``, protocol.Call{Operation: dify.Suggested, User: "u", Bound: []string{"message:m"}, FollowUp: true}},
		{"POST /v1/messages/m/feedbacks", `{"rating": "like", "user": "u", "content": "good"}`,
			protocol.Call{Operation: dify.Feedback, User: "u", Bound: []string{"message:m"}, FollowUp: true, Ratings: []protocol.Rating{{About: "message:m", Name: "satisfaction", Value: new(1.0), Comment: "good"}}}},
		{"POST /v1/messages/m/feedbacks", `{"rating": "dislike"}`,
			protocol.Call{Operation: dify.Feedback, Bound: []string{"message:m"}, FollowUp: true, Ratings: []protocol.Rating{{About: "message:m", Name: "satisfaction", Value: new(0.0)}}}},
		{"POST /v1/messages/m/feedbacks", `{"rating": null}`,
			protocol.Call{Operation: dify.Feedback, Bound: []string{"message:m"}, FollowUp: true, Ratings: []protocol.Rating{{About: "message:m", Name: "satisfaction"}}}},
		{"POST /v1/messages/m/feedbacks", `{"rating": "great"}`, protocol.Call{Operation: dify.Feedback, Bound: []string{"message:m"}, FollowUp: true}},
		{"POST /v1/completion-messages", `{"inputs": {"query": "x"}}`, protocol.Call{Operation: dify.Completion, Input: "x"}},
		{"POST /v1/completion-messages/t/stop", `{}`, protocol.Call{Operation: dify.Stop, Bound: []string{"task:t"}, FollowUp: true}},
		{"POST /v1/workflows/run", `{"inputs": {"a": 1}}`, protocol.Call{Operation: dify.Workflow, Input: `{"a": 1}`}},
		{"POST /v1/workflows/w/run", `{"inputs": {"query": "x"}}`, protocol.Call{Operation: dify.Workflow, Input: "x"}},
		{"GET /v1/workflows/run/r", ``, protocol.Call{Operation: dify.Run, Bound: []string{"run:r"}, FollowUp: true}},
		{"POST /v1/workflows/tasks/t/stop", `{}`, protocol.Call{Operation: dify.Stop, Bound: []string{"task:t"}, FollowUp: true}},
		{"GET /v1/workflow/r/events?user=u", ``, protocol.Call{Operation: dify.Events, User: "u", Bound: []string{"run:r"}, FollowUp: true, Streaming: true}},
		{"GET /v1/conversations?user=u", ``, protocol.Call{Operation: dify.Conversations, User: "u", Aside: true}},
		{"DELETE /v1/conversations/c", `{"user": "u"}`, protocol.Call{Operation: dify.Conversation, User: "u", Bound: []string{"conversation:c"}, FollowUp: true}},
		{"POST /v1/conversations/c/name", `{"user": "u"}`, protocol.Call{Operation: dify.Conversation, User: "u", Bound: []string{"conversation:c"}, FollowUp: true}},
		{"GET /v1/conversations/c/variables?user=u", ``, protocol.Call{Operation: dify.Conversation, User: "u", Bound: []string{"conversation:c"}, FollowUp: true}},
		{"POST /v1/text-to-audio", `{"message_id": "m", "user": "u"}`, protocol.Call{Operation: dify.Speech, User: "u", Bound: []string{"message:m"}, FollowUp: true}},
		{"POST /v1/text-to-audio", `{"text": "x"}`, protocol.Call{Operation: dify.Speech, Aside: true}},
		{"POST /v1/files/upload", "--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nu\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n...", protocol.Call{Operation: dify.Upload, User: "u"}},
		{"GET /v1/parameters?user=u", ``, protocol.Call{User: "u", Aside: true}},
		{"GET /", ``, protocol.Call{Aside: true}},
	} {
		method, path, query := split(c.request)
		got := dify.Protocol{}.Call(protocol.Request{Method: method, Path: path, Query: query, Header: http.Header{}, Body: []byte(c.body), Whole: true})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s:\n got %+v\nwant %+v", c.request, c.body, got, c.want)
		}
	}
}

func split(request string) (method, path, query string) {
	method, rest, _ := strings.Cut(request, " ")
	path, query, _ = strings.Cut(rest, "?")
	return method, path, query
}

func TestRewrite(t *testing.T) {
	chat, turn := protocol.Call{Operation: dify.Chat}, protocol.Call{Operation: dify.Chat, Bound: []string{"conversation:c"}}
	for _, c := range []struct {
		what       string
		call       protocol.Call
		to         protocol.Target
		path, body string
		wantPath   string
		want       string
		changed    bool
	}{
		{"detached", turn, protocol.Target{Detach: true}, "", `{"a": 1, "conversation_id": "c", "parent_message_id": "m", "files": [{"upload_file_id": "f"}], "user": "u"}`, "", `{"a": 1,    "user": "u"}`, true},
		{"files from elsewhere stay", turn, protocol.Target{Detach: true}, "", `{"conversation_id": "c", "files": [{"url": "x"}]}`, "", `{ "files": [{"url": "x"}]}`, true},
		{"a follow-up stays", protocol.Call{Operation: dify.Stop, Bound: []string{"task:t"}, FollowUp: true}, protocol.Target{Detach: true}, "", `{"conversation_id": "c"}`, "", `{"conversation_id": "c"}`, false},
		{"nothing to take out", chat, protocol.Target{Detach: true}, "", `{"conversation_id": ""}`, "", `{"conversation_id": ""}`, false},
		{"pinned", chat, protocol.Target{Workflow: `w"1`}, "", `{"query": "x"}`, "", `{"workflow_id":"w\"1","query": "x"}`, true},
		{"pinned in an empty object", chat, protocol.Target{Workflow: "w"}, "", ` { }`, "", ` {"workflow_id":"w" }`, true},
		{"pinned instead", chat, protocol.Target{Workflow: "w"}, "", `{"workflow_id": "mine", "query": "x"}`, "", `{"workflow_id": "w", "query": "x"}`, true},
		{"no object", chat, protocol.Target{Workflow: "w"}, "", `[]`, "", `[]`, false},
		{"detached and pinned", turn, protocol.Target{Detach: true, Workflow: "w"}, "", `{"conversation_id": "c"}`, "", `{"workflow_id":"w"}`, true},
		{"a run", protocol.Call{Operation: dify.Workflow}, protocol.Target{Workflow: "w/1"}, "/x/v1/workflows/run", `{}`, "/x/v1/workflows/w%2F1/run", `{}`, true},
		{"a run pinned instead", protocol.Call{Operation: dify.Workflow}, protocol.Target{Workflow: "w"}, "/v1/workflows/mine/run", `{}`, "/v1/workflows/w/run", `{}`, true},
		{"a completion has no workflow", protocol.Call{Operation: dify.Completion}, protocol.Target{Workflow: "w"}, "", `{}`, "", `{}`, false},
	} {
		out := protocol.Outgoing{Path: c.path, Body: []byte(c.body), Whole: true}
		got, changed := dify.Protocol{}.Rewrite(out, c.call, c.to)
		if string(got.Body) != c.want || got.Path != c.wantPath || changed != c.changed {
			t.Errorf("%s: %s %q, changed %t; want %s", c.what, got.Path, got.Body, changed, c.want)
		}
		if string(out.Body) != c.body {
			t.Errorf("%s: the body itself became %s", c.what, out.Body)
		}
	}
}

// FuzzCall reads any request, and changes only what it says it changes: what was
// a JSON object stays one, with the other members as they were.
func FuzzCall(f *testing.F) {
	for _, body := range []string{
		`{"query": "x", "inputs": {"a": [1, {"conversation_id": "inner"}]}, "user": "u", "conversation_id": "c", "files": [{"upload_file_id": "f"}]}`,
		`{"conversation_id":"c"}`, `{"workflow_id":null,"conversation_id":""}`, `{}`, `[]`, ` {"a" : "\"conversation_id\"" , "conversation_id" : "c" }`,
		"--b\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nu\r\n--b--",
	} {
		f.Add("POST", "/v1/chat-messages", body, true)
		f.Add("POST", "/v1/workflows/run", body, false)
		f.Add("GET", "/v1/messages/%zz/feedbacks", body, true)
	}
	f.Fuzz(func(t *testing.T, method, path, body string, whole bool) {
		call := dify.Protocol{}.Call(protocol.Request{Method: method, Path: path, Header: http.Header{}, Body: []byte(body), Whole: whole})
		for _, to := range []protocol.Target{{Detach: true}, {Workflow: "w"}, {Detach: true, Workflow: "w"}} {
			out, changed := dify.Protocol{}.Rewrite(protocol.Outgoing{Path: path, Body: []byte(body), Whole: whole}, call, to)
			if !changed && string(out.Body) != body {
				t.Fatalf("%+v: %q became %q unsaid", to, body, out.Body)
			}
			before, after := members(body), members(string(out.Body))
			if !whole || before == nil {
				continue
			}
			for _, name := range []string{"conversation_id", "parent_message_id", "files", "workflow_id"} {
				delete(before, name)
				delete(after, name)
			}
			if !reflect.DeepEqual(before, after) {
				t.Fatalf("%+v: %q became %q", to, body, out.Body)
			}
		}
	})
}

// members are those of an object of which no name occurs twice; nil of all else.
func members(text string) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &all) != nil {
		return nil
	}
	names := 0
	gjson.Parse(text).ForEach(func(gjson.Result, gjson.Result) bool { names++; return true })
	if names != len(all) {
		return nil
	}
	return all
}
