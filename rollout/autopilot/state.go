package autopilot

import (
	"time"

	"weir/rollout/spec"
)

// A State is what the release has come to, as the ledger says. Its zero value is
// a release that has just begun.
type State struct {
	Share spec.Share // of new units, for the candidate
	Epoch int64      // of constant allocation
	Step  int        // how many steps of the ramp the share has reached

	Paused     bool // by a person or a script
	Halted     bool // new units go to stable until somebody resumes
	Breaker    bool // the candidate failed and was taken out
	RolledBack bool
	Promoted   bool
	Header     bool // a header decides who gets the candidate, and no share

	// Invalid counts the looks in a row that called the comparison invalid, and
	// InvalidAt is when the last of them was made. It stays when Invalid goes back
	// to 0, so that no look counts twice.
	Invalid   int
	InvalidAt time.Time

	ShareSince time.Time // the share in force
	ChangedAt  time.Time // anything
	LastStepAt time.Time // the last step was first reached; zero: not yet
	// PreviousEnd is when the release before ended; zero: there was none.
	PreviousEnd time.Time
}
