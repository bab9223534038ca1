package openai

import (
	"strings"
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
	data := string(e.Data)
	switch {
	case strings.TrimSpace(data) == "[DONE]":
		s.finished = true
		return
	case e.Cut:
		s.reply.Truncated = true
		return
	case !strings.HasPrefix(data, "{"):
		return
	}
	chunk := gjson.Parse(data)
	if e.Name == "error" || chunk.Get("error").IsObject() || chunk.Get("type").Str == "error" {
		s.reply.Error = protocol.ErrorInStream
		return
	}
	if s.call.Operation == Responses {
		s.typed(first(chunk.Get("type")), chunk)
		return
	}
	s.chunk(chunk)
}

// chunk reads a piece of a completion.
func (s *stream) chunk(chunk gjson.Result) {
	s.model(chunk.Get("model"))
	s.count(chunk.Get("usage"))
	choice := chunk.Get("choices.0")
	if index := choice.Get("index"); index.Exists() && index.Int() != 0 {
		return // another answer to the same question
	}
	delta := choice.Get("delta")
	s.say(first(delta.Get("content"), delta.Get("refusal"), choice.Get("text")), s.At)
	if first(delta.Get("reasoning_content"), delta.Get("reasoning")) != "" {
		s.began(s.At)
	}
	delta.Get("tool_calls").ForEach(func(i, call gjson.Result) bool {
		s.began(s.At)
		if index := call.Get("index"); index.Exists() {
			i = index
		}
		s.use(i.Int(), call.Get("function.name").Str, call.Get("function.arguments").Str)
		return true
	})
	if choice.Get("finish_reason").Type == gjson.String {
		s.finished = true
	}
}

// typed reads an event of the responses API.
func (s *stream) typed(kind string, e gjson.Result) {
	switch kind {
	case "response.created", "response.in_progress":
		r := e.Get("response")
		s.learn(protocol.Text(r.Get("id")))
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
