package ingest

import (
	"context"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"

	"weir/collector/importer"
	"weir/trace"
)

// A Config says what is taken, and where it goes. App and Record are required.
type Config struct {
	App string
	// Current gives the release of requests that name none, and the versions of the
	// spec: requests of others are counted as unknown. Nil: no release, and all
	// versions are known.
	Current func() (release string, versions []string)
	Mapping *importer.Mapping // of spans; nil: the ready-made one
	// Record keeps a request; it returns once it is where a killed process cannot
	// lose it.
	Record func(trace.Record)
	// Hash is applied to ids of units, users and sessions; nil: they stay as they
	// are.
	Hash func(string) string
	Now  func() time.Time // nil: time.Now

	// Late is the age from which a request is late; 0: two hours.
	Late time.Duration
	// Wait is how long the spans of a trace are waited for after the last, once
	// its root has come; 0: ten seconds. Without a root it is six times that.
	Wait time.Duration
	// Held bounds the spans that are held, in bytes; 0: 64 MiB. Past it, all are
	// handed over as they are.
	Held int
	// Known is how many requests are remembered to tell doubled ones; 0: 100,000.
	Known int
}

func (c Config) complete() Config {
	if c.App == "" || c.Record == nil {
		panic("ingest: a config without app or record")
	}
	if c.Current == nil {
		c.Current = func() (string, []string) { return "", nil }
	}
	if c.Hash == nil {
		c.Hash = func(id string) string { return id }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Late == 0 {
		c.Late = 2 * time.Hour
	}
	if c.Wait == 0 {
		c.Wait = 10 * time.Second
	}
	if c.Held == 0 {
		c.Held = 64 << 20
	}
	if c.Known == 0 {
		c.Known = 100_000
	}
	return c
}

// Counts are requests by what became of them, since the start.
type Counts struct {
	Accepted, Doubled, Corrected, Late, Unknown, Rejected int64
}

func (c *Counts) add(o Counts) {
	c.Accepted += o.Accepted
	c.Doubled += o.Doubled
	c.Corrected += o.Corrected
	c.Late += o.Late
	c.Unknown += o.Unknown
	c.Rejected += o.Rejected
}

// An Ingest takes requests. It is safe for concurrent use.
type Ingest struct {
	Config

	mu     sync.Mutex
	spans  *importer.Spans
	known  *lru.LRU[key, importer.Hash]
	counts Counts
	closed bool // nothing is held any more
}

// A key names a row.
type key struct{ table, id string }

// New returns an ingest. It holds spans until Run or Close hands them over.
func New(c Config) *Ingest {
	c = c.complete()
	known, err := lru.NewLRU[key, importer.Hash](2*c.Known, nil) // a row of texts beside each
	if err != nil {
		panic("ingest: " + err.Error())
	}
	return &Ingest{Config: c, known: known, spans: importer.NewSpans(c.Mapping)}
}

// Counts returns what became of all requests so far.
func (i *Ingest) Counts() Counts {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.counts
}

// Run hands over traces as they settle, until ctx ends, and then all others.
func (i *Ingest) Run(ctx context.Context) error {
	tick := time.NewTicker(max(time.Millisecond, i.Wait/10))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			i.Settle()
		case <-ctx.Done():
			return i.Close()
		}
	}
}

// Close hands over all that is held, and what still comes at once. It may be
// called again.
func (i *Ingest) Close() error {
	i.mu.Lock()
	i.closed = true
	i.mu.Unlock()
	i.settle(true)
	return nil
}

// Settle hands over the traces that have settled by now. Those that cannot be
// are counted: who sent them was answered before.
func (i *Ingest) Settle() { i.settle(false) }

func (i *Ingest) settle(all bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.take(all)
}

func (i *Ingest) take(all bool) {
	now := i.Now()
	due := func(root bool, last time.Time) bool {
		wait := i.Wait
		if !root {
			wait *= 6
		}
		return all || now.Sub(last) >= wait
	}
	t := i.taker()
	report, err := i.spans.Take(context.Background(), t.source, due, t.options(), t)
	if err != nil {
		panic("ingest: " + err.Error()) // no row ends a run that skips, nor does this sink
	}
	i.counts.add(t.finish(report))
}

// report takes requests in the lake's own words.
func (i *Ingest) report(ctx context.Context, rows []raw) (Counts, []*importer.RowError, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	t := i.taker()
	report, err := importer.ReadTraces(ctx, t.source, "traces", rows, t.options(), t)
	if err != nil {
		return Counts{}, nil, err
	}
	counts := t.finish(report)
	i.counts.add(counts)
	return counts, report.Bad, nil
}

// export takes spans.
func (i *Ingest) export(body []byte) (refused []*importer.RowError, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, refused, err = i.spans.Add("resourceSpans", body, i.Now())
	i.counts.Rejected += int64(len(refused))
	if i.closed || i.spans.Bytes() > i.Held {
		i.take(true)
	}
	return refused, err
}
