package router

import "weir/trace"

// A Decision is where a request goes, and why.
type Decision struct {
	Assignment              // of the unit
	Version    string       // to send the request to; not the assigned one where the unit was moved
	Reason     trace.Reason // the first that applied
	Moved      trace.Reason // what took the unit to the control arm, now or earlier; empty: nothing

	ServingEpoch int64
	// Detach means that the bound ids in the request belong to another version
	// than the one it goes to. Where the two versions are two applications, it
	// must go without them.
	Detach bool
	// Remember are the keys to remember the decision under, in this order; zero
	// keys are none. [Assign] does it.
	Remember [2]Key
	// Err is why a rule could not be evaluated. The unit is on stable, not
	// randomised.
	Err error
}

// Decide says where a request goes. It does nothing else: the same plan,
// context and memory give the same decision.
func Decide(p *Plan, c Context, memory Memory) Decision {
	p = p.of(&c)
	if len(c.Bound) > 0 {
		return p.bound(&c, memory)
	}
	if e, ok := p.recall(&c, memory); ok {
		return p.resume(e, e.AssignedVersion, trace.ReasonSticky)
	}
	if c.Aside {
		return p.onStable(&c, trace.ReasonDefault)
	}
	return p.assign(&c)
}

// entry is what to remember of the decision.
func (d Decision) entry() Entry { return Entry{Assignment: d.Assignment, Moved: d.Moved} }

// Bind is what to remember of an id that a version, its owner, handed out in
// answer to the request: it belongs to that version and carries the unit on.
func (d Decision) Bind(id, owner string) (Key, Entry) {
	e := d.entry()
	e.Owner = owner
	return Key{Kind: KindBound, ID: id}, e
}

// Record writes the decision into the request's row of traces. Where another
// version answers in the end, or the reason becomes another, the caller writes
// that over it.
func (d Decision) Record(x *trace.Exchange) {
	x.Release, x.UnitID, x.PromiseHash = d.Release, d.UnitID, d.PromiseHash
	x.AssignedVersion, x.ServedVersion = d.AssignedVersion, d.Version
	x.Reason, x.Rule, x.AssignedAt = d.Reason, d.Rule, d.AssignedAt
	x.Randomized, x.Epoch, x.ServingEpoch = new(d.Randomized), new(d.Epoch), new(d.ServingEpoch)
	x.Propensity = nil
	if d.Randomized {
		x.Propensity = new(d.Propensity)
	}
}
