// Package breaker says when a version that fails is taken out.
//
// A window begins with a request and ends with the first that finds it old
// enough and full enough: windows of a fixed length where traffic is thick, of
// a fixed number of requests where it is thin. So a version that gets three
// requests an hour is judged too, if late. A window is bad from an error rate
// on; several bad ones in a row open the breaker, and so do many failed
// requests in a row, whatever the window.
//
// An open breaker stays open until somebody closes it: what made a version
// fail is not known to be over because time has passed, and whoever was moved
// should not be moved twice.
package breaker

import (
	"sync"
	"time"

	"weir/rollout/spec"
)

// A Breaker watches one version. It may be used by several goroutines.
type Breaker struct {
	policy spec.Breaker

	mu    sync.Mutex
	state State
}

// New returns a breaker that goes on from a state; from the zero State it is
// closed.
func New(policy spec.Breaker, from State) *Breaker {
	return &Breaker{policy: policy, state: from}
}

// Observe counts a request that ended at now, and tells whether it opened the
// breaker. Requests may come in any order.
func (b *Breaker) Observe(failed bool, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.state.Open()
	b.state = b.state.Observe(b.policy, failed, now)
	return b.state.Open() && !before
}

// Resume closes the breaker. It forgets what it has seen.
func (b *Breaker) Resume() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = State{}
}

// State is what the breaker has seen so far.
func (b *Breaker) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}
