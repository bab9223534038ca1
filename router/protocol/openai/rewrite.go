package openai

import (
	"bytes"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
)

const askUsage = `"include_usage":true`

// Rewrite takes the ids of another version's responses out of a turn, and asks
// for token counts in a stream of completions.
func (Protocol) Rewrite(out protocol.Outgoing, c protocol.Call, to protocol.Target) (protocol.Outgoing, bool) {
	changed := false
	if to.Detach && c.Operation == Responses && !c.FollowUp {
		for _, name := range []string{"previous_response_id", "conversation"} {
			if body, ok := protocol.NewFields(out.Body, out.Whole).Without(name); ok {
				out.Body, changed = body, true
			}
		}
	}
	if to.AskUsage && asks(c) {
		if body, ok := withUsage(out); ok {
			out.Body, changed = body, true
		}
	}
	return out, changed
}

// asks tells whether token counts have to be asked for.
func asks(c protocol.Call) bool {
	return c.Streaming && !c.UsageAsked && (c.Operation == Chat || c.Operation == Completion)
}

// withUsage is a body that asks for token counts; false where it cannot be
// told what it asks for by itself.
func withUsage(out protocol.Outgoing) ([]byte, bool) {
	body := bytes.TrimLeft(out.Body, " \t\r\n")
	if !out.Whole || !bytes.HasPrefix(body, []byte("{")) || !gjson.ValidBytes(body) {
		return nil, false
	}
	options := gjson.GetBytes(body, "stream_options")
	switch asked := options.Get("include_usage"); {
	case !options.Exists():
		return protocol.Splice(body, 1, "", `"stream_options":{`+askUsage+`},`), true
	case !options.IsObject() && options.Type != gjson.Null, asked.Exists() && !asked.IsBool() && asked.Type != gjson.Null:
		return nil, false // the version is to refuse it
	case !options.IsObject():
		return protocol.Splice(body, options.Index, options.Raw, "{"+askUsage+"}"), true
	case asked.Exists():
		return protocol.Splice(body, options.Index, options.Raw, string(protocol.Splice([]byte(options.Raw), asked.Index-options.Index, asked.Raw, "true"))), true
	case len(options.Map()) == 0:
		return protocol.Splice(body, options.Index, options.Raw, "{"+askUsage+"}"), true
	default:
		return protocol.Splice(body, options.Index+1, "", askUsage+","), true
	}
}

// Filter takes the chunk with token counts out of a stream whose client did not
// ask for it.
func (Protocol) Filter(c protocol.Call, to protocol.Target, r protocol.Response) protocol.Filter {
	if !to.AskUsage || !asks(c) || !protocol.Streamed(r.Header) {
		return nil
	}
	return new(usageFilter)
}

// maxHeld bounds what is held back of one event. The chunk with token counts
// is far below it.
const maxHeld = 16 << 10

// A usageFilter passes events on as they become whole, but for the one.
type usageFilter struct {
	held  []byte // the event under way, as far as it is held back
	pass  bool   // the event under way is too long to be the one, and passed on
	blank bool   // nothing stands in the line under way
	cr    bool   // the byte before was CR
	over  bool   // that CR ended an event
	taken bool   // the last event was taken out
	out   []byte
}

func (f *usageFilter) Next(chunk []byte) []byte {
	f.out = f.out[:0]
	for _, c := range chunk {
		f.add(c)
	}
	return f.out
}

func (f *usageFilter) Rest() []byte {
	rest := f.held
	f.held = nil
	return rest
}

// add takes the next byte. An event ends with an empty line; the LF of a CR LF
// goes where its CR went.
func (f *usageFilter) add(c byte) {
	if c == '\n' && f.cr && f.over {
		f.cr, f.over = false, false
		if !f.taken {
			f.out = append(f.out, c)
		}
		return
	}
	if f.pass {
		f.out = append(f.out, c)
	} else {
		f.held = append(f.held, c)
	}
	if c == '\n' && f.cr {
		f.cr = false
		return
	}
	lineEnd := c == '\n' || c == '\r'
	f.over = lineEnd && f.blank
	f.blank, f.cr = lineEnd && !f.over, c == '\r'
	switch {
	case f.over:
		f.endEvent()
	case !f.pass && len(f.held) > maxHeld:
		f.out, f.held, f.pass = append(f.out, f.held...), f.held[:0], true
	}
}

func (f *usageFilter) endEvent() {
	if f.taken = !f.pass && isUsage(f.held); !f.taken {
		f.out = append(f.out, f.held...)
	}
	f.held, f.pass = f.held[:0], false
}

// isUsage tells whether an event is the extra one: token counts and no choice.
func isUsage(event []byte) bool {
	data, ok := bytes.CutPrefix(bytes.TrimSpace(event), []byte("data:"))
	if !ok || !gjson.ValidBytes(data) {
		return false
	}
	chunk := gjson.ParseBytes(data)
	choices := chunk.Get("choices")
	return choices.IsArray() && choices.Raw == "[]" && chunk.Get("usage").IsObject()
}
