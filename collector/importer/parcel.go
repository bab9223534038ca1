package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"weir/trace"
)

// ReadTraces reads requests that an application reports in the lake's own words:
// each a JSON object of the columns of traces, unit_id and attributes among them,
// and of the texts of contents. Unknown names are errors of their row; so is
// another app. Name stands for a file in messages; rows count from 1. Of s, App and
// Release count.
func ReadTraces(ctx context.Context, s Source, name string, rows []json.RawMessage, o Options, sink Sink) (Report, error) {
	return s.readRecords(ctx, ownWords(), o, sink, func(yield yield) {
		for i, raw := range rows {
			at := position{file: name, row: int64(i + 1)}
			goOn := yieldObject(at, raw, func(rec *record, err error) bool {
				if err == nil {
					rec.amend = func(e *trace.Exchange) { amendOwn(e, rec.object) }
					rec.fault = at.bad("", "", checkOwn(rec.object, s.App))
				}
				return yield(rec, err)
			})
			if !goOn {
				return
			}
		}
	})
}

// readRecords reads records of one mapping that are in memory.
func (s Source) readRecords(ctx context.Context, m *Mapping, o Options, sink Sink, read func(yield)) (Report, error) {
	report := newReport()
	r := &run{
		ctx: ctx, options: o, source: s,
		writer: writer{app: s.App, release: s.Release, sink: sink, lake: o.Known, seen: occurrences{}, report: &report},
	}
	if r.writer.lake == nil {
		r.writer.lake = func(string, string) (Hash, bool) { return Hash{}, false }
	}
	err := r.do(job{mapping: m, read: func(_ *run, _ job, yield yield) { read(yield) }})
	return report, err
}

// ownColumns are the columns of traces and contents that a mapping can give.
func ownColumns() []trace.Column {
	return slices.DeleteFunc(targets(rowsRequests), func(c trace.Column) bool { return c.Name == failedColumn.Name })
}

// ownWords maps every column that a request can have to itself.
var ownWords = sync.OnceValue(func() *Mapping {
	var b strings.Builder
	b.WriteString("rows: requests\ncolumns:\n")
	for _, c := range ownColumns() {
		switch {
		case c.Unit == "ms":
			fmt.Fprintf(&b, "  %s: {from: %s, unit: ms}\n", c.Name, c.Name)
		case c.Name == "error_type":
			fmt.Fprintf(&b, "  %s: {from: %s, empty: null}\n", c.Name, c.Name)
		default:
			fmt.Fprintf(&b, "  %s: %s\n", c.Name, c.Name)
		}
	}
	l := &faultList{file: "the lake's own words"}
	m, err := parseMapping(l, "jsonl", []byte(b.String()))
	if err == nil {
		m.check(l)
		err = l.err()
	}
	if err != nil {
		panic("importer: " + err.Error())
	}
	for i := range m.columns {
		m.columns[i].optional = true
	}
	return m
})

// beside are names that a reported request may have, though no mapping gives them.
var beside = []string{"app", "unit_id", "attributes"}

// checkOwn holds a reported request to the names there are.
func checkOwn(object map[string]any, app string) error {
	known := slices.Clone(beside)
	for _, c := range ownColumns() {
		known = append(known, c.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown name %q: %s", name, choose(name, known))
		}
	}
	if of, ok := object["app"]; ok && of != nil && of != app {
		return fmt.Errorf("its app is another: this is %s", app)
	}
	if of := valueOf(object["unit_id"]); of.kind != null && of.kind != text {
		return errors.New("unit_id is no text")
	}
	if attributes := object["attributes"]; attributes != nil {
		if _, ok := attributes.(map[string]any); !ok {
			return errors.New("attributes is no object of texts")
		}
	}
	return nil
}

// amendOwn fills in what no mapping gives.
func amendOwn(e *trace.Exchange, object map[string]any) {
	e.UnitID = valueOf(object["unit_id"]).text
	if attributes, ok := object["attributes"].(map[string]any); ok && len(attributes) > 0 {
		e.Attributes = map[string]string{}
		for name, v := range attributes {
			if cell := valueOf(v); cell.kind != null {
				e.Attributes[name] = cell.json()
			}
		}
	}
}
