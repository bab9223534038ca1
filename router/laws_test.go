package router_test

import (
	"testing"

	"pgregory.net/rapid"

	"weir/rollout/spec"
	"weir/router"
)

// decided is the decision on the first request of a session.
func decided(t *rapid.T, r *spec.Release, share float64, session string) router.Decision {
	p, err := router.NewPlan(r, router.State{Share: spec.Share(share)})
	if err != nil {
		t.Fatal(err)
	}
	return router.Decide(p, router.Context{Session: session}, memory{})
}

// Raising the share moves units from control to treatment, and none back.
func TestRaisingTheShare(t *testing.T) {
	r := release(t, "")
	rapid.Check(t, func(t *rapid.T) {
		session := rapid.StringN(1, 40, -1).Draw(t, "session")
		a := rapid.Float64Range(0, 1).Draw(t, "share")
		b := rapid.Float64Range(a, 1).Draw(t, "larger share")
		if before, after := decided(t, r, a, session), decided(t, r, b, session); before.Version == "v2" && after.Version != "v2" {
			t.Fatalf("%v: %+v, %v: %+v", a, before, b, after)
		}
	})
}

// The treatment owns [0, share) of the arm's numbers, whole: a unit is treated
// where its number is below the share, at the propensity on its row.
func TestDecisionCanBeRecomputed(t *testing.T) {
	r := release(t, "")
	rapid.Check(t, func(t *rapid.T) {
		session := rapid.StringN(1, 40, -1).Draw(t, "session")
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		d := decided(t, r, share, session)
		treated := router.Draw("bot/r1/arm", d.UnitID) < share
		if d.Randomized != (share > 0 && share < 1) || d.Version != map[bool]string{true: "v2", false: "v1"}[treated] {
			t.Fatalf("share %v: %+v", share, d)
		}
		want := 1 - share
		if treated {
			want = share
		}
		if d.Randomized && d.Propensity != want {
			t.Fatalf("propensity %v, want %v", d.Propensity, want)
		}
	})
}

// Who was treated in one release is treated in another as often as anybody
// else: two releases are two draws.
func TestReleasesAreIndependent(t *testing.T) {
	treated := func(name string) func(id string) bool {
		r := spec.Default("bot", name, "v1", "v2")
		p := plan(t, r, router.State{Share: 0.5})
		return func(id string) bool {
			return router.Decide(p, router.Context{Session: id}, memory{}).Version == "v2"
		}
	}
	first, second := treated("2026-11-rag"), treated("2026-12-rag")
	points := func(yield func(x, y float64) bool) {
		for _, id := range families()["near-equal"] {
			x, y := 0.0, 0.0
			if first(id) {
				x = 0.5
			}
			if second(id) {
				y = 0.5
			}
			// Spread over the cells of the check, each quarter has 25 of them.
			if !yield(x+0.5*router.Draw("x", id), y+0.5*router.Draw("y", id)) {
				return
			}
		}
	}
	if x2 := pearson(points); x2 > critical {
		t.Errorf("chi-square %.1f", x2)
	}
}
