package reports

import "fmt"

// A Dialogue is one conversation to look at beside the numbers. Its text is
// other people's: it is shown, never interpreted.
type Dialogue struct {
	Version   string
	SessionID string
	Turns     []Turn
	// Outcomes are what became of the conversation: resolved 1, handoff 0.
	Outcomes []Note
	// Passages are what was retrieved for it, Spans where its time went.
	Passages []Passage
	Spans    []Span
}

// A Turn is one message.
type Turn struct {
	Role string // user, assistant, tool ...
	Text string
}

// A Note is a name and what is said of it.
type Note struct{ Name, Value string }

// A Passage is a retrieved text.
type Passage struct {
	Rank  int
	DocID string
	Score float64
	Text  string
}

// A Span is one step of an answer: its start within the request and how long it took.
type Span struct {
	Name       string
	StartMS    float64
	DurationMS float64
}

// Bounds of a dialogue's text as shown.
const (
	maxTurns       = 40
	maxTurnText    = 2000
	maxPassages    = 10
	maxPassageText = 600
	maxSpans       = 20
	maxNotes       = 20
	maxName        = 120
)

// A pair is control's and treatment's dialogue side by side; either may be missing.
type pair struct {
	Control, Treatment *Dialogue
}

// pairsOf puts the dialogues of the two versions side by side, in their order.
// Dialogues of other versions are left out.
func pairsOf(ds []Dialogue, control, treatment string) []pair {
	var sides [2][]*Dialogue
	for _, d := range ds {
		shown := shownDialogue(d)
		switch d.Version {
		case control:
			sides[0] = append(sides[0], &shown)
		case treatment:
			sides[1] = append(sides[1], &shown)
		}
	}
	pairs := make([]pair, max(len(sides[0]), len(sides[1])))
	for i := range pairs {
		if i < len(sides[0]) {
			pairs[i].Control = sides[0][i]
		}
		if i < len(sides[1]) {
			pairs[i].Treatment = sides[1][i]
		}
	}
	return pairs
}

// shownDialogue returns a copy with visible text within the bounds.
func shownDialogue(d Dialogue) Dialogue {
	out := Dialogue{Version: visible(d.Version), SessionID: bounded(d.SessionID, maxName)}
	for _, t := range first(d.Turns, maxTurns) {
		out.Turns = append(out.Turns, Turn{bounded(t.Role, maxName), bounded(t.Text, maxTurnText)})
	}
	if left := len(d.Turns) - maxTurns; left > 0 {
		out.Turns = append(out.Turns, Turn{"", fmt.Sprintf("%s more turns are not shown.", count(int64(left)))})
	}
	for _, n := range first(d.Outcomes, maxNotes) {
		out.Outcomes = append(out.Outcomes, Note{bounded(n.Name, maxName), bounded(n.Value, maxName)})
	}
	for _, p := range first(d.Passages, maxPassages) {
		p.DocID, p.Text = bounded(p.DocID, maxName), bounded(p.Text, maxPassageText)
		out.Passages = append(out.Passages, p)
	}
	for _, s := range first(d.Spans, maxSpans) {
		s.Name = bounded(s.Name, maxName)
		out.Spans = append(out.Spans, s)
	}
	return out
}

// bounded makes text visible and says how much of it is not shown.
func bounded(s string, n int) string {
	short, left := cut(s, n)
	if left == 0 {
		return visible(s)
	}
	return visible(short) + " … " + count(int64(left)) + " more characters"
}

func first[T any](xs []T, n int) []T { return xs[:min(n, len(xs))] }
