package openai

import (
	"bytes"
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
)

// A document is an answer that is one JSON object.
type document struct {
	answer
	body  []byte
	at    time.Time // of the first byte
	other bool      // it is no object: nothing is read of it, and nothing held
}

func (d *document) Write(chunk []byte, at time.Time) {
	if d.at.IsZero() && len(chunk) > 0 {
		d.at = at
	}
	if len(d.body) == 0 {
		begins := bytes.TrimLeft(chunk, "\ufeff \t\r\n")
		d.other = d.other || len(begins) > 0 && begins[0] != '{'
	}
	if d.other {
		return
	}
	d.body = d.response.Scan.Append(d.body, chunk)
}

func (d *document) End(whole bool, _ time.Time) protocol.Reply {
	fields := protocol.NewFields(d.body, whole && !d.response.Scan.Short())
	var found [6]gjson.Result
	fields.Members(found[:], "error", "object", "id", "model", "usage", "choices")
	switch d.call.Operation {
	case Responses:
		if found[1].Str == "response" {
			d.completed(gjson.ParseBytes(d.body), d.at)
		}
	case Conversations:
		if found[1].Str == "conversation" {
			d.learn(protocol.IDOf(found[2]))
			d.reply.Session = protocol.IDOf(found[2])
		}
	default:
		d.completion(found[3], found[4], found[5])
	}
	if failed(found[0]) {
		d.reply.Error = protocol.ErrorInStream
	}
	return d.end()
}

// completion reads the answer of the calls that keep no state.
func (d *document) completion(model, usage, choices gjson.Result) {
	d.model(model)
	d.count(usage)
	of := func(name string) (r gjson.Result) { // of the first choice
		if choices.IsArray() {
			r = choices.Get("0." + name)
		}
		return r
	}
	var message [3]gjson.Result
	protocol.Members(of("message"), message[:], "content", "refusal", "tool_calls")
	text := firstView(message[0], message[1])
	if text == "" {
		text = protocol.View(of("text"))
	}
	d.say(text, d.at)
	for i, call := range protocol.Elements(message[2]) {
		d.use(i, call.Get("function.name").Str, call.Get("function.arguments").Str)
	}
	if !d.at.IsZero() {
		d.began(d.at)
	}
}

// firstView is the first text of several places, in the document's memory: that
// is held as long as the reply.
func firstView(places ...gjson.Result) string {
	for _, p := range places {
		if t := protocol.View(p); t != "" {
			return t
		}
	}
	return ""
}

// firstOf is the first element of a list.
func firstOf(list gjson.Result) (element gjson.Result) {
	for _, e := range protocol.Elements(list) {
		return e
	}
	return element
}
