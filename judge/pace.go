package judge

import (
	"context"
	"sync"
	"time"
)

// A pace holds how many calls may be under way. A busy service halves it and
// makes everybody wait; answers raise it again, a call for every ten. So a storm
// of refusals is waited out by all callers together, not by each against the
// others.
type pace struct {
	clock Clock
	max   int

	mu      sync.Mutex
	limit   float64
	active  int
	resume  time.Time     // nobody begins before
	halved  time.Time     // when the limit was last halved
	changed chan struct{} // closed when something above did
}

func newPace(concurrency int, clock Clock) *pace {
	return &pace{clock: clock, max: concurrency, limit: float64(concurrency), changed: make(chan struct{})}
}

// enter waits until a call may begin.
func (p *pace) enter(ctx context.Context) error {
	for {
		p.mu.Lock()
		wait := p.resume.Sub(p.clock.Now())
		if wait <= 0 && p.active < max(int(p.limit), 1) {
			p.active++
			p.mu.Unlock()
			return nil
		}
		changed := p.changed
		p.mu.Unlock()
		if wait > 0 {
			if err := p.clock.Sleep(ctx, wait); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// leave ends a call that was answered.
func (p *pace) leave() {
	p.change(func() { p.limit = min(p.limit+.1, float64(p.max)) })
}

// fail ends a call that was not answered; nobody begins before the wait is over.
// Calls that were under way together slow down once.
func (p *pace) fail(busy bool, wait time.Duration) {
	p.change(func() {
		now := p.clock.Now()
		if busy && now.Sub(p.halved) >= time.Second {
			p.limit, p.halved = max(p.limit/2, 1), now
		}
		if until := now.Add(wait); busy && until.After(p.resume) {
			p.resume = until
		}
	})
}

func (p *pace) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
	p.active--
	close(p.changed)
	p.changed = make(chan struct{})
}
