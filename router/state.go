package router

import (
	"errors"
	"fmt"

	"weir/rollout/spec"
	"weir/trace"
)

// A State is what the release has come to: what the control plane keeps, and
// what the specification does not say. The zero value sends nobody to the
// candidate but by rule.
type State struct {
	// Epoch numbers the stretches of constant allocation. Whoever changes
	// anything below, or the rules, raises it.
	Epoch int64
	// Share is the ramp's share, in [0, 1]: of units under unit session; under
	// unit user at most 1/2, with twice the share of users covered.
	Share spec.Share

	Promoted    bool // the candidate is stable now: new units go there
	RolledBack  bool // new units and the candidate's own go to the control arm
	Halted      bool // new units go to stable
	BreakerOpen bool // as RolledBack, until it is closed
}

// check returns an error for a state that the release cannot be in.
func (s State) check(unit spec.Unit) error {
	largest, why := spec.Share(1), ""
	if unit == spec.UnitUser {
		largest, why = 0.5, ": under unit user the arms are halves of the users covered"
	}
	switch {
	case !(s.Share >= 0 && s.Share <= largest):
		return fmt.Errorf("share %v is out of range: allowed is 0%% to %v%s", float64(s.Share), largest, why)
	case s.Promoted && s.RolledBack:
		return errors.New("the candidate is promoted and rolled back: a rollback ends the promotion")
	case s.Promoted && s.BreakerOpen:
		return errors.New("the candidate is promoted while its breaker is open: close it by resume, or roll back")
	}
	return nil
}

// closed says what keeps new units on stable; empty: nothing does.
func (s State) closed() trace.Reason {
	switch {
	case s.RolledBack:
		return trace.ReasonRollback
	case s.Halted:
		return trace.ReasonHalt
	case s.BreakerOpen:
		return trace.ReasonBreaker
	}
	return ""
}

// moving says what takes the candidate's units to the control arm; empty:
// nothing does.
func (s State) moving() trace.Reason {
	switch {
	case s.RolledBack:
		return trace.ReasonRollback
	case s.BreakerOpen:
		return trace.ReasonBreaker
	}
	return ""
}
