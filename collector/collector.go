package collector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/wal"
	"weir/trace"
)

// A Collector keeps records and publishes them. Its methods may be called from
// many goroutines at once.
type Collector struct {
	options  Options
	log      *wal.Log
	instance string // names this journal among those that write to the same lake

	open     requests
	losses   losses
	counts   counts
	inFlight atomic.Int64 // bytes of text
	losing   atomic.Bool  // the last record could not be kept

	publishing sync.Mutex // held while the lake, or what is left of earlier lives, is worked on
	recovery   recovery
	slot       slot
	dropped    int // segments, since the lake was told

	health sync.Mutex
	state  state
}

// linger is how long the start of a request may wait in memory to be written
// together with another record, most often with its own end.
const linger = 5 * time.Millisecond

// New opens the journal. It starts nothing: what earlier lives left in it is
// published by Run. The error wraps wal.ErrLocked where another process has it.
func New(options Options) (*Collector, error) {
	o, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	log, err := wal.Open(o.Journal, wal.Options{Fsync: o.Fsync, Linger: linger, SegmentBytes: o.SegmentBytes, Create: o.Create})
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	c := &Collector{options: o, log: log}
	c.open.most = o.OpenRequests
	c.recovery.segments = log.Segments()
	if c.instance, err = identity(o.Journal); err == nil {
		err = c.slot.open(o.Journal)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("collector: %w", err), log.Close())
	}
	c.losses.restore(c.slot.read())
	return c, nil
}

// retries are how long to wait after one, two, ... failures to publish.
var retries = []time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// Run publishes what is old enough until ctx ends, and then all that is left.
// The error is of the last: what could not be published is in the journal, and
// the next life will.
func (c *Collector) Run(ctx context.Context) error {
	tick := time.NewTicker(min(max(c.options.Publish/4, 5*time.Millisecond), time.Second))
	defer tick.Stop()
	var next time.Time
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return c.Flush()
		case <-tick.C:
		}
		if time.Now().Before(next) {
			continue
		}
		if c.log.Age() >= c.options.Publish {
			c.log.Rotate()
		}
		if err := c.publish(); err != nil {
			failures = min(failures+1, len(retries)-1)
			next = time.Now().Add(retries[failures])
		} else {
			failures = 0
		}
	}
}

// Flush brings all that has been recorded into the lake.
func (c *Collector) Flush() error {
	if err := c.log.Rotate(); err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	if err := c.publish(); err != nil {
		return err
	}
	// Losses that could be written again, and starts that were carried on, are in a segment now.
	if c.losses.none() && c.log.Age() == 0 {
		return nil
	}
	if err := c.log.Rotate(); err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	return c.publish()
}

// Close closes the journal, after everything in it has been brought to the disk.
// It publishes nothing: that is Run's, which must have returned, or Flush's. It
// does nothing when called again.
func (c *Collector) Close() error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	return errors.Join(c.log.Close(), c.slot.close())
}

var _ interface{ Record(trace.Record) } = (*Collector)(nil)
