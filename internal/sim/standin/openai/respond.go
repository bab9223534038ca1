package openai

import (
	"encoding/json"
	"net/http"
	"sync"

	"weir/internal/sim/standin"
)

// maxStates bounds what is remembered; past it the oldest is forgotten.
const maxStates = 100_000

// states are the responses and conversations that the service knows: each by
// its id, with the name of the dialogue that it belongs to.
type states struct {
	mu       sync.Mutex
	dialogue map[string]string
	order    []string
}

func (s *states) put(id, dialogue string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dialogue == nil {
		s.dialogue = map[string]string{}
	}
	if _, known := s.dialogue[id]; !known {
		s.order = append(s.order, id)
	}
	s.dialogue[id] = dialogue
	if len(s.order) > maxStates {
		delete(s.dialogue, s.order[0])
		s.order = s.order[1:]
	}
}

func (s *states) get(id string) (dialogue string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dialogue, ok = s.dialogue[id]
	return dialogue, ok
}

func (s *states) drop(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.dialogue[id]
	delete(s.dialogue, id)
	return ok
}

type respondRequest struct {
	Input      json.RawMessage
	Stream     bool
	Store      *bool
	User       string
	Previous   string          `json:"previous_response_id"`
	Conversing json.RawMessage `json:"conversation"` // an id, or an object with one
}

// said is what the user said last.
func (a *respondRequest) said() string {
	var items []message
	if json.Unmarshal(a.Input, &items) == nil {
		_, last := ends(items)
		return last
	}
	return text(a.Input)
}

func (a *respondRequest) conversation() string {
	var object struct{ ID string }
	if json.Unmarshal(a.Conversing, &object) == nil && object.ID != "" {
		return object.ID
	}
	return text(a.Conversing)
}

func (s *Service) respond(w http.ResponseWriter, r *http.Request) {
	var asked respondRequest
	if err := standin.Read(w, r, &asked); err != nil {
		refuse(w, http.StatusBadRequest, "We could not parse the JSON body of your request.")
		return
	}
	conversation := asked.conversation()
	if asked.Previous != "" && conversation != "" {
		refuse(w, http.StatusBadRequest, "Only one of 'previous_response_id' and 'conversation' may be given.")
		return
	}
	dialogue, ok := s.continued(w, asked.Previous, conversation)
	if !ok {
		return
	}
	x := s.Next(standin.Dialogue(r, dialogue), asked.said())
	a := response{Exchange: x, id: "resp_" + x.ID("resp"), item: "msg_" + x.ID("msg"), created: now(), previous: asked.Previous, conversation: conversation, usage: !s.options.NoUsage}
	if asked.Store == nil || *asked.Store {
		s.states.put(a.id, x.Dialogue)
	}
	if asked.Stream {
		frames, failure := a.events()
		s.Stream(w, r, x, frames, failure)
		return
	}
	s.Whole(w, r, x, "application/json", standin.JSON(a.object("completed")))
}

// continued finds the dialogue that a request goes on with, or refuses it.
func (s *Service) continued(w http.ResponseWriter, previous, conversation string) (dialogue string, ok bool) {
	switch {
	case previous != "":
		if dialogue, ok = s.states.get(previous); !ok {
			fail(w, http.StatusBadRequest, "Previous response with id '"+previous+"' not found.", "invalid_request_error", "previous_response_id", "previous_response_not_found")
		}
	case conversation != "":
		if dialogue, ok = s.states.get(conversation); !ok {
			fail(w, http.StatusNotFound, "Conversation with id '"+conversation+"' not found.", "invalid_request_error", nil, nil)
		}
	default:
		ok = true
	}
	return dialogue, ok
}

func (s *Service) response(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, ok := s.states.get(id); !ok {
		fail(w, http.StatusNotFound, "Response with id '"+id+"' not found.", "invalid_request_error", nil, nil)
		return
	}
	standin.Send(w, http.StatusOK, map[string]any{"id": id, "object": "response", "status": "completed"})
}

func (s *Service) converse(w http.ResponseWriter, _ *http.Request) {
	id := "conv_" + s.Next("", "").ID("conv")
	s.states.put(id, id)
	standin.Send(w, http.StatusOK, map[string]any{"id": id, "object": "conversation", "created_at": now(), "metadata": map[string]any{}})
}

