package autopilot

import (
	"fmt"
	"math"
	"time"

	"weir/rollout"
	"weir/rollout/spec"
)

// A Situation is what is known when a move is decided.
type Situation struct {
	State State
	Look  *Look // the latest that succeeded; nil: none
	// Failed says why a look that was due after Look could not be made; empty: none
	// was due, or it was made.
	Failed string
	// NextLook is when the look after Look is due; zero: not known.
	NextLook time.Time
	Now      time.Time
}

// Next is the move to make now. It never looks at anything else.
func Next(p Plan, s Situation) Move {
	if m, over := ended(p, s.State); over {
		return m
	}
	look := p.usable(s.Look)
	if m, ok := protect(p, s, look); ok {
		return m
	}
	if m, ok := blocked(p, s, look); ok {
		return m
	}
	m := advance(p, s, look)
	if p.Mode == spec.AdvanceManual && (m.Kind == Step || m.Kind == Promote) {
		return waitFor(ForPerson, time.Time{}, "advance is manual, and nothing speaks against it: "+command(p, m))
	}
	return m
}

// usable is a look at this release under this promise; nil: there is none.
func (p Plan) usable(l *Look) *Look {
	if l == nil || l.Release != p.Release || l.Promise != p.Promise {
		return nil
	}
	return l
}

func ended(p Plan, s State) (Move, bool) {
	switch {
	case s.RolledBack:
		return waitFor(ForNothing, time.Time{}, fmt.Sprintf("Release %s is rolled back. Another attempt is a new release.", p.Release)), true
	case s.Promoted:
		return waitFor(ForNothing, time.Time{}, fmt.Sprintf("Release %s is promoted.", p.Release)), true
	}
	return Move{}, false
}

// protect is what must not wait: it takes the candidate out, or stops the ramp.
func protect(p Plan, s Situation, look *Look) (Move, bool) {
	if look == nil {
		return Move{}, false
	}
	state, news := s.State, look.At.After(s.State.InvalidAt)
	switch {
	case look.Verdict == rollout.Rollback:
		return Move{Kind: Rollback, Reason: look.Reason}, true
	case look.Verdict == rollout.Invalid && p.OnInvalid == spec.OnInvalidRollback:
		return Move{Kind: Rollback, Reason: "on_invalid is rollback. " + look.Reason}, true
	case look.Verdict == rollout.Invalid && news && state.Invalid == 0:
		return Move{Kind: Suspect, Reason: look.Reason}, true
	case look.Verdict == rollout.Invalid && news && !state.Halted:
		return Move{Kind: Halt, Reason: "The second look in a row says: " + look.Reason}, true
	case look.Verdict != rollout.Invalid && news && state.Invalid > 0 && !state.Halted:
		return Move{Kind: Trust, Reason: "The comparison can be trusted again."}, true
	case waited(p, s, look) && !state.Halted && !state.Breaker:
		return Move{Kind: Halt, Reason: fmt.Sprintf("Inconclusive: the last step has waited for proof for %s, as long as it may.", span(p.MaxWait))}, true
	}
	return Move{}, false
}

// waited tells whether the last step has waited as long as it may, and a look
// since then still has no proof.
func waited(p Plan, s Situation, look *Look) bool {
	since := s.State.LastStepAt
	if len(p.Steps) == 0 || s.State.Step < len(p.Steps) || since.IsZero() || p.MaxWait <= 0 || look.Verdict != rollout.Hold {
		return false
	}
	return !look.At.Before(since.Add(p.MaxWait))
}

// blocked is why nothing may be given to the candidate now, whatever the data
// say.
func blocked(p Plan, s Situation, look *Look) (Move, bool) {
	state := s.State
	wait := func(c Cause, format string, args ...any) (Move, bool) {
		return waitFor(c, time.Time{}, fmt.Sprintf(format, args...)), true
	}
	switch {
	case state.Breaker:
		return wait(ForResume, "The breaker of %s is open: weir resume closes it.", p.Candidate)
	case state.Halted:
		return wait(ForResume, "The release is halted, and new %ss go to %s: weir resume lifts it, weir rollback ends it.", p.Unit, p.Stable)
	case state.Invalid > 0 || look != nil && look.Verdict == rollout.Invalid:
		return wait(ForTrust, "The comparison cannot be trusted: the next look decides whether new %ss go to %s.", p.Unit, p.Stable)
	case len(p.Steps) == 0:
		return wait(ForRamp, "The spec has no ramp: weir ramp, promote and rollback steer.")
	case state.Header:
		return wait(ForResume, "A header decides who gets %s: set a share, and resume.", p.Candidate)
	case state.Paused:
		return wait(ForResume, "The ramp is paused: weir resume lets it go on.")
	}
	return Move{}, false
}

