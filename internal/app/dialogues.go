package app

import (
	"context"
	"errors"
	"math"

	"weir/analyze/lake"
	"weir/reports"
)

// Dialogues draws up to count conversations of each arm, by a hash of their
// ids, so that the same lake shows the same ones.
func Dialogues(ctx context.Context, j Job, count int) ([]reports.Dialogue, error) {
	if count == 0 {
		return nil, nil
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return nil, err
	}
	drawn, err := l.Dialogues(ctx, lake.Filter{
		App: j.Spec.App, Release: j.Spec.Release, Versions: []string{j.Spec.Stable, j.Spec.Candidate}, Count: count,
	})
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	out := make([]reports.Dialogue, len(drawn))
	for i, d := range drawn {
		out[i] = shown(d)
	}
	return out, nil
}

// shown turns a dialogue of the lake into one of a report.
func shown(d lake.Dialogue) reports.Dialogue {
	out := reports.Dialogue{Version: d.Version, SessionID: d.SessionID}
	for _, t := range d.Turns {
		if t.Input != "" {
			out.Turns = append(out.Turns, reports.Turn{Role: "user", Text: t.Input})
		}
		if t.Output != "" {
			out.Turns = append(out.Turns, reports.Turn{Role: "assistant", Text: t.Output})
		}
		for _, p := range t.Retrieval {
			out.Passages = append(out.Passages, reports.Passage{Rank: int(p.Rank), DocID: p.DocID, Score: optional(p.Score), Text: p.Text})
		}
		for _, s := range t.Spans {
			out.Spans = append(out.Spans, reports.Span{Name: s.Name, StartMS: optional(s.StartMS), DurationMS: optional(s.DurationMS)})
		}
	}
	for _, o := range d.Outcomes {
		out.Outcomes = append(out.Outcomes, reports.Note{Name: o.Name, Value: o.Value})
	}
	return out
}

// optional is a number that may be absent; then NaN.
func optional(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
