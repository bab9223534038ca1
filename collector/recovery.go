package collector

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/collector/journal"
	"weir/internal/wal"
	"weir/trace"
)

// Crashed is the error type of a request whose end was never written, because
// its process was killed before.
const Crashed = "crashed"

// A recovery is the work that earlier lives left: starts without an end.
type recovery struct {
	segments []wal.Segment // of earlier lives
	scanned  bool
	open     []*trace.Exchange // still to be ended
}

// recover ends the requests of earlier lives that have no end. Each end is a
// record like any other, so being killed half-way ends the rest the next time.
func (c *Collector) recover() error {
	r := &c.recovery
	if !r.scanned {
		if err := c.scan(); err != nil {
			return err
		}
		r.scanned = true
	}
	for len(r.open) > 0 {
		ended := trace.Ended{Exchange: *r.open[0]}
		ended.Exchange.ErrorType = Crashed
		if err := c.append(&journal.Entry{Record: trace.Record{Ended: &ended}}); err != nil {
			return err
		}
		c.counts.crashed.Add(1)
		r.open = r.open[1:]
	}
	r.open = nil
	return nil
}

// scan reads what earlier lives left: requests without an end, and losses that
// were written down although the slot still has them.
func (c *Collector) scan() error {
	open := map[string]*trace.Exchange{}
	var d journal.Decoder
	for _, s := range c.recovery.segments {
		_, err := c.log.Replay(s, func(b []byte) error {
			if id, ok := journal.End(b); ok {
				delete(open, id)
				return nil
			}
			e, err := d.Decode(b)
			switch {
			case errors.Is(err, journal.ErrNewer):
				return err
			case err != nil:
				return nil // counted when it is published
			case e.Begun != nil:
				open[e.Begun.TraceID] = e.Begun
			case e.Loss != nil:
				c.losses.written(*e.Loss)
			case e.Void != "":
				delete(open, e.Void)
			}
			return nil
		})
		if err != nil && !newer(err) {
			return fmt.Errorf("collector: %w", err)
		}
	}
	c.recovery.open = slices.SortedFunc(maps.Values(open), func(a, b *trace.Exchange) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.TraceID, b.TraceID))
	})
	return nil
}

// newer reports whether a newer Weir wrote what could not be read. It is left for
// that one.
func newer(err error) bool { return errors.Is(err, journal.ErrNewer) || errors.Is(err, wal.ErrNewer) }
