package protocol

// A Target is what a call must be changed for, before it is sent to a version.
// The zero value changes nothing.
type Target struct {
	// Detach takes the bound ids out of a turn: they belong to another
	// application than the one it goes to.
	Detach bool
	// Workflow pins the version of a workflow; empty: none.
	Workflow string
	// AskUsage asks for token counts where the call does not.
	AskUsage bool
}

// A Rewriter is a protocol whose calls may have to be changed.
type Rewriter interface {
	// Rewrite returns what to send in place of out. Changed is false where the
	// call goes out as it came, to the byte. It is not asked for the zero target.
	Rewrite(out Outgoing, c Call, to Target) (instead Outgoing, changed bool)
}

// An Outgoing is the part of a call that may be changed. Its Body is a
// [Request]'s: where that is only the beginning, the rest follows as it came,
// so a change must lie within it and leave what follows as it was. The body
// itself is not modified; a changed one is a new slice.
type Outgoing struct {
	Path  string // escaped
	Query string // raw
	Body  []byte
	Whole bool
}

// A Filterer is a protocol whose answers hold what only Weir asked for.
type Filterer interface {
	// Filter returns what takes out of an answer what the client did not ask
	// for; nil where the answer passes as it is.
	Filter(c Call, to Target, r Response) Filter
}

// A Filter changes a body while it is forwarded. It holds back only what may
// have to be taken out, and no more than a bounded number of bytes.
type Filter interface {
	// Next takes the next bytes and returns those to send on, which are valid
	// until the next call; chunk is not modified, and may be part of what is
	// returned.
	Next(chunk []byte) []byte
	// Rest returns what is still held when the body is over.
	Rest() []byte
}
