package openai_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"weir/router/protocol"
	"weir/router/protocol/openai"
	"weir/router/protocol/protocoltest"
	"weir/trace"
)

var p = openai.Protocol{}

func post(path, body string) protocol.Request {
	return protocol.Request{Method: "POST", Path: path, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body), Whole: true}
}

func document(path, request, answer string) protocoltest.Exchange {
	return protocoltest.Exchange{Request: post(path, request), Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Answer: []byte(answer)}
}

func events(path, request string, lines ...string) protocoltest.Exchange {
	x := document(path, request, strings.Join(lines, "\n\n")+"\n\n")
	x.Header = http.Header{"Content-Type": {"text/event-stream; charset=utf-8"}}
	return x
}

const ask = `{"model":"gpt-4o-mini","stream":true,"user":"u1","messages":[{"role":"system","content":"be kind"},{"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"data:"}}]}]}`

var chatStream = events("/v1/chat/completions", ask,
	`data: {"id":"c1","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}`,
	`: keep-alive`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Grü"},"finish_reason":null}],"usage":null}`,
	`data: {"id":"c1","choices":[{"index":1,"delta":{"content":"other"},"finish_reason":null}]}`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"content":"ße"},"finish_reason":null}]}`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"look","arguments":""}}]}}]}`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"t2","function":{"name":"book","arguments":"{}"}}]}}]}`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}}]}`,
	`data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":"tool_calls"}]}`,
	`data: {"id":"c1","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4}}}`,
	`data: [DONE]`)

var responsesStream = events("/v1/responses", `{"model":"gpt-5","stream":true,"input":"hi","previous_response_id":"resp_0"}`,
	"event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\",\"conversation\":{\"id\":\"conv_1\"}}}",
	"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hel\"}",
	"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"lo\"}",
	"event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"file_search_call\",\"results\":[{\"file_id\":\"f1\",\"score\":0.5,\"text\":\"found\"}]}}",
	"event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"function_call\",\"name\":\"look\",\"arguments\":\"{}\"}}",
	"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\",\"error\":null,\"model\":\"gpt-5-2026-01-01\",\"conversation\":{\"id\":\"conv_1\"},\"output\":[],\"usage\":{\"input_tokens\":9,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":3}}}")

func recorded() map[string]protocoltest.Exchange {
	cut := chatStream
	cut.Answer = cut.Answer[:len(cut.Answer)/2]
	cut.Cut = true
	failed := events("/v1/chat/completions", ask,
		`data: {"id":"c1","choices":[{"index":0,"delta":{"content":"a"}}]}`, `data: {"error":{"message":"overloaded","type":"server_error"}}`)
	return map[string]protocoltest.Exchange{
		"chat stream": chatStream, "responses stream": responsesStream, "cut": cut, "failed": failed,
		"chat": document("/v1/chat/completions", `{"messages":[{"role":"user","content":"q"}]}`,
			`{"id":"c","model":"m","choices":[{"message":{"content":"a","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`),
		"completion": document("/v1/completions", `{"prompt":["a","b"]}`, `{"model":"m","choices":[{"text":"x"}],"usage":{"prompt_tokens":0,"completion_tokens":0}}`),
		"embeddings": document("/v1/embeddings", `{"input":"a"}`, `{"model":"e","data":[],"usage":{"prompt_tokens":3,"total_tokens":3}}`),
		"response":   document("/v1/responses", `{"input":[{"role":"user","content":"q"}],"conversation":"conv_1"}`, `{"id":"resp_2","object":"response","error":null,"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],"usage":{"input_tokens":1,"output_tokens":1}}`),
	}
}

func TestSameAtAnyBorder(t *testing.T) {
	for name, x := range recorded() {
		t.Run(name, func(t *testing.T) { protocoltest.SameAtAnyBorder(t, p, x) })
	}
}

func TestBounded(t *testing.T) {
	protocoltest.Bounded(t, p, protocol.Call{Operation: openai.Chat})
	protocoltest.Bounded(t, p, protocol.Call{Operation: openai.Responses})
}