// advance gives the candidate more, or says what that waits for.
func advance(p Plan, s Situation, look *Look) Move {
	if p.Mode == spec.AdvanceCron && s.State.Step < len(p.Steps) {
		return tick(p, s, look)
	}
	if m, ok := unready(p, s, look); ok {
		return m
	}
	move := Move{Kind: Promote}
	switch {
	case s.State.Step < len(p.Steps):
		move = Move{Kind: Step, Share: p.Steps[s.State.Step].To, Reason: climbReason(p, s, look)}
	case look.Verdict != rollout.Promote:
		return waitFor(ForProof, time.Time{}, "The last step waits for proof. "+look.Reason)
	default:
		move.Reason = look.Reason
	}
	return inWindow(p, s, move)
}

// unready says what of the step in force is not over.
func unready(p Plan, s Situation, look *Look) (Move, bool) {
	if m, ok := uncertain(p, s, look); ok {
		return m, true
	}
	if s.State.Share == 0 {
		return cool(p, s)
	}
	step := p.current(s.State)
	if over := s.State.ShareSince.Add(step.Hold); s.Now.Before(over) {
		return waitFor(ForHold, over, fmt.Sprintf("%v holds for %s of %s.", s.State.Share, span(s.Now.Sub(s.State.ShareSince)), span(step.Hold))), true
	}
	if have := look.Mature[s.State.Epoch]; have < step.Units {
		return waitFor(ForUnits, time.Time{}, fmt.Sprintf("%d of %d treated %ss of this step are mature.", have, step.Units, p.Unit)), true
	}
	return Move{}, false
}

// uncertain wants a look at the share in force, and none that failed since. The
// first step has nothing to be looked at.
func uncertain(p Plan, s Situation, look *Look) (Move, bool) {
	switch {
	case s.Failed != "":
		return waitFor(ForLook, time.Time{}, "The last look failed, so nobody knows whether there is harm: "+s.Failed), true
	case s.State.Share == 0:
		return Move{}, false
	case look != nil && !s.NextLook.IsZero() && !s.Now.Before(s.NextLook):
		return waitFor(ForLook, time.Time{}, fmt.Sprintf("A look was due at %s and is not made yet.", s.NextLook.UTC().Format("15:04 UTC on 2 January"))), true
	case look == nil || look.At.Before(s.State.ShareSince):
		return waitFor(ForLook, time.Time{}, fmt.Sprintf("Nobody has looked at %v yet.", s.State.Share)), true
	}
	return Move{}, false
}

// current is the step whose time and units the share in force has to take: the
// last that it has reached.
func (p Plan) current(s State) spec.Step {
	if s.Step == 0 {
		return spec.Step{Units: p.Steps[0].Units, Hold: p.Steps[0].Hold}
	}
	return p.Steps[s.Step-1]
}

// cool waits between releases.
func cool(p Plan, s Situation) (Move, bool) {
	over := s.State.PreviousEnd.Add(p.CoolDown)
	if s.State.Step > 0 || s.State.PreviousEnd.IsZero() || !s.Now.Before(over) {
		return Move{}, false
	}
	return waitFor(ForCoolDown, over, fmt.Sprintf("The release before ended %s ago, and %s must lie between.", span(s.Now.Sub(s.State.PreviousEnd)), span(p.CoolDown))), true
}

// tick adds to the share when the ramp's clock has ticked since the last change.
func tick(p Plan, s Situation, look *Look) Move {
	if m, ok := uncertain(p, s, look); ok {
		return m
	}
	if s.State.Share == 0 {
		if m, ok := cool(p, s); ok {
			return m
		}
	}
	if due := p.ticks.after(s.State.ChangedAt); due.IsZero() || s.Now.Before(due) {
		return waitFor(ForTick, due, fmt.Sprintf("The next tick adds %v.", p.By))
	}
	to := spec.Share(math.Min(math.Round(float64(s.State.Share+p.By)*1e9)/1e9, float64(p.last())))
	return inWindow(p, s, Move{Kind: Step, Share: to, Reason: "The ramp's clock has ticked, and nothing is harmed."})
}

// inWindow holds a move back until a window is open.
func inWindow(p Plan, s Situation, m Move) Move {
	open, next := p.open(s.Now)
	if open {
		return m
	}
	return waitFor(ForWindow, next, "No release window is open.")
}

func climbReason(p Plan, s Situation, look *Look) string {
	if s.State.Share == 0 {
		return "The first step."
	}
	return fmt.Sprintf("%v was held for %s, %d treated %ss are mature, and nothing is harmed.", s.State.Share,
		span(s.Now.Sub(s.State.ShareSince)), look.Mature[s.State.Epoch], p.Unit)
}

// command is what a person types to make a move.
func command(p Plan, m Move) string {
	if m.Kind == Promote {
		return "weir promote. " + m.Reason
	}
	return fmt.Sprintf("weir ramp %v.", m.Share)
}

// span writes a time of seconds, minutes, hours or days.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%.0f days", math.Floor(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f hours", math.Floor(d.Hours()))
	case d > 0 && d < time.Minute:
		return fmt.Sprintf("%.0f seconds", math.Ceil(d.Seconds()))
	}
	return fmt.Sprintf("%.0f minutes", math.Floor(d.Minutes()))
}
