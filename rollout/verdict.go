package rollout

import "encoding/json"

// A Verdict says what may happen to the release. The zero value is Hold.
type Verdict int

// The verdicts. Their order of precedence is Rollback, Invalid, Promote, Hold.
const (
	Hold Verdict = iota
	Promote
	Rollback
	Invalid
)

var verdictNames = [...]string{"hold", "promote", "rollback", "invalid"}

// String gives the verdict in lower case.
func (v Verdict) String() string { return verdictNames[v] }

// MarshalJSON writes the verdict's name.
func (v Verdict) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// UnmarshalJSON reads a verdict's name; anything else is an error.
func (v *Verdict) UnmarshalJSON(b []byte) error {
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return err
	}
	for i, n := range verdictNames {
		if n == name {
			*v = Verdict(i)
			return nil
		}
	}
	return &UnknownVerdictError{Name: name}
}

// An UnknownVerdictError names a word that is no verdict.
type UnknownVerdictError struct{ Name string }

func (e *UnknownVerdictError) Error() string {
	return "verdict " + e.Name + " is unknown: allowed are hold, promote, rollback and invalid"
}

// A Decision is a verdict with its reasons.
type Decision struct {
	Verdict Verdict `json:"verdict"`
	// Reasons are sentences, the decisive one first.
	Reasons []string `json:"reasons"`
	// Inconclusive: the last step of the ramp has waited for proof as long as it
	// may. New units go to stable.
	Inconclusive bool `json:"inconclusive,omitempty"`
	// Needs says what is missing for a decision; null where that cannot be said
	// or nothing is missing.
	Needs *Needs `json:"needs"`
}

// Needs is an estimate of what is missing at today's traffic and effects.
type Needs struct {
	Units int64    `json:"units"` // more units, both arms together
	Days  *float64 `json:"days"`  // null where rows have no times
}
