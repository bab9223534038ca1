package ingest

import (
	"encoding/json"
	"slices"

	"weir/collector/importer"
	"weir/trace"
)

// raw is one reported request.
type raw = json.RawMessage

// A taker is the sink of one call: it joins a request with its texts, and hands
// it over when the next begins.
type taker struct {
	*Ingest
	source   importer.Source
	versions []string
	pending  *trace.Ended
	counts   Counts
}

var _ importer.Sink = (*taker)(nil)

func (i *Ingest) taker() *taker {
	release, versions := i.Current()
	return &taker{Ingest: i, source: importer.Source{App: i.App, Release: release}, versions: versions}
}

func (t *taker) options() importer.Options {
	return importer.Options{OnError: importer.Skip, Named: maxRows, Known: func(table, id string) (importer.Hash, bool) { return t.known.Get(key{table, id}) }}
}

// Exchange takes a request that is new.
func (t *taker) Exchange(e *trace.Exchange) error {
	t.hand()
	t.known.Add(key{"traces", e.TraceID}, importer.HashExchange(e))
	row := *e
	for _, id := range []*string{&row.UnitID, &row.SessionID, &row.UserID} {
		if *id != "" {
			*id = t.Hash(*id)
		}
	}
	if t.counts.Accepted++; !row.StartedAt.IsZero() && t.Now().Sub(row.StartedAt) > t.Late {
		t.counts.Late++
	}
	if len(t.versions) > 0 && !slices.Contains(t.versions, row.AssignedVersion) {
		t.counts.Unknown++
	}
	t.pending = &trace.Ended{Exchange: row}
	return nil
}

// Content takes the texts of the request before it. Texts of a request that is
// known already are not kept: they had to come with it.
func (t *taker) Content(_ string, c *trace.Content) error {
	t.known.Add(key{"contents", c.TraceID}, importer.HashContent(c))
	if t.pending != nil && t.pending.Exchange.TraceID == c.TraceID {
		content := *c
		t.pending.Content = &content
	}
	return nil
}

// hand hands over the request under way.
func (t *taker) hand() {
	if t.pending != nil {
		t.Record(trace.Record{Ended: t.pending})
		t.pending = nil
	}
}

// finish hands over the last and says what became of all.
func (t *taker) finish(r importer.Report) Counts {
	t.hand()
	t.counts.Rejected, t.counts.Corrected = r.Skipped, r.Changed
	t.counts.Doubled = r.Rows - r.Filtered - r.Skipped - t.counts.Accepted
	return t.counts
}

// Outcome, Judgment, Label: no request of these forms has any.
func (*taker) Outcome(*trace.Outcome) error   { return nil }
func (*taker) Judgment(*trace.Judgment) error { return nil }
func (*taker) Label(*trace.Label) error       { return nil }

// Loss is left out: whoever sent the request knows, and can send it again.
func (*taker) Loss(*trace.Loss) error { return nil }
