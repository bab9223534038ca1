package importer

import (
	"crypto/sha256"

	"weir/trace"
)

// An Index remembers rows by table and id. It takes rows as a Sink does, so
// that what a lake holds can be read into one, and its Known be given to Run.
// The zero value is empty. A row takes some 60 bytes.
type Index struct {
	rows map[Hash]Hash
}

var _ Sink = (*Index)(nil)

// Known returns the hash of a row.
func (x *Index) Known(table, id string) (Hash, bool) {
	h, ok := x.rows[rowKey(table, id)]
	return h, ok
}

func (x *Index) add(table, id string, h Hash) {
	if x.rows == nil {
		x.rows = map[Hash]Hash{}
	}
	x.rows[rowKey(table, id)] = h
}

func rowKey(table, id string) Hash {
	b := make([]byte, 0, 96)
	full := sha256.Sum256(appendText(appendText(b, table), id))
	return Hash(full[:len(Hash{})])
}

// Exchange remembers an exchange; its id is trace_id.
func (x *Index) Exchange(e *trace.Exchange) error {
	x.add("traces", e.TraceID, HashExchange(e))
	return nil
}

// Content remembers the texts of an exchange; their id is trace_id.
func (x *Index) Content(_ string, c *trace.Content) error {
	x.add("contents", c.TraceID, HashContent(c))
	return nil
}

// Outcome remembers an outcome.
func (x *Index) Outcome(o *trace.Outcome) error {
	x.add("outcomes", o.OutcomeID, HashOutcome(o))
	return nil
}

// Judgment remembers a judgment.
func (x *Index) Judgment(j *trace.Judgment) error {
	x.add("judgments", j.JudgmentID, HashJudgment(j))
	return nil
}

// Label remembers a label.
func (x *Index) Label(l *trace.Label) error {
	x.add("labels", l.LabelID, HashLabel(l))
	return nil
}

// Loss remembers a count of lost exchanges.
func (x *Index) Loss(l *trace.Loss) error {
	x.add("losses", l.LossID, HashLoss(l))
	return nil
}
