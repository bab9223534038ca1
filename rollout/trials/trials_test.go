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

// A share of few has an error, also where none or all did: by hand.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		k, n          int
		value, stdErr float64
	}{{50, 1000, .05, .0068920}, {0, 1000, 0, .0014100}, {1000, 1000, 1, .0014100}, {0, 1, 0, .4898979}} {
		value, stdErr := Share(c.k, c.n)
		if value != c.value || math.Abs(stdErr-c.stdErr) > 1e-6 {
			t.Errorf("%d of %d: %v, %v", c.k, c.n, value, stdErr)
		}
	}
	if value, stdErr := Share(0, 0); !math.IsNaN(value) || !math.IsNaN(stdErr) {
		t.Errorf("of none: %v, %v", value, stdErr)
	}
}
