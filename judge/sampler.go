package judge

import (
	"fmt"
	"time"
)

// MinRate is the least probability with which a dialogue may be drawn: rarer
// ones would weigh so much that a handful decides.
const MinRate = 0.05

// A Sampler says with which probability a dialogue is drawn. A higher rate draws
// what the lower one drew, and more.
type Sampler struct {
	Rate   float64   // where no stratum matches; at least MinRate, at most 1
	Strata []Stratum // the first that matches counts
}

// A Stratum is a part of the dialogues with a rate of its own. When must not ask
// what a judge has said: the probabilities would depend on the scores.
type Stratum struct {
	Name string
	When func(Facts) bool
	Rate float64
}

// Facts are what is known of a dialogue before it is judged.
type Facts struct {
	Language, Region, Device string
	Attributes               map[string]string
	Outcomes                 map[string]float64
	Stratum                  string // cell of constant propensity
	Turns                    int
}

// Check returns an error unless every rate is within bounds.
func (s Sampler) Check() error {
	for _, r := range append([]Stratum{{Name: "rate", Rate: s.Rate}}, s.Strata...) {
		if !(r.Rate >= MinRate && r.Rate <= 1) {
			return fmt.Errorf("sample %s: %g is not from %g to 1; to judge less, bound the budget", r.Name, r.Rate, MinRate)
		}
	}
	return nil
}

// Probability is that with which a dialogue is drawn.
func (s Sampler) Probability(f Facts) float64 {
	for _, t := range s.Strata {
		if t.When(f) {
			return t.Rate
		}
	}
	return s.Rate
}

// A Subject names what is judged, as rows do.
type Subject struct {
	TraceID   string `json:"trace_id,omitempty"`
	SessionID string `json:"session_id,omitempty"`
	CaseID    string `json:"case_id,omitempty"`
	Trial     *int64 `json:"trial,omitempty"`
}

// An Arm is a side of the comparison. The judge is never told.
type Arm int

// The arms.
const (
	Control Arm = iota
	Treatment
)

var armNames = []string{"control", "treatment"}

// String gives the arm's name.
func (a Arm) String() string { return armNames[a] }

// An Item is one dialogue, or one pair, that was drawn.
type Item struct {
	Subject Subject
	Arm     Arm     // of a dialogue; a pair has none
	U       float64 // its number on [0, 1): drawn where it is below Probability
	// Probability is that with which it was drawn.
	Probability float64
}

// A Batch is what was drawn of the units that were assigned in certain hours: all
// of it, in an order that was fixed before anything was judged.
type Batch struct {
	Hours []time.Time // their beginnings, UTC; the zero time where rows have none
	Items []Item
}

// Drawn reports whether a unit with the number u is drawn.
func Drawn(u, probability float64) bool { return u < probability }
