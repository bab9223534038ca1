package router

import (
	"time"

	"weir/rollout/spec"
	"weir/trace"
)

// sessionKey is the key of the request's conversation. Under unit user a
// session id is unique to its user at best.
func (p *Plan) sessionKey(c *Context) Key {
	k := Key{Kind: KindSession, ID: c.Session}
	if p.unit == spec.UnitUser {
		k.Within = c.User
	}
	return k
}

// unitKey is the key of a unit. A conversation goes on from release to
// release; a user enters each anew.
func (p *Plan) unitKey(release, unit string) Key {
	if p.unit == spec.UnitUser {
		return Key{Kind: KindUser, Within: release, ID: unit}
	}
	return Key{Kind: KindSession, ID: unit}
}

// recall gives what is remembered of the request's conversation or, where it
// is a new one, of its user.
func (p *Plan) recall(c *Context, m Memory) (Entry, bool) {
	if e, ok := p.conversation(c, m); ok {
		return e, true
	}
	if p.unit == spec.UnitUser && c.User != "" {
		return m.Get(p.unitKey(p.release, c.User), c.At)
	}
	return Entry{}, false
}

// conversation gives what is remembered of the request's session.
func (p *Plan) conversation(c *Context, m Memory) (Entry, bool) {
	if c.Session == "" {
		return Entry{}, false
	}
	e, ok := m.Get(p.sessionKey(c), c.At)
	if ok && p.unit == spec.UnitUser {
		e = p.withUnit(e, m, c.At)
	}
	return e, ok
}

// withUnit adds to an entry whether its unit was moved, under whatever id.
func (p *Plan) withUnit(e Entry, m Memory, at time.Time) Entry {
	if unit, ok := m.Get(p.unitKey(e.Release, e.UnitID), at); ok {
		return e.Join(unit)
	}
	return e
}

// resume decides on a request of a unit that is assigned. Target is the
// version that goes on with it, unless the unit is moved.
func (p *Plan) resume(e Entry, target string, why trace.Reason) Decision {
	d := p.inherit(e, target, why)
	switch foreign := e.Release != p.release; {
	case e.Moved != "" && e.AssignedVersion != p.control:
		d.Version, d.Reason = p.control, e.Moved
	case p.moving != "" && e.AssignedVersion == p.candidate && !foreign:
		d.Version, d.Reason, d.Moved = p.control, p.moving, p.moving
		d.Remember[0] = p.unitKey(e.Release, e.UnitID)
	case !p.serves(target) || foreign && target == p.candidate && target != p.stable:
		// The version is gone; or it is a candidate now, and those get only units
		// that their own release sent there.
		d.Version, d.Reason = p.stable, trace.ReasonDefault
	}
	return d
}

// inherit is the decision on a request of a unit that is assigned.
func (p *Plan) inherit(e Entry, version string, why trace.Reason) Decision {
	return Decision{Assignment: e.Assignment, Version: version, Reason: why, Moved: e.Moved, ServingEpoch: p.epoch}
}
