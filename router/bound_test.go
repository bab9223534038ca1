package router_test

import (
	"testing"

	"weir/router"
	"weir/trace"
)

// A chat is an application whose versions hand out conversation ids, behind a
// router: the ids are learned from the replies.
type chat struct {
	*testing.T
	store memory
	lines string
}

// serve sends one request; the version that gets it hands out ids.
func (c chat) serve(s router.State, x router.Context, handedOut ...string) router.Decision {
	c.Helper()
	x.At = monday
	d := router.Assign(plan(c.T, release(c.T, c.lines), s), x, c.store)
	for _, id := range handedOut {
		k, e := d.Bind(id, d.Version)
		c.store.Put(k, e, monday)
	}
	return d
}

func (c chat) expect(what string, d router.Decision, unit, version string, why trace.Reason, detach bool) {
	c.Helper()
	if d.UnitID != unit || d.Version != version || d.Reason != why || d.Detach != detach {
		c.Errorf("%s: got %+v", what, d)
	}
}

// A first message has no id: it is a fresh unit, which the id from the reply
// carries on, whatever the share is by then.
func TestBindingIsLearned(t *testing.T) {
	c := chat{T: t, store: memory{}}
	unit := idWhere(router.PurposeArm, 0, 0.2)
	first := c.serve(router.State{Share: 0.2}, router.Context{Fresh: unit}, "conversation", "message", "task")
	c.expect("first", first, unit, "v2", trace.ReasonSplit, false)
	for _, id := range []string{"conversation", "message", "task"} {
		x := router.Context{Session: id, Bound: []string{id}, Fresh: "f"}
		next := c.serve(router.State{Epoch: 2}, x)
		c.expect(id, next, unit, "v2", trace.ReasonBinding, false)
		if next.Assignment != first.Assignment || next.ServingEpoch != 2 {
			t.Errorf("got %+v, want %+v", next, first)
		}
	}
}

// The first known id decides; a binding comes before the session and any rule.
func TestBindingPrecedence(t *testing.T) {
	c := chat{T: t, store: memory{}, lines: "rules: [{name: all, when: 'path == \"/x\"', version: v1}]\n"}
	treated, control := idWhere(router.PurposeArm, 0, 0.5), idWhere(router.PurposeArm, 0.5, 1)
	s := router.State{Share: 0.5}
	c.serve(s, router.Context{Session: treated}, "of v2")
	c.serve(s, router.Context{Session: control}, "of v1")
	for _, bound := range [][]string{{"of v2"}, {"of v2", "of v1"}, {"lost", "of v2", "of v1"}} {
		c.expect(bound[0], c.serve(s, router.Context{Session: control, Bound: bound, Path: "/x"}), treated, "v2", trace.ReasonBinding, false)
	}
}

// Ids that nobody knows go to stable, not randomised, and are not remembered:
// they may become known yet. Where the session is known its unit keeps the row.
func TestUnknownID(t *testing.T) {
	c := chat{T: t, store: memory{}}
	treated := idWhere(router.PurposeArm, 0, 0.5)
	s := router.State{Share: 0.5}
	lost := router.Context{Session: "lost", Bound: []string{"lost"}}
	d := c.serve(s, lost)
	c.expect("unknown", d, "lost", "v1", trace.ReasonUnknownID, false)
	if d.Randomized || d.AssignedVersion != "v1" || len(c.store) != 0 {
		t.Errorf("got %+v, remembered %v", d, c.store)
	}
	first := c.serve(s, router.Context{Session: treated})
	d = c.serve(s, router.Context{Session: treated, Bound: []string{"lost"}})
	c.expect("of a known session", d, treated, "v1", trace.ReasonUnknownID, false)
	if d.Assignment != first.Assignment {
		t.Errorf("got %+v, want %+v", d, first)
	}
	c.expect("once promoted", c.serve(router.State{Promoted: true}, lost), "lost", "v2", trace.ReasonUnknownID, false)
}

// An id of a version that is no longer served is unknown.
func TestOwnerGone(t *testing.T) {
	c := chat{T: t, store: memory{}}
	k, e := router.Decision{Assignment: router.Assignment{Release: "r0", UnitID: "u", AssignedVersion: "v0"}}.Bind("old", "v0")
	c.store.Put(k, e, monday)
	c.expect("gone", c.serve(router.State{Share: 1}, router.Context{Bound: []string{"old"}, Fresh: "f"}), "f", "v1", trace.ReasonUnknownID, false)
}

