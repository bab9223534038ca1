package main

import (
	"math/rand/v2"
	"testing"

	"weir/internal/control/ledger"
	"weir/rollout"
)

// TestSteered is the autopilot's part of make validate with few runs: wrong endings
// are rare, right ones are reached, and harm ends a release in days.
func TestSteered(t *testing.T) {
	if testing.Short() {
		t.Skip("simulations take some ten seconds")
	}
	const runs = 24
	ends := func(u truth, days int) []ending {
		return steer(loopPlan(2000, u, usualRamp, true), usualSteps, 91, runs, days)
	}
	equal, better := ends(truth{}, 10), ends(truth{resolution: .06, second: .03}, 21)
	worse := ends(truth{resolution: -.3}, 6)
	if n := of(equal, ledger.KindPromote) + of(equal, ledger.KindRollback) + of(equal, ledger.KindHalt); n > 4 {
		t.Errorf("where nothing changes %d of %d end", n, runs)
	}
	if n := of(better, ledger.KindPromote); n < runs*3/4 {
		t.Errorf("a better v2 is promoted in %d of %d", n, runs)
	}
	for _, e := range better {
		if e.kind == ledger.KindPromote && (e.share != .5 || e.hours < 3*24) {
			t.Errorf("promoted at %v after %d hours", e.share, e.hours)
		}
	}
	if n := of(worse, ledger.KindRollback); n < runs-1 {
		t.Errorf("a v2 that halves resolution is rolled back in %d of %d", n, runs)
	}
}

// Looking ever more seldom, and then by bisection, ends a release in the same hour
// as looking at every hour does.
func TestSteeredAsHourly(t *testing.T) {
	if testing.Short() {
		t.Skip("simulations take some ten seconds")
	}
	for i, u := range []truth{{resolution: -.3}, {resolution: .1, second: .08}, {handoff: .06}, {}} {
		p := loopPlan(2000, u, usualRamp, true)
		release, samplers, days := steeredRelease(usualSteps), p.Samplers(), 7
		stream := func() *rand.Rand { return rand.New(rand.NewPCG(92, uint64(i))) }
		seldom := newSteered(release, p, samplers, stream())
		got := seldom.run(days)
		each := newSteered(release, p, samplers, stream())
		each.states = []ledger.State{each.move(beginOf(each), nil)}
		want := ending{}
		for hour := 1; hour <= 24*days; hour++ {
			each.traffic.Pass()
			each.states = append(each.states, ledger.State{})
			v := rollout.Hold
			if hour > 1 {
				v = each.verdict(hour)
			}
			each.states[hour] = each.moveAt(each.states[hour-1], hour, v)
			if want = each.ended(hour); want.kind != "" {
				break
			}
		}
		if got != want || seldom.looks >= each.looks {
			t.Errorf("%+v: %+v in %d looks, at every hour %+v in %d", u, got, seldom.looks, want, each.looks)
		}
	}
}
