package router_test

import (
	"fmt"
	"log"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
)

// Deciding without a server: a specification, a state, what requests say, and
// a memory.
func Example() {
	release, err := spec.Parse("weir.yaml", []byte(`
app: support-bot
release: 2026-11-rag
stable: v1
candidate: v2
rules:
  - {name: staff, when: 'user startsWith "staff-"', version: v2}
`))
	if err != nil {
		log.Fatal(err)
	}
	memory := sticky.NewLRU(release.Sticky)
	decide := func(state router.State, session, user string) {
		plan, err := router.NewPlan(release, state)
		if err != nil {
			log.Fatal(err)
		}
		d := router.Assign(plan, router.Context{
			Session: session, User: user, At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		}, memory)
		fmt.Printf("%s to %s by %s, randomised: %v\n", session, d.Version, d.Reason, d.Randomized)
	}

	decide(router.State{Epoch: 1, Share: 0.2}, "session-8", "anna")
	decide(router.State{Epoch: 1, Share: 0.2}, "session-1", "berta")
	decide(router.State{Epoch: 1, Share: 0.2}, "session-2", "staff-clara")
	// The share falls: who is on v2 stays there.
	decide(router.State{Epoch: 2}, "session-8", "anna")
	// The candidate is rolled back.
	decide(router.State{Epoch: 3, RolledBack: true}, "session-8", "anna")
	decide(router.State{Epoch: 3, RolledBack: true}, "session-4", "dora")

	// Output:
	// session-8 to v2 by split, randomised: true
	// session-1 to v1 by split, randomised: true
	// session-2 to v2 by rule, randomised: false
	// session-8 to v2 by sticky, randomised: true
	// session-8 to v1 by rollback, randomised: true
	// session-4 to v1 by rollback, randomised: false
}
