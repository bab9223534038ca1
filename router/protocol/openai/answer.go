package openai

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
	"weir/trace"
)

// maxTools bounds the calls of tools that are kept of one answer.
const maxTools = 128

// An answer is what is gathered of a reply, from documents and events alike.
type answer struct {
	call     protocol.Call
	response protocol.Response
	reply    protocol.Reply

	only  string // the first piece of the text, while there is no other
	text  []byte // all pieces, where there are several
	tools []*tool
}

// A tool is one call of a tool, joined by index from its pieces.
type tool struct {
	index     int64
	name      string
	arguments []byte
}

// say adds a piece of the answer's text, which may be in memory that changes.
func (a *answer) say(text string, at time.Time) {
	if text == "" {
		return
	}
	a.began(at)
	if a.only == "" && len(a.text) == 0 {
		a.only = strings.Clone(a.response.Keep.Text(text))
		return
	}
	a.text = append(a.text, a.only...)
	a.only = ""
	a.text = a.response.Keep.AppendText(a.text, text)
}

// began notes the time of the first token.
func (a *answer) began(at time.Time) {
	if a.reply.FirstToken.IsZero() {
		a.reply.FirstToken = at
	}
}

// use adds a piece of a tool's call; the name comes once.
func (a *answer) use(index int64, name, arguments string) {
	i := slices.IndexFunc(a.tools, func(t *tool) bool { return t.index == index })
	if i < 0 {
		if len(a.tools) == maxTools {
			a.reply.Truncated = true
			return
		}
		i = len(a.tools)
		a.tools = append(a.tools, &tool{index: index})
	}
	if name != "" {
		a.tools[i].name = strings.Clone(a.response.Keep.Text(name))
	}
	a.tools[i].arguments = a.response.Keep.AppendText(a.tools[i].arguments, arguments)
}

// learn takes an id that the version hands out.
func (a *answer) learn(id string) {
	if id == "" || slices.Contains(a.reply.Learned, id) || len(a.reply.Learned) >= 8 {
		return
	}
	a.reply.Learned = append(a.reply.Learned, id)
	if a.response.Learn != nil {
		a.response.Learn(id)
	}
}

// count reads token counts; both zero are not known, but forgotten.
func (a *answer) count(u gjson.Result) {
	if !u.IsObject() {
		return
	}
	names := []string{"prompt_tokens", "completion_tokens", "prompt_tokens_details"}
	if a.call.Operation == Responses {
		names = []string{"input_tokens", "output_tokens", "input_tokens_details"}
	}
	var found [3]gjson.Result
	protocol.Members(u, found[:], names...)
	usage := protocol.Usage{Input: protocol.Count(found[0]), Output: protocol.Count(found[1]), Cached: protocol.Count(found[2].Get("cached_tokens"))}
	if a.call.Operation == Embeddings && usage.Input != nil && usage.Output == nil {
		usage.Output = new(int64(0)) // there is no output
	}
	if none(usage.Input) && none(usage.Output) {
		return
	}
	usage.Source = trace.UsageReported
	a.reply.Usage = usage
}

func none(n *int64) bool { return n == nil || *n == 0 }

// model takes the name of the model that answers.
func (a *answer) model(r gjson.Result) {
	if r.Type == gjson.String && r.Str == a.reply.Model {
		return // as every event of a stream says it
	}
	if name := protocol.Text(r); name != "" && len(name) < 256 {
		a.reply.Model = name
	}
}

// end puts the reply together.
func (a *answer) end() protocol.Reply {
	r := a.reply
	if r.Output = a.only; len(a.text) > 0 {
		r.Output = protocol.Valid(a.text)
	}
	if a.response.Keep != nil {
		for _, t := range a.tools {
			r.ToolCalls = append(r.ToolCalls, protocol.ToolCall{Name: t.name, Arguments: protocol.Valid(t.arguments)})
		}
	}
	r.Truncated = r.Truncated || a.response.Keep.Short() || a.response.Scan.Short()
	return r
}

// completed reads a response of the responses API, as far as it has come.
func (a *answer) completed(r gjson.Result, at time.Time) {
	id, group := protocol.IDOf(r.Get("id")), conversation(r.Get("conversation"))
	a.learn(id)
	a.learn(group)
	if a.reply.Session = group; group == "" {
		a.reply.Session = id
	}
	a.model(r.Get("model"))
	a.count(r.Get("usage"))
	if status := r.Get("status").Str; status == "failed" || failed(r.Get("error")) {
		a.reply.Error = protocol.ErrorInStream
	}
	if len(a.text) > 0 || a.only != "" || len(a.tools) > 0 || !a.reply.FirstToken.IsZero() {
		return // its items have come already
	}
	for _, item := range protocol.Elements(r.Get("output")) {
		a.item(item, at)
	}
}

// failed tells whether a member named error tells of one: as an object, or as
// some servers write it, as a text.
func failed(r gjson.Result) bool { return r.IsObject() || r.Type == gjson.String && r.Str != "" }

// item reads one item of a response's output.
func (a *answer) item(item gjson.Result, at time.Time) {
	switch item.Get("type").Str {
	case "message":
		for _, part := range protocol.Elements(item.Get("content")) {
			a.say(first(part.Get("text"), part.Get("refusal")), at)
		}
	case "function_call":
		a.use(int64(len(a.tools)), item.Get("name").Str, item.Get("arguments").Str)
	case "file_search_call":
		for _, r := range protocol.Elements(item.Get("results")) {
			if a.passage(r); len(a.reply.Retrieval) >= 256 {
				break
			}
		}
	}
}

// passage reads one result of a file search, best first.
func (a *answer) passage(r gjson.Result) {
	if a.response.Keep == nil {
		return
	}
	p := trace.Passage{Rank: int64(len(a.reply.Retrieval) + 1), DocID: a.response.Keep.Text(protocol.Text(r.Get("file_id")))}
	if score := r.Get("score"); score.Type == gjson.Number {
		p.Score = new(score.Num)
	}
	p.Text = a.response.Keep.Text(protocol.Text(r.Get("text")))
	a.reply.Retrieval = append(a.reply.Retrieval, p)
}

// first is the first text of several places, in their memory.
func first(places ...gjson.Result) string {
	for _, p := range places {
		if t := protocol.View(p); t != "" {
			return t
		}
	}
	return ""
}
