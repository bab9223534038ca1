package control

import (
	"context"
	"fmt"
	"sync"
	"time"

	"weir/internal/control/ledger"
)

// A Helm is who steers the release by its plan: one at a time. Whoever takes it
// keeps it for a while, and takes it again before that is over. It lies in the
// process that holds the ledger, which is the one referee; a restart forgets who
// held it, and the first to come takes it. That no two act on one state does not
// hang on it: each action names the change it was decided on.
//
// Its methods may be called from several goroutines.
type Helm struct {
	mu     sync.Mutex
	holder string
	until  time.Time // zero: as long as the process lives
	course *Course
}

// A HeldError says that somebody else is at the helm.
type HeldError struct {
	Holder string
	Until  time.Time // zero: as long as the process lives
}

func (e *HeldError) Error() string {
	if e.Until.IsZero() {
		return fmt.Sprintf("autopilot %s steers this release, as part of the server: one acts, the other waits", e.Holder)
	}
	return fmt.Sprintf("autopilot %s steers this release until %s unless it takes the helm again: one acts, the other waits", e.Holder, e.Until.UTC().Format(time.RFC3339))
}

// Take takes the helm, or keeps it; until is when it is free again, and its zero
// value is never. Course is what the holder shows from now on; nil: what it
// showed. Where another has it, that is a *[HeldError].
func (h *Helm) Take(holder string, now, until time.Time, course *Course) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.held(holder, now); err != nil {
		return err
	}
	if h.holder != holder {
		h.course = nil
	}
	h.holder, h.until = holder, until
	if course != nil {
		h.course = course
	}
	return nil
}

// held is an error where somebody else has the helm.
func (h *Helm) held(holder string, now time.Time) error {
	if h.holder == "" || h.holder == holder || !h.until.IsZero() && !now.Before(h.until) {
		return nil
	}
	return &HeldError{h.holder, h.until}
}

// has is an error where a holder does not have the helm.
func (h *Helm) has(holder string, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.held(holder, now); err != nil {
		return err
	}
	if h.holder != holder {
		return fail(409, "no_helm", "autopilot %s does not have the helm: take it first", holder)
	}
	return nil
}

// Held tells whether anybody is at the helm.
func (h *Helm) Held(now time.Time) bool {
	holder, _ := h.seen(now)
	return holder != ""
}

// seen is who is there now, and what it showed last; empty: nobody.
func (h *Helm) seen(now time.Time) (holder string, course *Course) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.holder == "" || !h.until.IsZero() && !now.Before(h.until) {
		return "", h.course
	}
	return h.holder, h.course
}

// Verdict is that of the last look that was shown here: of a process in which
// nothing analyses.
func (h *Helm) Verdict(context.Context) Verdict {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.course == nil || h.course.LastLook == nil {
		return Verdict{Verdict: holdVerdict, Reasons: []string{"nothing analyses here: run weir autopilot or weir serve beside it"}}
	}
	l := h.course.LastLook
	return Verdict{Verdict: l.Verdict, Reasons: l.Reasons, At: &l.At, Of: l.Release, SRM: l.SRM}
}

var _ VerdictSource = (*Helm)(nil)

// A Course is what an autopilot shows of what it does.
type Course struct {
	Release string `json:"release"`
	// Seen is the number of the last change that it knew of; 0: not said.
	Seen  int64  `json:"seen"`
	Steps []Step `json:"steps"`
	// Waiting is what the next move waits for; null before the first was decided.
	Waiting *Waiting `json:"waiting"`
	// NextLook is when it looks next; null: never, or not known.
	NextLook *time.Time   `json:"next_look"`
	LastLook *Look        `json:"last_look"` // that succeeded; null: none yet
	Failure  *LookFailure `json:"failure"`   // of the looks since; null: none
	Warnings []string     `json:"warnings"`  // of the plan
}

// A Step is one of the ramp's.
type Step struct {
	Share     float64 `json:"share"`
	State     string  `json:"state"` // passed, current, ahead, or ended: the release was rolled back there
	HoldHours float64 `json:"hold_hours"`
	HeldHours float64 `json:"held_hours"` // of the current step
	Units     int     `json:"units"`      // treated units that it takes, mature for every guardrail
	Mature    int     `json:"mature"`     // of the current step
	Proof     bool    `json:"proof"`      // the last: it waits for proof
}

// A Waiting is what a move waits for.
type Waiting struct {
	// For is a word: over, ramp, resume, trust, look, cool_down, window, hold,
	// units, tick, proof, person, or change: the autopilot has not seen the last.
	For    string     `json:"for"`
	Reason string     `json:"reason"` // a sentence
	Until  *time.Time `json:"until"`  // null: a look or a person must come first
}

// A Look is what an analysis came to; its effects are in [Effects].
type Look struct {
	At           time.Time `json:"at"`
	Release      string    `json:"release"`
	Verdict      string    `json:"verdict"`
	Reasons      []string  `json:"reasons"`
	Inconclusive bool      `json:"inconclusive"`
	NeedsUnits   *int64    `json:"needs_units"` // more, of both arms; null: nothing is missing, or it cannot be said
	NeedsDays    *float64  `json:"needs_days"`
	HealthOK     bool      `json:"health_ok"`
	SRM          *SRM      `json:"srm"`       // null: nothing was drawn, or it is not known
	Control      int64     `json:"control"`   // units
	Treatment    int64     `json:"treatment"` // units
	// Record is the record where it was kept, because something was done on it.
	Record *ledger.Record `json:"record"`
}

// A LookFailure is that of the looks since the last that succeeded.
type LookFailure struct {
	At      time.Time `json:"at"` // the last
	Message string    `json:"message"`
	InARow  int       `json:"in_a_row"`
}
