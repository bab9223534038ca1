package spec

import "time"

// Sessions says when a dialogue is complete: nothing came for Idle, or it
// lasted for Cap.
type Sessions struct{ Idle, Cap time.Duration }

// Sticky bounds how long and for how many units an assignment is remembered.
type Sticky struct {
	Idle    time.Duration
	Entries int
}

var sessionsKind = object(
	field("idle", or(duration, 30*time.Minute), func(s *Sessions) *time.Duration { return &s.Idle },
		"a dialogue is complete when nothing came for so long"),
	field("cap", or(duration, 24*time.Hour), func(s *Sessions) *time.Duration { return &s.Cap },
		"a dialogue is complete so long after its first request"),
)

var stickyKind = object(
	field("idle", or(duration, 30*day), func(s *Sticky) *time.Duration { return &s.Idle },
		"an assignment is forgotten when nothing came for so long"),
	field("entries", or(count, 1_000_000), func(s *Sticky) *int { return &s.Entries },
		"assignments remembered; past that the longest unused is forgotten"),
)