func TestChatStream(t *testing.T) {
	call, reply := protocoltest.Read(p, chatStream)
	if !call.Streaming || call.UsageAsked || call.User != "u1" || call.Input != "hello" || !strings.Contains(call.Prompt, "be kind") {
		t.Errorf("call %+v", call)
	}
	want := []protocol.ToolCall{{Name: "look", Arguments: `{"a":1}`}, {Name: "book", Arguments: "{}"}}
	if reply.Output != "Grüße" || !reflect.DeepEqual(reply.ToolCalls, want) || reply.Incomplete || reply.Error != "" ||
		reply.Model != "gpt-4o-mini-2024-07-18" || reply.FirstToken.IsZero() {
		t.Errorf("reply %+v", reply)
	}
	if u := reply.Usage; u.Source != trace.UsageReported || *u.Input != 12 || *u.Output != 5 || *u.Cached != 4 {
		t.Errorf("usage %+v", u)
	}
}

func TestResponsesStream(t *testing.T) {
	call, reply := protocoltest.Read(p, responsesStream)
	if !reflect.DeepEqual(call.Bound, []string{"resp_0"}) || call.FollowUp || call.Input != "hi" {
		t.Errorf("call %+v", call)
	}
	if !reflect.DeepEqual(reply.Learned, []string{"resp_1", "conv_1"}) || reply.Session != "conv_1" || reply.Output != "Hello" ||
		len(reply.ToolCalls) != 1 || len(reply.Retrieval) != 1 || reply.Retrieval[0].Text != "found" || *reply.Usage.Input != 9 || reply.Error != "" || reply.Incomplete {
		t.Errorf("reply %+v", reply)
	}
}

// TestUnknown keeps what nobody reported unknown.
func TestUnknown(t *testing.T) {
	all := recorded()
	for _, name := range []string{"cut", "failed", "completion"} {
		if _, reply := protocoltest.Read(p, all[name]); reply.Usage != (protocol.Usage{}) {
			t.Errorf("%s: usage %+v", name, reply.Usage)
		}
	}
	if _, reply := protocoltest.Read(p, all["cut"]); !reply.Incomplete {
		t.Error("half a stream is complete")
	}
	if _, reply := protocoltest.Read(p, all["failed"]); reply.Error != protocol.ErrorInStream {
		t.Errorf("an error inside a stream: %+v", reply)
	}
	if _, reply := protocoltest.Read(p, all["embeddings"]); *reply.Usage.Output != 0 || *reply.Usage.Input != 3 {
		t.Errorf("embeddings: %+v", reply.Usage)
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]protocol.Call{
		"/v1/models":                             {Aside: true},
		"/v1/responses/resp_1":                   {Operation: openai.Responses, Bound: []string{"resp_1"}, FollowUp: true},
		"/v1/responses/resp_1/cancel":            {Operation: openai.Responses, Bound: []string{"resp_1"}, FollowUp: true},
		"/v1/conversations/conv_1/items":         {Operation: openai.Conversations, Bound: []string{"conv_1"}, FollowUp: true},
		"/openai/deployments/x/chat/completions": {Operation: openai.Chat},
	} {
		if got := p.Call(post(path, "{}")); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}

func TestRewrite(t *testing.T) {
	for _, test := range []struct{ name, path, body, want string }{
		{"asks", "/v1/chat/completions", `{"stream":true, "a":1}`, `{"stream_options":{"include_usage":true},"stream":true, "a":1}`},
		{"adds to options", "/v1/chat/completions", `{"stream":true,"stream_options": {"x":1}}`, `{"stream":true,"stream_options": {"include_usage":true,"x":1}}`},
		{"empty options", "/v1/chat/completions", `{"stream":true,"stream_options":{ }}`, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"null options", "/v1/chat/completions", `{"stream":true,"stream_options":null}`, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"says no", "/v1/chat/completions", `{"stream":true,"stream_options":{"include_usage":false}}`, `{"stream":true,"stream_options":{"include_usage":true}}`},
		{"options of another shape", "/v1/chat/completions", `{"stream":true,"stream_options":"x"}`, ``},
		{"an answer of another shape", "/v1/chat/completions", `{"stream":true,"stream_options":{"include_usage":"yes"}}`, ``},
		{"asked already", "/v1/chat/completions", `{"stream":true,"stream_options":{"include_usage":true}}`, ``},
		{"no stream", "/v1/chat/completions", `{"stream":false}`, ``},
		{"no JSON", "/v1/chat/completions", `{"stream":true,`, ``},
		{"detached", "/v1/responses", `{"previous_response_id" : "r1", "a":"\"conversation\"","conversation":{"id":"c"}}`, `{ "a":"\"conversation\""}`},
		{"detached alone", "/v1/responses", `{"previous_response_id":"r1"}`, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := post(test.path, test.body)
			out, changed := p.Rewrite(protocol.Outgoing{Path: q.Path, Body: q.Body, Whole: true}, p.Call(q), protocol.Target{AskUsage: true, Detach: true})
			if changed != (test.want != "") || changed && string(out.Body) != test.want {
				t.Errorf("got %v %s, want %s", changed, out.Body, test.want)
			}
			if string(q.Body) != test.body {
				t.Error("the request was modified")
			}
		})
	}
}

