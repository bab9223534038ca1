package judge

// An arm that gives one answer to many questions is not judged on it: a constant
// answer has fooled every judge it was tried on (Zheng et al. 2024, arXiv
// 2410.07137).
const (
	fewAnswers  = 20  // before which nothing is concluded
	constantArm = 0.5 // share of one answer from which its scores are withheld
	oftenArm    = 0.1 // share from which the run warns
)

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

func (d *duplicates) add(dialogue Dialogue) {
	if d.answers == nil {
		d.answers = map[string]*asked{}
	}
	d.seen++
	key := fingerprint(dialogue.outputs())
	a := d.answers[key]
	if a == nil {
		a = &asked{questions: map[string]bool{}}
		d.answers[key] = a
	}
	a.times++
	if len(a.questions) <= fewAnswers {
		a.questions[fingerprint(dialogue.inputs())] = true
	}
}

// share is the part of the arm's dialogues whose answers are this one's, where
// it was given to several questions; else 0.
func (d *duplicates) share(dialogue Dialogue) float64 {
	a := d.answers[fingerprint(dialogue.outputs())]
	if a == nil || d.seen < fewAnswers || len(a.questions) < fewAnswers/4 {
		return 0
	}
	return float64(a.times) / float64(d.seen)
}
