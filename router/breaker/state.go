package breaker

import (
	"time"

	"weir/rollout/spec"
)

// A Cause is what opened a breaker. The zero value is nothing.
type Cause string

// The causes.
const (
	CauseErrorRate Cause = "error_rate"           // too many failures in each of several windows in a row
	CauseFailures  Cause = "consecutive_failures" // too many failed requests in a row
)

// A State is what a breaker has seen, as a value: it can be kept, and gone on
// with. The zero value is closed and has seen nothing. The counts of an open
// breaker are those that opened it.
type State struct {
	Cause    Cause     // empty while closed
	OpenedAt time.Time // zero while closed

	WindowStart       time.Time // first request of the window under way
	Requests          int       // in the window under way
	Failures          int       // of these
	BadWindows        int       // in a row, up to the last that is over
	FailedConsecutive int       // requests in a row, up to the last
}

// Open tells whether the version is taken out.
func (s State) Open() bool { return s.Cause != "" }

// Observe is the state after one more request, which ended at now. An open
// breaker learns nothing.
func (s State) Observe(policy spec.Breaker, failed bool, now time.Time) State {
	if s.Open() {
		return s
	}
	if s.Requests == 0 {
		s.WindowStart = now
	}
	s.Requests++
	s.FailedConsecutive++
	if failed {
		s.Failures++
	} else {
		s.FailedConsecutive = 0
	}
	if s.Requests >= policy.MinRequests && now.Sub(s.WindowStart) >= policy.Window {
		s = s.endWindow(policy)
	}
	switch {
	case s.BadWindows >= policy.Consecutive:
		s.Cause, s.OpenedAt = CauseErrorRate, now
	case s.FailedConsecutive >= policy.ConsecutiveFailures:
		s.Cause, s.OpenedAt = CauseFailures, now
	}
	return s
}

// endWindow judges the window under way; the next request begins another.
func (s State) endWindow(policy spec.Breaker) State {
	bad := float64(s.Failures)/float64(s.Requests) >= float64(policy.ErrorRate)
	s.Requests, s.Failures = 0, 0
	s.BadWindows++
	if !bad {
		s.BadWindows = 0
	}
	return s
}
