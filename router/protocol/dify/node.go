package dify

import (
	"time"

	"github.com/tidwall/gjson"

	"weir/router/protocol"
	"weir/trace"
)

// nodes is what the nodes of a flow told.
type nodes struct {
	spans   []trace.Span
	started map[string]time.Time // of nodes under way, by the id of their run
	model   string

	models   int // model nodes that ended
	counted  int // and told what they used
	used     protocol.Usage
	unpriced bool // one told no price
}

// start notes when a node began.
func (n *nodes) start(data gjson.Result, at time.Time) {
	if id := protocol.Text(data.Get("id")); id != "" && len(id) <= maxID && len(n.started) < maxKept {
		if n.started == nil {
			n.started = map[string]time.Time{}
		}
		n.started[id] = at
	}
}

// finish takes what a node tells when it ends: its time and, of a model, what
// was used.
func (a *answer) finish(data gjson.Result, at time.Time) {
	n := &a.nodes
	a.span(data, at)
	switch data.Get("node_type").Str {
	case "llm":
		n.models++
		if name := protocol.Text(data.Get("process_data.model_name")); name != "" && len(name) <= maxID {
			n.model = name
		}
		n.count(data)
	case "knowledge-retrieval":
		if len(a.reply.Retrieval) > 0 {
			break
		}
		for _, r := range protocol.Elements(data.Get("outputs.result")) {
			m := r.Get("metadata")
			a.passage(m.Get("position"), m.Get("document_id"), m.Get("document_name"), m.Get("score"), r.Get("content"))
		}
	}
}

// span keeps the time of a node. Where its start was not seen, it follows from
// its end.
func (a *answer) span(data gjson.Result, at time.Time) {
	n, name, id := &a.nodes, first(data, "title", "node_type", "node_id"), protocol.Text(data.Get("id"))
	if a.response.Keep == nil || name == "" || len(n.spans) >= maxKept {
		return
	}
	s := trace.Span{Name: a.response.Keep.Text(name)}
	began, seen := n.started[id]
	delete(n.started, id)
	if took := data.Get("elapsed_time"); took.Type == gjson.Number && took.Num >= 0 && took.Num < 1e9 {
		s.DurationMS = new(took.Num * 1000)
		if !seen {
			began, seen = at.Add(-time.Duration(took.Num*float64(time.Second))), true
		}
	}
	if seen && !a.response.Began.IsZero() {
		s.StartMS = new(max(0, float64(began.Sub(a.response.Began))/float64(time.Millisecond)))
	}
	n.spans = append(n.spans, s)
}

// first is the first text of several members.
func first(object gjson.Result, names ...string) string {
	for _, name := range names {
		if t := protocol.Text(object.Get(name)); t != "" {
			return t
		}
	}
	return ""
}

// count adds what one model used.
func (n *nodes) count(data gjson.Result) {
	u, ok := usageOf(data.Get("process_data.usage"))
	if !ok {
		u, ok = usageOf(data.Get("outputs.usage"))
	}
	if !ok {
		return
	}
	n.counted++
	n.used.Input, n.used.Output = plus(n.used.Input, u.Input), plus(n.used.Output, u.Output)
	if u.CostUSD == nil {
		n.unpriced = true
	} else if n.used.CostUSD == nil {
		n.used.CostUSD = u.CostUSD
	} else {
		n.used.CostUSD = new(*n.used.CostUSD + *u.CostUSD)
	}
}

func plus(sum, more *int64) *int64 {
	switch {
	case more == nil:
		return sum
	case sum == nil:
		return more
	}
	return new(*sum + *more)
}

// usage is the sum over the models; unknown unless each told its own.
func (n *nodes) usage() protocol.Usage {
	if n.models == 0 || n.counted < n.models {
		return protocol.Usage{}
	}
	u := n.used
	if u.Source = trace.UsageReported; n.unpriced {
		u.CostUSD = nil
	}
	return u
}
