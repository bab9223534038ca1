package judge

// A Mode is how a rubric is asked.
type Mode string

// The modes.
const (
	Pointwise Mode = "pointwise" // one dialogue on the rubric's scales
	Pairwise  Mode = "pairwise"  // the same case under two versions: which is better?
)

// An Order is in which order a pair is shown.
type Order string

// The orders. Neither tells the judge which version is which.
const (
	ControlFirst   Order = "control_first"
	TreatmentFirst Order = "treatment_first"
)

// A task is one question to one model.
type task struct {
	*wording
	order  Order    // of a pair
	shown  []string // the material, as the judge sees it
	sample int      // number of a repeated question, from 0
	warm   bool     // it is repeated: answers are to vary
}

// again is the task as the n-th of several askings.
func (t task) again(n int) task {
	t.sample, t.warm = n, true
	return t
}

// messages words the task around a tag.
func (t task) messages(tag string) []Message {
	names := []string{"dialogue"}
	if t.mode == Pairwise {
		names = []string{"a", "b"}
	}
	material := ""
	for i, shown := range t.shown {
		if i > 0 {
			material += "\n\n"
		}
		material += fence(tag, names[i], shown)
	}
	return []Message{{System, t.instructions(tag)}, {User, material}}
}

// key names the task by its content, whatever the tag; who is asked comes on top.
func (t task) key(judge string) string {
	return fingerprint([]any{judge, t.digest, t.shown, t.order, t.sample, t.warm})
}

// read reads a reply to the task.
func (t task) read(reply Reply) (answer, error) {
	v, err := readVerdict(reply.Text, t.rubric.Criteria, t.mode)
	if err != nil {
		return answer{}, err
	}
	if err := t.checkEvidence(v); err != nil {
		return answer{}, err
	}
	a := answer{Mass: 1, Probable: len(reply.Tokens) > 0, Model: reply.Model, Fingerprint: reply.Fingerprint}
	for i, c := range t.rubric.Criteria {
		w := weigh(reply, v[i], levelsOf(c, t.mode))
		share := w.value
		if t.mode == Pointwise {
			share = c.Share(w.value)
		}
		if t.order == TreatmentFirst || t.mode == Pointwise {
			a.Shares = append(a.Shares, share)
		} else { // the second shown is treatment
			a.Shares = append(a.Shares, 1-share)
		}
		a.Written = append(a.Written, v[i].word)
		a.Reasons = append(a.Reasons, v[i].reason)
		a.Mass = min(a.Mass, w.mass)
	}
	return a, nil
}

// An answer is what a reply says, as it is cached.
type answer struct {
	Shares             []float64 // on [0, 1]; of a pair, treatment's share of the win
	Written            []string  // the level, or A, B, tie
	Reasons            []string
	Mass               float64
	Probable           bool // the service gave probabilities
	Repaired           bool
	Model, Fingerprint string
	Spent              Spent
}

// levelsOf gives the value of every word that may be written: a level as it is;
// of a pair, the share of the win of the one shown first.
func levelsOf(c Criterion, mode Mode) map[string]float64 {
	if mode == Pairwise {
		return map[string]float64{"A": 1, "B": 0, "tie": 0.5}
	}
	words := map[string]float64{}
	for _, l := range c.Levels {
		words[string(rune('0'+l.Value))] = float64(l.Value)
	}
	return words
}
