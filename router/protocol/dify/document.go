package dify

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
	if len(d.body) == 0 {
		return d.end()
	}
	fields := protocol.NewFields(d.body, whole && !d.response.Scan.Short())
	if d.call.Operation == Upload {
		d.learn(kindFile, fields.ID("id"))
		return d.end()
	}
	d.learnAll(fields)
	d.say(fields.Text("answer"), d.at)
	d.metadata(fields.Get("metadata"))
	d.outputs(fields.Get("data"), d.at)
	d.began(d.at)
	return d.end()
}

// outputs reads the end of a workflow.
func (a *answer) outputs(data gjson.Result, at time.Time) {
	if status := data.Get("status").Str; status == "failed" || status == "exception" {
		a.reply.Error = protocol.ErrorInStream
	}
	if len(a.text) > 0 || !data.Get("outputs").IsObject() {
		return
	}
	text := first(data.Get("outputs"), "answer", "text", "result", "output")
	if text == "" {
		text = data.Get("outputs").Raw
	}
	a.say(text, at)
}
