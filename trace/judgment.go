package trace

import "time"

// A Judgment is one criterion's score of one judged thing by one judge: a row
// of the judgments table.
type Judgment struct {
	JudgmentID string
	App        string
	TraceID    string // of a single exchange; else null
	SessionID  string // of a dialogue; else null
	CaseID     string // of a pair of offline runs; else null
	Job        string
	Criterion  string // rubric.criterion
	Score      *float64
	Verdict    string
	Reason     string
	JudgeModel string
	JudgeHash  string // of everything that configures the judge
	Position   string // order of presentation in a pairwise judgment
	// InclusionProbability is the probability with which what was judged was
	// drawn, in (0, 1].
	InclusionProbability *float64
	Tokens               *int64
	CostUSD              *float64
	Error                string // why there is no score
	JudgedAt             time.Time
}

// A Label is a person's score of one criterion: a row of the labels table.
type Label struct {
	LabelID              string
	App                  string
	TraceID              string
	SessionID            string
	CaseID               string
	Criterion            string
	Score                *float64
	Verdict              string
	Comment              string
	Labeler              string
	InclusionProbability *float64
	LabeledAt            time.Time
}
