package main

import (
	"testing"
	"time"
)

// No tick comes before it is due, and none is left out, also of those that were
// not waited for in time.
func TestClock(t *testing.T) {
	const interval = 200 * time.Microsecond
	c, err := newClock(interval)
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	var last time.Time
	for tick := range 50 {
		if tick == 20 {
			time.Sleep(10 * interval)
		}
		due, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if now := time.Now(); now.Before(due) {
			t.Errorf("tick %d came %v before it was due", tick, due.Sub(now))
		}
		if tick > 0 && due.Sub(last) != interval {
			t.Errorf("tick %d is due %v after the one before, not %v", tick, due.Sub(last), interval)
		}
		last = due
	}
}
