package parquet

import (
	"slices"
	"testing"
	"time"

	"weir/trace"
)

func TestExpire(t *testing.T) {
	l := openLake(t, t.TempDir())
	fill := func() {
		for day := range 4 {
			e := exchange(string(rune('a'+day)), day) // noon of 23, 24, 25, 26 November
			publishRows(t, l, "seg-"+e.TraceID, Rows{
				Exchanges: []trace.Exchange{e},
				Contents:  []DatedContent{{trace.Date(e.StartedAt), trace.Content{TraceID: e.TraceID, App: "bot"}}},
				Outcomes:  []trace.Outcome{{OutcomeID: e.TraceID, App: "bot", Name: "resolved", OccurredAt: e.StartedAt}, {OutcomeID: "timeless", App: "bot", Name: "resolved"}},
			})
		}
		publishRows(t, l, "other", Rows{Exchanges: []trace.Exchange{{TraceID: "o", App: "other", StartedAt: noon}}})
	}
	midnight := noon.Truncate(24*time.Hour).AddDate(0, 0, 3) // of 26 November
	for _, c := range []struct {
		name             string
		retention        Retention
		now              time.Time
		traces, contents int
	}{
		{"for ever", Retention{}, midnight, 4, 4},
		{"a day, to the second", Retention{Traces: 24 * time.Hour}, midnight.Add(-time.Second), 3, 3},
		{"a day", Retention{Traces: 24 * time.Hour}, midnight, 2, 2},
		{"texts go first", Retention{Contents: 24 * time.Hour, Traces: 400 * 24 * time.Hour}, midnight, 4, 2},
		{"texts never live longer", Retention{Contents: 400 * 24 * time.Hour, Traces: 24 * time.Hour}, midnight, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			fill()
			x, err := l.Expire("bot", c.retention, c.now)
			if err != nil {
				t.Fatal(err)
			}
			traces, contents := ids(t, l), flat(readTable[trace.Content](t, l))
			if len(traces) != c.traces+1 || !slices.Contains(traces, "o") || len(contents) != c.contents {
				t.Errorf("left are the requests %v and %d texts", traces, len(contents))
			}
			if x.Rows["traces"] != int64(4-c.traces) || x.Rows["contents"] != int64(4-c.contents) {
				t.Errorf("%+v", x)
			}
			timeless := 0
			for _, o := range flat(readTable[trace.Outcome](t, l)) {
				if o.OutcomeID == "timeless" {
					timeless++
				}
			}
			if timeless != 4 {
				t.Errorf("%d rows without a time are left", timeless)
			}
			wantTidy(t, l)
		})
	}
	if _, err := l.Expire("bot", Retention{Traces: -1}, noon); err == nil {
		t.Error("a negative retention")
	}
}
