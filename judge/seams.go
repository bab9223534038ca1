package judge

import (
	"context"

	"weir/trace"
)

// A Source brings what is to be judged. It is used by one goroutine at a time.
type Source interface {
	// Next gives the next batch that is not judged yet, hours in order; io.EOF
	// after the last. The same batch is given again, with the same items, until it
	// is published.
	Next(ctx context.Context) (Batch, error)
	// Dialogues gives the texts of items of the last batch: one dialogue each, or of
	// a pair control's and treatment's. Where a text is not kept its dialogue is blank.
	Dialogues(ctx context.Context, items []Item) ([][]Dialogue, error)
	// Total is how many items there are in all, as far as is known.
	Total() int
}

// A Past is a [Source] that knows what earlier runs have scored.
type Past interface {
	// Scored gives dialogues that this judge has scored before, the latest of each arm.
	Scored(ctx context.Context, hash string) ([]Earlier, error)
}

// An Earlier is a dialogue that an earlier run scored.
type Earlier struct {
	Item      Item
	Dialogue  Dialogue
	Withdrawn bool // and a later one took the score back
}

// A Sink takes what was judged.
type Sink interface {
	// Publish makes a batch's rows durable, all or none; after it, the batch is done.
	Publish(ctx context.Context, b Batch, rows []trace.Judgment) error
}

// A Stopper says when enough is known. It is asked after every published batch,
// and may be: it answers from a sequence that is valid at every look.
type Stopper interface {
	// Stop gives the reason to stop, such as decided or futile; empty to go on.
	Stop(ctx context.Context) (reason string, err error)
}

// A Memory remembers how anchors were scored, run by run.
type Memory interface {
	// Compare adds a run's whole scores by anchor, and reports whether the judge has
	// changed since the first run of that hash, with a sentence that says how.
	Compare(ctx context.Context, hash string, scores map[string]float64) (changed bool, detail string, err error)
}
