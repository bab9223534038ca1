package parquet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"weir/trace"
)

var (
	// ErrRow is wrapped by the error of a row that cannot be written as it is. The batch goes
	// on without it.
	ErrRow = errors.New("row refused")
	// ErrCompacted is wrapped by the error of a batch whose rows are in the lake already, inside
	// compacted files. Where equal names mean equal rows, there is nothing left to do.
	ErrCompacted = errors.New("already in the lake, in compacted files")

	errClosed = errors.New("the batch is committed or aborted")
)

// A Batch is a set of rows that enter the lake together or not at all. It is used by one
// goroutine at a time. It holds some 128 MB of rows at most, and one row group more while that
// is encoded.
type Batch struct {
	lake       *Lake
	name       string
	session    *session
	partitions map[partitionKey]*partition
	days       map[int64]string // days since 1970 to dates
	held       int
	pending    chan error // of the row group being encoded, if any
	err        error      // the first that ended the batch
	closed     bool
}

// A DatedContent is a content with the date of its exchange, which the content itself lacks.
type DatedContent struct {
	Date    string // YYYY-MM-DD, UTC, or trace.UnknownDate
	Content trace.Content
}

// Rows are rows of all tables.
type Rows struct {
	Exchanges []trace.Exchange
	Contents  []DatedContent
	Outcomes  []trace.Outcome
	Judgments []trace.Judgment
	Labels    []trace.Label
	Losses    []trace.Loss
	Events    []trace.Event
}

// Begin starts a batch. Its name ([A-Za-z0-9._-]+, not beginning with a dot, an underscore or
// "compacted-") says what it holds: when a batch of the same name is committed again, its files
// replace the earlier ones, on all dates. A batch that compaction has merged with others can no
// longer be replaced: the error wraps ErrCompacted, here or from Commit.
//
// Every batch ends with Commit or Abort.
func (l *Lake) Begin(name string) (*Batch, error) {
	err := trace.CheckName("batch", name)
	if err == nil && (hidden(name) || isCompacted(name)) {
		err = fmt.Errorf("batch %q: the name must not begin with a dot, an underscore or %q", name, compactedPrefix)
	}
	if err != nil {
		return nil, err
	}
	s, err := l.begin(false, func(m *manifest) error { return m.replaceable(name) })
	if err != nil {
		return nil, err
	}
	return &Batch{lake: l, name: name, session: s, partitions: map[partitionKey]*partition{}, days: map[int64]string{}}, nil
}

func (m *manifest) replaceable(name string) error {
	if _, found := slices.BinarySearch(m.Swallowed, name); found {
		return fmt.Errorf("batch %q is %w, and cannot be replaced: remove those rows first, or publish under another name", name, ErrCompacted)
	}
	return nil
}

// Exchange adds a row to traces, dated by its StartedAt. The row is copied. An error that wraps
// ErrRow refuses this row alone; any other ends the batch.
func (b *Batch) Exchange(e *trace.Exchange) error { return add(b, b.Date(e.StartedAt), e) }

// Content adds a row to contents, of the date of its exchange; see Exchange.
func (b *Batch) Content(date string, c *trace.Content) error { return add(b, date, c) }

// Outcome adds a row to outcomes, dated by its OccurredAt; see Exchange.
func (b *Batch) Outcome(o *trace.Outcome) error { return add(b, b.Date(o.OccurredAt), o) }

// Judgment adds a row to judgments, dated by its JudgedAt; see Exchange.
func (b *Batch) Judgment(j *trace.Judgment) error { return add(b, b.Date(j.JudgedAt), j) }

// Label adds a row to labels, dated by its LabeledAt; see Exchange.
func (b *Batch) Label(l *trace.Label) error { return add(b, b.Date(l.LabeledAt), l) }

// Loss adds a row to losses, dated by its StartedAt; see Exchange.
func (b *Batch) Loss(l *trace.Loss) error { return add(b, b.Date(l.StartedAt), l) }

// Event adds a row to events, dated by its OccurredAt; see Exchange.
func (b *Batch) Event(e *trace.Event) error { return add(b, b.Date(e.OccurredAt), e) }

// Add adds rows of all tables, and stops at the first that is refused.
func (b *Batch) Add(r *Rows) error {
	var err error
	each(&err, r.Exchanges, b.Exchange)
	each(&err, r.Contents, func(c *DatedContent) error { return b.Content(c.Date, &c.Content) })
	each(&err, r.Outcomes, b.Outcome)
	each(&err, r.Judgments, b.Judgment)
	each(&err, r.Labels, b.Label)
	each(&err, r.Losses, b.Loss)
	each(&err, r.Events, b.Event)
	return err
}

// Write brings rows into the lake as one whole batch: [Lake.Begin], [Batch.Add] and [Batch.Commit].
// Where it returns an error it is as theirs, and the batch is given up.
func (l *Lake) Write(name string, r *Rows) error {
	b, err := l.Begin(name)
	if err != nil {
		return err
	}
	if err := b.Add(r); err != nil {
		return errors.Join(err, b.Abort())
	}
	return b.Commit()
}

