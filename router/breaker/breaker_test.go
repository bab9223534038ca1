package breaker

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/rollout/spec"
)

var (
	start  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	policy = spec.Breaker{ErrorRate: 0.05, Window: time.Minute, Consecutive: 5, MinRequests: 20, ConsecutiveFailures: 20}
)

// A stream is traffic: requests a given time apart, of which every so many-th
// fails.
type stream struct {
	every     time.Duration
	failEvery int // 0: none fails, 1: all fail
}

// opens is how many requests of the stream open a breaker, and when, within a
// limit; 0 where they do not.
func (s stream) opens(limit int) (requests int, after time.Duration, cause Cause) {
	state := State{}
	for i := range limit {
		at := start.Add(time.Duration(i) * s.every)
		failed := s.failEvery > 0 && i%s.failEvery == s.failEvery-1
		if state = state.Observe(policy, failed, at); state.Open() {
			return i + 1, state.OpenedAt.Sub(start), state.Cause
		}
	}
	return 0, 0, ""
}

func TestOpens(t *testing.T) {
	for _, c := range []struct {
		what     string
		traffic  stream
		requests int
		after    time.Duration
		cause    Cause
	}{
		{"no failures", stream{time.Second, 0}, 0, 0, ""},
		{"every request, thick", stream{time.Second, 1}, 20, 19 * time.Second, CauseFailures},
		{"every request, three an hour", stream{20 * time.Minute, 1}, 20, 19 * 20 * time.Minute, CauseFailures},
		// A window is 61 requests, from second 0 to 60; the next begins at second 61.
		{"one in two", stream{time.Second, 2}, 5 * 61, 304 * time.Second, CauseErrorRate},
		// Three failures of 61 are 4.9 %, four of 61 are 6.6 %: every fourth window is bad.
		{"one in nineteen", stream{time.Second, 19}, 0, 0, ""},
		{"one in fifteen", stream{time.Second, 15}, 5 * 61, 304 * time.Second, CauseErrorRate},
		// Windows of 20 requests, each with exactly the rate of 5 %.
		{"one in twenty, thin", stream{time.Minute, 20}, 100, 99 * time.Minute, CauseErrorRate},
		{"one in forty, thin", stream{time.Minute, 40}, 0, 0, ""},
	} {
		requests, after, cause := c.traffic.opens(2000)
		if requests != c.requests || after != c.after || cause != c.cause {
			t.Errorf("%s: opened after %d requests, %v, by %q; want %d, %v, %q",
				c.what, requests, after, cause, c.requests, c.after, c.cause)
		}
	}
}

// A good window, or a good request, begins the counting of a row anew.
func TestRows(t *testing.T) {
	p := spec.Breaker{ErrorRate: 0.5, Window: time.Minute, Consecutive: 2, MinRequests: 2, ConsecutiveFailures: 3}
	for _, c := range []struct {
		results string // a request every 30 seconds; x: failed
		cause   Cause
	}{
		{"xx", ""}, // 30 seconds are no window
		{"xx.xx.", CauseErrorRate},
		{"xx....xx.", ""},
		{"xx....xx.xx.", CauseErrorRate},
		{"xx.xxx", CauseErrorRate}, // by both; the windows come first
		{"...xxx", CauseFailures},
		{"xx.", ""},
		{".xx.x.", ""},
		{"x..xx.x..", ""},
		{"xxx", CauseFailures},
	} {
		s := State{}
		for i, r := range c.results {
			s = s.Observe(p, r == 'x', start.Add(time.Duration(i)*30*time.Second))
		}
		if s.Cause != c.cause {
			t.Errorf("%s: got %q, want %q", c.results, s.Cause, c.cause)
		}
	}
}

// An open breaker tells so once, learns nothing, and closes by Resume alone.
func TestClosesByResume(t *testing.T) {
	b := New(policy, State{})
	opened := 0
	for i := range 30 {
		if b.Observe(true, start.Add(time.Duration(i)*time.Second)) {
			opened++
		}
	}
	open := b.State()
	for i := range 10_000 {
		if b.Observe(false, start.Add(time.Duration(i)*time.Hour)) {
			opened++
		}
	}
	if opened != 1 || b.State() != open || !open.Open() || open.FailedConsecutive != 20 {
		t.Errorf("opened %d times, %+v, then %+v", opened, open, b.State())
	}
	b.Resume()
	if b.State() != (State{}) {
		t.Errorf("after resume: %+v", b.State())
	}
	for range 19 {
		if b.Observe(true, start) {
			t.Error("opened by what it had seen before")
		}
	}
	if !b.Observe(true, start) {
		t.Error("did not open again")
	}
}

// A breaker that goes on from a kept state does what the first one would have
// done, wherever the cut is, and whatever the times are.
func TestGoesOnFromState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		failed := rapid.SliceOfN(rapid.Bool(), 1, 300).Draw(t, "failed")
		gaps := rapid.SliceOfN(rapid.IntRange(-10, 90), len(failed), len(failed)).Draw(t, "gaps in seconds")
		cut := rapid.IntRange(0, len(failed)).Draw(t, "cut")
		p := spec.Breaker{ErrorRate: 0.6, Window: time.Minute, Consecutive: 2, MinRequests: 3, ConsecutiveFailures: 8}
		whole, parts := New(p, State{}), New(p, State{})
		now := start
		for i := range failed {
			if i == cut {
				parts = New(p, parts.State())
			}
			now = now.Add(time.Duration(gaps[i]) * time.Second)
			if whole.Observe(failed[i], now) != parts.Observe(failed[i], now) || whole.State() != parts.State() {
				t.Fatalf("request %d: %+v, from a kept state %+v", i, whole.State(), parts.State())
			}
		}
	})
}

// Requests counted from several goroutines are all counted, and one of them
// opens the breaker.
func TestConcurrent(t *testing.T) {
	b := New(spec.Breaker{ErrorRate: 1, Window: time.Hour, Consecutive: 1, MinRequests: 1, ConsecutiveFailures: 800}, State{})
	var group sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for range 8 {
		group.Go(func() {
			for range 100 {
				if b.Observe(true, start) {
					mu.Lock()
					opened++
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
}

func BenchmarkObserve(b *testing.B) {
	breaker := New(policy, State{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		breaker.Observe(i%100 == 0, start.Add(time.Duration(i)*time.Millisecond))
	}
}
