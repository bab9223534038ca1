// Package clock waits by the machine's clock.
package clock

import (
	"context"
	"time"
)

// longest bounds one sleep, so that a clock that is set or a machine that slept is
// noticed.
const longest = time.Minute

// Wait waits until a time has come, and reports false where the context ended first.
func Wait(ctx context.Context, until time.Time) bool {
	for {
		left := time.Until(until)
		if left <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(min(left, longest))
		select {
		case <-ctx.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}
