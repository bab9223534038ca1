package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Request says how a turn is put to a version, and where in its reply what is
// found. Texts of Path, Headers and Body may hold {{NAME}}: input, messages
// (the conversation so far in OpenAI's form, this turn last), turn (from 1),
// session, user, conversation (the id that the version handed out; empty at
// first), inputs and inputs.NAME of the case, and values set for the run.
type Request struct {
	Method  string            `json:"method"`  // POST
	Path    string            `json:"path"`    // after the upstream's
	Headers map[string]string `json:"headers"` // beside those of the version
	Body    any               `json:"body"`    // JSON

	// Dotted paths into a JSON reply. Answer empty, or not there: the reply as it stands.
	Answer       string `json:"answer"`
	Conversation string `json:"conversation"`
	Model        string `json:"model"`
	InputTokens  string `json:"input_tokens"`
	OutputTokens string `json:"output_tokens"`
	CachedTokens string `json:"cached_tokens"`
	CostUSD      string `json:"cost_usd"`
	ToolCalls    string `json:"tool_calls"`
	Retrieval    string `json:"retrieval"` // list of Dify's retriever_resources
	// Error is a path whose presence, other than null, makes a reply of status 200 a failure.
	Error string `json:"error"`

	// stream reads the events of a streamed reply; nil: replies are read whole.
	stream func(*reply, []byte)
}

// Protocols lists the protocols that have a request of their own.
func Protocols() []string { return []string{"http", "openai", "dify"} }

// RequestFor gives the request of a protocol; streamed asks for server-sent events, which
// plain HTTP has none of.
func RequestFor(protocol string, streamed bool) (Request, error) {
	switch protocol {
	case "openai":
		return openAI(streamed), nil
	case "dify":
		return dify(streamed), nil
	case "http":
		if streamed {
			return Request{}, errors.New("protocol http has no streams: leave --stream away")
		}
		return Request{
			Method: "POST", Path: "/",
			Body: map[string]any{"message": "{{input}}", "session": "{{session}}", "user": "{{user}}", "turn": "{{turn}}"},
		}, nil
	}
	return Request{}, fmt.Errorf("protocol %q: allowed are %s", protocol, strings.Join(Protocols(), ", "))
}

func openAI(streamed bool) Request {
	body := map[string]any{"model": "{{model}}", "messages": "{{messages}}", "user": "{{user}}", "stream": streamed}
	r := Request{
		Method: "POST", Path: "/v1/chat/completions", Body: body,
		Answer: "choices.0.message.content", Model: "model", ToolCalls: "choices.0.message.tool_calls",
		InputTokens: "usage.prompt_tokens", OutputTokens: "usage.completion_tokens",
		CachedTokens: "usage.prompt_tokens_details.cached_tokens", Error: "error",
	}
	if streamed {
		body["stream_options"] = map[string]any{"include_usage": true}
		r.stream = (*reply).openAIEvent
	}
	return r
}

func dify(streamed bool) Request {
	mode := "blocking"
	r := Request{
		Method: "POST", Path: "/v1/chat-messages",
		Answer: "answer", Conversation: "conversation_id", Retrieval: "metadata.retriever_resources",
		InputTokens: "metadata.usage.prompt_tokens", OutputTokens: "metadata.usage.completion_tokens",
		CostUSD: "metadata.usage.total_price",
	}
	if streamed {
		mode, r.stream = "streaming", (*reply).difyEvent
	}
	r.Body = map[string]any{
		"inputs": "{{inputs}}", "query": "{{input}}", "response_mode": mode,
		"conversation_id": "{{conversation}}", "user": "{{user}}",
	}
	return r
}

// ParseRequest reads a request from JSON, strictly.
func ParseRequest(text []byte) (Request, error) {
	r := Request{Method: "POST", Path: "/"}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, describe(err)
	}
	if !strings.HasPrefix(r.Path, "/") {
		return r, errors.New("path does not begin with /")
	}
	return r, nil
}