// each adds the rows up to the first error, and none where there has been one.
func each[T any](err *error, rows []T, add func(*T) error) {
	for i := 0; i < len(rows) && *err == nil; i++ {
		if e := add(&rows[i]); e != nil {
			*err = fmt.Errorf("row %d: %w", i+1, e)
		}
	}
}

// Date returns trace.Date(t), which is slow to format, from memory.
func (b *Batch) Date(t time.Time) string {
	if t.IsZero() {
		return trace.UnknownDate
	}
	day := t.Unix() / 86400
	if t.Unix()%86400 < 0 {
		day--
	}
	date, ok := b.days[day]
	if !ok {
		date = trace.Date(t)
		b.days[day] = date
	}
	return date
}

func add[T Row](b *Batch, date string, row *T) error {
	if err := b.usable(); err != nil {
		return err
	}
	t := tableOf[T]()
	if err := t.check(row); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRow, t.table.Name, err)
	}
	p, err := b.partition(t.layout, *t.app(row), date)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRow, t.table.Name, err)
	}
	before := p.group.size
	t.put(p.group, date, row)
	b.held += p.group.size - before
	if p.full() {
		return b.flush(p)
	}
	if b.held >= b.lake.limits.held {
		return b.flush(b.largest())
	}
	return nil
}

func (b *Batch) usable() error {
	if b.closed {
		return errClosed
	}
	return b.err
}

// partition returns the partition of that key.
func (b *Batch) partition(l *layout, app, date string) (*partition, error) {
	key := partitionKey{l.table.Name, app, date}
	p, ok := b.partitions[key]
	if !ok {
		if err := key.check(); err != nil {
			return nil, err
		}
		key.app = strings.Clone(app) // the row's memory is the caller's
		p = newPartition(b.session, l, key, b.name)
		b.partitions[key] = p
	}
	return p, nil
}

// largest returns the partition that holds most in memory.
func (b *Batch) largest() *partition {
	return slices.MaxFunc(slices.Collect(maps.Values(b.partitions)), func(p, q *partition) int { return p.group.size - q.group.size })
}

// flush writes the partition's rows as a row group, in the background, and waits for the row
// group before it: two are never encoded at once, since each takes all cores.
func (b *Batch) flush(p *partition) error {
	if err := b.wait(); err != nil {
		return err
	}
	b.held -= p.group.size
	group := p.take()
	done := make(chan error, 1)
	b.pending = done
	go func() { done <- p.write(group) }()
	return nil
}

// wait waits for the row group being encoded.
func (b *Batch) wait() error {
	if b.pending != nil {
		b.err = errors.Join(b.err, <-b.pending)
		b.pending = nil
	}
	return b.err
}

// Commit publishes the batch: when it returns nil, all its rows are in the lake and survive a
// power cut. Where it returns an error the lake is as it was, except that an error in the last
// moment, of the disk, can leave it open whether the batch was published; to publish it again is
// safe.
func (b *Batch) Commit() error {
	if b.closed {
		return errClosed
	}
	files, err := b.finish()
	if err == nil {
		err = b.lake.locked(func(m *manifest) error {
			if err := m.replaceable(b.name); err != nil {
				return err
			}
			var earlier []File
			for _, f := range m.Files {
				if f.Batch == b.name {
					earlier = append(earlier, f)
				}
			}
			return b.lake.publish(m, b.name, files, earlier, nil)
		})
	}
	if err != nil {
		return errors.Join(fmt.Errorf("batch %q is not published: %w", b.name, err), b.Abort())
	}
	b.Abort() // closes the batch; what it cannot tidy up, a later batch does
	return nil
}

// finish writes out all rows and returns the batch's files, in the order of their folders.
func (b *Batch) finish() ([]aside, error) {
	keys := slices.SortedFunc(maps.Keys(b.partitions), partitionKey.compare)
	for _, key := range keys {
		if p := b.partitions[key]; p.group.rows > 0 {
			if err := b.flush(p); err != nil {
				return nil, err
			}
		}
	}
	if err := b.wait(); err != nil {
		return nil, err
	}
	var finishers errgroup.Group
	finishers.SetLimit(syncs)
	for _, p := range b.partitions {
		finishers.Go(p.finish)
	}
	if err := finishers.Wait(); err != nil {
		return nil, err
	}
	var files []aside
	for _, key := range keys {
		files = append(files, b.partitions[key].files...)
	}
	return files, nil
}

// Abort gives the batch up and leaves the lake as it was. It does nothing after Commit and when
// called again.
func (b *Batch) Abort() error {
	if b.closed {
		return nil
	}
	b.closed = true
	b.wait() // its error no longer matters
	var errs []error
	for _, p := range b.partitions {
		errs = append(errs, p.discard())
	}
	err := errors.Join(errs...)
	return errors.Join(err, b.session.end(err == nil))
}
