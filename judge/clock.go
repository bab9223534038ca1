package judge

import (
	"context"
	"time"
)

// A Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep returns the context's error where that ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's.
type SystemClock struct{}

// Now is the machine's time.
func (SystemClock) Now() time.Time { return time.Now() }

// Sleep waits.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
