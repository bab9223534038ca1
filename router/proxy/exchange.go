package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"weir/router"
	"weir/router/protocol"
	"weir/trace"
)

// An exchange is one request on its way. Its methods are called by one
// goroutine, in the order of the files: arrival, forward, give with answer, finish.
type exchange struct {
	*Proxy
	w       http.ResponseWriter
	control http.ResponseController
	in      *http.Request
	began   time.Time // for durations; the row's start is by the clock

	body *body
	from forwarded
	span string // parent id for what is sent on
	call protocol.Call

	context  router.Context
	decision router.Decision
	kept     trace.Ended     // what is recorded
	row      *trace.Exchange // of it
	keeps    bool            // the unit's texts

	version *version // that the request is sent to
	target  protocol.Target
	entered bool // it counts as under way there
	failure string
	fell    string // version that failed before the one that answers; empty: none

	ctx     context.Context // over with the client, or with the total time-out
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	expired atomic.Bool // the total time-out is over
	starved atomic.Bool // it was the client that was waited for then

	asked    time.Time     // when the version was last asked
	upstream time.Duration // spent in the version
	answer   *answer
	reader   protocol.Reader
	scan     *protocol.Room
	keep     *protocol.Room
	rooms    [2]protocol.Room // that scan and keep point to
	status   int
	streamed bool
	learned  []string
	ended    bool

	stated     int       // how many of statements are in use
	statements [9]string // values of headers that Weir states
	figures    figures
}

// figures are numbers that the row points to.
type figures struct {
	latency, upstream, ttft float64
	status                  int64
	streamed, truncated     bool
}

// state sets a header to a value of Weir's.
func (x *exchange) state(h http.Header, name, value string) {
	if x.stated == len(x.statements) {
		h[name] = []string{value}
		return
	}
	x.statements[x.stated] = value
	x.stated++
	h[name] = x.statements[x.stated-1 : x.stated : x.stated]
}

// gone tells whether the client has left.
func (x *exchange) gone() bool { return x.in.Context().Err() != nil }

// isExpired tells whether the total time-out is over.
func (x *exchange) isExpired() bool { return x.expired.Load() }

// complete tells whether the version's answer came to its end.
func (x *exchange) complete() bool { return x.answer != nil && errors.Is(x.answer.err, io.EOF) }
