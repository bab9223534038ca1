package trials

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
)

// Results come in order, and each end is told once.
func TestRun(t *testing.T) {
	told := 0
	got, err := Run(t.Context(), 1000, func(i int) int { return i * i }, func(n int) {
		if told++; n != told {
			t.Errorf("%d are through, told is %d", told, n)
		}
	})
	if err != nil || told != 1000 || len(got) != 1000 {
		t.Fatalf("%v, %d told, %d results", err, told, len(got))
	}
	for i, r := range got {
		if r != i*i {
			t.Fatalf("the %d-th is %d", i, r)
		}
	}
	if got, err := Run(t.Context(), 0, func(int) int { return 1 }, nil); err != nil || len(got) != 0 {
		t.Errorf("of none there are %d, %v", len(got), err)
	}
}

// No trial begins after the context has ended, but those that a worker was given.
func TestRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var begun atomic.Int64
	_, err := Run(ctx, 1_000_000, func(i int) int {
		begun.Add(1)
		cancel()
		return i
	}, nil)
	if !errors.Is(err, context.Canceled) || begun.Load() > 1000 {
		t.Errorf("%v after %d", err, begun.Load())
	}
}

func TestShare(t *testing.T) {
	if p, e := Share(1, 4); p != .25 || e != math.Sqrt(.25*.75/4) {
		t.Errorf("%g %g", p, e)
	}
	if p, e := Share(0, 0); !math.IsNaN(p) || !math.IsNaN(e) {
		t.Errorf("%g %g", p, e)
	}
}
