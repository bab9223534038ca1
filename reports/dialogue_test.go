package reports

import (
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
		d.Turns = append(d.Turns, Turn{"user", strings.Repeat("长", 5000)})
		d.Outcomes = append(d.Outcomes, Note{"n", "v"})
		d.Passages = append(d.Passages, Passage{Text: strings.Repeat("p", 5000)})
		d.Spans = append(d.Spans, Span{Name: "s"})
	}
	out := shownDialogue(d)
	if len(out.Turns) != maxTurns+1 || len(out.Outcomes) != maxNotes || len(out.Passages) != maxPassages || len(out.Spans) != maxSpans {
		t.Errorf("%d turns, %d outcomes, %d passages, %d spans", len(out.Turns), len(out.Outcomes), len(out.Passages), len(out.Spans))
	}
	if got := out.Turns[0].Text; !strings.HasSuffix(got, "长 … 3,000 more characters") {
		t.Errorf("a long turn ends in %q", got[len(got)-60:])
	}
	if got := out.Turns[maxTurns].Text; got != "60 more turns are not shown." {
		t.Errorf("got %q", got)
	}
	if len(d.Turns) != 100 || len(d.Turns[0].Text) != 15000 {
		t.Error("the caller's dialogue changed")
	}
}
