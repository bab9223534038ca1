package trace

import "time"

// An Outcome is something that became known of a trace, a session or a user
// after the fact: a row of the outcomes table, one an event. Exactly one of TraceID, SessionID and
// UserID is set: the subject. Of a subject's events of one name, the last by OccurredAt counts.
type Outcome struct {
	OutcomeID  string
	App        string
	TraceID    string
	SessionID  string
	UserID     string
	Name       string
	Value      float64 // 0 or 1 for events that happen or do not
	Comment    string
	Source     string
	OccurredAt time.Time // zero where the source does not say; such an outcome counts
	ReceivedAt time.Time
}

// Outcome names with a meaning of their own. All but satisfaction are 0 or 1.
const (
	OutcomeResolved     = "resolved"
	OutcomeHandoff      = "handoff"
	OutcomeSatisfaction = "satisfaction"
	OutcomeFAQHit       = "faq_hit"
	OutcomeLinkClick    = "link_click"
)

// OutcomeFits tells whether an outcome of that name can have that value.
func OutcomeFits(name string, value float64) bool {
	switch name {
	case OutcomeResolved, OutcomeHandoff, OutcomeFAQHit, OutcomeLinkClick:
		return value == 0 || value == 1
	}
	return true
}
