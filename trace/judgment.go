package trace

import "time"

// Pending is the Error of a judgment, and the Verdict of a label, of something that
// was drawn and has no score yet. Whoever draws writes such a row for everything drawn, with
// its inclusion probability, before anything is scored: so it is known what was drawn, and an
// hour of the analysis waits until all of it is scored or given up. The row that comes
// later takes the place of the earlier one, of the same subject, criterion and judge.
const Pending = "pending"

// Skipped is the Verdict of a label that a person declined to give; it has no score, for good.
const Skipped = "skipped"

// PickedPrefix begins the LabelID of a label on something that a person chose and chance
// did not draw. It says what that person thinks, and enters no estimate: a correction, an
// agreement or a share of labels is of what was drawn.
const PickedPrefix = "picked/"

// A Judgment is one criterion's score of one judged thing by one judge: a row
// of the judgments table. Of the rows of one subject, criterion and judge hash the last by
// JudgedAt counts.
type Judgment struct {
	JudgmentID string
	App        string
	TraceID    string // of a single exchange; else null
	SessionID  string // of a dialogue; else null
	CaseID     string // of a pair of offline runs; else null
	Release    string // of the case's runs, or of the dialogue; null where not known
	Trial      *int64 // of the case
	Job        string
	Criterion  string   // rubric.criterion
	Score      *float64 // in [0, 1], 1 the best; of a pair, the treatment's: 1 won, 0.5 tied, 0 lost
	Verdict    string
	Reason     string
	JudgeModel string
	JudgeHash  string // of everything that configures the judge
	Position   string // order of presentation in a pairwise judgment
	Flags      string // words, in order and with blanks between, such as injection, low_mass
	// InclusionProbability is the probability with which what was judged was
	// drawn, in (0, 1].
	InclusionProbability *float64
	Tokens               *int64
	CostUSD              *float64
	Error                string // why there is no score: Pending, or for good
	JudgedAt             time.Time
}

// A Label is a person's score of one criterion: a row of the labels table. Of the rows of one
// subject, criterion and labeler the last by LabeledAt counts.
type Label struct {
	LabelID   string
	App       string
	TraceID   string
	SessionID string
	CaseID    string // of a pair of offline runs; else null
	Release   string // of the case's runs; null where not known, and of dialogues
	Trial     *int64 // of the case; null where not known: the label is then of every trial
	Criterion string
	Score     *float64 // on the scale of the judgments of the criterion
	Verdict   string   // in words; Pending or Skipped where there is no score
	Position  string   // of a pair: in which order the person saw it
	Comment   string
	Labeler   string
	// InclusionProbability is the probability with which what was labelled was drawn
	// among the judged, in (0, 1]; of a pair, that of its case.
	InclusionProbability *float64
	LabeledAt            time.Time
}
