package dify_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
)

const order = "Where is my order 123456? It should have been here on Monday."

// A client calls one installation with one key.
type client struct {
	*testing.T
	url, key string
}

func serve(t *testing.T, apps ...dify.App) (*dify.Service, client) {
	s := dify.New(apps...)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, client{t, server.URL, apps[0].Key}
}

// call sends a JSON body and returns status and body.
func (c client) call(method, path, body string) (int, string) {
	c.Helper()
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	b, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(b)
}

type event struct {
	Event        string
	Answer       string
	Conversation string `json:"conversation_id"`
	Message      string `json:"message_id"`
	Task         string `json:"task_id"`
	Run          string `json:"workflow_run_id"`
	Metadata     struct {
		Usage struct {
			Total int    `json:"total_tokens"`
			Price string `json:"total_price"`
		}
		Resources []struct{ Score float64 } `json:"retriever_resources"`
	}
	Data struct{ Text, Status string }
}

func events(stream string) (all []event) {
	for block := range strings.SplitSeq(stream, "\n\n") {
		data, ok := strings.CutPrefix(block, "data: ")
		if ok {
			var e event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				panic(err)
			}
			all = append(all, e)
		}
	}
	return all
}

// names are the kinds of events in order, each run of one kind once.
func names(all []event) string {
	var kinds []string
	for _, e := range all {
		kinds = append(kinds, e.Event)
	}
	return strings.Join(slices.Compact(kinds), " ")
}

func chatBody(conversation, mode, more string) string {
	return `{"query": "` + order + `", "inputs": {}, "user": "u", "response_mode": "` + mode + `", "conversation_id": "` + conversation + `"` + more + `}`
}

// Each mode sends its events in its order.
func TestStreams(t *testing.T) {
	for _, c := range []struct {
		app        dify.App
		path, want string
	}{
		{dify.App{}, "/v1/chat-messages", "message message_end"},
		{dify.App{Replaced: 1, Speech: true}, "/v1/chat-messages", "message message_replace tts_message tts_message_end message_end"},
		{dify.App{Mode: dify.Agent}, "/v1/chat-messages", "agent_thought agent_message message_end"},
		{dify.App{Mode: dify.Chatflow, Reasoning: true}, "/v1/chat-messages", "workflow_started node_started node_finished node_started node_finished node_started reasoning_chunk message node_finished message_end workflow_finished"},
		{dify.App{Mode: dify.Chatflow, Paused: 1}, "/v1/chat-messages", "workflow_started node_started node_finished node_started node_finished human_input_required workflow_paused"},
		{dify.App{Mode: dify.Completion}, "/v1/completion-messages", "message message_end"},
		{dify.App{Mode: dify.Workflow}, "/v1/workflows/run", "workflow_started node_started node_finished node_started node_finished node_started text_chunk node_finished workflow_finished"},
	} {
		c.app.Key = "app-1"
		_, api := serve(t, c.app)
		status, stream := api.call("POST", c.path, chatBody("", "streaming", ""))
		all := events(stream)
		if got := names(all); status != 200 || got != c.want || !strings.HasPrefix(stream, "event: ping\n\n") || strings.Contains(stream, "[DONE]") {
			t.Errorf("%+v: %d\n got %s\nwant %s", c.app.Mode, status, got, c.want)
		}
		if c.app.Paused > 0 {
			_, rest := api.call("GET", "/v1/workflow/"+all[len(all)-1].Run+"/events?user=u", "")
			if got := names(events(rest)); got != "node_started message node_finished message_end workflow_finished" {
				t.Errorf("the rest: %s", got)
			}
		}
	}
}

// A failure in the stream keeps status 200.
func TestFailures(t *testing.T) {
	faulty := standin.Behaviour{Faults: map[standin.Fault]float64{standin.InStream: 1}}
	for mode, want := range map[dify.Mode]string{
		dify.Chat: "message error", dify.Chatflow: "workflow_started node_started node_finished node_started node_finished node_started message workflow_finished error",
	} {
		_, api := serve(t, dify.App{Key: "app-1", Mode: mode, Behaviour: faulty})
		if status, stream := api.call("POST", "/v1/chat-messages", chatBody("", "streaming", "")); status != 200 || names(events(stream)) != want {
			t.Errorf("%s: %d %s", mode, status, names(events(stream)))
		}
	}
}

