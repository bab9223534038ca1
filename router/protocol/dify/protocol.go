// Package dify reads Dify's service API (langgenius/dify-docs, api-reference):
// chat and completion messages, workflows, and the calls about what these made.
//
// A key selects an application, and what an application hands out belongs to it:
// conversations, messages, tasks, runs of workflows, uploaded files. Another
// application answers 404 to them. So all of these are learned from answers, each
// with its kind before it, and calls that carry one are bound.
//
// Streams are data-only events whose type stands inside the JSON, kept alive by
// events named ping; they have no [DONE]. A chat ends with message_end, a
// workflow with workflow_finished or workflow_paused, and both may end with error,
// with status 200. Token counts that are all zero are what chatflows say where
// nobody counted: they are unknown, unless each model node of the flow tells its
// own. Prices are texts; one of 0 for tokens that were used is a model without a
// price, and unknown.
package dify

import (
	"net/http"
	"net/url"
	"strings"

	"weir/router/protocol"
)

// Protocol reads calls of the API.
type Protocol struct{}

var (
	_ protocol.Protocol = Protocol{}
	_ protocol.Rewriter = Protocol{}
	_ protocol.Reader   = (*document)(nil)
	_ protocol.Reader   = (*stream)(nil)
)

// The operations whose answers are read.
const (
	Chat       = "chat"
	Completion = "text_completion"
	Workflow   = "workflow"
	Events     = "workflow_events" // the rest of a run that waited for a person
	Upload     = "upload"
)

// The operations that are about something that a version made.
const (
	Stop          = "stop"
	Messages      = "messages"
	Feedback      = "feedback"
	Suggested     = "suggested"
	Run           = "workflow_run"
	Conversation  = "conversation"
	Conversations = "conversations"
	Speech        = "speech"
)

// The kinds of ids.
const (
	kindConversation = "conversation:"
	kindMessage      = "message:"
	kindTask         = "task:"
	kindRun          = "run:"
	kindFile         = "file:"
)

// steps are the parts of a path behind the version of the API; what stands
// before it, such as a folder of a reverse proxy, does not matter.
func steps(path string) []string {
	if i := strings.LastIndex(path, "/v1/"); i >= 0 {
		path = path[i+len("/v1/"):]
	}
	all := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range all {
		if plain, err := url.PathUnescape(s); err == nil {
			all[i] = protocol.ID(plain)
		}
	}
	return all
}

// Call reads a request.
func (Protocol) Call(r protocol.Request) protocol.Call {
	q := request{Request: r, Fields: protocol.NewFields(r.Body, r.Whole)}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		q.Fields = protocol.NewFields(nil, true)
	}
	c := q.call(steps(r.Path))
	if c.User == "" {
		c.User = q.user()
	}
	return c
}

// Reader returns what reads an answer: a stream of events, or one document. Of
// calls about what was made before there is nothing to read.
func (Protocol) Reader(c protocol.Call, r protocol.Response) protocol.Reader {
	switch c.Operation {
	case Chat, Completion, Workflow, Events, Upload:
	default:
		return nil
	}
	switch a := (answer{call: c, response: r}); {
	case r.Status >= http.StatusMultipleChoices:
		return nil
	case protocol.Streamed(r.Header):
		return newStream(a)
	default:
		return &document{answer: a}
	}
}
