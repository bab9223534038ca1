package openai

import (
	"bytes"
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
	"weir/router/protocol/sse"
)

// A stream is an answer of events.
type stream struct {
	answer
	*protocol.Events
	finished bool // the answer has said that it is over
	pattern  protocol.Pattern
}

func newStream(c protocol.Call, r protocol.Response) *stream {
	s := &stream{answer: answer{call: c, response: r}}
	s.Events = protocol.NewEvents(s.response.Scan, s.event)
	return s
}

func (s *stream) End(_ bool, at time.Time) protocol.Reply {
	s.Flush(at)
	s.reply.Incomplete = !s.finished && s.reply.Error == "" && s.response.Status < 300
	return s.end()
}

func (s *stream) event(e sse.Event) {
	if text, ok := s.pattern.Text(e); ok {
		s.say(text, s.At)
		return
	}
	s.pattern.Clear()
	switch {
	case string(bytes.TrimSpace(e.Data)) == "[DONE]":
		s.finished = true
		return
	case e.Cut:
		s.reply.Truncated = true
		return
	case !bytes.HasPrefix(e.Data, []byte("{")):
		return
	}
	var found [5]gjson.Result
	protocol.NewFields(e.Data, true).Members(found[:], "error", "type", "model", "usage", "choices")
	if e.Name == "error" || failed(found[0]) || found[1].Str == "error" {
		s.reply.Error = protocol.ErrorInStream
		return
	}
	if s.call.Operation == Responses {
		s.typed(first(found[1]), gjson.ParseBytes(e.Data))
		return
	}
	if text, ok := s.chunk(found[2], found[3], found[4]); ok {
		s.pattern.Set(e, text)
	}
}

// chunk reads a piece of a completion. It tells whether all that it adds to the
// answer is a text, and which.
func (s *stream) chunk(model, usage, choices gjson.Result) (text gjson.Result, alone bool) {
	s.model(model)
	s.count(usage)
	var choice [4]gjson.Result
	protocol.Members(firstOf(choices), choice[:], "index", "delta", "text", "finish_reason")
	if index := choice[0]; index.Exists() && index.Int() != 0 {
		return text, false // another answer to the same question
	}
	var delta [5]gjson.Result
	protocol.Members(choice[1], delta[:], "content", "refusal", "reasoning_content", "reasoning", "tool_calls")
	s.say(first(delta[0], delta[1], choice[2]), s.At)
	if first(delta[2], delta[3]) != "" {
		s.began(s.At)
	}
	for i, call := range protocol.Elements(delta[4]) {
		s.began(s.At)
		if index := call.Get("index"); index.Exists() {
			i = index.Int()
		}
		s.use(i, call.Get("function.name").Str, call.Get("function.arguments").Str)
	}
	if choice[3].Type == gjson.String {
		s.finished = true
	}
	return delta[0], delta[0].Str != "" && !delta[4].Exists()
}

// typed reads an event of the responses API.
func (s *stream) typed(kind string, e gjson.Result) {
	switch kind {
	case "response.created", "response.in_progress":
		r := e.Get("response")
		s.learn(protocol.IDOf(r.Get("id")))
		s.learn(conversation(r.Get("conversation")))
	case "response.output_text.delta", "response.refusal.delta":
		s.say(protocol.Text(e.Get("delta")), s.At)
	case "response.reasoning_text.delta", "response.reasoning_summary_text.delta", "response.function_call_arguments.delta":
		s.began(s.At)
	case "response.output_item.done":
		if item := e.Get("item"); item.Get("type").Str != "message" {
			s.began(s.At)
			s.item(item, s.At)
		}
	case "response.completed", "response.incomplete", "response.failed":
		s.finished = true
		s.completed(e.Get("response"), s.At)
	}
}
