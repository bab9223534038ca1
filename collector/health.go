package collector

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Health is how a collector fares. All counts are of this life.
type Health struct {
	Begun    int64 // requests that were begun
	Ended    int64 // requests whose end is kept
	Crashed  int64 // requests of earlier lives that had no end
	Outcomes int64
	Events   int64

	Rows      int64     // in the lake
	Published time.Time // when the lake was last brought up to date; zero where it never was

	Open    int   // requests under way
	Waiting int64 // bytes on disk that are not in the lake

	Losses       []Lost
	Texts        []LostTexts
	SyncFailures int64 // group commits that the disk refused

	// Losing tells that the last record that was to be kept could not be, for
	// reasons that the next will meet too: rows are being lost.
	Losing bool
	// Err says why the lake is not up to date; nil where nothing stands in the way.
	Err error
}

// Healthy tells whether what happens is kept, and reaches the lake.
func (h Health) Healthy() bool { return !h.Losing && h.Err == nil }

// Lost counts rows that are lost, of one kind.
type Lost struct {
	Release, Version, Reason string // empty where not known
	Rows                     int64
}

// LostTexts counts rows of a version whose text was dropped.
type LostTexts struct {
	Version string
	Rows    int64
}

// Health returns how the collector fares.
func (c *Collector) Health() Health {
	h := Health{
		Begun: c.counts.begun.Load(), Ended: c.counts.ended.Load(), Crashed: c.counts.crashed.Load(),
		Outcomes: c.counts.outcomes.Load(), Events: c.counts.events.Load(),
		Rows: c.counts.rows.Load(),
		Open: c.open.count(), Waiting: c.log.Size(), SyncFailures: c.log.Failures(),
		Losing: c.losing.Load(), Losses: c.losses.all(), Texts: c.counts.allTexts(),
	}
	c.health.Lock()
	defer c.health.Unlock()
	h.Published, h.Err = c.state.published, c.state.err
	return h
}

// state is what the last attempt to publish came to.
type state struct {
	published time.Time
	err       error
}

// note notes what an attempt came to, and tells an operator where that is news.
func (c *Collector) note(err error) {
	c.health.Lock()
	defer c.health.Unlock()
	switch was := c.state.err; {
	case err != nil && (was == nil || was.Error() != err.Error()):
		c.options.Log.Error("the lake is not up to date; requests go on, and are kept in the journal", "error", err)
	case err == nil && was != nil:
		c.options.Log.Info("the lake is up to date again")
	}
	c.state.err = err
	if err == nil {
		c.state.published = c.options.Now()
	}
}

// counts count what a collector has done.
type counts struct {
	begun, ended, crashed, outcomes, events, rows atomic.Int64

	mu    sync.Mutex
	texts map[string]int64 // dropped, by version
}

func (n *counts) text(version string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.texts == nil {
		n.texts = map[string]int64{}
	}
	n.texts[version]++
}

func (n *counts) allTexts() []LostTexts {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []LostTexts
	for version, rows := range n.texts {
		all = append(all, LostTexts{version, rows})
	}
	slices.SortFunc(all, func(a, b LostTexts) int { return cmp.Compare(a.Version, b.Version) })
	return all
}

// all returns what has been lost in this life.
func (s *losses) all() []Lost {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Lost
	for l, rows := range s.total {
		all = append(all, Lost{l.release, l.version, l.reason, rows})
	}
	slices.SortFunc(all, func(a, b Lost) int {
		return cmp.Or(cmp.Compare(a.Release, b.Release), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}
