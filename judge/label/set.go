package label

import (
	"strings"
	"time"

	"weir/judge"
)

// A Set is what is labelled: dialogues, or pairs of them, and the questions about them.
type Set struct {
	ID     string // names the set in saved files and in the page's memory
	Rubric *judge.Rubric
	Mode   judge.Mode // Pairwise asks which of two is better; else each is put on the scales
	Items  []Item     // in the order in which they are shown
}

// An Item is one dialogue, or the two of a pair, A and B, by a name that says nothing
// of it.
type Item struct {
	ID    string
	Shown []judge.Dialogue
}

// A Drawn is how an item was drawn for labels.
type Drawn struct {
	Mode judge.Mode // of its set
	At   time.Time  // zero where that is not known
}

// A Mark is what one person said of one item: a level for each criterion, in
// the order of the rubric.
type Mark struct {
	Item    string
	Mode    judge.Mode // of the item's set
	Levels  []Level
	Comment string
	Labeler string
	At      time.Time // when it was said; zero where the file does not tell
	Where   string    // file:line
}

// A Level is an answer to one question.
type Level struct {
	State State
	Value int // where State is Given: of a dialogue on the criterion's scale; of a pair, halves of a win of A
}

// A State says what became of a question.
type State int

// The states. Open: nothing was said yet. Skipped: the person declined to say.
const (
	Open State = iota
	Given
	Skipped
)

// skip is what stands for Skipped in files.
const skip = "skip"

// Empty reports whether nothing was said at all.
func (m Mark) Empty() bool {
	for _, l := range m.Levels {
		if l.State != Open {
			return false
		}
	}
	return true
}

// Shares places the levels on [0, 1], and the rubric's own score; false where a level
// is not given. Of a pair they are A's share of the win.
func (m Mark) Shares(r *judge.Rubric) (shares []float64, whole float64, ok bool) {
	ok = true
	for i, c := range r.Criteria {
		share := c.Share(float64(m.Levels[i].Value))
		if m.Mode == judge.Pairwise {
			share = float64(m.Levels[i].Value) / aWins
		}
		shares = append(shares, share)
		ok = ok && m.Levels[i].State == Given
	}
	return shares, r.Whole(shares), ok
}

// transcript is the dialogue as text, for a cell of a table.
func transcript(d judge.Dialogue, language string) string {
	user, assistant := "User", "Assistant"
	if language == "zh" {
		user, assistant = "用户", "助手"
	}
	var b strings.Builder
	for _, t := range d.Turns {
		for _, part := range [][2]string{{user, t.Input}, {assistant, t.Output}} {
			if part[1] != "" {
				b.WriteString(part[0] + ": " + part[1] + "\n")
			}
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
