package importer

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// A span is a part of a trace, as OTLP and Langfuse have them. Times are in
// nanoseconds since 1970; 0 is unknown.
type span struct {
	position
	trace, id, parent      string
	start, end, firstToken int64
	model                  bool           // a call of a model
	failed                 string         // why it failed; empty where it did not
	status                 any            // of HTTP
	usage                  usage          // of a call of a model
	attributes             map[string]any // those that the mapping asks for
	resource               map[string]any // shared by the spans of a process
	fault                  *RowError      // what is wrong with it
}

// A usage is what a call of a model used; nil is unknown.
type usage struct{ input, output, cached, cost *float64 }

// spanSet is the spans of all traces.
type spanSet struct {
	traces map[string][]*span
	order  []string // of traces, by their first span
}

func (s *spanSet) add(sp *span) {
	if s.traces == nil {
		s.traces = map[string][]*span{}
	}
	if _, ok := s.traces[sp.trace]; !ok {
		s.order = append(s.order, sp.trace)
	}
	s.traces[sp.trace] = append(s.traces[sp.trace], sp)
}

// yield yields a record for each trace.
func (s *spanSet) yield(yield yield) {
	for _, id := range s.order {
		if !yieldTrace(s.traces[id], yield) {
			return
		}
		delete(s.traces, id)
	}
}

func yieldTrace(spans []*span, yield yield) bool {
	t := newTree(spans)
	r := &record{position: spans[0].position, object: t.fields()}
	for _, sp := range spans {
		if sp.fault != nil {
			return yield(r, sp.fault)
		}
	}
	return yield(r, nil)
}

// A tree is the spans of one trace in order of time.
type tree struct {
	spans  []*span
	roots  []*span
	leaves []*span // calls of a model that hold no other such call
}

func newTree(spans []*span) *tree {
	t := &tree{}
	byID := map[string]*span{}
	for _, sp := range spans {
		byID[sp.id] = sp // one exported again counts once, as it was last
	}
	for _, sp := range byID {
		t.spans = append(t.spans, sp)
	}
	slices.SortFunc(t.spans, func(a, b *span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.id, b.id)) })
	holder := map[string]bool{} // of a call of a model
	for _, sp := range t.spans {
		if byID[sp.parent] == nil || sp.parent == sp.id {
			t.roots = append(t.roots, sp)
		}
		for up := byID[sp.parent]; sp.model && up != nil && !holder[up.id]; up = byID[up.parent] {
			holder[up.id] = true
		}
	}
	if len(t.roots) == 0 { // parents that go round
		t.roots = t.spans[:1]
	}
	for _, sp := range t.spans {
		if sp.model && !holder[sp.id] {
			t.leaves = append(t.leaves, sp)
		}
	}
	return t
}

// lastWins are attributes of which, below the root, the last call of a model tells.
var lastWins = []string{"gen_ai.output.messages", "output"}

// fields returns a trace as the object that a mapping reads.
func (t *tree) fields() map[string]any {
	fields := map[string]any{}
	last := slices.Clone(t.leaves)
	slices.Reverse(last)
	for _, sp := range slices.Concat(t.roots, last) {
		for _, name := range lastWins {
			addField(fields, name, sp.attributes[name])
		}
	}
	inOrder := slices.Concat(t.roots, t.leaves, t.spans)
	for _, sp := range inOrder {
		for name, v := range sp.attributes {
			addField(fields, name, v)
		}
	}
	for _, sp := range inOrder {
		for name, v := range sp.resource {
			addField(fields, name, v)
		}
	}
	t.compute(fields)
	return fields
}

// addField sets a field that is not there, or null.
func addField(fields map[string]any, name string, v any) {
	if fields[name] == nil && v != nil {
		fields[name] = v
	}
}

// computed are the fields that are of the trace, not of a span; no attribute passes for one.
var computed = []string{
	"trace_id", "started_at", "duration_us", "first_token_us", "error", "http_status",
	"input_tokens", "output_tokens", "cached_tokens", "cost_usd",
}

func (t *tree) compute(fields map[string]any) {
	for _, name := range computed {
		delete(fields, name)
	}
	root := t.roots[0]
	addField(fields, "trace_id", root.trace)
	addField(fields, "http_status", root.status)
	if root.start > 0 {
		fields["started_at"] = time.Unix(0, root.start).UTC()
		if end := t.end(); end > 0 {
			fields["duration_us"] = micros(end - root.start)
		}
		if len(t.leaves) == 1 && t.leaves[0].firstToken > 0 {
			fields["first_token_us"] = micros(t.leaves[0].firstToken - root.start)
		}
	}
	if i := slices.IndexFunc(t.roots, func(r *span) bool { return r.failed != "" }); i >= 0 {
		fields["error"] = t.roots[i].failed
	}
	t.sum(fields, "input_tokens", true, func(u usage) *float64 { return u.input })
	t.sum(fields, "output_tokens", true, func(u usage) *float64 { return u.output })
	t.sum(fields, "cached_tokens", false, func(u usage) *float64 { return u.cached })
	t.sum(fields, "cost_usd", true, func(u usage) *float64 { return u.cost })
}

// end returns when the last root ended; 0 where one did not say.
func (t *tree) end() (last int64) {
	for _, r := range t.roots {
		if r.end == 0 {
			return 0
		}
		last = max(last, r.end)
	}
	return last
}

// sum adds up what the leaves used. With all, one that did not fail and does
// not say makes the sum unknown.
func (t *tree) sum(fields map[string]any, name string, all bool, of func(usage) *float64) {
	total, known := 0.0, false
	for _, sp := range t.leaves {
		switch v := of(sp.usage); {
		case v != nil:
			total, known = total+*v, true
		case all && sp.failed == "":
			return
		}
	}
	if known {
		fields[name] = decimal(total)
	}
}

func micros(nanos int64) json.Number { return decimal(float64(nanos) / 1000) }

func decimal(f float64) json.Number { return json.Number(strconv.FormatFloat(f, 'g', -1, 64)) }
