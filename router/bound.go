package router

import "weir/trace"

// bound decides on a request that carries ids which a version handed out. The
// first that is known decides.
func (p *Plan) bound(c *Context, m Memory) Decision {
	for _, id := range c.Bound {
		if e, ok := m.Get(Key{Kind: KindBound, ID: id}, c.At); ok && p.serves(e.Owner) {
			return p.carryOn(p.withUnit(e, m, c.At), c)
		}
	}
	return p.unknown(c, m)
}

// carryOn sends a request to the version that owns its id. Where its unit is
// moved, a turn goes along; a follow-up does not.
func (p *Plan) carryOn(e Entry, c *Context) Decision {
	if c.FollowUp {
		return p.inherit(e, e.Owner, trace.ReasonBinding)
	}
	d := p.resume(e, e.Owner, trace.ReasonBinding)
	d.Detach = d.Version != e.Owner
	return d
}

// unknown sends a request whose ids nobody knows to stable. Where its session
// is known, the row stays with that unit, as assigned. Nothing is remembered:
// the id may become known yet.
func (p *Plan) unknown(c *Context, m Memory) Decision {
	d := p.onStable(c, trace.ReasonUnknownID)
	if e, ok := p.conversation(c, m); ok {
		d.Assignment, d.Moved = e.Assignment, e.Moved
	}
	return d
}
