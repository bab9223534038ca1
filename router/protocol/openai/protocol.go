// Package openai reads the API that OpenAI's service has, and many others
// have taken on: chat completions, responses, embeddings, completions
// (openai/openai-openapi, openapi.yaml 2.3.0).
//
// Responses, and the conversations that group them, belong to the version that
// made them: a call that names one is bound. Streams of chat completions carry
// token counts only where they are asked for; [Protocol.Rewrite] does that, and
// [Protocol.Filter] takes the extra chunk out again where the client did not.
package openai

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
)

// Protocol reads calls of the API.
type Protocol struct{}

var (
	_ protocol.Protocol = Protocol{}
	_ protocol.Rewriter = Protocol{}
	_ protocol.Filterer = Protocol{}
	_ protocol.Reader   = (*document)(nil)
	_ protocol.Reader   = (*stream)(nil)
	_ protocol.Filter   = (*usageFilter)(nil)
)

// The operations, named as OpenTelemetry's gen_ai.operation.name where that has
// one.
const (
	Chat          = "chat"
	Completion    = "text_completion"
	Embeddings    = "embeddings"
	Responses     = "responses"
	Conversations = "conversations"
)

// operationOf is what a path asks for, and what stands behind it: the id of a
// stored thing and below. A path may have anything before it, such as /v1 or a
// deployment.
func operationOf(path string) (operation, rest string) {
	path = strings.TrimSuffix(path, "/")
	switch {
	case strings.HasSuffix(path, "/chat/completions"):
		return Chat, ""
	case strings.HasSuffix(path, "/completions"):
		return Completion, ""
	case strings.HasSuffix(path, "/embeddings"):
		return Embeddings, ""
	}
	for _, stored := range []string{Responses, Conversations} {
		if _, after, ok := strings.Cut(path+"/", "/"+stored+"/"); ok {
			return stored, strings.TrimSuffix(after, "/")
		}
	}
	return "", ""
}

// Call reads a request.
func (Protocol) Call(r protocol.Request) protocol.Call {
	operation, rest := operationOf(r.Path)
	fields := protocol.NewFields(r.Body, r.Whole)
	switch {
	case rest != "":
		id, _, _ := strings.Cut(rest, "/")
		return protocol.Call{Operation: operation, Bound: []string{id}, FollowUp: true}
	case operation == "" || r.Method != http.MethodPost:
		return protocol.Call{Aside: true}
	}
	var found [8]gjson.Result
	fields.Members(found[:], "model", "safety_identifier", "user", "stream", "stream_options", "messages", "prompt", "input")
	c := protocol.Call{Operation: operation, Model: protocol.Text(found[0]), User: cmp.Or(protocol.IDOf(found[1]), protocol.IDOf(found[2])), Streaming: found[3].Bool()}
	asked := found[4].Get("include_usage").Bool()
	switch operation {
	case Chat:
		c.Input, c.Prompt = lastOf(found[5], "user"), found[5].Raw
		c.UsageAsked = asked
	case Completion:
		c.Input = textOf(found[6])
		c.UsageAsked = asked
	case Embeddings:
		c.Input = textOf(found[7])
	case Responses:
		responsesCall(&c, fields)
	}
	return c
}

// responsesCall reads what a call of responses goes on from.
func responsesCall(c *protocol.Call, fields protocol.Fields) {
	c.UsageAsked = true // it comes unasked
	input := fields.Get("input")
	if input.IsArray() {
		c.Input, c.Prompt = lastOf(input, "user"), input.Raw
	} else {
		c.Input = protocol.Text(input)
	}
	if id := conversation(fields.Get("conversation")); id != "" {
		c.Bound, c.Session = append(c.Bound, id), id
	}
	if id := fields.ID("previous_response_id"); id != "" {
		c.Bound = append(c.Bound, id)
	}
}

// conversation is an id, or an object that has one.
func conversation(r gjson.Result) string {
	if r.IsObject() {
		r = r.Get("id")
	}
	return protocol.IDOf(r)
}

// lastOf is the text of the last message of a role.
func lastOf(messages gjson.Result, role string) (text string) {
	var last gjson.Result
	for _, m := range protocol.Elements(messages) {
		var found [2]gjson.Result
		if protocol.Members(m, found[:], "role", "content"); found[0].Str == role {
			last = found[1]
		}
	}
	return textOf(last)
}

// textOf is a text, in the memory of the document, or the texts of a list of
// parts, one a line.
func textOf(r gjson.Result) string {
	if !r.IsArray() {
		return protocol.View(r)
	}
	var texts []string
	r.ForEach(func(_, part gjson.Result) bool {
		if part.IsObject() {
			part = part.Get("text")
		}
		if t := protocol.Text(part); t != "" {
			texts = append(texts, t)
		}
		return true
	})
	return strings.Join(texts, "\n")
}

// Reader returns what reads an answer: a stream of events, or one document.
func (Protocol) Reader(c protocol.Call, r protocol.Response) protocol.Reader {
	if c.Operation == "" {
		return nil
	}
	if protocol.Streamed(r.Header) {
		return newStream(c, r)
	}
	return &document{answer: answer{call: c, response: r}}
}
