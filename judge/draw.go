package judge

import "time"

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
