package judge

import (
	"context"
	"math"
)

// An arm that gives one answer to many questions is not judged on it: a constant
// answer has fooled every judge it was tried on (Zheng et al. 2024, arXiv
// 2410.07137).
const (
	fewAnswers  = 20  // before which nothing is concluded
	constantArm = 0.5 // share of one answer from which its scores are withheld
	oftenArm    = 0.1 // share from which the run warns
)

// A given is a dialogue that was scored and published before its arm was seen to give
// one answer to many questions.
type given struct {
	item   Item
	answer string  // its name
	whole  float64 // NaN where an earlier run scored it
}

// withdraw gives rows that take back what was published of answers that are not
// judged any more. What was said of them is wrong, whenever it was said.
func (r *Runner) withdraw() (back [][]said) {
	for arm := range r.given {
		kept := r.given[arm][:0]
		for _, g := range r.given[arm] {
			if r.seen[arm].share(g.answer) < constantArm {
				kept = append(kept, g)
				continue
			}
			s := missing(len(r.Rubric.Criteria), duplicateOutput)
			s.Model, s.Flags = r.label(), []Flag{FlagDuplicate}
			back = append(back, []said{{item: g.item, score: s, at: r.Clock.Now(), withdrawn: true}})
			r.summary.Arms[arm].withdraw(g.item.Probability, g.whole)
			r.summary.Withdrawn++
		}
		r.given[arm] = kept
	}
	return back
}

// remember keeps what was published of a batch.
func (r *Runner) remember(b Batch, all [][]said, answers []string) {
	for i, item := range all {
		if s := item[0].score; r.Mode == Pointwise && s.Error == "" {
			arm := b.Items[i].Arm
			r.given[arm] = append(r.given[arm], given{b.Items[i], answers[i], s.Whole})
		}
	}
}

// recall takes in what earlier runs have scored.
func (r *Runner) recall(ctx context.Context) error {
	past, ok := r.Source.(Past)
	if !ok || r.Mode != Pointwise {
		return nil
	}
	earlier, err := past.Scored(ctx, r.hash)
	if err != nil {
		return err
	}
	for _, e := range earlier {
		answer := r.seen[e.Item.Arm].add(e.Dialogue)
		if !e.Withdrawn {
			r.given[e.Item.Arm] = append(r.given[e.Item.Arm], given{e.Item, answer, math.NaN()})
		}
	}
	return nil
}

// duplicateOutput is the error of what is not judged for being an answer to
// everything.
const duplicateOutput = "duplicate_output"

// duplicates counts an arm's answers that are the same whatever was asked.
type duplicates struct {
	seen    int
	answers map[string]*asked
}

// asked is how often an answer was given, and to how many different questions.
type asked struct {
	times     int
	questions map[string]bool
}

// answerOf names what the assistant said.
func answerOf(d Dialogue) string { return fingerprint(d.outputs())[:32] }

// add counts a dialogue and names its answer.
func (d *duplicates) add(dialogue Dialogue) string {
	if d.answers == nil {
		d.answers = map[string]*asked{}
	}
	d.seen++
	key := answerOf(dialogue)
	a := d.answers[key]
	if a == nil {
		a = &asked{questions: map[string]bool{}}
		d.answers[key] = a
	}
	a.times++
	if len(a.questions) <= fewAnswers {
		a.questions[fingerprint(dialogue.inputs())] = true
	}
	return key
}

// share is the part of the arm's dialogues that have this answer, where it was given
// to several questions; else 0.
func (d *duplicates) share(answer string) float64 {
	a := d.answers[answer]
	if a == nil || d.seen < fewAnswers || len(a.questions) < fewAnswers/4 {
		return 0
	}
	return float64(a.times) / float64(d.seen)
}
