package reports

import (
	"time"

	"weir/rollout/backtest"
)

// A Background is what a report shows beside the record. All of it is optional.
type Background struct {
	// Lake is the folder that the record was read from; commands name it.
	Lake string
	// History is what the rule would have said at earlier looks.
	History *backtest.Result
	Spreads []Spread
	Judge   *Judge
	// Dialogues are shown side by side, control's beside treatment's, as far as they fit.
	Dialogues []Dialogue
}

// A Spread is how a duration is spread over requests, by arm, control first.
type Spread struct {
	Column string // latency_ms, ttft_ms
	Arms   [2]ArmSpread
}

// An ArmSpread is a distribution function in steps: Share of the rows are at or below MS.
type ArmSpread struct {
	Rows  int64
	Steps []Step
}

// A Step of a distribution function.
type Step struct{ MS, Share float64 }

// A Judge is what judges did for a release.
type Judge struct {
	Figures []JudgeFigure
	LastRun JudgeRun
	Drifts  map[string]JudgeDrift // by rubric
}

// A JudgeDrift is how the judge scored the same frozen dialogues, the anchors, run by run.
type JudgeDrift struct {
	Anchors   int
	Reference float64    // mean score of the first run, on [0, 1]; NaN where it scored none
	Runs      []DriftRun // of the same judge after the first, the last ones
	Earlier   int        // runs before those
	Tolerance float64    // a mean that has moved by more is another judge's
	Changed   bool       // the judge counts as another one
}

// A DriftRun is the mean difference of the anchors' scores to the first run, and where the
// confidence sequence over all runs so far has it; NaN where that is not known.
type DriftRun struct{ Mean, Low, High float64 }

// A JudgeFigure counts what one judge said of one arm by one criterion.
type JudgeFigure struct {
	Criterion   string
	Model, Hash string
	Treated     bool
	Judged      int64
	Missing     map[string]int64 // by cause
	Mean        float64          // NaN where nothing is judged
	Labelled    int64            // of those judged, also by people
	Tokens      int64
	CostUSD     float64 // NaN where it is not known
	First, Last time.Time
}

// A JudgeRun is what the judge's last run left: the zero value where it left nothing. Its JSON
// is that of weir judge.
type JudgeRun struct {
	Job     string `json:"job"`
	Rubrics []struct {
		Rubric   string   `json:"rubric"`
		Stopped  string   `json:"stopped"`
		Calls    int64    `json:"calls"`
		Cached   int64    `json:"cached"`
		Retried  int64    `json:"retried"`
		Repaired int64    `json:"repaired"`
		Anchors  int64    `json:"anchors"`
		Warnings []string `json:"warnings"`
		Canaries []struct {
			Canary  string   `json:"canary"`
			Model   string   `json:"model"`
			Score   *float64 `json:"score"`
			AtLeast float64  `json:"at_least"`
			AtMost  float64  `json:"at_most"`
			OK      bool     `json:"ok"`
		} `json:"canaries"`
	} `json:"rubrics"`
}
