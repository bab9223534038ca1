package router

import (
	"fmt"
	"maps"
	"slices"

	"weir/rollout/spec"
	"weir/trace"
)

// A Plan is an allocation in force: who would go where, now. It is read-only
// and may be used by several goroutines.
type Plan struct {
	release, promise   string
	unit               spec.Unit
	control, candidate string   // the arms
	stable             string   // where everyone else goes: control, and the candidate once promoted
	versions           []string // that can serve

	exposureSalt, armSalt, holdoutSalt string

	rules   []rule
	holdout float64
	share   float64 // of the candidate; 0 once promoted: then nothing is drawn
	epoch   int64

	closed, moving trace.Reason
	drill          *drill // nil: there is none
}

// NewPlan builds the plan of a release in a state. It keeps nothing of the
// release that could change. The error says what of the state the release
// cannot be in.
func NewPlan(release *spec.Release, state State) (*Plan, error) {
	if err := state.check(release.Unit); err != nil {
		return nil, fmt.Errorf("release %s: %w", release.Release, err)
	}
	salt := func(p Purpose) string { return Salt(release.App, release.Release, p) }
	p := &Plan{
		release: release.Release, promise: release.Promise(), unit: release.Unit,
		control: release.Stable, candidate: release.Candidate, stable: release.Stable,
		versions:     slices.AppendSeq([]string{release.Stable, release.Candidate}, maps.Keys(release.Versions)),
		exposureSalt: salt(PurposeExposure), armSalt: salt(PurposeArm), holdoutSalt: salt(PurposeHoldout),
		rules: newRules(release.Rules, state), holdout: float64(release.Holdout),
		share: float64(state.Share), epoch: state.Epoch,
		closed: state.closed(), moving: state.moving(),
	}
	if state.Promoted {
		p.stable, p.share = p.candidate, 0
	}
	return p, nil
}

// Stable is the version that serves everyone who is assigned to no other, and
// that a version may fall back on.
func (p *Plan) Stable() string { return p.stable }

// Broken is the plan as it is once the candidate's breaker has opened: what
// holds from that moment until whoever changes the allocation has written down
// [State.BreakerOpen], as an epoch of its own. A plan that the breaker changes
// nothing of is returned as it is: the candidate is promoted, or its units are
// moved already.
func (p *Plan) Broken() *Plan {
	if p.moving != "" || p.stable == p.candidate {
		return p
	}
	broken := *p
	broken.moving = trace.ReasonBreaker
	if broken.closed == "" {
		broken.closed = trace.ReasonBreaker
	}
	return &broken
}

// serves tells whether a version can be sent to.
func (p *Plan) serves(version string) bool { return slices.Contains(p.versions, version) }

// draw assigns a unit that has a share of the candidate. Under unit user a
// share s covers the users with u(exposure) below 2s, and halves them, so that
// the propensity is 1/2 at every share.
func (p *Plan) draw(a *Assignment, share float64) {
	if p.unit == spec.UnitUser {
		if Draw(p.exposureSalt, a.UnitID) >= 2*share {
			return
		}
		share = 0.5
	}
	switch {
	case share == 0:
	case share == 1:
		a.AssignedVersion = p.candidate
	case Draw(p.armSalt, a.UnitID) < share:
		a.AssignedVersion, a.Randomized, a.Propensity = p.candidate, true, share
	default:
		a.Randomized, a.Propensity = true, 1-share
	}
}