// After a breaker or a rollback a turn goes to the control arm without its id,
// and the new id carries the same unit on; what is about the old id still goes
// to the version that knows it. The unit stays when the breaker is closed.
func TestBoundMoved(t *testing.T) {
	for _, moved := range []struct {
		state router.State
		why   trace.Reason
	}{{router.State{BreakerOpen: true, Share: 0.5}, trace.ReasonBreaker}, {router.State{RolledBack: true, Share: 0.5}, trace.ReasonRollback}} {
		c := chat{T: t, store: memory{}}
		unit := idWhere(router.PurposeArm, 0, 0.5)
		calm := router.State{Share: 0.5}
		first := c.serve(calm, router.Context{Fresh: unit}, "c1", "m1")
		turn := func(id string) router.Context { return router.Context{Session: id, Bound: []string{id}} }
		about := func(id string) router.Context { return router.Context{Bound: []string{id}, FollowUp: true} }

		c.expect("follow-up first", c.serve(moved.state, about("m1")), unit, "v2", trace.ReasonBinding, false)
		d := c.serve(moved.state, turn("c1"), "c2")
		c.expect("turn", d, unit, "v1", moved.why, true)
		if d.Assignment != first.Assignment || d.Moved != moved.why {
			t.Errorf("got %+v, want %+v", d, first)
		}
		for _, s := range []router.State{moved.state, calm} {
			c.expect("new id", c.serve(s, turn("c2")), unit, "v1", moved.why, false)
			c.expect("old id again", c.serve(s, turn("c1")), unit, "v1", moved.why, true)
			c.expect("another id of the unit", c.serve(s, turn("m1")), unit, "v1", moved.why, true)
			c.expect("follow-up of the old", c.serve(s, about("c1")), unit, "v2", trace.ReasonBinding, false)
			c.expect("follow-up of the new", c.serve(s, about("c2")), unit, "v1", trace.ReasonBinding, false)
		}
	}
}

// A conversation that stable answered in the candidate's place is stable's:
// it goes on there, and the unit is still the candidate's.
func TestBoundToAFallback(t *testing.T) {
	c := chat{T: t, store: memory{}}
	unit := idWhere(router.PurposeArm, 0, 0.5)
	d := c.serve(router.State{Share: 0.5}, router.Context{Fresh: unit})
	k, e := d.Bind("c1", "v1")
	c.store.Put(k, e, monday)
	next := c.serve(router.State{Share: 0.5}, router.Context{Bound: []string{"c1"}})
	c.expect("next", next, unit, "v1", trace.ReasonBinding, false)
	if next.AssignedVersion != "v2" {
		t.Errorf("got %+v", next)
	}
}

// Halting moves nobody.
func TestBoundHalted(t *testing.T) {
	c := chat{T: t, store: memory{}}
	unit := idWhere(router.PurposeArm, 0, 0.5)
	c.serve(router.State{Share: 0.5}, router.Context{Fresh: unit}, "c1")
	c.expect("halted", c.serve(router.State{Halted: true}, router.Context{Bound: []string{"c1"}}), unit, "v2", trace.ReasonBinding, false)
}

// Under unit user a conversation under way when coverage reaches its user stays
// on stable; one that nobody knows does too, though the user has entered.
func TestBoundOfUsers(t *testing.T) {
	c := chat{T: t, store: memory{}, lines: "unit: user\n"}
	user := userWhere(0.2, 1, 0, 0.5)
	c.serve(router.State{Share: 0.1}, router.Context{User: user}, "before")
	d := c.serve(router.State{Share: 0.5}, router.Context{User: user}, "after")
	c.expect("entered", d, user, "v2", trace.ReasonSplit, false)
	c.expect("before", c.serve(router.State{Share: 0.5}, router.Context{User: user, Bound: []string{"before"}}), user, "v1", trace.ReasonBinding, false)
	c.expect("after", c.serve(router.State{}, router.Context{User: user, Bound: []string{"after"}}), user, "v2", trace.ReasonBinding, false)
	d = c.serve(router.State{Share: 0.5}, router.Context{User: user, Bound: []string{"lost"}})
	c.expect("unknown", d, user, "v1", trace.ReasonUnknownID, false)
	if d.Randomized {
		t.Errorf("got %+v", d)
	}
	// Moving the user by one conversation moves the other, and its sessions.
	open := router.State{Share: 0.5, BreakerOpen: true}
	c.expect("moved", c.serve(open, router.Context{User: user, Bound: []string{"after"}}), user, "v1", trace.ReasonBreaker, true)
	c.expect("elsewhere", c.serve(router.State{Share: 0.5}, router.Context{User: user, Session: "new"}), user, "v1", trace.ReasonBreaker, false)
	c.expect("not randomised", c.serve(open, router.Context{User: user, Bound: []string{"before"}}), user, "v1", trace.ReasonBinding, false)
}

// A unit without a user id is moved as a whole too.
func TestBoundOfNobody(t *testing.T) {
	c := chat{T: t, store: memory{}, lines: "unit: user\n"}
	unit := userWhere(0, 1, 0, 0.5)
	calm, open := router.State{Share: 0.5}, router.State{Share: 0.5, BreakerOpen: true}
	c.expect("first", c.serve(calm, router.Context{Session: "s", Fresh: unit}, "c1"), unit, "v2", trace.ReasonSplit, false)
	c.expect("moved", c.serve(open, router.Context{Session: "s", Bound: []string{"c1"}}), unit, "v1", trace.ReasonBreaker, true)
	c.expect("its session", c.serve(calm, router.Context{Session: "s"}), unit, "v1", trace.ReasonBreaker, false)
}
