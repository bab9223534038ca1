package collector

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/collector/journal"
	"weir/collector/parquet"
	"weir/internal/wal"
)

// publish brings all segments that are no longer appended to into the lake.
func (c *Collector) publish() error {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	if c.slot.file == nil {
		return wal.ErrClosed
	}
	err := c.recover()
	c.writeLosses()
	if err == nil {
		err = c.publishSegments()
	}
	c.note(err)
	return err
}

// mostFailures is how many segments are tried before the lake is taken to be
// out of order.
const mostFailures = 3

func (c *Collector) publishSegments() error {
	var errs []error
	for _, s := range c.log.Segments() {
		if err := c.publishSegment(s); err != nil {
			errs = append(errs, err)
		}
		if len(errs) == mostFailures {
			break
		}
	}
	return errors.Join(append(errs, c.settle())...)
}

// batchName names the rows of a segment in the lake. No other segment, of any
// journal, has the same.
func (c *Collector) batchName(s wal.Segment) string {
	return fmt.Sprintf("%s%08d-%s", c.batchPrefix(), s.Number, s.ID)
}

func (c *Collector) batchPrefix() string { return "j-" + c.instance + "-" }

// publishSegment brings a segment's rows into the lake, and removes it. What is
// still open is carried on.
//
// The order is the promise. Rows first: killed after that, the segment is
// published again and replaces them. Then the starts, and both on the disk:
// killed after that, a start is there twice, which is once. Then the segment goes.
func (c *Collector) publishSegment(s wal.Segment) error {
	p := &publication{c: c, decoder: journal.Decoder{Shares: true}, name: c.batchName(s), starts: map[string][]byte{}, lost: map[loss]int64{}}
	replayed, err := c.log.Replay(s, p.add)
	if err == nil {
		err = p.commit()
	}
	if err != nil {
		err = errors.Join(err, p.abort())
		if vanished(s) {
			return c.giveUp(s)
		}
		return fmt.Errorf("collector: segment %d is not in the lake: %w", s.Number, err)
	}
	for _, d := range replayed.Damage {
		c.options.Log.Error("the journal is damaged", "damage", d.String())
	}
	if replayed.Lost > 0 {
		p.lost[loss{app: c.options.App, reason: JournalDamaged}] += replayed.Lost
	}
	if err := c.carry(p.starts); err != nil {
		return fmt.Errorf("collector: segment %d is in the lake and stays: %w", s.Number, err)
	}
	if err := errors.Join(c.log.Sync(), c.log.Drop(s)); err != nil {
		return fmt.Errorf("collector: segment %d is in the lake and stays: %w", s.Number, err)
	}
	for l, rows := range p.lost {
		c.loseMany(l, rows)
	}
	c.counts.rows.Add(p.rows)
	c.dropped++
	return nil
}

// vanished tells whether somebody removed a segment. Where its folder is not
// there either, it may come back with it.
func vanished(s wal.Segment) bool {
	_, file := os.Stat(s.Path)
	_, folder := os.Stat(filepath.Dir(s.Path))
	return errors.Is(file, fs.ErrNotExist) && folder == nil
}

// giveUp counts what was in a segment that somebody removed. It would keep those
// after it from the lake.
func (c *Collector) giveUp(s wal.Segment) error {
	if err := c.log.Drop(s); err != nil {
		return fmt.Errorf("collector: segment %d is gone: %w", s.Number, err)
	}
	c.options.Log.Error("a file of the journal was removed, and what was in it is lost", "file", s.Path, "records", s.Records)
	c.loseMany(loss{app: c.options.App, reason: JournalDamaged}, max(1, s.Records))
	return nil
}

// carry appends the starts that still have no end.
func (c *Collector) carry(starts map[string][]byte) error {
	for id, start := range starts {
		for {
			p, err := c.open.carry(id, func() error { return c.log.Append(start) })
			if err != nil {
				return err
			}
			if p != ending {
				break
			}
			time.Sleep(time.Millisecond) // its end is being appended
		}
	}
	return nil
}

// settleAfter is how many segments go before the lake is told to forget their names.
const settleAfter = 64