// filtered is a stream as the client gets it, sent in the chunks that cut says.
func filtered(stream []byte, cut func(int) int) []byte {
	c := protocol.Call{Operation: openai.Chat, Streaming: true}
	f := p.Filter(c, protocol.Target{AskUsage: true}, protocol.Response{Header: http.Header{"Content-Type": {"text/event-stream"}}})
	var out []byte
	for len(stream) > 0 {
		n := cut(len(stream))
		out = append(out, f.Next(stream[:n])...)
		stream = stream[n:]
	}
	return append(out, f.Rest()...)
}

// TestFilter takes out the extra chunk and not a byte else, whatever the line
// ends and the chunks.
func TestFilter(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		stream := strings.ReplaceAll(string(chatStream.Answer), "\n", end)
		from := strings.Index(stream, `data: {"id":"c1","choices":[],`)
		to := from + strings.Index(stream[from:], end+end) + 2*len(end)
		want := stream[:from] + stream[to:]
		random := rand.New(rand.NewPCG(1, 2))
		for name, cut := range map[string]func(int) int{
			"whole": func(n int) int { return n }, "bytes": func(int) int { return 1 }, "random": func(n int) int { return 1 + random.IntN(min(n, 40)) },
		} {
			if got := filtered([]byte(stream), cut); string(got) != want {
				t.Errorf("%q, %s:\n got %q\nwant %q", end, name, got, want)
			}
		}
	}
}

// TestFilterBounded holds back no more than an event may have.
func TestFilterBounded(t *testing.T) {
	long := []byte("data: " + strings.Repeat("x", 1<<20))
	f := p.Filter(protocol.Call{Operation: openai.Chat, Streaming: true}, protocol.Target{AskUsage: true}, protocol.Response{Header: http.Header{"Content-Type": {"text/event-stream"}}})
	if out := f.Next(long); len(long)-len(out) > 32<<10 {
		t.Errorf("%d bytes are held", len(long)-len(out))
	}
}

// FuzzRead reads requests and answers of any bytes: the same reply at any
// border, and a filter that only takes out.
func FuzzRead(f *testing.F) {
	for _, x := range recorded() {
		f.Add(x.Request.Path, x.Request.Body, x.Answer, true)
	}
	f.Fuzz(func(t *testing.T, path string, body, answer []byte, stream bool) {
		if len(answer) > 4<<10 {
			return
		}
		x := protocoltest.Exchange{Request: post(path, string(body)), Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Answer: answer}
		if stream {
			x.Header = http.Header{"Content-Type": {"text/event-stream"}}
			one := filtered(answer, func(n int) int { return n })
			if other := filtered(answer, func(int) int { return 1 }); !bytes.Equal(one, other) || len(one) > len(answer) {
				t.Fatalf("filtered %q to %q or %q", answer, one, other)
			}
		}
		protocoltest.SameAtAnyBorder(t, p, x)
		p.Rewrite(protocol.Outgoing{Path: path, Body: body, Whole: true}, p.Call(x.Request), protocol.Target{AskUsage: true, Detach: true})
		protocol.NewFields(body, false).Without("conversation")
	})
}

// TestDocumentBegins reads documents that begin oddly, and holds nothing of
// what is none.
func TestDocumentBegins(t *testing.T) {
	for begin, known := range map[string]bool{"": true, " \r\n\t": true, "\ufeff": true, "\ufeff ": true, "x": false, "[": false, "xxxx\n": false} {
		const size = 1 << 10
		room := protocol.NewRoom(size, nil)
		d := openai.Protocol{}.Reader(protocol.Call{Operation: openai.Chat}, protocol.Response{Scan: room})
		for _, piece := range []string{begin, `{"model":"m",`, `"usage":{"prompt_tokens":3,"completion_tokens":4}}`} {
			d.Write([]byte(piece), time.Now())
		}
		reply, held := d.End(true, time.Now()), size-room.Take(size)
		if (reply.Model == "m") != known || (held > 0) != known {
			t.Errorf("%q: %d bytes held, read %+v", begin, held, reply)
		}
	}
}
