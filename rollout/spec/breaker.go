package spec

import "time"

// A Breaker says when a version that fails is taken out. It opens after
// Consecutive windows in a row with at least MinRequests requests and an
// error rate of ErrorRate or more, or after ConsecutiveFailures failed
// requests in a row.
type Breaker struct {
	ErrorRate           Share
	Window              time.Duration
	Consecutive         int
	MinRequests         int
	ConsecutiveFailures int
}

var breakerKind = object(
	field("error_rate", or(positiveShare, 0.05), func(b *Breaker) *Share { return &b.ErrorRate },
		"share of failed requests from which on a window is a bad one"),
	field("window", or(duration, time.Minute), func(b *Breaker) *time.Duration { return &b.Window },
		"length of a window"),
	field("consecutive", or(count, 5), func(b *Breaker) *int { return &b.Consecutive },
		"bad windows in a row that open the breaker"),
	field("min_requests", or(count, 20), func(b *Breaker) *int { return &b.MinRequests },
		"requests that a window must have to be a bad one"),
	field("consecutive_failures", or(count, 20), func(b *Breaker) *int { return &b.ConsecutiveFailures },
		"failed requests in a row that open the breaker, whatever the window"),
)
