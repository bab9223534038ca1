package router_test

import (
	"reflect"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

// firstRequest decides on the first request of a session.
func firstRequest(t *testing.T, r *spec.Release, s router.State, c router.Context) router.Decision {
	t.Helper()
	c.At = monday
	return router.Decide(plan(t, r, s), c, memory{})
}

// A decision on a first request, in full: what Decide fills in is written out
// once, here.
func TestDecision(t *testing.T) {
	r := release(t, "")
	id := idWhere(router.PurposeArm, 0.1, 0.2)
	got := firstRequest(t, r, router.State{Share: 0.25, Epoch: 7}, router.Context{Session: id})
	want := router.Decision{
		Assignment: router.Assignment{
			Release: "r1", UnitID: id, AssignedVersion: "v2", Randomized: true, Propensity: 0.25,
			Epoch: 7, AssignedAt: monday, PromiseHash: r.Promise(),
		},
		Version: "v2", Reason: trace.ReasonSplit, ServingEpoch: 7, Remember: [2]router.Key{1: session(id)},
	}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestFirstRequests(t *testing.T) {
	low, high := idWhere(router.PurposeArm, 0, 0.2), idWhere(router.PurposeArm, 0.2, 1)
	for _, c := range []struct {
		what, unit string
		state      router.State
		version    string
		reason     trace.Reason
		randomized bool
		propensity float64
	}{
		{"treatment", low, router.State{Share: 0.2}, "v2", trace.ReasonSplit, true, 0.2},
		{"control", high, router.State{Share: 0.2}, "v1", trace.ReasonSplit, true, 0.8},
		{"share 0", low, router.State{}, "v1", trace.ReasonDefault, false, 0},
		{"share 1", high, router.State{Share: 1}, "v2", trace.ReasonDefault, false, 0},
		{"halted", low, router.State{Share: 0.2, Halted: true}, "v1", trace.ReasonHalt, false, 0},
		{"breaker open", low, router.State{Share: 0.2, BreakerOpen: true}, "v1", trace.ReasonBreaker, false, 0},
		{"rolled back", low, router.State{Share: 0.2, RolledBack: true}, "v1", trace.ReasonRollback, false, 0},
		{"all of these", low, router.State{Share: 1, RolledBack: true, Halted: true, BreakerOpen: true}, "v1", trace.ReasonRollback, false, 0},
		{"halted, breaker open", low, router.State{Share: 1, Halted: true, BreakerOpen: true}, "v1", trace.ReasonHalt, false, 0},
		{"promoted", high, router.State{Share: 0.2, Promoted: true}, "v2", trace.ReasonDefault, false, 0},
		{"promoted, halted", high, router.State{Promoted: true, Halted: true}, "v2", trace.ReasonHalt, false, 0},
	} {
		d := firstRequest(t, release(t, ""), c.state, router.Context{Session: c.unit})
		if d.Version != c.version || d.AssignedVersion != c.version || d.Reason != c.reason ||
			d.Randomized != c.randomized || d.Propensity != c.propensity || d.Moved != "" {
			t.Errorf("%s: got %+v", c.what, d)
		}
		if d.Remember != [2]router.Key{1: session(c.unit)} {
			t.Errorf("%s: remembered under %+v", c.what, d.Remember)
		}
	}
}

// A request without an id is a unit of its own, and nothing is remembered.
func TestNoID(t *testing.T) {
	low, high := idWhere(router.PurposeArm, 0, 0.5), idWhere(router.PurposeArm, 0.5, 1)
	for fresh, version := range map[string]string{low: "v2", high: "v1"} {
		d := firstRequest(t, release(t, ""), router.State{Share: 0.5}, router.Context{User: "u", Fresh: fresh})
		if d.UnitID != fresh || d.Version != version || !d.Randomized || d.Remember != [2]router.Key{} {
			t.Errorf("got %+v", d)
		}
	}
}

func TestNoIDAtAll(t *testing.T) {
	defer func() {
		if got := recover(); got != "router: a request without an id needs a fresh one" {
			t.Errorf("got %v", got)
		}
	}()
	firstRequest(t, release(t, ""), router.State{Share: 0.5}, router.Context{})
}

const ruled = `
versions: {v1: {upstream: "http://a"}, v2: {upstream: "http://b"}, v3: {upstream: "http://c"}}
context: {attributes: {tier: "header:X-Tier"}}
holdout: 30%
rules:
  - {name: qa,    when: 'headers["X-Flag"] == "v2"', version: v2}
  - {name: old,   when: 'headers["X-Flag"] == "v3"', version: v3}
  - {name: late,  when: 'attributes.tier == "gold"', split: 40%, from_share: 20%}
  - {name: early, when: 'path == "/early"',          split: 40%}
  - {name: never, when: 'attributes.tier == "gold" or method == "HEAD" or region == "cn" or user == "u"', version: v2}
`

func TestRules(t *testing.T) {
	held := func(id string) float64 { return router.Draw(router.Salt("bot", "r1", router.PurposeHoldout), id) }
	arm := func(id string) float64 { return router.Draw(router.Salt("bot", "r1", router.PurposeArm), id) }
	in := idWith(func(id string) bool { return held(id) < 0.3 && arm(id) < 0.05 })
	low := idWith(func(id string) bool { return held(id) >= 0.3 && arm(id) < 0.05 })
	middle := idWith(func(id string) bool { return held(id) >= 0.3 && arm(id) >= 0.25 && arm(id) < 0.4 })
	high := idWith(func(id string) bool { return held(id) >= 0.3 && arm(id) >= 0.4 })
	flag := func(v string) func() map[string]string {
		return func() map[string]string { return map[string]string{"X-Flag": v} }
	}
	gold := map[string]string{"tier": "gold"}
	r := release(t, ruled)
	for _, c := range []struct {
		what       string
		share      spec.Share
		c          router.Context
		version    string
		reason     trace.Reason
		rule       string
		propensity float64
	}{
		{"forced", 0, router.Context{Session: high, Headers: flag("v2")}, "v2", trace.ReasonRule, "qa", 0},
		{"forced to a third version", 0.2, router.Context{Session: low, Headers: flag("v3")}, "v3", trace.ReasonRule, "old", 0},
		{"forced out of the holdout", 0.2, router.Context{Session: in, Headers: flag("v2")}, "v2", trace.ReasonRule, "qa", 0},
		{"the first rule wins", 0.2, router.Context{Session: low, Headers: flag("v2"), Attributes: gold}, "v2", trace.ReasonRule, "qa", 0},
		{"its own share, below the ramp's", 0.9, router.Context{Session: high, Attributes: gold}, "v1", trace.ReasonRule, "late", 0.6},
		{"its own share, above the ramp's", 0.2, router.Context{Session: middle, Attributes: gold}, "v2", trace.ReasonRule, "late", 0.4},
		{"before from_share", 0.19, router.Context{Session: low, Attributes: gold}, "v1", trace.ReasonRule, "late", 0},
		{"without from_share", 0, router.Context{Session: low, Path: "/early"}, "v2", trace.ReasonRule, "early", 0.4},
		{"a rule before the holdout", 0.2, router.Context{Session: in, Path: "/early"}, "v2", trace.ReasonRule, "early", 0.4},
		{"by region", 0.2, router.Context{Session: high, Region: "cn"}, "v2", trace.ReasonRule, "never", 0},
		{"by method", 0.2, router.Context{Session: high, Method: "HEAD"}, "v2", trace.ReasonRule, "never", 0},
		{"by user", 0.2, router.Context{Session: high, User: "u"}, "v2", trace.ReasonRule, "never", 0},
		{"no rule, held out", 1, router.Context{Session: in}, "v1", trace.ReasonHoldout, "", 0},
		{"no rule, drawn", 0.2, router.Context{Session: low}, "v2", trace.ReasonSplit, "", 0.2},
	} {
		d := firstRequest(t, r, router.State{Share: c.share}, c.c)
		if d.Version != c.version || d.Reason != c.reason || d.Rule != c.rule || d.Propensity != c.propensity || d.Randomized != (c.propensity > 0) || d.Err != nil {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// After a promotion nothing is drawn any more, by rules neither.
func TestRulesOncePromoted(t *testing.T) {
	d := firstRequest(t, release(t, ruled), router.State{Share: 0.5, Promoted: true}, router.Context{Session: "s", Path: "/early"})
	if d.Version != "v2" || d.Randomized || d.Rule != "early" {
		t.Errorf("got %+v", d)
	}
}

// Headers are asked for once, and only where there are rules to look at.
func TestHeadersAreAskedForOnce(t *testing.T) {
	for _, c := range []struct {
		lines string
		state router.State
		want  int
	}{{"", router.State{Share: 0.5}, 0}, {ruled, router.State{Share: 0.5}, 1}, {ruled, router.State{RolledBack: true}, 0}} {
		asked := 0
		store := memory{}
		p := plan(t, release(t, c.lines), c.state)
		for range 3 {
			router.Assign(p, router.Context{Session: "s", Headers: func() map[string]string { asked++; return nil }}, store)
		}
		if asked != c.want {
			t.Errorf("%+v: asked %d times, want %d", c.state, asked, c.want)
		}
	}
}

// A rule that cannot be evaluated leaves the unit on stable: no later rule
// and no draw.
func TestRuleError(t *testing.T) {
	r := release(t, "rules: [{name: greedy, when: 'len(1..100000000) > 1', version: v2}, {name: all, when: 'true', version: v2}]\n")
	d := firstRequest(t, r, router.State{Share: 1}, router.Context{Session: "s"})
	if d.Version != "v1" || d.Reason != trace.ReasonRule || d.Rule != "greedy" || d.Randomized || d.Err == nil {
		t.Errorf("got %+v", d)
	}
}

// Later requests of a session inherit the assignment whole; what they serve in
// is today's epoch.
func TestSticky(t *testing.T) {
	r, store := release(t, ruled), memory{}
	id := idWith(func(id string) bool {
		return router.Draw("bot/r1/holdout", id) >= 0.3 && router.Draw("bot/r1/arm", id) < 0.1
	})
	first := router.Assign(plan(t, r, router.State{Share: 0.1, Epoch: 1}), router.Context{Session: id, At: monday}, store)
	if first.Version != "v2" {
		t.Fatalf("got %+v", first)
	}
	for _, s := range []router.State{{Epoch: 2}, {Epoch: 2, Share: 1}, {Epoch: 2, Halted: true}, {Epoch: 2, Promoted: true}} {
		d := router.Assign(plan(t, r, s), router.Context{Session: id, Path: "/early", At: later}, store)
		want := first
		want.Reason, want.ServingEpoch, want.Remember = trace.ReasonSticky, 2, [2]router.Key{}
		if d != want {
			t.Errorf("%+v: got\n%+v\nwant\n%+v", s, d, want)
		}
	}
}

// Breaker and rollback move the candidate's units, and only these; who was
// moved stays when the breaker is closed, and who never came does not move.
func TestMoved(t *testing.T) {
	r, store := release(t, ""), memory{}
	treated, absent, control := idWhere(router.PurposeArm, 0, 0.2), idWhere(router.PurposeArm, 0.2, 0.4), idWhere(router.PurposeArm, 0.4, 1)
	serve := func(s router.State, id string) router.Decision {
		s.Share = 0.4
		return router.Assign(plan(t, r, s), router.Context{Session: id, At: monday}, store)
	}
	for _, id := range []string{treated, absent, control} {
		serve(router.State{}, id)
	}
	for _, c := range []struct {
		what, unit        string
		state             router.State
		version, assigned string
		reason, moved     trace.Reason
		remember          bool
	}{
		{"moved", treated, router.State{BreakerOpen: true}, "v1", "v2", trace.ReasonBreaker, trace.ReasonBreaker, true},
		{"again", treated, router.State{BreakerOpen: true}, "v1", "v2", trace.ReasonBreaker, trace.ReasonBreaker, false},
		{"control", control, router.State{BreakerOpen: true}, "v1", "v1", trace.ReasonSticky, "", false},
		{"stays", treated, router.State{}, "v1", "v2", trace.ReasonBreaker, trace.ReasonBreaker, false},
		{"was not there", absent, router.State{}, "v2", "v2", trace.ReasonSticky, "", false},
		{"stays once promoted", treated, router.State{Promoted: true}, "v1", "v2", trace.ReasonBreaker, trace.ReasonBreaker, false},
		{"control once promoted", control, router.State{Promoted: true}, "v1", "v1", trace.ReasonSticky, "", false},
		{"rollback", absent, router.State{RolledBack: true, BreakerOpen: true}, "v1", "v2", trace.ReasonRollback, trace.ReasonRollback, true},
		{"keeps its cause", treated, router.State{RolledBack: true}, "v1", "v2", trace.ReasonBreaker, trace.ReasonBreaker, false},
	} {
		d := serve(c.state, c.unit)
		if d.Version != c.version || d.AssignedVersion != c.assigned || d.Reason != c.reason || d.Moved != c.moved || (d.Remember != [2]router.Key{}) != c.remember {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// A unit that comes first while the breaker is open stays on stable, not
// randomised.
func TestNewWhileOpen(t *testing.T) {
	r, store, id := release(t, ""), memory{}, idWhere(router.PurposeArm, 0, 0.5)
	for i, s := range []router.State{{Share: 0.5, Epoch: 3, BreakerOpen: true}, {Share: 0.5, Epoch: 4}} {
		d := router.Assign(plan(t, r, s), router.Context{Session: id, At: monday}, store)
		if d.Version != "v1" || d.Randomized || d.Epoch != 3 || d.Reason != []trace.Reason{trace.ReasonBreaker, trace.ReasonSticky}[i] {
			t.Errorf("%+v: got %+v", s, d)
		}
	}
}

// A conversation goes on into the next release as it was. Only a candidate
// gets nobody whom its own release did not send there.
func TestNextRelease(t *testing.T) {
	first := release(t, "")
	next := func(lines string) *spec.Release {
		r, err := spec.Parse("weir.yaml", []byte("app: bot\nrelease: r2\n"+lines))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const three = `versions: {v1: {upstream: "http://a"}, v2: {upstream: "http://b"}, v3: {upstream: "http://c"}}` + "\n"
	store := memory{}
	treated, control := idWhere(router.PurposeArm, 0, 0.5), idWhere(router.PurposeArm, 0.5, 1)
	for _, id := range []string{treated, control} {
		router.Assign(plan(t, first, router.State{Share: 0.5}), router.Context{Session: id, At: monday}, store)
	}
	for _, c := range []struct {
		what, lines, unit, version string
		state                      router.State
		reason                     trace.Reason
	}{
		{"on stable", "stable: v1\ncandidate: v3\n", control, "v1", router.State{Share: 1}, trace.ReasonSticky},
		{"on the version promoted", "stable: v2\ncandidate: v3\n", treated, "v2", router.State{Share: 1}, trace.ReasonSticky},
		{"on a version still there", "stable: v1\ncandidate: v3\n" + three, treated, "v2", router.State{Share: 1}, trace.ReasonSticky},
		{"on a version that is gone", "stable: v1\ncandidate: v3\n", treated, "v1", router.State{Share: 1}, trace.ReasonDefault},
		{"on what is a candidate again", "stable: v1\ncandidate: v2\n", treated, "v1", router.State{Share: 1}, trace.ReasonDefault},
		{"once that is promoted", "stable: v1\ncandidate: v2\n", treated, "v2", router.State{Promoted: true}, trace.ReasonSticky},
		{"its rollback", "stable: v1\ncandidate: v2\n", treated, "v1", router.State{RolledBack: true}, trace.ReasonDefault},
		{"another's rollback", "stable: v1\ncandidate: v3\n" + three, treated, "v2", router.State{RolledBack: true}, trace.ReasonSticky},
	} {
		d := router.Decide(plan(t, next(c.lines), c.state), router.Context{Session: c.unit, At: later}, store)
		if d.Version != c.version || d.Reason != c.reason || d.Release != "r1" || !d.Randomized || d.PromiseHash != first.Promise() {
			t.Errorf("%s: got %+v", c.what, d)
		}
	}
}

// Two first requests of a session at a time, on either side of a change of the
// share, are one assignment: that of whoever is remembered first.
func TestRaceOfFirstRequests(t *testing.T) {
	r, id := release(t, ""), idWhere(router.PurposeArm, 0.2, 0.5)
	before, after := plan(t, r, router.State{Share: 0.2, Epoch: 1}), plan(t, r, router.State{Share: 0.5, Epoch: 2})
	c := router.Context{Session: id, At: monday}
	store := &overtaken{memory: memory{}}
	store.meanwhile = func() { router.Assign(after, c, store.memory) }
	d := router.Assign(before, c, store)
	if d.Version != "v2" || d.Epoch != 2 || d.Reason != trace.ReasonSticky {
		t.Errorf("got %+v", d)
	}
}

// An overtaken store lets something happen before its first Put.
type overtaken struct {
	memory
	meanwhile func()
}

func (o *overtaken) Put(k router.Key, e router.Entry, at time.Time) router.Entry {
	if o.meanwhile != nil {
		o.meanwhile()
		o.meanwhile = nil
	}
	return o.memory.Put(k, e, at)
}

func TestRecord(t *testing.T) {
	a := router.Assignment{
		Release: "r1", UnitID: "s", AssignedVersion: "v2", Rule: "vip", Randomized: true, Propensity: 0.25,
		Epoch: 3, AssignedAt: monday, PromiseHash: "p",
	}
	d := router.Decision{Assignment: a, Version: "v1", Reason: trace.ReasonBreaker, ServingEpoch: 4}
	for _, randomized := range []bool{true, false} {
		d.Randomized = randomized
		got := trace.Exchange{TraceID: "t", App: "bot", Status: new(int64(200)), Propensity: new(0.9)}
		d.Record(&got)
		want := trace.Exchange{
			TraceID: "t", App: "bot", Status: new(int64(200)),
			Release: "r1", UnitID: "s", AssignedVersion: "v2", ServedVersion: "v1", Reason: "breaker", Rule: "vip",
			Randomized: &randomized, Epoch: new(int64(3)), ServingEpoch: new(int64(4)), AssignedAt: monday, PromiseHash: "p",
		}
		if randomized {
			want.Propensity = new(0.25)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", got, want)
		}
	}
}
