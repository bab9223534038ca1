package app

import (
	"math"

	"weir/analyze/lake"
	"weir/reports"
)

// shownAll turns dialogues of the lake into those of a report; bare leaves their texts out.
func shownAll(drawn []lake.Dialogue, bare bool) []reports.Dialogue {
	out := make([]reports.Dialogue, len(drawn))
	for i, d := range drawn {
		out[i] = shown(d)
		if bare {
			out[i] = out[i].Bare()
		}
	}
	return out
}

// shown turns a dialogue of the lake into one of a report.
func shown(d lake.Dialogue) reports.Dialogue {
	out := reports.Dialogue{Pair: d.Pair, Version: d.Version, SessionID: d.SessionID, Topic: d.Topic}
	for _, t := range d.Turns {
		turn := reports.Turn{Asked: t.Input, Answered: t.Output, Error: t.Error, LatencyMS: optional(t.LatencyMS), TTFTMS: optional(t.TTFTMS)}
		for _, p := range t.Retrieval {
			turn.Passages = append(turn.Passages, reports.Passage{Rank: int(p.Rank), DocID: p.DocID, Score: optional(p.Score), Text: p.Text})
		}
		for _, s := range t.Spans {
			turn.Spans = append(turn.Spans, reports.Span{Name: s.Name, StartMS: optional(s.StartMS), DurationMS: optional(s.DurationMS)})
		}
		out.Turns = append(out.Turns, turn)
	}
	for _, o := range d.Outcomes {
		out.Outcomes = append(out.Outcomes, reports.Note{Name: o.Name, Value: o.Value})
	}
	for _, o := range d.Judgments {
		out.Opinions = append(out.Opinions, reports.Opinion{Criterion: o.Criterion, Score: o.Score, Reason: o.Reason, Model: o.Model})
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
