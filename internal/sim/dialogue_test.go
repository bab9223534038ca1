package sim

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"weir/trace"
)

func TestContents(t *testing.T) {
	l := simulated(t, named(t, "judge-bias"), 1, 4000)
	rows := map[string]*trace.Exchange{}
	for _, e := range l.exchanges {
		rows[e.TraceID] = e
	}
	sessions := map[string]bool{}
	letters, kept := [2]float64{}, [2]float64{}
	for i, c := range l.contents {
		e := rows[c.TraceID]
		if e == nil || c.App != e.App || l.dates[i] != trace.Date(e.StartedAt) {
			t.Fatalf("content %+v of row %+v", *c, e)
		}
		if fault := contentFault(e, c); fault != "" {
			t.Fatalf("%s: %+v", fault, *c)
		}
		sessions[e.SessionID] = true
		if e.ErrorType == "" {
			letters[armOf(e)] += float64(len(c.Output))
			kept[armOf(e)]++
		}
	}
	if n := len(sessions); n < 880 || n > 1120 {
		t.Errorf("contents of %d sessions, want about 1,000", n)
	}
	if ratio := letters[1] / kept[1] / (letters[0] / kept[0]); !(ratio > 1.6) {
		t.Errorf("v2's answers are %.2f times as long, want 1.6 at least", ratio)
	}
}

func contentFault(e *trace.Exchange, c *trace.Content) string {
	han := strings.IndexFunc(c.Input, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
	switch {
	case c.Input == "" || strings.Contains(c.Input+c.Output, "%!"):
		return "malformed text"
	case han != (e.Language == chinese):
		return "text and language disagree"
	case (c.Output == "") != (e.ErrorType != ""):
		return "an answer to a failed call, or none to another"
	case len(c.Retrieval) != 2 || c.Retrieval[0].Rank != 1 || len(c.Spans) != 2:
		return "retrieval or spans missing"
	case c.ToolCalls != "" && !json.Valid([]byte(c.ToolCalls)):
		return "tool calls are no JSON"
	case *c.Spans[1].StartMS+*c.Spans[1].DurationMS > *e.LatencyMS+0.002:
		return "spans outlast the request"
	}
	return ""
}

// TestNoContents holds scenarios that keep no texts to keep none.
func TestNoContents(t *testing.T) {
	if n := len(simulated(t, named(t, "bench"), 1, 2000).contents); n != 0 {
		t.Errorf("%d contents", n)
	}
}
