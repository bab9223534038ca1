package openai_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"weir/router/protocol"
	"weir/router/protocol/openai"
)

// BenchmarkStream reads a long stream of short pieces, as it comes from a
// connection: what a version that floods costs beside what it costs to copy it.
func BenchmarkStream(b *testing.B) {
	const event = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" on its way\"},\"finish_reason\":null}]}\n\n"
	body := strings.Repeat(event, (1<<20)/len(event))
	header := http.Header{"Content-Type": {"text/event-stream"}}
	chunk := make([]byte, 4<<10)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r := openai.Protocol{}.Reader(protocol.Call{Operation: openai.Chat, Streaming: true}, protocol.Response{
			Status: 200, Header: header, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil),
		})
		for rest := body; rest != ""; {
			n := copy(chunk, rest)
			r.Write(chunk[:n], time.Time{})
			rest = rest[n:]
		}
		if reply := r.End(true, time.Time{}); len(reply.Output) != strings.Count(body, "\n\n")*len(" on its way") {
			b.Fatal(len(reply.Output))
		}
	}
}

// BenchmarkDocument reads an answer that is one document of some 1 KB.
func BenchmarkDocument(b *testing.B) {
	body := []byte(`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"` +
		strings.Repeat("It is on its way. ", 50) + `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":120,"completion_tokens":250}}`)
	header := http.Header{"Content-Type": {"application/json"}}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		r := openai.Protocol{}.Reader(protocol.Call{Operation: openai.Chat}, protocol.Response{
			Status: 200, Header: header, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil),
		})
		r.Write(body, time.Time{})
		if reply := r.End(true, time.Time{}); len(reply.Output) != 50*len("It is on its way. ") {
			b.Fatal(len(reply.Output))
		}
	}
}

// BenchmarkCall reads a question of some 600 bytes.
func BenchmarkCall(b *testing.B) {
	r := protocol.Request{Method: "POST", Path: "/v1/chat/completions", Whole: true, Body: []byte(`{"model":"m","messages":[{"role":"system","content":"be kind"},{"role":"user","content":"` +
		strings.Repeat("where is my order? ", 30) + `"}],"temperature":0.2}`)}
	b.ReportAllocs()
	for b.Loop() {
		if c := (openai.Protocol{}).Call(r); c.Input == "" {
			b.Fatal(c)
		}
	}
}
