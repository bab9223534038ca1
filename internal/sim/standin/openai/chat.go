package openai

import (
	"encoding/json"
	"fmt"
	"net/http"

	"weir/internal/sim/standin"
)

// A message is one of a chat. Its content is a text, a list of parts, or null.
type message struct {
	Role    string
	Content json.RawMessage
}

// text returns the words of a content.
func text(content json.RawMessage) string {
	var whole string
	if json.Unmarshal(content, &whole) == nil {
		return whole
	}
	var parts []struct{ Text string }
	json.Unmarshal(content, &parts)
	for _, p := range parts {
		whole += p.Text
	}
	return whole
}

type chatRequest struct {
	Model         string
	Messages      []message
	User          string
	Stream        bool
	Tools         []struct{ Function struct{ Name string } }
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

func (s *Service) chat(w http.ResponseWriter, r *http.Request) {
	var asked chatRequest
	if err := standin.Read(w, r, &asked); err != nil {
		refuse(w, http.StatusBadRequest, "We could not parse the JSON body of your request.")
		return
	}
	switch {
	case len(asked.Messages) == 0:
		fail(w, http.StatusBadRequest, "Missing required parameter: 'messages'.", "invalid_request_error", "messages", "missing_required_parameter")
		return
	case asked.StreamOptions != nil && s.options.NoStreamOptions:
		fail(w, http.StatusBadRequest, "Unrecognized request argument supplied: stream_options", "invalid_request_error", "stream_options", "unknown_parameter")
		return
	case asked.StreamOptions != nil && !asked.Stream:
		fail(w, http.StatusBadRequest, "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "invalid_request_error", "stream_options", nil)
		return
	}
	first, last := ends(asked.Messages)
	x := s.Next(standin.Dialogue(r, asked.User+"/"+first), last)
	c := completion{Exchange: x, id: "chatcmpl-" + x.ID("chat"), created: now(), usage: !s.options.NoUsage}
	c.tool = x.Tool != "" && asked.offers(x.Tool) && asked.Messages[len(asked.Messages)-1].Role == "user"
	if asked.Stream {
		c.includeUsage = asked.StreamOptions != nil && asked.StreamOptions.IncludeUsage
		s.Stream(w, r, x, c.chunks(), failure)
		return
	}
	s.Whole(w, r, x, "application/json", standin.JSON(c.whole()))
}

// offers says whether a tool of that name may be called.
func (c *chatRequest) offers(name string) bool {
	for _, t := range c.Tools {
		if t.Function.Name == name {
			return true
		}
	}
	return false
}

// ends returns what the user said first and last.
func ends(messages []message) (first, last string) {
	for _, m := range messages {
		if m.Role != "user" {
			continue
		}
		if last = text(m.Content); first == "" {
			first = last
		}
	}
	return first, last
}

// A completion is an exchange in the words of chat completions.
type completion struct {
	*standin.Exchange
	id           string
	created      int64
	tool         bool // it calls the tool in place of an answer
	usage        bool // it is told
	includeUsage bool // in a stream too
}

func (c completion) arguments() string { return fmt.Sprintf(`{"order":%d}`, c.Order) }

func (c completion) finish() string {
	if c.tool {
		return "tool_calls"
	}
	return "stop"
}

// used is the usage. Half of the prompt comes from the cache.
func (c completion) used() map[string]any {
	return map[string]any{
		"prompt_tokens": c.InputTokens, "completion_tokens": c.OutputTokens, "total_tokens": c.InputTokens + c.OutputTokens,
		"prompt_tokens_details":     map[string]any{"cached_tokens": c.InputTokens / 2, "audio_tokens": 0},
		"completion_tokens_details": map[string]any{"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
	}
}

func (c completion) whole() map[string]any {
	said := map[string]any{"role": "assistant", "content": c.Text(), "refusal": nil}
	if c.tool {
		said["content"] = nil
		said["tool_calls"] = []any{map[string]any{
			"id": "call_" + c.ID("call")[:24], "type": "function", "function": map[string]any{"name": c.Tool, "arguments": c.arguments()},
		}}
	}
	answer := map[string]any{
		"id": c.id, "object": "chat.completion", "created": c.created, "model": c.Model, "system_fingerprint": "fp_simulated",
		"choices": []any{map[string]any{"index": 0, "message": said, "logprobs": nil, "finish_reason": c.finish()}},
	}
	if c.usage {
		answer["usage"] = c.used()
	}
	return answer
}

// chunks is the answer as a stream: role, pieces, end, usage where it was asked for, [DONE].
func (c completion) chunks() []standin.Frame {
	all := []standin.Frame{c.chunk(map[string]any{"role": "assistant", "content": "", "refusal": nil}, nil, false)}
	if c.tool {
		all = append(all, c.toolChunks()...)
	} else {
		for _, piece := range c.Pieces {
			all = append(all, c.chunk(map[string]any{"content": piece}, nil, true))
		}
	}
	all = append(all, c.chunk(map[string]any{}, c.finish(), false))
	if c.includeUsage && c.usage {
		all = append(all, standin.Event(standin.JSON(c.envelope([]any{}, c.used())), false))
	}
	return append(all, standin.Frame{Text: "data: [DONE]\n\n"})
}

// toolChunks streams a call: its id and name come once, its arguments in parts.
func (c completion) toolChunks() []standin.Frame {
	call := func(fields map[string]any) standin.Frame {
		fields["index"] = 0
		return c.chunk(map[string]any{"tool_calls": []any{fields}}, nil, true)
	}
	arguments := c.arguments()
	return []standin.Frame{
		call(map[string]any{"id": "call_" + c.ID("call")[:24], "type": "function", "function": map[string]any{"name": c.Tool, "arguments": ""}}),
		call(map[string]any{"function": map[string]any{"arguments": arguments[:4]}}),
		call(map[string]any{"function": map[string]any{"arguments": arguments[4:]}}),
	}
}

func (c completion) chunk(delta map[string]any, finish any, token bool) standin.Frame {
	choice := map[string]any{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}
	return standin.Event(standin.JSON(c.envelope([]any{choice}, nil)), token)
}

// envelope is a chunk around its choices. Every one has usage where it was asked for, null but for the last.
func (c completion) envelope(choices []any, used map[string]any) map[string]any {
	chunk := map[string]any{
		"id": c.id, "object": "chat.completion.chunk", "created": c.created, "model": c.Model,
		"system_fingerprint": "fp_simulated", "choices": choices, "obfuscation": "simulated"[:1+len(choices)],
	}
	if c.includeUsage {
		chunk["usage"] = used
		if used == nil {
			chunk["usage"] = nil
		}
	}
	return chunk
}
