package autopilot

import (
	"time"

	"weir/rollout/spec"
)

// A Kind is what a move does. The zero value waits.
type Kind int

// The kinds.
const (
	Wait     Kind = iota
	Step          // the candidate's share rises to the move's
	Promote       // the candidate takes over
	Rollback      // everyone goes to stable, for good
	Halt          // new units go to stable, until somebody resumes
	Suspect       // a look called the comparison invalid: no step until one says otherwise
	Trust         // a look says otherwise
)

var kindNames = [...]string{"wait", "step", "promote", "rollback", "halt", "suspect", "trust"}

// String gives the kind in a word.
func (k Kind) String() string { return kindNames[k] }

// A Cause is what a wait is for, in a word that programs may compare.
type Cause string

// The causes.
const (
	ForNothing  Cause = "over"      // the release has ended
	ForRamp     Cause = "ramp"      // the spec has none: a person steers
	ForResume   Cause = "resume"    // paused, halted, breaker open, or a header decides
	ForTrust    Cause = "trust"     // the comparison is invalid
	ForLook     Cause = "look"      // there is none yet under this spec, or the last failed
	ForCoolDown Cause = "cool_down" // after the release before
	ForWindow   Cause = "window"    // in which steps may be taken
	ForHold     Cause = "hold"      // the step's time
	ForUnits    Cause = "units"     // of the step
	ForTick     Cause = "tick"      // of the ramp's clock
	ForProof    Cause = "proof"     // at the last step
	ForPerson   Cause = "person"    // advance: manual, and the step may be taken
)

// A Move is what is to be done now.
type Move struct {
	Kind   Kind
	Share  spec.Share // of Step
	Reason string     // a sentence
	// For is what a Wait is for, and Until when that may be over without another
	// look; zero: a look or a person must come first.
	For   Cause
	Until time.Time
}

func waitFor(c Cause, until time.Time, reason string) Move {
	return Move{Kind: Wait, For: c, Until: until, Reason: reason}
}
