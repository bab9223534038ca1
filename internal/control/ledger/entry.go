package ledger

import (
	"encoding/json"
	"time"

	"weir/rollout/spec"
	"weir/router"
)

// A Kind is what a change did.
type Kind string

// The kinds.
const (
	KindBegin    Kind = "begin"    // a release began, from nothing
	KindShare    Kind = "share"    // somebody set share or strategy, which pauses the ramp
	KindStep     Kind = "step"     // the ramp climbed
	KindPause    Kind = "pause"    // the ramp stands still, the traffic goes on
	KindResume   Kind = "resume"   // the ramp goes on; a halt is lifted, a breaker closed
	KindHalt     Kind = "halt"     // new units go to stable
	KindRollback Kind = "rollback" // everyone goes to the control arm
	KindPromote  Kind = "promote"  // the candidate is stable now
	KindBreaker  Kind = "breaker"  // the candidate fails and was taken out
	KindReload   Kind = "reload"   // another specification of the same release
	KindSuspect  Kind = "suspect"  // a look called the comparison invalid: no step until one says otherwise
	KindTrust    Kind = "trust"    // a look says otherwise
	KindDrill    Kind = "drill"    // a rollback was tried on marked requests; nothing has changed
)

// An Entry is a change: a line of the ledger.
type Entry struct {
	Schema  int       `json:"v"`
	Seq     int64     `json:"seq"` // from 1, without gaps
	At      time.Time `json:"at"`  // UTC
	Actor   string    `json:"actor"`
	Kind    Kind      `json:"kind"`
	Reason  string    `json:"reason,omitempty"`
	App     string    `json:"app"`
	Release string    `json:"release"`
	Promise string    `json:"promise"`
	// Spec is the part of the specification that decides, as [spec.Parse] reads
	// it: on the lines that begin a release or change its specification.
	Spec json.RawMessage `json:"spec,omitempty"`
	// Amendments are what a reload changed of the promise.
	Amendments []Amendment `json:"amendments,omitempty"`
	// Record is the decision that the change was made on; nil: somebody's own.
	Record *Record `json:"record,omitempty"`
	State  State   `json:"state"` // after the change
}

// A Record names a kept decision record: where it lies in the lake, and what is
// in it.
type Record struct {
	Path    string `json:"path"` // from the lake's folder, with slashes
	SHA256  string `json:"sha256"`
	Verdict string `json:"verdict"`
}

// An Amendment is what a changed specification did to the release under way.
type Amendment struct {
	Change string `json:"change"` // epoch, restart or amended
	Path   string `json:"path"`
	Metric string `json:"metric,omitempty"`
	Old    string `json:"old"`
	New    string `json:"new"`
}

// A Strategy is how units come to the candidate.
type Strategy string

// The strategies. The zero value: nobody has chosen one.
const (
	StrategyPercentage Strategy = "percentage" // a share of the units of the specification
	StrategyUserID     Strategy = "user_id"    // the same, where the units are users
	StrategyHeader     Strategy = "header"     // requests that carry a header with a value
)

// A State is what a release has come to.
type State struct {
	Epoch    int64      `json:"epoch"` // of constant allocation, from 1
	Share    spec.Share `json:"share"` // of the candidate, in [0, 1]
	Strategy Strategy   `json:"strategy,omitempty"`
	Header   string     `json:"header,omitempty"` // under StrategyHeader: Name: value

	Paused     bool   `json:"paused,omitempty"`
	Halted     bool   `json:"halted,omitempty"`
	RolledBack bool   `json:"rolled_back,omitempty"`
	Promoted   bool   `json:"promoted,omitempty"`
	Breaker    string `json:"breaker,omitempty"` // what opened it; empty: it is closed

	// Step is how many steps of the ramp the share has reached.
	Step       int       `json:"step"`
	BeganAt    time.Time `json:"began_at"`              // the release
	ShareSince time.Time `json:"share_since"`           // the share, whether or not it is in force
	Since      time.Time `json:"since,omitzero"`        // new units go where they go; zero in lines of an earlier Weir
	LastStepAt time.Time `json:"last_step_at,omitzero"` // the last step was first reached; max_wait counts from it

	// Invalid counts the looks in a row that called the comparison invalid, the last
	// of them made at InvalidAt. That time stays, so that no look counts twice.
	Invalid   int       `json:"invalid,omitempty"`
	InvalidAt time.Time `json:"invalid_at,omitzero"`
	// Drill is the mark of the requests that a rollback is tried on; empty: none is.
	// DrillBack: they are rolled back.
	Drill     string `json:"drill,omitempty"`
	DrillBack bool   `json:"drill_back,omitempty"`
	// PreviousEnd is when the release before ended, for the time between releases.
	PreviousEnd time.Time `json:"previous_end,omitzero"`
}

// Allocation is the state as the router's plan wants it.
func (s State) Allocation() router.State {
	return router.State{
		Epoch: s.Epoch, Share: s.Share, Promoted: s.Promoted, RolledBack: s.RolledBack,
		Halted: s.Halted, BreakerOpen: s.Breaker != "",
	}
}

// Set is the share of new units that the candidate gets where nothing holds it
// back; what is final holds nothing back.
func (s State) Set() spec.Share {
	switch {
	case s.RolledBack:
		return 0
	case s.Promoted:
		return 1
	}
	return s.Share
}

// InForce is the share of new units that the candidate gets.
func (s State) InForce() spec.Share {
	if s.Halted || s.Breaker != "" {
		return 0
	}
	return s.Set()
}

// InForceSince is when new units began to go where they go.
func (e Entry) InForceSince() time.Time {
	switch {
	case !e.State.Since.IsZero():
		return e.State.Since
	case e.State.Over():
		return e.At
	}
	return e.State.ShareSince
}

// Over tells whether nothing but a rollback can follow in this release.
func (s State) Over() bool { return s.Promoted || s.RolledBack }
