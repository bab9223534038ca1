package openai

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
	const piece = `{"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}`
	for _, next := range []string{
		piece,
		`{"model":"m","choices":[{"index":0,"delta":{"content":"b c"},"finish_reason":null}]}`,
		`{"model":"m","choices":[{"index":0,"delta":{"content":"途"},"finish_reason":null}]}`,
		`{"model":"m","choices":[{"index":0,"delta":{"content":"\"}"},"finish_reason":null}]}`,
		`{"model":"m","choices":[{"index":0,"delta":{"content":"b","tool_calls":[{"function":{"name":"f","arguments":"{"}}]},"finish_reason":null}]}`,
		`{"model":"n","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}`,
		`{"model":"m","choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]}`,
		`{"model":"n","choices":[]}`,
		`{"error":"too much"}`,
		`[DONE]`,
	} {
		f.Add([]byte(piece), []byte(next), []byte(next))
		f.Add([]byte(next), []byte(piece), []byte(piece))
		f.Add([]byte(next), []byte(next), []byte(piece))
		f.Add([]byte(piece), []byte(next), []byte(piece))
	}
	f.Add( // the first of two members of one name counts
		[]byte(`{"choices":[{"delta":{"content":"a","content":"b"}}]}`),
		[]byte(`{"choices":[{"delta":{"content":"c","content":"b"}}]}`),
		[]byte(`{"choices":[{"delta":{"content":"a","content":"d"}}]}`))
	f.Add( // the same text stands elsewhere too
		[]byte(`{"model":"a","choices":[{"delta":{"refusal":"a","content":"a"},"text":"a"}]}`),
		[]byte(`{"model":"b","choices":[{"delta":{"refusal":"a","content":"a"},"text":"a"}]}`),
		[]byte(`{"model":"b","choices":[{"delta":{"refusal":"a","content":"b"},"text":"a"}]}`))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		quick, thorough := newReader(), newReader()
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

func newReader() *stream {
	return newStream(protocol.Call{Operation: Chat, Streaming: true},
		protocol.Response{Status: 200, Scan: protocol.NewRoom(1<<20, nil), Keep: protocol.NewRoom(1<<20, nil)})
}

// TestPatternIsUsed parses one of many pieces: else the pattern is for nothing.
func TestPatternIsUsed(t *testing.T) {
	s := newReader()
	e := sse.Event{Data: []byte(`{"model":"m","choices":[{"delta":{"content":"a"}}]}`)}
	s.event(e)
	if text, ok := s.pattern.Text(e); !ok || text != "a" {
		t.Errorf("%q, %v", text, ok)
	}
	s.event(sse.Event{Data: []byte(`{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}],"content":"a"}}]}`)})
	if _, ok := s.pattern.Text(e); ok {
		t.Error("what uses a tool is a pattern")
	}
}
