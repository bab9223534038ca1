package router

import (
	"weir/rollout/spec"
	"weir/trace"
)

// assign decides on a unit's first request.
func (p *Plan) assign(c *Context) Decision {
	d, fixed := p.onStable(c, p.closed), false
	if p.closed == "" {
		fixed = p.choose(&d, c)
	}
	d.Version, d.Remember = d.AssignedVersion, p.keysOf(c, fixed)
	return d
}

// choose takes rule, holdout or hash, and tells whether the assignment is the
// unit's for the release. Under unit user one that is not holds for the
// conversation: the user may enter with a later one.
func (p *Plan) choose(d *Decision, c *Context) (fixed bool) {
	r, err := p.match(c)
	if r != nil {
		d.Reason, d.Rule, d.Err = trace.ReasonRule, r.Name, err
	}
	switch {
	case err != nil:
		return false
	case r != nil && r.Version != "":
		d.AssignedVersion = r.Version
		return true
	case r != nil:
		p.draw(&d.Assignment, r.share)
	case p.holdout > 0 && Draw(p.holdoutSalt, d.UnitID) < p.holdout:
		d.Reason = trace.ReasonHoldout
	default:
		d.Reason = trace.ReasonDefault
		if p.draw(&d.Assignment, p.share); d.Randomized {
			d.Reason = trace.ReasonSplit
		}
	}
	return d.Randomized
}

// onStable is a new assignment to stable, not randomised.
func (p *Plan) onStable(c *Context, why trace.Reason) Decision {
	return Decision{
		Assignment: Assignment{
			Release: p.release, UnitID: c.unit(p.unit), AssignedVersion: p.stable,
			Epoch: p.epoch, AssignedAt: c.At, PromiseHash: p.promise,
		},
		Version: p.stable, Reason: why, ServingEpoch: p.epoch,
	}
}

// keysOf are the keys to remember a new assignment under: the conversation's,
// and before it, where the assignment is the user's, the user's.
func (p *Plan) keysOf(c *Context, fixed bool) (keys [2]Key) {
	if p.unit == spec.UnitUser && fixed && c.User != "" {
		keys[0] = p.unitKey(p.release, c.User)
	}
	if c.Session != "" {
		keys[1] = p.sessionKey(c)
	}
	return keys
}