// settle tells the lake which batches will not come again.
func (c *Collector) settle() error {
	if c.dropped < settleAfter {
		return nil
	}
	var waiting []string
	for _, s := range c.log.Segments() {
		waiting = append(waiting, c.batchName(s))
	}
	if err := c.options.Lake.SettleBut(c.batchPrefix(), waiting...); err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	c.dropped = 0
	return nil
}

// writeLosses appends what was lost, and the starts that were lost with it. While
// that cannot be done it is kept in the slot.
func (c *Collector) writeLosses() {
	if c.recovery.scanned {
		c.appendLosses()
	}
	pending, changed := c.losses.list()
	if !changed {
		return
	}
	if err := c.slot.save(pending); err != nil {
		c.options.Log.Error("losses are counted in memory alone", "error", err)
	}
}

func (c *Collector) appendLosses() {
	voids := c.losses.takeVoids()
	for i, id := range voids {
		if c.append(&journal.Entry{Void: id}) != nil {
			for _, id := range voids[i:] {
				c.losses.void(id)
			}
			return
		}
	}
	pending, changed := c.losses.list()
	for i := range pending {
		if c.append(&journal.Entry{Loss: &pending[i]}) != nil {
			c.losses.touch(changed)
			return
		}
	}
	if len(pending) > 0 && c.log.Sync() == nil {
		for _, l := range pending {
			c.losses.written(l)
		}
	}
}

// A publication is a segment on its way into the lake.
type publication struct {
	c       *Collector
	name    string
	decoder journal.Decoder
	batch   *parquet.Batch    // nil before the first row
	starts  map[string][]byte // without an end in this segment, as they are in the log
	lost    map[loss]int64
	rows    int64
	done    bool // in the lake already, from an earlier life
}

// add adds one record of the log. Its rows are copied into columns before it
// returns.
func (p *publication) add(b []byte) error {
	if id, ok := journal.Start(b); ok {
		p.starts[id] = bytes.Clone(b)
		return nil
	}
	e, err := p.decoder.Decode(b)
	switch {
	case errors.Is(err, journal.ErrNewer):
		return err
	case err != nil:
		p.lost[loss{app: p.c.options.App, reason: JournalDamaged}]++
		return nil
	case e.Void != "":
		delete(p.starts, e.Void)
		return nil
	}
	if p.batch == nil && !p.done {
		if err := p.begin(); err != nil {
			return err
		}
	}
	return p.row(&e)
}

func (p *publication) begin() (err error) {
	p.batch, err = p.c.options.Lake.Begin(p.name)
	if errors.Is(err, parquet.ErrCompacted) {
		p.done, err = true, nil
	}
	return err
}

// row adds the rows of an entry.
func (p *publication) row(e *journal.Entry) error {
	if e.Ended != nil {
		delete(p.starts, e.Ended.Exchange.TraceID)
	}
	if p.done {
		return nil
	}
	lost := loss{app: p.c.options.App, reason: BadRow}
	var err error
	switch {
	case e.Ended != nil:
		x := &e.Ended.Exchange
		lost = loss{app: x.App, release: x.Release, version: x.AssignedVersion, reason: BadRow}
		err = p.batch.Exchange(x)
		if err == nil && e.Ended.Content != nil {
			err = p.batch.Content(p.batch.Date(x.StartedAt), e.Ended.Content)
		}
	case e.Outcome != nil:
		err = p.batch.Outcome(e.Outcome)
	case e.Event != nil:
		err = p.batch.Event(e.Event)
	case e.Loss != nil:
		err = p.batch.Loss(e.Loss)
	}
	if errors.Is(err, parquet.ErrRow) {
		p.c.options.Log.Error("a row is refused", "error", err)
		lost.app, lost.release, lost.version = strings.Clone(lost.app), strings.Clone(lost.release), strings.Clone(lost.version)
		p.lost[lost]++
		return nil
	}
	p.rows++
	return err
}

func (p *publication) commit() error {
	if p.batch == nil {
		return nil
	}
	if err := p.batch.Commit(); !errors.Is(err, parquet.ErrCompacted) {
		return err
	}
	return nil // in the lake already
}

func (p *publication) abort() error {
	if p.batch == nil {
		return nil
	}
	return p.batch.Abort()
}
