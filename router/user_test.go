package router_test

import (
	"testing"

	"pgregory.net/rapid"

	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// userWhere is a user whose numbers for exposure and arm lie below bounds and
// not below others.
func userWhere(exposureFrom, exposureTo, armFrom, armTo float64) string {
	return idWith(func(id string) bool {
		e, a := router.Draw("bot/r1/exposure", id), router.Draw("bot/r1/arm", id)
		return e >= exposureFrom && e < exposureTo && a >= armFrom && a < armTo
	})
}

// A share s covers twice as many users, and halves them.
func TestCoverage(t *testing.T) {
	for _, c := range []struct {
		what    string
		user    string
		state   router.State
		version string
		reason  trace.Reason
		drawn   bool
	}{
		{"treatment", userWhere(0, 0.2, 0, 0.5), router.State{Share: 0.1}, "v2", trace.ReasonSplit, true},
		{"control", userWhere(0, 0.2, 0.5, 1), router.State{Share: 0.1}, "v1", trace.ReasonSplit, true},
		{"uncovered", userWhere(0.2, 1, 0, 0.05), router.State{Share: 0.1}, "v1", trace.ReasonDefault, false},
		{"nobody", userWhere(0, 0.01, 0, 0.5), router.State{}, "v1", trace.ReasonDefault, false},
		{"everybody", userWhere(0.99, 1, 0, 0.5), router.State{Share: 0.5}, "v2", trace.ReasonSplit, true},
		{"promoted", userWhere(0, 0.2, 0.5, 1), router.State{Share: 0.1, Promoted: true}, "v2", trace.ReasonDefault, false},
	} {
		d := firstRequest(t, release(t, "unit: user\n"), c.state, router.Context{User: c.user, Session: "s"})
		if d.UnitID != c.user || d.Version != c.version || d.Reason != c.reason || d.Randomized != c.drawn || d.Randomized != (d.Propensity == 0.5) {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// A user enters with the first session begun after coverage reached them; the
// one under way stays. Lowering coverage ends nobody's stay.
func TestEntry(t *testing.T) {
	r, store := release(t, "unit: user\n"), memory{}
	user := userWhere(0.2, 0.4, 0, 0.5)
	for _, c := range []struct {
		what, session string
		share         spec.Share
		version       string
		reason        trace.Reason
		epoch         int64
	}{
		{"not covered", "a", 0.1, "v1", trace.ReasonDefault, 0},
		{"covered, under way", "a", 0.2, "v1", trace.ReasonSticky, 0},
		{"covered, begun after", "b", 0.2, "v2", trace.ReasonSplit, 2},
		{"begun before", "a", 0.2, "v1", trace.ReasonSticky, 0},
		{"under way in the experiment", "b", 0.5, "v2", trace.ReasonSticky, 2},
		{"another", "c", 0.5, "v2", trace.ReasonSticky, 2},
		{"coverage lowered", "d", 0.1, "v2", trace.ReasonSticky, 2},
		{"nobody covered", "b", 0, "v2", trace.ReasonSticky, 2},
	} {
		epoch := int64(c.share * 10)
		d := router.Assign(plan(t, r, router.State{Share: c.share, Epoch: epoch}), router.Context{User: user, Session: c.session, At: monday}, store)
		want := c.epoch
		if !d.Randomized {
			want = 1
		}
		if d.Version != c.version || d.Reason != c.reason || d.Epoch != want || d.Randomized != (c.epoch > 0) || d.ServingEpoch != epoch {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// A session id is unique to its user at best; a request without a user is a
// unit of its own as long as its session lasts.
func TestSessionsOfUsers(t *testing.T) {
	r, store := release(t, "unit: user\n"), memory{}
	p := plan(t, r, router.State{Share: 0.1})
	serve := func(user, fresh string) router.Decision {
		return router.Assign(p, router.Context{User: user, Session: "1", Fresh: fresh, At: monday}, store)
	}
	treated, uncovered := userWhere(0, 0.2, 0, 0.5), userWhere(0.2, 1, 0, 0.5)
	for _, user := range []string{uncovered, treated} {
		if d := serve(user, "f"); d.UnitID != user {
			t.Errorf("got %+v", d)
		}
	}
	first, second := serve("", treated), serve("", uncovered)
	if first.UnitID != treated || !first.Randomized || second.Reason != trace.ReasonSticky || second.UnitID != treated {
		t.Errorf("got\n%+v\n%+v", first, second)
	}
}

const userRules = `
unit: user
rules:
  - {name: staff, when: 'headers["X-Flag"] == "v2"', version: v2}
  - {name: old, when: 'headers["X-Flag"] == "v1"', version: v1}
  - {name: vip, when: 'path == "/vip"', split: 10%, from_share: 5%}
holdout: 50%
`

// A forced user stays where the rule sent it; a split covers twice its share
// of the rule's users; both from the first session that meets the rule.
func TestRulesOfUsers(t *testing.T) {
	r, store := release(t, userRules), memory{}
	drawn := func(id string, p router.Purpose) float64 { return router.Draw(router.Salt("bot", "r1", p), id) }
	held := func(prefix string) string {
		return prefix + idWith(func(id string) bool { return drawn(prefix+id, "holdout") < 0.5 })
	}
	staff, other := held("staff-"), held("other-")
	covered := idWith(func(id string) bool {
		return drawn(id, "holdout") < 0.5 && drawn(id, "exposure") < 0.2 && drawn(id, "arm") < 0.5
	})
	uncovered := idWith(func(id string) bool { return drawn(id, "holdout") < 0.5 && drawn(id, "exposure") >= 0.2 })
	flag := func(v string) router.Context {
		return router.Context{Headers: func() map[string]string { return map[string]string{"X-Flag": v} }}
	}
	for i, c := range []struct {
		what, user string
		share      spec.Share
		c          router.Context
		version    string
		reason     trace.Reason
		propensity float64
	}{
		{"held out", staff, 0.5, router.Context{}, "v1", trace.ReasonHoldout, 0},
		{"forced", staff, 0.5, flag("v2"), "v2", trace.ReasonRule, 0},
		{"forced, without the header", staff, 0.5, router.Context{}, "v2", trace.ReasonSticky, 0},
		{"forced to stable", other, 0, flag("v1"), "v1", trace.ReasonRule, 0},
		{"forced to stable, another header", other, 0.5, flag("v2"), "v1", trace.ReasonSticky, 0},
		{"before from_share", covered, 0.04, router.Context{Path: "/vip"}, "v1", trace.ReasonRule, 0},
		{"covered by its rule", covered, 0.05, router.Context{Path: "/vip"}, "v2", trace.ReasonRule, 0.5},
		{"then elsewhere", covered, 0, router.Context{}, "v2", trace.ReasonSticky, 0.5},
		{"not covered by its rule", uncovered, 0.5, router.Context{Path: "/vip"}, "v1", trace.ReasonRule, 0},
		{"held out elsewhere", uncovered, 0.5, router.Context{}, "v1", trace.ReasonHoldout, 0},
	} {
		c.c.User, c.c.Session, c.c.At = c.user, string(rune('a'+i)), monday
		d := router.Assign(plan(t, r, router.State{Share: c.share}), c.c, store)
		if d.Version != c.version || d.Reason != c.reason || d.Propensity != c.propensity {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// A user is moved as a whole, in whichever session, and stays.
func TestUserMoved(t *testing.T) {
	r, store := release(t, "unit: user\n"), memory{}
	user := userWhere(0, 1, 0, 0.5)
	for _, c := range []struct {
		what, session string
		open          bool
		version       string
		reason        trace.Reason
	}{
		{"treated", "a", false, "v2", trace.ReasonSplit},
		{"and again", "b", false, "v2", trace.ReasonSticky},
		{"moved", "a", true, "v1", trace.ReasonBreaker},
		{"stays", "a", false, "v1", trace.ReasonBreaker},
		{"in the other session too", "b", false, "v1", trace.ReasonBreaker},
		{"and in a new one", "c", false, "v1", trace.ReasonBreaker},
	} {
		d := router.Assign(plan(t, r, router.State{Share: 0.5, BreakerOpen: c.open}), router.Context{User: user, Session: c.session, At: monday}, store)
		if d.Version != c.version || d.Reason != c.reason || d.AssignedVersion != "v2" {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// A user enters each release anew.
func TestUserInTheNextRelease(t *testing.T) {
	store := memory{}
	user := userWhere(0, 1, 0, 0.5)
	router.Assign(plan(t, release(t, "unit: user\n"), router.State{Share: 0.5}), router.Context{User: user, Session: "a", At: monday}, store)
	r, err := spec.Parse("weir.yaml", []byte("app: bot\nrelease: r2\nstable: v1\ncandidate: v2\nunit: user\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := router.Assign(plan(t, r, router.State{Share: 0.5}), router.Context{User: user, Session: "b", At: later}, store)
	if d.Release != "r2" || d.Reason != trace.ReasonSplit || !d.AssignedAt.Equal(later) {
		t.Errorf("got %+v", d)
	}
}

// A user is in one arm at every share that covers them, and raising the share
// covers more.
func TestCoverageIsMonotone(t *testing.T) {
	r := release(t, "unit: user\n")
	rapid.Check(t, func(t *rapid.T) {
		user := rapid.StringN(1, 40, -1).Draw(t, "user")
		a := rapid.Float64Range(0, 0.5).Draw(t, "share")
		b := rapid.Float64Range(a, 0.5).Draw(t, "larger share")
		at := func(share float64) router.Decision {
			p, err := router.NewPlan(r, router.State{Share: spec.Share(share)})
			if err != nil {
				t.Fatal(err)
			}
			return router.Decide(p, router.Context{User: user}, memory{})
		}
		before, after := at(a), at(b)
		if before.Randomized && (!after.Randomized || before.Version != after.Version) {
			t.Fatalf("%v: %+v, %v: %+v", a, before, b, after)
		}
	})
}

// Two first requests of a conversation on either side of coverage reaching its
// user go to one version, whichever is remembered first.
func TestRaceOfEntry(t *testing.T) {
	r := release(t, "unit: user\n")
	before, after := plan(t, r, router.State{Share: 0.1}), plan(t, r, router.State{Share: 0.5})
	c := router.Context{User: userWhere(0.2, 1, 0, 0.5), Session: "s", At: monday}
	for _, order := range [][2]*router.Plan{{before, after}, {after, before}} {
		store := &overtaken{memory: memory{}}
		var other router.Decision
		store.meanwhile = func() { other = router.Assign(order[0], c, store.memory) }
		d := router.Assign(order[1], c, store)
		if d.Version != other.Version || d.Assignment != other.Assignment || d.Reason != trace.ReasonSticky {
			t.Errorf("got\n%+v\n%+v", other, d)
		}
	}
}