func (s *Service) conversation(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, ok := s.states.get(id); !ok {
		fail(w, http.StatusNotFound, "Conversation with id '"+id+"' not found.", "invalid_request_error", nil, nil)
		return
	}
	standin.Send(w, http.StatusOK, map[string]any{"id": id, "object": "conversation", "created_at": now(), "metadata": map[string]any{}})
}

func (s *Service) forget(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !s.states.drop(id) {
		fail(w, http.StatusNotFound, "'"+id+"' not found.", "invalid_request_error", nil, nil)
		return
	}
	standin.Send(w, http.StatusOK, map[string]any{"id": id, "deleted": true})
}

// A response is an exchange in the words of the Responses API.
type response struct {
	*standin.Exchange
	id, item     string
	created      int64
	previous     string
	conversation string
	usage        bool
}

func (a response) message(status string, content []any) map[string]any {
	return map[string]any{"id": a.item, "type": "message", "status": status, "role": "assistant", "content": content}
}

func part(text string) map[string]any {
	return map[string]any{"type": "output_text", "text": text, "annotations": []any{}, "logprobs": []any{}}
}

func (a response) object(status string) map[string]any {
	o := map[string]any{
		"id": a.id, "object": "response", "created_at": a.created, "status": status, "model": a.Model,
		"error": nil, "incomplete_details": nil, "output": []any{}, "usage": nil, "store": true,
		"previous_response_id": nil, "conversation": nil, "parallel_tool_calls": true, "tool_choice": "auto", "tools": []any{}, "metadata": map[string]any{},
	}
	if a.previous != "" {
		o["previous_response_id"] = a.previous
	}
	if a.conversation != "" {
		o["conversation"] = map[string]any{"id": a.conversation}
	}
	switch status {
	case "completed":
		o["output"] = []any{a.message("completed", []any{part(a.Text())})}
		if a.usage {
			o["usage"] = map[string]any{
				"input_tokens": a.InputTokens, "input_tokens_details": map[string]any{"cached_tokens": a.InputTokens / 2},
				"output_tokens": a.OutputTokens, "output_tokens_details": map[string]any{"reasoning_tokens": 0},
				"total_tokens": a.InputTokens + a.OutputTokens,
			}
		}
	case "failed":
		o["error"] = map[string]any{"code": "server_error", "message": "simulated fault"}
	}
	return o
}

// events are the typed events of the answer, and those of one that fails on the way.
func (a response) events() (frames, failure []standin.Frame) {
	number := 0
	event := func(kind string, token bool, fields map[string]any) standin.Frame {
		fields["type"], fields["sequence_number"] = kind, number
		number++
		return standin.Frame{Text: "event: " + kind + "\ndata: " + string(standin.JSON(fields)) + "\n\n", Token: token}
	}
	place := func(fields map[string]any) map[string]any {
		fields["item_id"], fields["output_index"], fields["content_index"] = a.item, 0, 0
		return fields
	}
	frames = append(frames,
		event("response.created", false, map[string]any{"response": a.object("in_progress")}),
		event("response.in_progress", false, map[string]any{"response": a.object("in_progress")}),
		event("response.output_item.added", false, map[string]any{"output_index": 0, "item": a.message("in_progress", []any{})}),
		event("response.content_part.added", false, place(map[string]any{"part": part("")})),
	)
	for _, piece := range a.Pieces {
		frames = append(frames, event("response.output_text.delta", true, place(map[string]any{"delta": piece, "logprobs": []any{}})))
	}
	failure = append(failure,
		event("error", false, map[string]any{"code": "server_error", "message": "simulated fault", "param": nil}),
		event("response.failed", false, map[string]any{"response": a.object("failed")}),
	)
	number -= len(failure)
	return append(frames,
		event("response.output_text.done", false, place(map[string]any{"text": a.Text(), "logprobs": []any{}})),
		event("response.content_part.done", false, place(map[string]any{"part": part(a.Text())})),
		event("response.output_item.done", false, map[string]any{"output_index": 0, "item": a.message("completed", []any{part(a.Text())})}),
		event("response.completed", false, map[string]any{"response": a.object("completed")}),
	), failure
}
