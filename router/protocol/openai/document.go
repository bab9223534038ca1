package openai

import (
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
)

// A document is an answer that is one JSON object.
type document struct {
	answer
	body []byte
	at   time.Time // of the first byte
}

func (d *document) Write(chunk []byte, at time.Time) {
	if d.at.IsZero() && len(chunk) > 0 {
		d.at = at
	}
	d.body = d.response.Scan.Append(d.body, chunk)
}

func (d *document) End(whole bool, _ time.Time) protocol.Reply {
	fields := protocol.NewFields(d.body, whole && !d.response.Scan.Short())
	switch d.call.Operation {
	case Responses:
		if fields.Get("object").Str == "response" {
			d.completed(gjson.ParseBytes(d.body), d.at)
		}
	case Conversations:
		if fields.Get("object").Str == "conversation" {
			d.learn(fields.Text("id"))
			d.reply.Session = fields.Text("id")
		}
	default:
		d.completion(fields)
	}
	if fields.Get("error").IsObject() {
		d.reply.Error = protocol.ErrorInStream
	}
	return d.end()
}

// completion reads the answer of the calls that keep no state.
func (d *document) completion(fields protocol.Fields) {
	d.model(fields.Get("model"))
	d.count(fields.Get("usage"))
	choice := fields.Get("choices", "0")
	d.say(first(choice.Get("message.content"), choice.Get("message.refusal"), choice.Get("text")), d.at)
	choice.Get("message.tool_calls").ForEach(func(i, call gjson.Result) bool {
		d.use(i.Int(), call.Get("function.name").Str, call.Get("function.arguments").Str)
		return true
	})
	if len(d.body) > 0 {
		d.began(d.at)
	}
}
