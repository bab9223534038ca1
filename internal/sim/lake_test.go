package sim

import (
	"context"
	"testing"
	"time"

	"weir/trace"
)

// A lake is a sink that keeps everything.
type lake struct {
	exchanges []*trace.Exchange
	contents  []*trace.Content
	dates     []string
	outcomes  []*trace.Outcome
	losses    []*trace.Loss
}

func (l *lake) Exchange(e *trace.Exchange) error { l.exchanges = append(l.exchanges, e); return nil }
func (l *lake) Outcome(o *trace.Outcome) error   { l.outcomes = append(l.outcomes, o); return nil }
func (l *lake) Loss(o *trace.Loss) error         { l.losses = append(l.losses, o); return nil }

func (l *lake) Content(date string, c *trace.Content) error {
	l.contents, l.dates = append(l.contents, c), append(l.dates, date)
	return nil
}

var _ Sink = (*lake)(nil)

func simulated(t testing.TB, s Scenario, seed uint64, size Size) *lake {
	t.Helper()
	l := &lake{}
	if err := Run(context.Background(), s, seed, size, l, nil); err != nil {
		t.Fatal(err)
	}
	return l
}

func named(t testing.TB, name string) Scenario {
	t.Helper()
	s, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A dialogue is what a plain reading of the lake finds of one session.
type dialogue struct {
	first     *trace.Exchange
	rows      []*trace.Exchange
	outcomes  map[string]float64
	matureAll bool // every outcome became known within mature of the first request
}

// dialogues joins the lake by session, in the order in which sessions came.
func (l *lake) dialogues(mature time.Duration) []*dialogue {
	bySession := map[string]*dialogue{}
	var order []*dialogue
	for _, e := range l.exchanges {
		d := bySession[e.SessionID]
		if d == nil {
			d = &dialogue{first: e, outcomes: map[string]float64{}, matureAll: true}
			bySession[e.SessionID] = d
			order = append(order, d)
		}
		d.rows = append(d.rows, e)
	}
	for _, o := range l.outcomes {
		d := bySession[o.SessionID]
		if d == nil {
			continue // of a lost session
		}
		d.outcomes[o.Name] = o.Value
		d.matureAll = d.matureAll && !o.OccurredAt.After(d.first.StartedAt.Add(mature))
	}
	return order
}

// counted are the session's rows that a metric with the default mature_after of
// two hours counts.
func (d *dialogue) counted() []*trace.Exchange {
	for i, e := range d.rows {
		if e.StartedAt.After(d.first.StartedAt.Add(2 * time.Hour)) {
			return d.rows[:i]
		}
	}
	return d.rows
}

// value is the numerator and denominator of a metric of the session; ok is
// false where the session has none.
func (d *dialogue) value(m metric) (above, below float64, ok bool) {
	switch m.value {
	case "satisfaction":
		v, ok := d.outcomes[m.value]
		return v, 1, ok
	case "error":
		for _, e := range d.counted() {
			if e.ErrorType != "" {
				above++
			}
			below++
		}
		return above, below, true
	case "total_tokens":
		for _, e := range d.counted() {
			above += float64(*e.InputTokens + *e.OutputTokens)
		}
		return above, 1, true
	case "cost_usd":
		for _, e := range d.counted() {
			if e.CostUSD != nil {
				above += *e.CostUSD
			}
		}
		return above, 1, true
	case "compliance":
		if d.first.ServedVersion == d.first.AssignedVersion {
			above = 1
		}
		return above, 1, true
	}
	return d.outcomes[m.value], 1, true
}

// exceeds counts the answered rows of which the metric's column is above c.
func (d *dialogue) exceeds(m metric, c float64) (above, below float64) {
	for _, y := range d.column(m) {
		if y > c {
			above++
		}
		below++
	}
	return above, below
}

// column is the metric's column over the session's answered rows.
func (d *dialogue) column(m metric) []float64 {
	var values []float64
	for _, e := range d.counted() {
		if y := e.LatencyMS; e.ErrorType == "" {
			if m.value == "ttft_ms" {
				y = e.TTFTMS
			}
			if y != nil {
				values = append(values, *y)
			}
		}
	}
	return values
}
