package openai_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/openai"
)

const order = "Where is my order 123456? It should have been here on Monday."

func serve(t *testing.T, o openai.Options) (*openai.Service, string) {
	s := openai.New(o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// post sends a body and returns the status and all that comes.
func post(t *testing.T, url, body string) (*http.Response, string, error) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return response, string(b), err
}

// data returns the data of a stream's events, [DONE] among them.
func data(stream string) []string {
	var all []string
	for scanner := bufio.NewScanner(strings.NewReader(stream)); scanner.Scan(); {
		if d, ok := strings.CutPrefix(scanner.Text(), "data: "); ok {
			all = append(all, d)
		}
	}
	return all
}

type chunk struct {
	Choices []struct {
		Delta struct {
			Content   string
			ToolCalls []struct {
				Index    int
				Function struct{ Name, Arguments string }
			} `json:"tool_calls"`
		}
		FinishReason string `json:"finish_reason"`
	}
	Usage *struct {
		Total int `json:"total_tokens"`
	}
}

// A stream says what the whole answer says, with usage only where it was asked for.
func TestChat(t *testing.T) {
	_, url := serve(t, openai.Options{Behaviour: standin.Behaviour{Resolved: 1}})
	chat := `{"model": "m", "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "` + order + `"}]`
	response, body, err := post(t, url+"/v1/chat/completions", chat+"}")
	var whole struct {
		Choices []struct{ Message struct{ Content string } }
		Usage   struct {
			Prompt     int `json:"prompt_tokens"`
			Completion int `json:"completion_tokens"`
			Total      int `json:"total_tokens"`
		}
	}
	if json.Unmarshal([]byte(body), &whole); err != nil || response.Header.Get(standin.Header) == "" || whole.Usage.Total == 0 || whole.Usage.Total != whole.Usage.Prompt+whole.Usage.Completion {
		t.Fatalf("%s, %v", body, err)
	}
	for _, asked := range []bool{false, true} {
		options := ""
		if asked {
			options = `, "stream_options": {"include_usage": true}`
		}
		_, stream, err := post(t, url+"/v1/chat/completions", chat+`, "stream": true`+options+"}")
		events := data(stream)
		if err != nil || events[len(events)-1] != "[DONE]" {
			t.Fatalf("%s, %v", stream, err)
		}
		said, used := "", 0
		for _, e := range events[:len(events)-1] {
			var c chunk
			if err := json.Unmarshal([]byte(e), &c); err != nil || strings.Contains(e, `"usage"`) != asked {
				t.Fatalf("%s: %v", e, err)
			}
			for _, choice := range c.Choices {
				said += choice.Delta.Content
			}
			if c.Usage != nil {
				used += c.Usage.Total
			}
		}
		if said != whole.Choices[0].Message.Content || asked != (used == whole.Usage.Total) || !standin.ReadTruths(said)[0].Resolved {
			t.Errorf("said %q, used %d", said, used)
		}
	}
}

// A tool on offer is called first; its result is answered.
func TestTool(t *testing.T) {
	_, url := serve(t, openai.Options{})
	const begin, end = `{"stream": true, "messages": [{"role": "user", "content": "` + order + `"}`, `], "tools": [{"type": "function", "function": {"name": "order_status"}}]}`
	_, stream, _ := post(t, url+"/v1/chat/completions", begin+end)
	name, arguments, finish := "", "", ""
	for _, e := range data(stream) {
		var c chunk
		json.Unmarshal([]byte(e), &c)
		for _, choice := range c.Choices {
			for _, call := range choice.Delta.ToolCalls {
				name, arguments = name+call.Function.Name, arguments+call.Function.Arguments
			}
			finish += choice.FinishReason
		}
	}
	if name != "order_status" || arguments != `{"order":123456}` || finish != "tool_calls" {
		t.Errorf("%s(%s), %s", name, arguments, finish)
	}
	_, stream, _ = post(t, url+"/v1/chat/completions", begin+`, {"role": "assistant", "content": null}, {"role": "tool", "content": "sent"}`+end)
	if !strings.Contains(stream, " left") || strings.Contains(stream, "order_status") {
		t.Errorf("%s", stream)
	}
}

// A response goes on with the one before it, and not with one that is not there.
func TestResponses(t *testing.T) {
	_, url := serve(t, openai.Options{Behaviour: standin.Behaviour{Resolved: 0.5}})
	_, body, _ := post(t, url+"/v1/responses", `{"input": "`+order+`"}`)
	var first struct{ ID string }
	if json.Unmarshal([]byte(body), &first); !strings.HasPrefix(first.ID, "resp_") {
		t.Fatal(body)
	}
	_, stream, _ := post(t, url+"/v1/responses", `{"stream": true, "input": [{"role": "user", "content": [{"type": "input_text", "text": "And what if I am not at home?"}]}], "previous_response_id": "`+first.ID+`"}`)
	events, said := data(stream), ""
	for i, e := range events {
		var event struct {
			Type   string
			Number int `json:"sequence_number"`
			Delta  string
		}
		if err := json.Unmarshal([]byte(e), &event); err != nil || event.Number != i {
			t.Fatalf("event %d: %s", i, e)
		}
		said += event.Delta
	}
	if !strings.Contains(events[len(events)-1], `"response.completed"`) || standin.ReadTruths(said)[0] != standin.ReadTruths(body)[0] {
		t.Errorf("%s", stream)
	}
	if response, body, _ := post(t, url+"/v1/responses", `{"input": "x", "previous_response_id": "resp_x"}`); response.StatusCode != 400 || !strings.Contains(body, "previous_response_not_found") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

func TestRefusals(t *testing.T) {
	_, url := serve(t, openai.Options{NoStreamOptions: true, Key: "k"})
	for body, want := range map[string]int{`{}`: 401} {
		if response, got, _ := post(t, url+"/v1/chat/completions", body); response.StatusCode != want || !strings.Contains(got, `"error"`) {
			t.Errorf("%s: %d %s", body, response.StatusCode, got)
		}
	}
	_, url = serve(t, openai.Options{NoStreamOptions: true})
	for body, want := range map[string]int{
		`{`: 400, `{}`: 400, `{"messages": [{"role": "user", "content": "x"}], "stream": true, "stream_options": {"include_usage": true}}`: 400,
		`{"messages": [{"role": "user", "content": "x"}], "stream": true}`: 200,
	} {
		if response, got, _ := post(t, url+"/v1/chat/completions", body); response.StatusCode != want {
			t.Errorf("%s: %d %s", body, response.StatusCode, got)
		}
	}
	if response, body, _ := post(t, url+"/v1/nothing", `{}`); response.StatusCode != 404 || !strings.Contains(body, `"error"`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

// Every fault is what it says.
func TestFaults(t *testing.T) {
	chat := func(stream string) string {
		return `{"messages": [{"role": "user", "content": "` + order + `"}]` + stream + `}`
	}
	for _, stream := range []string{"", `, "stream": true`} {
		for _, fault := range standin.Faults() {
			s, url := serve(t, openai.Options{})
			s.Set(standin.Behaviour{Faults: map[standin.Fault]float64{fault: 1}, Patience: 20 * time.Millisecond, FloodBytes: 1 << 20, Latency: standin.Wait{Median: time.Millisecond}})
			response, body, err := post(t, url+"/v1/chat/completions", chat(stream))
			ok := false
			switch fault {
			case standin.ServerError:
				ok = err == nil && response.StatusCode == 500 && strings.Contains(body, "server_error")
			case standin.RateLimit:
				ok = err == nil && response.StatusCode == 429 && response.Header.Get("Retry-After") == "1"
			case standin.Hang, standin.Reset:
				ok = err != nil
			case standin.SlowHeaders:
				ok = err == nil && response.StatusCode == 200 && strings.Contains(body, "warehouse")
			case standin.Garbage:
				ok = err == nil && response.StatusCode == 200 && !json.Valid([]byte(body)) && len(body) >= 4096
			case standin.Half:
				ok = errors.Is(err, io.ErrUnexpectedEOF) && response.StatusCode == 200 && !strings.Contains(body, "[DONE]")
			case standin.InStream:
				ok = err == nil && (stream == "" && response.StatusCode == 500 || strings.HasPrefix(data(body)[len(data(body))-1], `{"error"`))
			case standin.Flood:
				ok = err == nil && len(body) >= 1<<20
			}
			if !ok {
				t.Errorf("%s%s: %v, %.300s, %v", fault, stream, response, body, err)
			}
		}
	}
}
