package sim

import "weir/trace"

// A Sink takes rows. Its methods are called by one goroutine, in the order in
// which Run delivers; the first error ends the run and is returned by it. A
// sink may keep what it is given but must not modify attributes, which rows
// share.
type Sink interface {
	Exchange(*trace.Exchange) error
	Content(date string, c *trace.Content) error
	Outcome(*trace.Outcome) error
	Loss(*trace.Loss) error
}

// deliver hands all rows of the block to the sink.
func (b *block) deliver(sink Sink) error {
	for i := range b.rows {
		if err := sink.Exchange(&b.rows[i].Exchange); err != nil {
			return err
		}
	}
	for i := range b.contents {
		if err := sink.Content(b.contents[i].date, &b.contents[i].Content); err != nil {
			return err
		}
	}
	for i := range b.outcomes {
		if err := sink.Outcome(&b.outcomes[i]); err != nil {
			return err
		}
	}
	for i := range b.losses {
		if err := sink.Loss(&b.losses[i]); err != nil {
			return err
		}
	}
	return nil
}
