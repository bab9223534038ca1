package traffic

import (
	"context"
	"sync/atomic"
	"time"
)

// A Clock is a time that runs at its own speed. It is safe for concurrent use.
type Clock struct {
	start time.Time // of the clock
	began time.Time // of the world
	speed float64

	skipped atomic.Int64 // nanoseconds of the clock
}

// NewClock returns a clock that shows start now, and runs at so many times the
// world's speed, above 0.
func NewClock(start time.Time, speed float64) *Clock {
	if !(speed > 0) {
		panic("traffic: a clock that does not run forward")
	}
	return &Clock{start: start, began: time.Now(), speed: speed}
}

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.began))*c.speed) + time.Duration(c.skipped.Load())).UTC()
}

// Skip moves the clock on at once. Who sleeps already sleeps as long as before.
func (c *Clock) Skip(d time.Duration) { c.skipped.Add(int64(d)) }

// SleepUntil waits until the clock shows at, and tells whether it did: false
// where ctx ended first.
func (c *Clock) SleepUntil(ctx context.Context, at time.Time) bool {
	wait := time.Duration(float64(at.Sub(c.Now())) / c.speed)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
