package protocoltest

import (
	"bytes"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"weir/router/protocol"
)

// hostileBytes is how much of each hostile body is sent.
const hostileBytes = 8 << 20

// hostile are pieces that make bodies nobody should have to hold.
var hostile = map[string]string{
	"a line without end":      strings.Repeat("x", 64<<10),
	"a data line without end": "data: " + strings.Repeat(`{"a":`, 13<<10),
	"an event without end":    "data: " + strings.Repeat("y", 100) + "\n",
	"deep arrays":             strings.Repeat("[", 64<<10),
	"deep objects":            strings.Repeat(`{"choices":[`, 4<<10),
	"invalid text":            "data: {\"answer\":\"" + strings.Repeat("\xff\xfe", 50) + "\"}\n\n",
	"empty events":            "data:\n\n",
	"blank lines":             strings.Repeat("\r\n", 1000),
	"an open string":          `{"id":"` + strings.Repeat("z", 64<<10),
	"zeros":                   strings.Repeat("\x00", 4<<10),
}

// Bounded sends bodies that are hostile in their length, depth and bytes, as an
// answer to the call and as the call itself, and wants memory to stay bounded.
func Bounded(t *testing.T, p protocol.Protocol, call protocol.Call) {
	t.Helper()
	for name, piece := range hostile {
		for _, media := range []string{"text/event-stream", "application/json"} {
			t.Run(name+" as "+media, func(t *testing.T) { flood(t, p, call, media, piece) })
		}
		t.Run(name+" as a request", func(t *testing.T) {
			body := bytes.Repeat([]byte(piece), 1+room/len(piece))[:room]
			for _, path := range []string{"/", "/v1/chat/completions", "/v1/chat-messages", "/v1/responses"} {
				p.Call(protocol.Request{Method: "POST", Path: path, Header: http.Header{"Content-Type": {"application/json"}}, Body: body})
			}
		})
	}
}

// flood sends one piece over and over.
func flood(t *testing.T, p protocol.Protocol, call protocol.Call, media, piece string) {
	const kept = 64 << 10
	scan, keep := protocol.NewRoom(kept, nil), protocol.NewRoom(kept, nil)
	r := p.Reader(call, protocol.Response{
		Status: 200, Header: http.Header{"Content-Type": {media}}, Scan: scan, Keep: keep,
	})
	if r == nil {
		return
	}
	before := live()
	for sent := 0; sent < hostileBytes; sent += len(piece) {
		r.Write([]byte(piece), at)
	}
	if grown := live() - before; grown > 64*kept {
		t.Errorf("%d bytes are held after %d bytes of body", grown, hostileBytes)
	}
	if reply := r.End(false, at); len(reply.Output) > kept {
		t.Errorf("%d bytes of output are kept, allowed are %d", len(reply.Output), kept)
	}
}

// live is how many bytes are in use.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
