package dify

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"weir/router/protocol"
	"weir/router/protocol/sse"
)

// FuzzPattern reads three events one after another, and wants the reply that
// comes of parsing each. Where the second follows the pattern of the first it is
// not parsed.
func FuzzPattern(f *testing.F) {
	const piece = `{"event":"message","task_id":"t","conversation_id":"c","answer":"a","created_at":1}`
	for _, next := range []string{
		piece,
		`{"event":"message","task_id":"t","conversation_id":"c","answer":"b c","created_at":1}`,
		`{"event":"message","task_id":"t","conversation_id":"c","answer":"\"","created_at":1}`,
		`{"event":"message","task_id":"u","conversation_id":"c","answer":"b","created_at":1}`,
		`{"event":"message","task_id":"t","conversation_id":"c","answer":"","created_at":2}`,
		`{"event":"agent_message","answer":"d"}`,
		`{"event":"message_replace","answer":"e"}`,
		`{"event":"text_chunk","data":{"text":"g"},"answer":"h"}`,
		`{"event":"ping","conversation_id":"d"}`,
		`{"event":"error"}`,
	} {
		f.Add([]byte(piece), []byte(next), []byte(next))
		f.Add([]byte(next), []byte(piece), []byte(piece))
		f.Add([]byte(next), []byte(next), []byte(piece))
		f.Add([]byte(piece), []byte(next), []byte(piece))
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		quick, thorough := reader(), reader()
		for i, data := range [][]byte{a, b, c} {
			quick.At = time.Unix(int64(i), 0)
			thorough.At = quick.At
			thorough.pattern.Clear()
			for _, s := range []*stream{quick, thorough} {
				kept := bytes.Clone(data)
				s.event(sse.Event{Data: kept})
				clear(kept) // whoever keeps it is found out
			}
		}
		if got, want := quick.End(true, time.Time{}), thorough.End(true, time.Time{}); !reflect.DeepEqual(got, want) {
			t.Errorf("%q, %q, %q\n got %+v\nwant %+v", a, b, c, got, want)
		}
	})
}

func reader() *stream {
	return newStream(answer{response: protocol.Response{Status: 200, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil)}})
}

// TestPatternIsUsed parses one of many pieces: else the pattern is for nothing.
func TestPatternIsUsed(t *testing.T) {
	s := reader()
	e := sse.Event{Data: []byte(`{"event":"message","conversation_id":"c","answer":"a"}`)}
	s.event(e)
	if text, ok := s.pattern.Text(e); !ok || text != "a" {
		t.Errorf("%q, %v", text, ok)
	}
	s.event(sse.Event{Data: []byte(`{"event":"message_replace","answer":"b"}`)})
	if _, ok := s.pattern.Text(e); ok {
		t.Error("what replaces a text is a pattern of pieces")
	}
}
