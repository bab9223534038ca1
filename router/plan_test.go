package router_test

import (
	"math"
	"testing"

	"weir/rollout/spec"
	"weir/router"
)

func TestNewPlanRefuses(t *testing.T) {
	for _, c := range []struct {
		unit  string
		state router.State
		want  string
	}{
		{"session", router.State{Share: 1}, ""},
		{"session", router.State{Share: 1.01}, "release r1: share 1.01 is out of range: allowed is 0% to 100%"},
		{"session", router.State{Share: -0.1}, "release r1: share -0.1 is out of range: allowed is 0% to 100%"},
		{"session", router.State{Share: spec.Share(math.NaN())}, "release r1: share NaN is out of range: allowed is 0% to 100%"},
		{"user", router.State{Share: 0.5}, ""},
		{"user", router.State{Share: 0.51}, "release r1: share 0.51 is out of range: allowed is 0% to 50%: under unit user the arms are halves of the users covered"},
		{"session", router.State{Promoted: true, RolledBack: true}, "release r1: the candidate is promoted and rolled back: a rollback ends the promotion"},
		{"session", router.State{Promoted: true, BreakerOpen: true}, "release r1: the candidate is promoted while its breaker is open: close it by resume, or roll back"},
		{"session", router.State{RolledBack: true, BreakerOpen: true, Halted: true}, ""},
	} {
		p, err := router.NewPlan(release(t, "unit: "+c.unit+"\n"), c.state)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want || (p == nil) != (err != nil) {
			t.Errorf("%+v: got %q, want %q", c.state, got, c.want)
		}
	}
}

func TestStable(t *testing.T) {
	for _, c := range []struct {
		state router.State
		want  string
	}{{router.State{Share: 0.5}, "v1"}, {router.State{RolledBack: true}, "v1"}, {router.State{Promoted: true}, "v2"}} {
		if got := plan(t, release(t, ""), c.state).Stable(); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.state, got, c.want)
		}
	}
}
