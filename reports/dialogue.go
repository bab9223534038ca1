package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// A Dialogue is one conversation to look at beside the numbers. Its text is
// other people's: it is shown, never interpreted.
type Dialogue struct {
	// Pair numbers dialogues of both arms about the same; 0 leaves pairing to their order.
	Pair      int
	Version   string
	SessionID string
	Topic     string // what it is about; may be empty
	Turns     []Turn
	// Outcomes are what became of the conversation: resolved 1, handoff 0.
	Outcomes []Note
	// Opinions are judges' scores, with their reasons.
	Opinions []Opinion
}

// A Turn is one request: what was asked and answered, from what, and how long it took.
type Turn struct {
	Asked, Answered string
	Error           string  // kind of failure; empty for none
	LatencyMS       float64 // NaN where not known
	TTFTMS          float64 // NaN where not known
	Passages        []Passage
	Spans           []Span
}

// A Note is a name and what is said of it.
type Note struct{ Name, Value string }

// An Opinion is a judge's score by one criterion.
type Opinion struct {
	Criterion string
	Score     float64
	Reason    string
	Model     string
}

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

// Bare is the dialogue without what people and models wrote.
func (d Dialogue) Bare() Dialogue {
	turns := slices.Clone(d.Turns)
	for i := range turns {
		turns[i].Asked, turns[i].Answered = "", ""
		turns[i].Passages = slices.Clone(turns[i].Passages)
		for k := range turns[i].Passages {
			turns[i].Passages[k].Text = ""
		}
	}
	d.Turns = turns
	d.Opinions = slices.Clone(d.Opinions)
	for i := range d.Opinions {
		d.Opinions[i].Reason = ""
	}
	return d
}

// Bounds of a dialogue's text as shown.
const (
	maxTurns       = 20
	maxTurnText    = 2000
	maxPassages    = 10
	maxPassageText = 600
	maxSpans       = 20
	maxNotes       = 20
	maxName        = 120
)

// A pair is control's and treatment's dialogue side by side; either may be missing.
type pair struct {
	Topic              string
	Control, Treatment *dialogue
}

// A dialogue is one as it is shown.
type dialogue struct {
	Version, SessionID string
	Turns              []turn
	TurnsLeft          int
	Outcomes           []Note
	Opinions           []opinion
}

// A turn is one request as it is shown.
type turn struct {
	Turn
	Number int
	Timing []timing
}

// A timing is a bar on the request's time: where it lies, in percent of the whole.
type timing struct {
	Name        string
	From, Width float64
	Takes       string
}

// An opinion is a judge's score as it is shown.
type opinion struct {
	Criterion, Score, Reason, Model string
	Share                           float64 // of a bar, in percent
}

// pairsOf puts the dialogues of the two versions side by side: those of one pair, else in
// their order. Dialogues of other versions are left out.
func pairsOf(ds []Dialogue, control, treatment string) []pair {
	var out []pair
	at := map[[2]int]int{} // pair, or minus the place in its arm
	placed := map[string]int{}
	for _, d := range ds {
		if d.Version != control && d.Version != treatment {
			continue
		}
		key := [2]int{d.Pair, 0}
		if d.Pair == 0 {
			placed[d.Version]++
			key = [2]int{0, placed[d.Version]}
		}
		i, there := at[key]
		if !there {
			i = len(out)
			at[key] = i
			out = append(out, pair{Topic: bounded(d.Topic, maxName)})
		}
		shown := shownDialogue(d)
		if d.Version == control {
			out[i].Control = &shown
		} else {
			out[i].Treatment = &shown
		}
	}
	return out
}

// shownDialogue gives a dialogue with visible text within the bounds.
func shownDialogue(d Dialogue) dialogue {
	out := dialogue{Version: visible(d.Version), SessionID: bounded(d.SessionID, maxName), TurnsLeft: max(0, len(d.Turns)-maxTurns)}
	for i, t := range first(d.Turns, maxTurns) {
		out.Turns = append(out.Turns, shownTurn(t, i+1))
	}
	for _, n := range first(d.Outcomes, maxNotes) {
		out.Outcomes = append(out.Outcomes, Note{bounded(n.Name, maxName), bounded(n.Value, maxName)})
	}
	for _, o := range first(d.Opinions, maxNotes) {
		shown := opinion{Criterion: bounded(o.Criterion, maxName), Score: dash, Reason: bounded(o.Reason, maxPassageText), Model: bounded(o.Model, maxName)}
		if finite(o.Score) {
			shown.Score, shown.Share = strconv.FormatFloat(o.Score, 'f', 2, 64), 100*min(max(o.Score, 0), 1)
		}
		out.Opinions = append(out.Opinions, shown)
	}
	return out
}

func shownTurn(t Turn, number int) turn {
	out := turn{Turn: t, Number: number}
	out.Asked, out.Answered, out.Error = bounded(t.Asked, maxTurnText), bounded(t.Answered, maxTurnText), bounded(t.Error, maxName)
	out.Passages, out.Spans = nil, nil
	for _, p := range first(t.Passages, maxPassages) {
		p.DocID, p.Text = bounded(p.DocID, maxName), bounded(p.Text, maxPassageText)
		out.Passages = append(out.Passages, p)
	}
	out.Timing = timings(t)
	return out
}

// timings are the bars of a request: its spans, or else what came before and after its first token.
func timings(t Turn) []timing {
	spans := first(t.Spans, maxSpans)
	if len(spans) == 0 && t.TTFTMS > 0 && t.LatencyMS-t.TTFTMS >= 1 {
		spans = []Span{{"to the first token", 0, t.TTFTMS}, {"the rest of the answer", t.TTFTMS, t.LatencyMS - t.TTFTMS}}
	}
	end := 0.0
	if finite(t.LatencyMS) {
		end = t.LatencyMS
	}
	for _, s := range spans {
		if finite(s.StartMS) && finite(s.DurationMS) {
			end = math.Max(end, s.StartMS+s.DurationMS)
		}
	}
	var out []timing
	for _, s := range spans {
		b := timing{Name: bounded(s.Name, maxName), Takes: milliseconds(s.DurationMS)}
		if finite(s.StartMS) && finite(s.DurationMS) && end > 0 {
			b.From = 100 * min(max(s.StartMS/end, 0), 1)
			b.Width = math.Max(100*min(max(s.DurationMS/end, 0), 1), .5)
		}
		out = append(out, b)
	}
	return out
}

// bounded makes text visible and says how much of it is not shown.
func bounded(s string, n int) string {
	short, left := cut(s, n)
	if left == 0 {
		return visible(s)
	}
	return visible(short) + " … " + fmt.Sprintf("%s more characters", count(int64(left)))
}

func first[T any](xs []T, n int) []T { return xs[:min(n, len(xs))] }
