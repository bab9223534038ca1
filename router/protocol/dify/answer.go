package dify

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
	"weir/trace"
)

// maxKept bounds what is kept of each kind: nodes, passages, calls of tools, ids.
const maxKept = 256

// An answer is what is gathered of a reply, from a document or from events.
type answer struct {
	call     protocol.Call
	response protocol.Response
	reply    protocol.Reply

	text  []byte
	agent bool // its text came in pieces of an agent
	tools []tool
	nodes nodes
}

// A tool is a call of a tool by an agent, as the last thought with its id tells it.
type tool struct{ thought, name, arguments string }

// say adds a piece of the answer's text.
func (a *answer) say(text string, at time.Time) {
	if text != "" {
		a.began(at)
		a.text = a.response.Keep.Append(a.text, []byte(text))
	}
}

// instead puts a text in the place of all that was said.
func (a *answer) instead(text string, at time.Time) {
	a.text = a.text[:0]
	a.say(text, at)
}

// began notes the time of the first token.
func (a *answer) began(at time.Time) {
	if a.reply.FirstToken.IsZero() {
		a.reply.FirstToken = at
	}
}

// learnAll takes the ids that stand beside everything.
func (a *answer) learnAll(f protocol.Fields) {
	conversation := f.ID("conversation_id")
	a.learn(kindConversation, conversation)
	a.learn(kindMessage, f.ID("message_id"))
	a.learn(kindTask, f.ID("task_id"))
	a.learn(kindRun, f.ID("workflow_run_id"))
	if conversation != "" && len(conversation) <= maxID {
		a.reply.Session = conversation
	}
}

// maxID bounds an id; Dify's have 36 characters.
const maxID = 256

func (a *answer) learn(kind, id string) {
	if id == "" || len(id) > maxID || len(a.reply.Learned) >= maxBound {
		return
	}
	if id = kind + id; slices.Contains(a.reply.Learned, id) {
		return
	}
	a.reply.Learned = append(a.reply.Learned, id)
	if a.response.Learn != nil {
		a.response.Learn(id)
	}
}

// metadata reads what comes with the end of a message.
func (a *answer) metadata(m gjson.Result) {
	if u, ok := usageOf(m.Get("usage")); ok {
		a.reply.Usage = u
	}
	resources := m.Get("retriever_resources")
	if len(resources.Array()) > 0 {
		a.reply.Retrieval = nil // it says more than the nodes did
	}
	for _, r := range protocol.Elements(resources) { // as many as are kept
		a.passage(r.Get("position"), r.Get("document_id"), r.Get("document_name"), r.Get("score"), r.Get("content"))
	}
}

// passage keeps one retrieved text. What has no position is ranked as it came.
func (a *answer) passage(position, id, name, score, text gjson.Result) {
	keep := a.response.Keep
	if keep == nil || len(a.reply.Retrieval) >= maxKept {
		return
	}
	p := trace.Passage{Rank: int64(len(a.reply.Retrieval) + 1), DocID: protocol.Text(id)}
	if n := protocol.Count(position); n != nil && *n > 0 {
		p.Rank = *n
	}
	if p.DocID == "" {
		p.DocID = protocol.Text(name)
	}
	if score.Type == gjson.Number {
		p.Score = new(score.Num)
	}
	p.DocID, p.Text = keep.Text(p.DocID), keep.Text(protocol.Text(text))
	a.reply.Retrieval = append(a.reply.Retrieval, p)
}

// think takes what an agent thinks of doing. A thought comes again as it grows.
func (a *answer) think(e gjson.Result) {
	name, id := protocol.Text(e.Get("tool")), protocol.Text(e.Get("id"))
	if name == "" || a.response.Keep == nil {
		return
	}
	t := tool{thought: id, name: a.response.Keep.Text(name), arguments: a.response.Keep.Text(protocol.Text(e.Get("tool_input")))}
	if i := slices.IndexFunc(a.tools, func(o tool) bool { return o.thought == id }); i >= 0 && id != "" {
		a.tools[i] = t
	} else if len(a.tools) < maxKept {
		a.tools = append(a.tools, t)
	}
}

// calls splits a thought into its calls: names joined by ";", with one object
// that holds the arguments of each.
func (t tool) calls() (all []protocol.ToolCall) {
	for name := range strings.SplitSeq(t.name, ";") {
		arguments := t.arguments
		if own := gjson.Get(t.arguments, gjson.Escape(name)); own.Exists() {
			if arguments = own.Raw; own.Type == gjson.String {
				arguments = own.Str // JSON within JSON
			}
		}
		all = append(all, protocol.ToolCall{Name: name, Arguments: arguments})
	}
	return all
}

// end puts the reply together.
func (a *answer) end() protocol.Reply {
	r := a.reply
	r.Output = protocol.Valid(a.text)
	for _, t := range a.tools {
		r.ToolCalls = append(r.ToolCalls, t.calls()...)
	}
	if r.Usage.Source == "" {
		r.Usage = a.nodes.usage()
	}
	r.Model, r.Spans = a.nodes.model, a.nodes.spans
	r.Truncated = r.Truncated || a.response.Keep.Short() || a.response.Scan.Short()
	return r
}

// usageOf reads token counts and price. ok is false where nobody counted.
func usageOf(u gjson.Result) (usage protocol.Usage, ok bool) {
	usage = protocol.Usage{Input: protocol.Count(u.Get("prompt_tokens")), Output: protocol.Count(u.Get("completion_tokens"))}
	if usage.Input == nil && usage.Output == nil || none(usage.Input) && none(usage.Output) {
		return protocol.Usage{}, false
	}
	usage.CostUSD, usage.Source = price(u), trace.UsageReported
	return usage, true
}

func none(n *int64) bool { return n == nil || *n == 0 }

// price is the price in dollars; nil where it is 0, or in another currency.
func price(u gjson.Result) *float64 {
	if u.Get("currency").Str != "USD" {
		return nil
	}
	total, err := strconv.ParseFloat(protocol.Text(u.Get("total_price")), 64)
	if err != nil || !(total > 0 && total < 1e9) {
		return nil
	}
	return &total
}