// A conversation belongs to its application and its user.
func TestOwnership(t *testing.T) {
	_, one := serve(t, dify.App{Key: "app-1", Behaviour: standin.Behaviour{Seed: 1}}, dify.App{Key: "app-2", Behaviour: standin.Behaviour{Seed: 2}})
	two := one
	two.key = "app-2"
	_, body := one.call("POST", "/v1/chat-messages", chatBody("", "blocking", ""))
	var first event
	if err := json.Unmarshal([]byte(body), &first); err != nil || first.Metadata.Usage.Total == 0 || first.Metadata.Usage.Price == "" || len(first.Metadata.Resources) != 2 {
		t.Fatalf("%s, %v", body, err)
	}
	id := first.Conversation
	if status, body := one.call("POST", "/v1/chat-messages", chatBody(id, "blocking", "")); status != 200 || !strings.Contains(body, id) {
		t.Errorf("%d %s", status, body)
	}
	for what, got := range map[string]func() (int, string){
		"another application": func() (int, string) { return two.call("POST", "/v1/chat-messages", chatBody(id, "streaming", "")) },
		"another user": func() (int, string) {
			return one.call("POST", "/v1/chat-messages", strings.Replace(chatBody(id, "streaming", ""), `"u"`, `"w"`, 1))
		},
		"messages": func() (int, string) { return two.call("GET", "/v1/messages?user=u&conversation_id="+id, "") },
		"delete":   func() (int, string) { return two.call("DELETE", "/v1/conversations/"+id, `{"user": "u"}`) },
	} {
		if status, body := got(); status != 404 || !strings.Contains(body, "Conversation Not Exists.") {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
	if _, body := one.call("GET", "/v1/conversations?user=u", ""); strings.Count(body, `"introduction"`) != 1 || !strings.Contains(body, id) {
		t.Errorf("%s", body)
	}
	if _, body := two.call("GET", "/v1/conversations?user=u", ""); strings.Contains(body, id) {
		t.Errorf("%s", body)
	}
	if _, body := one.call("GET", "/v1/messages?user=u&conversation_id="+id, ""); strings.Count(body, `"query"`) != 2 {
		t.Errorf("%s", body)
	}
	if _, body := one.call("POST", "/v1/conversations/"+id+"/name", `{"name": "mine", "user": "u"}`); !strings.Contains(body, `"mine"`) {
		t.Errorf("%s", body)
	}
	if status, _ := one.call("DELETE", "/v1/conversations/"+id, `{"user": "u"}`); status != 204 {
		t.Errorf("%d", status)
	}
	if status, _ := one.call("POST", "/v1/chat-messages", chatBody(id, "blocking", "")); status != 404 {
		t.Errorf("%d", status)
	}
}

func TestFeedback(t *testing.T) {
	_, api := serve(t, dify.App{Key: "app-1"})
	_, body := api.call("POST", "/v1/chat-messages", chatBody("", "blocking", ""))
	var first event
	json.Unmarshal([]byte(body), &first)
	path := "/v1/messages/" + first.Message + "/feedbacks"
	for _, c := range []struct {
		rating string
		want   int
	}{{"null", 400}, {`"like"`, 200}, {"null", 200}, {`"great"`, 400}} {
		if status, body := api.call("POST", path, `{"user": "u", "rating": `+c.rating+`}`); status != c.want {
			t.Errorf("%s: %d %s", c.rating, status, body)
		}
	}
	if status, _ := api.call("POST", path, `{"user": "w", "rating": "like"}`); status != 404 {
		t.Errorf("another user's: %d", status)
	}
}

// Stopping ends the stream early; with the wrong user it is a success that stops nothing.
func TestStop(t *testing.T) {
	slow := standin.Behaviour{FirstToken: standin.Wait{Median: time.Millisecond}, Latency: standin.Wait{Median: time.Minute}, Length: standin.Length{Median: 1000}}
	_, api := serve(t, dify.App{Key: "app-1", Behaviour: slow})
	request, _ := http.NewRequest("POST", api.url+"/v1/chat-messages", strings.NewReader(chatBody("", "streaming", "")))
	request.Header.Set("Authorization", "Bearer app-1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := make([]byte, 512)
	if _, err := io.ReadAtLeast(response.Body, head, 200); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(head), `"task_id":"`)
	task, _, _ := strings.Cut(rest, `"`)
	for _, user := range []string{"w", "u"} {
		if status, body := api.call("POST", "/v1/chat-messages/"+task+"/stop", `{"user": "`+user+`"}`); status != 200 {
			t.Errorf("%d %s", status, body)
		}
	}
	tail, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(tail), "message_end") {
		t.Errorf("%v %s", err, tail)
	}
}

// One application may run several published workflows, each in its own way.
func TestPinned(t *testing.T) {
	_, api := serve(t, dify.App{Key: "app-1", Mode: dify.Chatflow, ZeroUsage: true, Behaviour: standin.Behaviour{Resolved: 0}, Workflows: map[string]standin.Behaviour{"w-2": {Resolved: 1}}})
	for pin, want := range map[string]bool{"": false, `, "workflow_id": "w-2"`: true} {
		_, body := api.call("POST", "/v1/chat-messages", chatBody("", "blocking", pin))
		if truths := standin.ReadTruths(body); len(truths) != 1 || truths[0].Resolved != want || !strings.Contains(body, `"total_tokens":0`) {
			t.Errorf("%q: %s", pin, body)
		}
	}
	if status, body := api.call("POST", "/v1/chat-messages", chatBody("", "blocking", `, "workflow_id": "w-9"`)); status != 404 {
		t.Errorf("%d %s", status, body)
	}
}

func TestRefusals(t *testing.T) {
	_, api := serve(t, dify.App{Key: "app-1", Mode: dify.Agent}, dify.App{Key: "app-2", Mode: dify.Workflow})
	for what, c := range map[string]struct {
		key, path, body, want string
	}{
		"no key":              {"x", "/v1/chat-messages", chatBody("", "streaming", ""), "unauthorized"},
		"agents stream":       {"app-1", "/v1/chat-messages", chatBody("", "blocking", ""), "bad_request"},
		"no user":             {"app-1", "/v1/chat-messages", `{"query": "x", "inputs": {}}`, "invalid_param"},
		"no JSON":             {"app-1", "/v1/chat-messages", `{"query"`, "bad_request"},
		"not for a workflow":  {"app-2", "/v1/chat-messages", chatBody("", "streaming", ""), "not_chat_app"},
		"somebody's file":     {"app-1", "/v1/chat-messages", chatBody("", "streaming", `, "files": [{"upload_file_id": "x"}]`), "invalid_param"},
		"unknown workflow":    {"app-2", "/v1/workflows/w/run", `{"inputs": {}, "user": "u"}`, "not_found"},
		"a path that is none": {"app-1", "/v1/nothing", `{}`, "not_found"},
	} {
		api.key = c.key
		if status, body := api.call("POST", c.path, c.body); status < 400 || !strings.Contains(body, `"code":"`+c.want+`"`) {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
}

// An uploaded file can be used by whom it was uploaded for.
func TestFile(t *testing.T) {
	_, api := serve(t, dify.App{Key: "app-1"})
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", "a.png")
	part.Write([]byte("x"))
	w.WriteField("user", "u")
	w.Close()
	request, _ := http.NewRequest("POST", api.url+"/v1/files/upload", &form)
	request.Header.Set("Authorization", "Bearer app-1")
	request.Header.Set("Content-Type", w.FormDataContentType())
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != 201 {
		t.Fatal(response, err)
	}
	defer response.Body.Close()
	var file struct{ ID string }
	json.NewDecoder(response.Body).Decode(&file)
	if status, stream := api.call("POST", "/v1/chat-messages", chatBody("", "streaming", `, "files": [{"type": "image", "upload_file_id": "`+file.ID+`"}]`)); status != 200 || !strings.HasPrefix(names(events(stream)), "message_file message") {
		t.Errorf("%d %s", status, stream)
	}
}
