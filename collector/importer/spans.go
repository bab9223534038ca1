package importer

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// Spans puts requests together from OTLP/JSON that comes in parts, as exporters
// send it: spans of one trace in several calls, the root often last. Make one with
// NewSpans. It is for one goroutine at a time.
type Spans struct {
	mapping *Mapping
	set     map[string]*partial
	bytes   int
}

// A partial is what there is of one trace.
type partial struct {
	spans []*span
	root  bool // a span without a parent is among them
	bytes int
	last  time.Time // that one came
}

// NewSpans returns an empty set for spans that are read by a mapping; nil is the
// ready-made one of otlp.
func NewSpans(m *Mapping) *Spans {
	if m == nil {
		m = readyMade("otlp", "")
	}
	return &Spans{mapping: m, set: map[string]*partial{}}
}

// Bytes is about how much is held.
func (s *Spans) Bytes() int { return s.bytes }

// Add takes the spans of one ExportTraceServiceRequest, and returns how many
// were taken, and those that cannot be: their trace is not told. An error means
// that the body is no such request. Spans that are taken and bad otherwise are
// errors of their trace's row.
func (s *Spans) Add(name string, body []byte, now time.Time) (taken int, refused []*RowError, err error) {
	var fresh spanSet
	at := position{file: name}
	var request otlpRequest
	if err := decodeOTLP(body, &request); err != nil {
		return 0, nil, err
	}
	if request.ResourceSpans == nil {
		return 0, nil, errors.New("is no ExportTraceServiceRequest: it has no resourceSpans")
	}
	addOTLP(at, body, &fresh, s.mapping.keeps, func(_ *record, err error) bool {
		var bad *RowError
		if errors.As(err, &bad) {
			refused = append(refused, bad)
		}
		return true
	})
	for _, id := range fresh.order {
		p := s.set[id]
		if p == nil {
			p = &partial{}
			s.set[id] = p
		}
		for _, sp := range fresh.traces[id] {
			taken++
			p.spans, p.last = append(p.spans, sp), now
			p.root = p.root || sp.parent == ""
			size := sp.size()
			p.bytes, s.bytes = p.bytes+size, s.bytes+size
		}
	}
	return taken, refused, nil
}

// size is about how much memory a span takes.
func (sp *span) size() int {
	const overhead = 512
	b, err := json.Marshal(sp.attributes)
	if err != nil {
		return overhead
	}
	return overhead + 3*len(b)
}

// Take reads into a sink, as Run does, the traces of which due says that they
// are: with a root or without, and when their last span came. They are held no
// longer. Of the source, App and Release count.
func (s *Spans) Take(ctx context.Context, of Source, due func(root bool, last time.Time) bool, o Options, sink Sink) (Report, error) {
	var ready []*partial
	for id, p := range s.set {
		if due(p.root, p.last) {
			ready = append(ready, p)
			s.bytes -= p.bytes
			delete(s.set, id)
		}
	}
	slices.SortFunc(ready, func(a, b *partial) int { return a.last.Compare(b.last) })
	return of.readRecords(ctx, s.mapping, o, sink, func(yield yield) {
		for _, p := range ready {
			if !yieldTrace(p.spans, yield) {
				return
			}
		}
	})
}
