package dify

import (
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

func newStream(a answer) *stream {
	s := &stream{answer: a}
	s.Events = protocol.NewEvents(s.response.Scan, s.event)
	return s
}

func (s *stream) End(_ bool, at time.Time) protocol.Reply {
	s.Flush(at)
	s.reply.Incomplete = !s.finished && s.reply.Error == ""
	return s.end()
}

func (s *stream) event(e sse.Event) {
	if text, ok := s.pattern.Text(e); ok {
		s.say(text, s.At)
		return
	}
	s.pattern.Clear()
	if len(e.Data) == 0 || e.Data[0] != '{' {
		return // a ping
	}
	fields := protocol.NewFields(e.Data, !e.Cut)
	s.learnAll(fields)
	if e.Cut {
		s.reply.Truncated = true
		s.beginning(fields.Text("event"))
		return
	}
	event := gjson.ParseBytes(e.Data)
	s.message(event.Get("event").Str, event)
	s.flow(event.Get("event").Str, event.Get("data"))
	var found [2]gjson.Result
	fields.Members(found[:], "event", "answer")
	if kind := found[0].Str; kind == "agent_message" || kind == "message" && !s.agent {
		s.pattern.Set(e, found[1])
	}
}

// beginning reads of an event that is too large whether it ends the stream.
func (s *stream) beginning(kind string) {
	switch kind {
	case "message_end", "workflow_finished", "workflow_paused":
		s.finished = true
	case "error":
		s.reply.Error = protocol.ErrorInStream
	}
}

// message reads the events of messages.
func (s *stream) message(kind string, e gjson.Result) {
	text := protocol.Text(e.Get("answer"))
	switch kind {
	case "agent_message":
		s.agent = true
		s.say(text, s.At)
	case "message":
		if s.agent { // it repeats the whole answer
			s.instead(text, s.At)
		} else {
			s.say(text, s.At)
		}
	case "message_replace":
		s.instead(text, s.At)
	case "agent_thought":
		s.think(e)
	case "reasoning_chunk":
		s.began(s.At)
	case "message_end":
		s.finished = true
		s.metadata(e.Get("metadata"))
	case "error":
		s.reply.Error = protocol.ErrorInStream
	}
}

// flow reads the events of workflows.
func (s *stream) flow(kind string, data gjson.Result) {
	switch kind {
	case "text_chunk":
		s.say(protocol.Text(data.Get("text")), s.At)
	case "node_started", "iteration_started", "loop_started":
		s.nodes.start(data, s.At)
	case "node_finished":
		s.finish(data, s.At)
	case "iteration_completed", "loop_completed":
		s.span(data, s.At)
	case "workflow_paused":
		s.finished = true
	case "workflow_finished":
		s.finished = true
		s.outputs(data, s.At)
	}
}
