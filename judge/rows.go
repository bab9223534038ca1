package judge

import (
	"math"
	"slices"
	"strings"
	"time"

	"weir/trace"
)

// A said is what one judge said of one item.
type said struct {
	item  Item
	order Order
	score Score
	at    time.Time
	// withdrawn: it takes the place of a score that was published.
	withdrawn bool
}

// rows writes it as rows of the judgments table: the whole, then the criteria.
func (c Config) rows(hash string, s said) []trace.Judgment {
	whole := trace.Judgment{
		App: c.App, Release: c.Release, TraceID: s.item.Subject.TraceID, SessionID: s.item.Subject.SessionID,
		CaseID: s.item.Subject.CaseID, Trial: s.item.Subject.Trial,
		Job: c.Job, Criterion: c.Rubric.Name, JudgeModel: s.score.Model, JudgeHash: hash, Position: string(s.order),
		InclusionProbability: &s.item.Probability, Error: s.score.Error, Flags: flagText(s.score.Flags), JudgedAt: s.at,
	}
	of := func(j trace.Judgment, criterion string, share float64) trace.Judgment {
		j.Criterion, j.Score = criterion, finite(share)
		name := []any{"judgment", j.App, j.Release, j.TraceID, j.SessionID, j.CaseID, j.Trial, j.Criterion, j.JudgeModel, j.JudgeHash, j.Position}
		if s.withdrawn {
			name = append(name, "withdrawn")
		}
		j.JudgmentID = fingerprint(name)[:32]
		return j
	}
	out := make([]trace.Judgment, 0, 1+len(c.Rubric.Criteria))
	for i := range c.Rubric.Criteria {
		j := of(whole, c.Rubric.Criterion(i), s.score.Shares[i])
		if i < len(s.score.Written) {
			j.Verdict, j.Reason = s.score.Written[i], s.score.Reasons[i]
		}
		out = append(out, j)
	}
	whole = of(whole, c.Rubric.Name, s.score.Whole)
	if s.score.Model != PanelModel { // the members' rows hold what was spent
		whole.Tokens, whole.CostUSD = &s.score.Spent.Tokens, finite(s.score.Spent.USD)
	}
	return slices.Insert(out, 0, whole)
}

func flagText(flags []Flag) string {
	words := make([]string, len(flags))
	for i, f := range flags {
		words[i] = string(f)
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// finite is nil for what is not known.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
