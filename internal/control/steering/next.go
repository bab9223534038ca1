package steering

import (
	"cmp"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

// Begin is the state of a release that begins: nobody gets the candidate.
func Begin(now time.Time) ledger.State {
	return ledger.State{Epoch: 1, BeganAt: now, ShareSince: now, Since: now}
}

// Next is the state after an action, or a *[Refusal]. Drawn tells whether
// units came to the candidate in this release, or were drawn for it. A state
// that equals the old one means that there is nothing to do.
func Next(r *spec.Release, s ledger.State, a Action, drawn bool, now time.Time) (ledger.State, error) {
	next, err := apply(r, s, a, drawn)
	if err != nil || next == s {
		return s, err
	}
	if next.Allocation() != s.Allocation() || next.Header != s.Header {
		next.Epoch++
		next.Since = now
	}
	if next.Share != s.Share {
		next.ShareSince = now
	}
	return climbed(r.Ramp, next, now), nil
}

func apply(r *spec.Release, s ledger.State, a Action, drawn bool) (ledger.State, error) {
	if a.Kind == ledger.KindRollback {
		s.RolledBack, s.Promoted, s.Breaker, s.Halted, s.Drill, s.DrillBack = true, false, "", false, "", false
		return s, nil
	}
	if s.RolledBack {
		return s, refuse(newRelease, "release %s is rolled back, and that is final", r.Release)
	}
	if a.Kind == ledger.KindPromote {
		return promote(r, s)
	}
	if s.Promoted {
		return s, refuse("roll back, or "+newRelease, "release %s is promoted: %s serves everyone", r.Release, r.Candidate)
	}
	switch a.Kind {
	case ledger.KindShare:
		return setShare(r, s, a, drawn)
	case ledger.KindStep:
		return step(r, s, a)
	case ledger.KindPause:
		s.Paused = true
	case ledger.KindResume:
		s.Paused, s.Halted, s.Breaker, s.Invalid = false, false, "", 0
	case ledger.KindHalt:
		s.Halted = true
	case ledger.KindSuspect:
		return suspect(s, a), nil
	case ledger.KindTrust:
		s.Invalid = 0
	case ledger.KindDrill:
		s.Drill, s.DrillBack = a.Drill, a.Drill != "" && a.DrillBack
	case ledger.KindBreaker:
		s.Breaker = cmp.Or(a.Reason, "opened")
	default:
		panic("steering: no action: " + string(a.Kind))
	}
	return s, nil
}

func promote(r *spec.Release, s ledger.State) (ledger.State, error) {
	if s.Breaker != "" {
		return s, refuse("resume closes it", "the breaker of %s is open (%s)", r.Candidate, s.Breaker)
	}
	s.Promoted, s.Paused, s.Halted, s.Drill, s.DrillBack = true, false, false, "", false
	return s, nil
}

// setShare sets share and strategy, and pauses the ramp. A share of 0 may be
// set at any time.
func setShare(r *spec.Release, s ledger.State, a Action, drawn bool) (ledger.State, error) {
	if a.Share == 0 && a.Header == "" {
		s.Share, s.Header, s.Paused = 0, "", true
		return s, nil
	}
	if err := checkStrategy(r, s, a, drawn); err != nil {
		return s, err
	}
	if err := checkShare(r, a.Share); err != nil {
		return s, err
	}
	s.Share, s.Header, s.Paused = a.Share, a.Header, true
	if a.Strategy != "" {
		s.Strategy = a.Strategy
	}
	return s, nil
}

// checkStrategy refuses a strategy that the release cannot have, and another
// one than before once units are assigned: what was measured under one says
// nothing of the other.
func checkStrategy(r *spec.Release, s ledger.State, a Action, drawn bool) error {
	if a.Strategy == ledger.StrategyUserID && r.Unit != spec.UnitUser {
		return refuse("write unit: user in the spec, under a new release, and reload it; or set a percentage, which is of sessions",
			"strategy user_id assigns users, and release %s assigns sessions", r.Release)
	}
	changed := a.Strategy != "" && s.Strategy != "" && kindOf(a.Strategy) != kindOf(s.Strategy)
	if changed && drawn {
		return refuse(newRelease, "release %s has units assigned under strategy %s", r.Release, s.Strategy)
	}
	if a.Header != "" {
		_, err := headerRule(r, a.Header)
		return err
	}
	return nil
}

// kindOf joins the strategies that are the same to a release: the specification
// says whether its units are users.
func kindOf(s ledger.Strategy) ledger.Strategy {
	if s == ledger.StrategyUserID {
		return ledger.StrategyPercentage
	}
	return s
}

func checkShare(r *spec.Release, share spec.Share) error {
	switch {
	case !(share >= 0 && share <= 1):
		return refuse("write a fraction from 0 to 1", "share %v is out of range", float64(share))
	case r.Unit == spec.UnitUser && share > 0.5:
		return refuse("write at most 0.5, or promote", "share %v is more than half of the users, and the arms are halves of the users covered", share)
	}
	return nil
}

// step climbs the ramp. It is the autopilot's.
func step(r *spec.Release, s ledger.State, a Action) (ledger.State, error) {
	switch {
	case s.Paused || s.Halted || s.Breaker != "":
		return s, refuse("resume first", "the ramp of release %s stands still", r.Release)
	case a.Share <= s.Share:
		return s, refuse("take a higher step", "share %v is in force", s.Share)
	case r.Ramp == nil || a.Share > r.Ramp.Steps[len(r.Ramp.Steps)-1].To:
		return s, refuse("promote, or set the share by hand", "share %v is above the ramp of release %s", a.Share, r.Release)
	}
	if err := checkShare(r, a.Share); err != nil {
		return s, err
	}
	s.Share, s.Strategy, s.Header = a.Share, ledger.StrategyPercentage, ""
	return s, nil
}

// suspect counts an invalid look, once.
func suspect(s ledger.State, a Action) ledger.State {
	if at := a.LookAt.UTC(); at.After(s.InvalidAt) {
		s.Invalid, s.InvalidAt = s.Invalid+1, at
	}
	return s
}

// climbed counts the steps of the ramp at or below the share, and notes when
// the last was first reached.
func climbed(ramp *spec.Ramp, s ledger.State, now time.Time) ledger.State {
	s.Step = 0
	if ramp == nil {
		return s
	}
	for s.Step < len(ramp.Steps) && ramp.Steps[s.Step].To <= s.Share {
		s.Step++
	}
	if s.Step == len(ramp.Steps) && s.LastStepAt.IsZero() {
		s.LastStepAt = now
	}
	return s
}
