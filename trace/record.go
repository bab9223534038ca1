package trace

import "time"

// A Record is something that happened on the live path, as it is handed to
// whoever keeps it. Exactly one field is set.
//
// A request is two records: Begun before anything is sent to a version, Ended
// when its answer is over. So a request that kills the process, or never ends,
// is known to have been there.
type Record struct {
	// Begun is an exchange as far as it is known at its start: identity,
	// assignment, context and StartedAt.
	Begun *Exchange
	// Ended is the whole exchange, Begun's columns among them.
	Ended *Ended
	// Outcome is something that became known later.
	Outcome *Outcome
	// Event is a change of what the router does.
	Event *Event
}

// An Ended is an exchange that is over, and its text.
type Ended struct {
	Exchange Exchange
	Content  *Content // nil where nothing of it is kept
}

// An Event is a change of what the router does, or a reason for one: a row of
// the events table.
type Event struct {
	EventID    string
	App        string
	Release    string
	Kind       string // such as share, rollback, promote, pause, resume, halt, breaker, reload
	Version    string // that it is about; null where it is about none
	Epoch      *int64 // in force from then on
	Share      *float64
	Actor      string // who: the name of a token, autopilot, breaker
	Detail     string // in words
	OccurredAt time.Time
}
