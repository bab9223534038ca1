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
