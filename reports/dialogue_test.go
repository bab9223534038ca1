package reports

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestPairs(t *testing.T) {
	ds := []Dialogue{{Version: "v2", SessionID: "c"}, {Version: "v1", SessionID: "a"}, {Version: "v1", SessionID: "b"}, {Version: "v3", SessionID: "z"}}
	ps := pairsOf(ds, "v1", "v2")
	if len(ps) != 2 || ps[0].Control.SessionID != "a" || ps[0].Treatment.SessionID != "c" || ps[1].Control.SessionID != "b" || ps[1].Treatment != nil {
		t.Errorf("%+v", ps)
	}
	if ps := pairsOf(nil, "v1", "v2"); len(ps) != 0 {
		t.Errorf("%+v", ps)
	}
}

func TestDialogueIsBounded(t *testing.T) {
	d := Dialogue{SessionID: strings.Repeat("s", 500)}
	for range 100 {
		turn := Turn{Asked: strings.Repeat("长", 5000)}
		for range 100 {
			turn.Passages = append(turn.Passages, Passage{Text: strings.Repeat("p", 5000)})
			turn.Spans = append(turn.Spans, Span{Name: "s", DurationMS: 1})
		}
		d.Turns = append(d.Turns, turn)
		d.Outcomes = append(d.Outcomes, Note{"n", "v"})
	}
	out := shownDialogue(d)
	if len(out.Turns) != maxTurns || out.TurnsLeft != 100-maxTurns || len(out.Outcomes) != maxNotes {
		t.Errorf("%d turns, %d left, %d outcomes", len(out.Turns), out.TurnsLeft, len(out.Outcomes))
	}
	first := out.Turns[0]
	if len(first.Passages) != maxPassages || len(first.Timing) != maxSpans {
		t.Errorf("%d passages, %d spans", len(first.Passages), len(first.Timing))
	}
	if got := first.Asked; !strings.HasSuffix(got, "长 … 3,000 more characters") {
		t.Errorf("a long turn ends in %q", got[len(got)-60:])
	}
	if len(d.Turns) != 100 || len(d.Turns[0].Asked) != 15000 {
		t.Error("the caller's dialogue changed")
	}
}

func TestPairsKeepTogetherWhatIsAboutTheSame(t *testing.T) {
	ps := pairsOf([]Dialogue{{Pair: 2, Version: "v2", SessionID: "c"}, {Pair: 1, Version: "v1", SessionID: "a"}, {Pair: 2, Version: "v1", SessionID: "b"}}, "v1", "v2")
	if len(ps) != 2 || ps[0].Control.SessionID != "b" || ps[0].Treatment.SessionID != "c" || ps[1].Treatment != nil {
		t.Errorf("%+v", ps)
	}
}

// Bare dialogues hold nothing that people or models wrote.
func TestBare(t *testing.T) {
	for _, d := range append(conversations(), hostile()...) {
		text := fmt.Sprintf("%+v", d.Bare())
		for _, turn := range d.Turns {
			for _, s := range []string{turn.Asked, turn.Answered} {
				if len(s) > 5 && strings.Contains(text, s) {
					t.Errorf("%q is still there", s[:5])
				}
			}
		}
		if turns := d.Turns; len(turns[0].Asked) == 0 {
			t.Error("the caller's dialogue changed")
		}
	}
}

// Bars lie within the request, whatever spans claim.
func TestTimings(t *testing.T) {
	for _, turn := range []Turn{
		{LatencyMS: 100, TTFTMS: 40},
		{LatencyMS: math.NaN(), Spans: []Span{{"a", -50, 10}, {"b", 20, 1e300}, {"c", math.NaN(), 4}}},
	} {
		for _, b := range timings(turn) {
			if !(b.From >= 0 && b.From <= 100 && b.Width >= 0 && b.Width <= 100) {
				t.Errorf("%s: from %g, width %g", b.Name, b.From, b.Width)
			}
		}
	}
	got := timings(Turn{LatencyMS: 100, TTFTMS: 40})
	if len(got) != 2 || got[0].Width != 40 || got[1].From != 40 || got[1].Width != 60 {
		t.Errorf("%+v", got)
	}
}
