package lake

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"weir/analyze"
)

// Ids are names: units, sessions, users and requests may be called anything else, one to one, and nothing changes but how
// sums are rounded, and the number of users, which is an estimate. What is frozen and every other count is the same.
func TestRenaming(t *testing.T) {
	other := func(id string) string {
		if id == "" {
			return ""
		}
		return fmt.Sprintf("%x", sha256.Sum256([]byte(id)))[:24]
	}
	for _, k := range []logKind{{own: true, timed: true}, {own: false, timed: true}} {
		t.Run(fmt.Sprintf("own=%t", k.own), func(t *testing.T) {
			exchanges, outcomes := messyRows(3, k)
			read := func() analyze.Data {
				data, err := write(t, exchanges, outcomes).Data(context.Background(), messyQuery())
				check(t, err)
				return data
			}
			before := read()
			for i := range exchanges {
				e := &exchanges[i]
				e.TraceID, e.SessionID, e.UserID, e.UnitID = other(e.TraceID), other(e.SessionID), other(e.UserID), other(e.UnitID)
			}
			for i := range outcomes {
				o := &outcomes[i]
				o.OutcomeID, o.TraceID, o.SessionID, o.UserID = other(o.OutcomeID), other(o.TraceID), other(o.SessionID), other(o.UserID)
			}
			compareRenamed(t, before, read())
		})
	}
}

func compareRenamed(t *testing.T, before, after analyze.Data) {
	t.Helper()
	counts := func(d analyze.Data) string {
		d.Service.Users, d.Service.TopUser = 0, 0 // counted by hashes of names, to some percent
		text, err := json.Marshal([]any{d.Arrived, d.Units, d.Strata, d.Service})
		check(t, err)
		return string(text)
	}
	if a, b := counts(before), counts(after); a != b {
		t.Errorf("counts differ: %d bytes, %d", len(a), len(b))
	}
	for i, m := range before.Metrics {
		n := after.Metrics[i]
		if m.Missing != n.Missing || m.Immature != n.Immature || m.Binary != n.Binary || fmt.Sprint(m.Lacking) != fmt.Sprint(n.Lacking) {
			t.Errorf("%s: missing %v, %v", m.Metric.Name, m.Missing, n.Missing)
		}
		if a, b := m.Frozen, n.Frozen; a.Source != b.Source || !sameNumber(a.Cap, b.Cap) || !sameNumber(a.Threshold, b.Threshold) || !sameNumber(a.Level, b.Level) || !sameNumber(a.Spread, b.Spread) {
			t.Errorf("%s: frozen %+v, %+v", m.Metric.Name, a, b)
		}
		for j, q := range m.Quantiles {
			if o := n.Quantiles[j]; q.Stratum != o.Stratum || q.Arm != o.Arm || q.Rows != o.Rows || !sameNumber(q.Value, o.Value) || !sameNumber(q.Lower, o.Lower) || !sameNumber(q.Upper, o.Upper) {
				t.Errorf("%s: quantile %+v, %+v", m.Metric.Name, q, o)
			}
		}
		if len(m.Cells) != len(n.Cells) {
			t.Errorf("%s: %d cells, %d", m.Metric.Name, len(m.Cells), len(n.Cells))
			continue
		}
		for j, c := range m.Cells {
			d := n.Cells[j]
			if c.Stratum != d.Stratum || c.Hour != d.Hour || c.Arm != d.Arm {
				t.Fatalf("%s: cell %+v, %+v", m.Metric.Name, c, d)
			}
			compareMoments(t, m.Metric, d.Moments, c.Moments)
		}
	}
}

func sameNumber(a, b analyze.Number) bool {
	return !a.Known() && !b.Known() || same(float64(a), float64(b))
}
