package router_test

import (
	"testing"

	"weir/router"
	"weir/trace"
)

// TestBroken decides with a plan whose breaker has opened as with one that was
// built so, in every state.
func TestBroken(t *testing.T) {
	r := release(t, "")
	for _, s := range []router.State{
		{Epoch: 1, Share: 0.5}, {Epoch: 1, Share: 1}, {Epoch: 1, Share: 0.5, Halted: true}, {Epoch: 1, RolledBack: true},
	} {
		broken := s
		broken.BreakerOpen = true
		got, want := plan(t, r, s).Broken(), plan(t, r, broken)
		for _, id := range []string{"a", "b", "c", "d"} {
			for _, m := range []memory{{}, {session(id): {Assignment: router.Assignment{Release: "r1", UnitID: id, AssignedVersion: "v2"}}}} {
				c := router.Context{Session: id, At: later}
				if g, w := router.Decide(got, c, m), router.Decide(want, c, m); g != w {
					t.Errorf("%+v, %s: got %+v, want %+v", s, id, g, w)
				}
			}
		}
	}
	promoted := plan(t, r, router.State{Epoch: 1, Promoted: true})
	if promoted.Broken() != promoted {
		t.Error("the breaker moves a promoted version")
	}
}

// TestAside assigns nobody, and follows who is assigned.
func TestAside(t *testing.T) {
	p := plan(t, release(t, ""), router.State{Epoch: 1, Share: 1})
	m := memory{}
	d := router.Assign(p, router.Context{Session: "s", Aside: true, At: later}, m)
	if d.Version != "v1" || d.Randomized || d.Reason != trace.ReasonDefault || len(m) != 0 {
		t.Errorf("got %+v, remembered %v", d, m)
	}
	router.Assign(p, router.Context{Session: "s", At: later}, m)
	if d = router.Assign(p, router.Context{Session: "s", Aside: true, At: later}, m); d.Version != "v2" || d.Reason != trace.ReasonSticky {
		t.Errorf("got %+v", d)
	}
}
