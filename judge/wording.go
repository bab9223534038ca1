package judge

import (
	"encoding/json"
	"strings"
)

// A wording is what every task of a run by one rubric has in common, worked out
// once: the instructions, which differ by the tag alone, and the reply's schema.
type wording struct {
	rubric *Rubric
	mode   Mode
	around []string // the instructions, cut where the tag stands
	schema json.RawMessage
	words  []string // that may be answered
	digest string   // of instructions and schema
}

// placeholder stands for the tag while the instructions are written. No rubric has
// such a character: YAML does not allow it.
const placeholder = "\x00"

func (r *Rubric) wording(mode Mode) *wording {
	w := &wording{rubric: r, mode: mode, schema: r.schema(mode)}
	w.around = strings.Split(r.system(mode, placeholder), placeholder)
	for _, c := range r.Criteria {
		for word := range levelsOf(c, mode) {
			w.words = append(w.words, word)
		}
	}
	w.digest = fingerprint([]any{w.around, w.schema})
	return w
}

// instructions are those around a tag.
func (w *wording) instructions(tag string) string { return strings.Join(w.around, tag) }

// pointwise asks about one dialogue.
func (w *wording) pointwise(d Dialogue) task {
	return task{wording: w, shown: []string{w.rubric.material(d)}}
}

// pairwise asks which of two dialogues is better.
func (w *wording) pairwise(control, treatment Dialogue, order Order) task {
	shown := []string{w.rubric.material(control), w.rubric.material(treatment)}
	if order == TreatmentFirst {
		shown[0], shown[1] = shown[1], shown[0]
	}
	return task{wording: w, order: order, shown: shown}
}
