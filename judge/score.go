package judge

import (
	"math"
	"time"
)

// A Score is what one model, or a panel, said of one dialogue by one rubric, or
// why it did not.
type Score struct {
	// Shares are on [0, 1], one a criterion, NaN where there is none; Whole is the
	// rubric's own.
	Shares []float64
	Whole  float64
	// Written are the levels (of a pair: A, B, tie) that were written, in the order of the criteria; of
	// several samples, the first's. Nil where there is no score.
	Written []string
	// Mass is the least probability of legal levels that a share rests on: 1 where
	// probabilities were not to be had.
	Mass float64
	// Reasons are the judge's own words, one a criterion.
	Reasons []string
	// Flags mark what should be known about the score.
	Flags []Flag
	// Error says why there is no score; empty where there is one.
	Error string
	Spent Spent
	// Model and Fingerprint are as the service reported them.
	Model, Fingerprint string
}

// A Flag marks a score.
type Flag string

// The flags.
const (
	FlagInjection Flag = "injection" // the dialogue holds instructions to a judge
	FlagLowMass   Flag = "low_mass"  // the model was about to write something else
	FlagRepaired  Flag = "repaired"  // the first reply could not be read
	FlagDuplicate Flag = "duplicate" // the arm gives this answer to many questions
	FlagSplit     Flag = "split"     // the panel disagrees by more than half the scale
)

// lowMass is the probability of legal levels below which a score is flagged.
const lowMass = 0.8

// missing is the absence of a score, and why.
func missing(criteria int, why string) Score {
	shares := make([]float64, criteria)
	for i := range shares {
		shares[i] = math.NaN()
	}
	return Score{Shares: shares, Whole: math.NaN(), Mass: math.NaN(), Error: why}
}

// Spent is what was used up.
type Spent struct {
	Calls  int64
	Tokens int64
	// USD is NaN where a price is not known.
	USD float64

	timed  int64         // calls of this run of which it is known how long the service took
	waited time.Duration // of those: for the service, and for a place among the calls under way
}

// Add sums up.
func (s Spent) Add(o Spent) Spent {
	return Spent{s.Calls + o.Calls, s.Tokens + o.Tokens, s.USD + o.USD, s.timed + o.timed, s.waited + o.waited}
}
