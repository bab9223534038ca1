package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Model answers one request. Its error is a [*Failure] where it is known what
// went wrong; no error holds text of the request, of the reply, or a key. It may
// be called from several goroutines, and ends soon after its context does.
type Model interface {
	Complete(ctx context.Context, r Request) (Reply, error)
}

// A Request is one call.
type Request struct {
	Messages []Message
	// Schema is the JSON Schema that the reply must follow, and SchemaName its name;
	// nil where the service knows none.
	Schema     json.RawMessage
	SchemaName string
	MaxTokens  int // of the reply
	// Temperature of 0 is meant as 0.
	Temperature float64
	Seed        int
	// LogProbs is how many alternatives to each token are wanted; 0 is none.
	LogProbs int
	// Words are those of which the alternatives are wanted, where they are a token but
	// for blanks and quotes around; nil: of all tokens.
	Words []string
}

// A Message is one of a request.
type Message struct {
	Role Role
	Text string
}

// A Role is who speaks.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// A Reply is what a model answered.
type Reply struct {
	Text        string
	Model       string // as the service names it
	Fingerprint string // of the service's configuration; empty where it has none
	Usage       Usage
	Tokens      []Token // of Text, in order; nil where their probabilities are not to be had
	// Took is how long the service took, from the request's first byte to the answer's
	// last; 0 where not known.
	Took time.Duration
}

// Usage is what a call took. Unknown is not zero: Known says which.
type Usage struct {
	Known                 bool
	Input, Cached, Output int64 // tokens; Cached are of Input
}

// A Token is a piece of a reply, with its likeliest alternatives, itself among
// them.
type Token struct {
	Text string
	Top  []Alternative
}

// An Alternative is what a model might have written, with the natural logarithm
// of its probability.
type Alternative struct {
	Text    string
	LogProb float64
}

// A Fault is a way in which a call goes wrong.
type Fault string

// The faults. Of these, a busy, unavailable, slow or garbled service may do
// better a moment later; a refused, filtered or cut reply may, rarely; a call
// that was not authorised or not understood will not.
const (
	Busy         Fault = "busy"         // too many requests
	Unavailable  Fault = "unavailable"  // no connection, or the service's own error
	Slow         Fault = "timeout"      // no answer in time
	Garbled      Fault = "garbled"      // an answer that is not of the protocol
	Refused      Fault = "refused"      // the model declined
	Filtered     Fault = "filtered"     // a content filter declined
	Cut          Fault = "truncated"    // the reply reached its limit of tokens
	TooLong      Fault = "too_long"     // the request does not fit the model
	Unauthorized Fault = "unauthorized" // key missing, wrong, or without means
	Unsupported  Fault = "unsupported"  // the service or model does not know a part of the request
)

// A Failure is why there is no reply.
type Failure struct {
	Fault Fault
	// Status is the HTTP status; 0 where there was none.
	Status int
	// After is how long the service asks to wait; 0 where it does not.
	After time.Duration
	// Usage is what the call took all the same.
	Usage Usage
	// Detail says more, in words that hold nothing of the request or the reply.
	Detail string
}

// Error says what went wrong.
func (f *Failure) Error() string {
	text := "judge model: " + string(f.Fault)
	if f.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", f.Status)
	}
	if f.Detail != "" {
		text += ": " + f.Detail
	}
	return text
}

// faultOf tells what an error of a Model is.
func faultOf(err error) Fault {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f.Fault
	case errors.Is(err, context.DeadlineExceeded):
		return Slow
	}
	return Unavailable
}

// usageOf is what a failed call took.
func usageOf(err error) Usage {
	var f *Failure
	if errors.As(err, &f) {
		return f.Usage
	}
	return Usage{}
}
