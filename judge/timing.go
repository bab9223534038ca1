package judge

import (
	"slices"
	"sync"
	"time"
)

// Times tell how long something took, over many times.
type Times struct {
	Count          int // 0: the rest says nothing
	Mean, P50, P99 time.Duration
}

// A timing collects durations. It is safe for concurrent use.
type timing struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *timing) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// times works them out: quantiles are the smallest that as many are no longer than.
func (t *timing) times() Times {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.all)
	if n == 0 {
		return Times{}
	}
	sorted := slices.Sorted(slices.Values(t.all))
	sum := time.Duration(0)
	for _, d := range sorted {
		sum += d
	}
	return Times{n, sum / time.Duration(n), sorted[(n+1)/2-1], sorted[(99*n+99)/100-1]}
}
