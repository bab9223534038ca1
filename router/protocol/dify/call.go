package dify

import (
	"net/http"
	"net/url"
	"regexp"

	"weir/router/protocol"
)

// A request is a call as it came, with its body read as JSON.
type request struct {
	protocol.Request
	protocol.Fields
}

// call says what a path is, and what its body says of it.
func (q *request) call(path []string) protocol.Call {
	first, last := path[0], path[len(path)-1]
	post := q.Method == http.MethodPost
	switch n := len(path); {
	case n == 1 && post && first == "chat-messages":
		return q.chat()
	case n == 1 && post && first == "completion-messages":
		return q.turn(Completion)
	case n >= 2 && post && first == "workflows" && last == "run":
		return q.turn(Workflow)
	case n == 2 && post && first == "files" && last == "upload":
		return protocol.Call{Operation: Upload, User: q.formField("user")}
	case n == 3 && post && last == "stop" && (first == "chat-messages" || first == "completion-messages"):
		return about(Stop, kindTask, path[1])
	case n == 4 && post && first == "workflows" && path[1] == "tasks" && last == "stop":
		return about(Stop, kindTask, path[2])
	case n == 3 && first == "workflows" && path[1] == "run":
		return about(Run, kindRun, last)
	case n == 3 && first == "workflow" && last == "events":
		c := about(Events, kindRun, path[1])
		c.Streaming = true
		return c
	}
	return q.aboutTalk(path)
}

// aboutTalk reads calls about messages and conversations, and all others.
func (q *request) aboutTalk(path []string) protocol.Call {
	first, last := path[0], path[len(path)-1]
	switch n := len(path); {
	case n == 1 && first == "messages":
		return about(Messages, kindConversation, q.parameter("conversation_id"))
	case n == 3 && first == "messages" && last == "feedbacks":
		return q.feedback(path[1])
	case n == 3 && first == "messages" && last == "suggested":
		return about(Suggested, kindMessage, path[1])
	case n >= 2 && first == "conversations":
		return about(Conversation, kindConversation, path[1])
	case n == 1 && first == "conversations":
		return protocol.Call{Operation: Conversations, Aside: true}
	case n == 1 && first == "text-to-audio":
		return about(Speech, kindMessage, q.ID("message_id"))
	}
	return protocol.Call{Aside: true}
}

// about is a call about something that a version made. Without an id it is
// about nothing.
func about(operation, kind, id string) protocol.Call {
	if id == "" {
		return protocol.Call{Operation: operation, Aside: true}
	}
	return protocol.Call{Operation: operation, Bound: []string{kind + id}, FollowUp: true}
}

// turn reads what is common to all that runs an application.
func (q *request) turn(operation string) protocol.Call {
	c := protocol.Call{Operation: operation, Streaming: q.Text("response_mode") == "streaming", Input: q.Text("query")}
	if c.Input == "" {
		c.Input = q.Text("inputs", "query")
	}
	if inputs := q.Get("inputs"); c.Input == "" && inputs.IsObject() {
		c.Input = protocol.Valid([]byte(inputs.Raw))
	}
	for _, f := range q.Get("files").Array() {
		if id := protocol.IDOf(f.Get("upload_file_id")); id != "" && len(c.Bound) < maxBound {
			c.Bound = append(c.Bound, kindFile+id)
		}
	}
	return c
}

// maxBound bounds the ids of one call.
const maxBound = 16

// chat is a turn of a conversation; one without an id begins it.
func (q *request) chat() protocol.Call {
	c := q.turn(Chat)
	if id := q.ID("conversation_id"); id != "" {
		c.Session = id
		c.Bound = append([]string{kindConversation + id}, c.Bound...)
	}
	return c
}

// feedback is a rating of a message: 1 for like, 0 for dislike; null takes an
// earlier one back.
func (q *request) feedback(message string) protocol.Call {
	c := about(Feedback, kindMessage, message)
	rating := protocol.Rating{About: kindMessage + message, Name: "satisfaction", Comment: q.Text("content")}
	switch given := q.Get("rating"); {
	case q.Method != http.MethodPost || !given.Exists() || message == "":
		return c
	case given.Str == "like":
		rating.Value = new(1.0)
	case given.Str == "dislike":
		rating.Value = new(0.0)
	case given.Raw != "null":
		return c
	}
	c.Ratings = []protocol.Rating{rating}
	return c
}

// user is the end user that the call is made for.
func (q *request) user() string {
	if id := q.ID("user"); id != "" {
		return id
	}
	return q.parameter("user")
}

// parameter is an id in the query.
func (q *request) parameter(name string) string {
	values, err := url.ParseQuery(q.Query)
	if err != nil {
		return ""
	}
	return protocol.ID(values.Get(name))
}

var field = regexp.MustCompile(`(?i)content-disposition:[^\r\n]*[; ]name="?([^";\r\n]+)"?[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]*)\r\n`)

// maxForm is how much of a multipart body is looked through for a field.
const maxForm = 16 << 10

// formField is an id in a field of a multipart body, where it stands at its beginning.
func (q *request) formField(name string) string {
	for _, m := range field.FindAllSubmatch(q.Body[:min(len(q.Body), maxForm)], 64) {
		if string(m[1]) == name {
			return protocol.ID(string(m[2]))
		}
	}
	return ""
}
