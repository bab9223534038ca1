package protocol

import (
	"net/http"
	"time"

	"weir/trace"
)

// A Protocol reads calls of one kind of API. It is safe for concurrent use.
type Protocol interface {
	// Call says what a request is. It keeps nothing of the request but strings
	// that it copies.
	Call(Request) Call
	// Reader returns what reads the answer to a call; nil where there is nothing
	// to read.
	Reader(Call, Response) Reader
}

// A Request is a call as it came, as far as it is known before it is
// forwarded.
type Request struct {
	Method string
	Path   string // escaped, as in the request line, without the query
	Query  string // raw
	Header http.Header
	// Body is the beginning of the body, decoded where it was compressed; empty
	// where there is none, or where it could not be decoded.
	Body []byte
	// Whole tells that Body is all of it.
	Whole bool
}

// A Call is what a request is. What it does not say is empty.
type Call struct {
	// Operation names what is called, such as chat; empty where the protocol does
	// not know the path. Then the request is passed through and timed.
	Operation string
	// Bound are the ids in the request that a version handed out, the one that
	// says most first; the form of an id is that of Reply.Learned.
	Bound []string
	// FollowUp marks a request that is no turn of a dialogue, but about what a
	// bound id names: stop, feedback, files.
	FollowUp bool
	// Aside marks a request that is no turn of a dialogue and about nothing that
	// was handed out, such as a list of models.
	Aside bool

	Streaming  bool // an answer in pieces is asked for
	UsageAsked bool // and token counts in it, where that must be asked for

	// Session and User are the ids that the protocol has a place for; they count
	// where the specification's sources give none.
	Session string
	User    string

	Model  string
	Input  string // what the user said, in this turn
	Prompt string // all that the model is given, where the request has it: JSON

	// Ratings are outcomes that the call reports, valid once it was answered
	// with a status below 300.
	Ratings []Rating
}

// A Rating is an outcome that a call reports about an earlier answer.
type Rating struct {
	About   string   // the bound id of that answer
	Name    string   // of the outcome, such as satisfaction
	Value   *float64 // nil: an earlier one is withdrawn
	Comment string
}

// A Response is the head of an answer.
type Response struct {
	Status int
	Header http.Header
	// Began is when the request came; zero where that is not known.
	Began time.Time
	// Scan bounds what is held to read the answer: a body that is one document,
	// an event of a stream.
	Scan *Room
	// Keep bounds the texts of the reply; nil where none are kept.
	Keep *Room
	// Learn, if set, is called for each id as soon as it is known, in the form of
	// Reply.Learned: the client may use it before the answer is over.
	Learn func(id string)
}

// A ToolCall is one call of a tool that the model asked for.
type ToolCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"` // as the model wrote them
}

// A Usage is how much a call used, as far as somebody said so. The zero value
// is unknown.
type Usage struct {
	Input   *int64 // tokens, cached ones among them
	Output  *int64 // tokens, reasoning among them
	Cached  *int64 // input tokens read from a cache
	CostUSD *float64
	Source  trace.UsageSource // reported where a count is known; else empty
}
