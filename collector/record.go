package collector

import (
	"errors"
	"sync"

	"weir/collector/journal"
	"weir/internal/wal"
	"weir/trace"
)

// Record keeps a record, which it does not modify. It waits for the operating
// system, never for the lake; the start of a request may wait a moment to be
// handed over with another record. What cannot be kept is counted as lost: first the
// text of a request, which leaves a row that says truncated, then the row.
func (c *Collector) Record(r trace.Record) {
	switch {
	case r.Begun != nil:
		c.begin(r.Begun)
	case r.Ended != nil:
		c.end(r.Ended)
	case r.Outcome != nil:
		if err := c.Outcome(r.Outcome); err != nil {
			c.lose(loss{app: r.Outcome.App, reason: reason(err)})
		}
	case r.Event != nil:
		if err := c.append(&journal.Entry{Record: r}); err != nil {
			c.options.Log.Error("an event is not kept", "kind", r.Event.Kind, "error", err)
		} else {
			c.counts.events.Add(1)
		}
	}
}

// Outcome keeps an outcome, or says why it cannot: whoever reported it can then
// report it again.
func (c *Collector) Outcome(o *trace.Outcome) error {
	redacted := *o
	if c.options.Redact != nil {
		redacted.Comment = c.options.Redact(o.Comment)
	}
	err := c.room()
	if err == nil {
		err = c.append(&journal.Entry{Record: trace.Record{Outcome: &redacted}})
	}
	c.judge(err)
	if err == nil {
		c.counts.outcomes.Add(1)
	}
	return err
}

// judge notes whether records can be kept, by what became of one. One that is
// too large says nothing of the others.
func (c *Collector) judge(err error) {
	if !errors.Is(err, wal.ErrTooLarge) && c.losing.Load() != (err != nil) {
		c.losing.Store(err != nil)
	}
}

// begin keeps a start, with the next record or soon. Where that fails nothing is lost yet: the end says all of it again.
func (c *Collector) begin(e *trace.Exchange) {
	c.counts.begun.Add(1)
	if !c.open.begin(e.TraceID) {
		return
	}
	err := c.room()
	if err == nil {
		err = c.encoded(&journal.Entry{Record: trace.Record{Begun: e}}, c.log.AppendSoon)
	}
	c.judge(err)
	if err != nil {
		c.open.forget(e.TraceID)
	}
}

// end keeps the end of a request.
func (c *Collector) end(e *trace.Ended) {
	known := c.open.end(e.Exchange.TraceID)
	err := c.write(e)
	c.judge(err)
	c.open.forget(e.Exchange.TraceID)
	if err == nil {
		c.counts.ended.Add(1)
		return
	}
	c.lose(loss{app: e.Exchange.App, release: e.Exchange.Release, version: e.Exchange.AssignedVersion, reason: reason(err)})
	if known {
		c.losses.void(e.Exchange.TraceID)
	}
}

var (
	errBacklog = errors.New("as much as may wait for the lake waits already")
	errNoText  = errors.New("no room for a text")
)

// room returns an error where rows are to be dropped.
func (c *Collector) room() error {
	if c.log.Size() >= c.options.Backlog {
		return errBacklog
	}
	return nil
}

// write appends the end of a request, without its text where that has no room.
func (c *Collector) write(e *trace.Ended) error {
	if err := c.room(); err != nil {
		return err
	}
	if e.Content == nil {
		return c.append(&journal.Entry{Record: trace.Record{Ended: e}})
	}
	err := c.writeText(e)
	if err == nil || errors.Is(err, wal.ErrClosed) {
		return err
	}
	row := &trace.Ended{Exchange: e.Exchange}
	row.Exchange.Truncated = new(true)
	if err := c.append(&journal.Entry{Record: trace.Record{Ended: row}}); err != nil {
		return err
	}
	c.counts.text(e.Exchange.AssignedVersion)
	return nil
}

// writeText appends the end of a request with its text.
func (c *Collector) writeText(e *trace.Ended) error {
	n := size(e.Content)
	defer c.inFlight.Add(-n)
	if c.inFlight.Add(n) > c.options.InFlight || c.log.Size() >= c.options.Backlog/2 {
		return errNoText
	}
	if c.options.Redact != nil {
		redacted := e.Content.Redacted(c.options.Redact)
		e = &trace.Ended{Exchange: e.Exchange, Content: &redacted}
	}
	return c.append(&journal.Entry{Record: trace.Record{Ended: e}})
}

// size returns the bytes of the texts.
func size(c *trace.Content) int64 {
	n := len(c.Input) + len(c.Output) + len(c.Prompt) + len(c.ToolCalls)
	for i := range c.Retrieval {
		n += len(c.Retrieval[i].Text)
	}
	return int64(n)
}

// buffers are for encoding. One that has grown large is not used again.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

const keptBuffer = 256 << 10

// append hands an entry to the operating system.
func (c *Collector) append(e *journal.Entry) error { return c.encoded(e, c.log.Append) }

// encoded calls add with the bytes of an entry.
func (c *Collector) encoded(e *journal.Entry, add func([]byte) error) error {
	b := buffers.Get().(*[]byte)
	*b = journal.Append((*b)[:0], e)
	err := add(*b)
	if cap(*b) <= keptBuffer {
		buffers.Put(b)
	}
	return err
}
