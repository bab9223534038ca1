package protocol

import (
	"time"

	"weir/trace"
)

// A Reader reads an answer while it is forwarded. It is used by one goroutine
// at a time. A body of which nothing came has no Write.
type Reader interface {
	// Write takes the next bytes of the body, decoded where it was compressed;
	// at is when they came. It keeps nothing of chunk, and takes chunks of any
	// size, empty ones too.
	Write(chunk []byte, at time.Time)
	// End is called once, after the last Write. Whole tells that the body came
	// to its end as HTTP sees it.
	End(whole bool, at time.Time) Reply
}

// A Reply is what an answer says. What it does not say is empty or null.
type Reply struct {
	// Learned are ids that the version handed out, each with its kind before it
	// where kinds could coincide, such as task:1a2b. Calls that carry one belong to
	// the version.
	Learned []string
	// Session is the id of the conversation, where the answer gives it.
	Session string

	Model string
	Usage Usage

	Output    string
	ToolCalls []ToolCall
	Retrieval []trace.Passage
	Spans     []trace.Span
	// Truncated tells that not everything was kept of the texts, or read of the
	// body.
	Truncated bool

	// FirstToken is when the first piece of the answer's text came; zero where
	// none came.
	FirstToken time.Time
	// Error is why the call failed where the answer says so itself, in a stream
	// or a document with status 200: one of the errors of this package. Empty:
	// it did not fail.
	Error string
	// Incomplete tells that the answer ended before what the protocol says is its
	// end.
	Incomplete bool
}

// ErrorInStream is the Error of a reply with an error inside of an answer that
// began well.
const ErrorInStream = "in_stream"
