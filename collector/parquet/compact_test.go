package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"weir/trace"
)

func compact(t testing.TB, l *Lake) Report {
	t.Helper()
	r, err := l.Compact(context.Background(), "bot", CompactOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sixBatches publishes rows of all tables over three days.
func sixBatches(t testing.TB, l *Lake) {
	for i := range 6 {
		row := exchange(fmt.Sprint("t", i), i%3)
		row.CostUSD, row.Attributes = new(0.123456789), map[string]string{"ü": "", "k": fmt.Sprint(i)}
		publishRows(t, l, fmt.Sprint("seg-", i), Rows{
			Exchanges: []trace.Exchange{row, exchange(fmt.Sprint("u", i), i%3)},
			Contents:  []DatedContent{{trace.Date(row.StartedAt), trace.Content{TraceID: row.TraceID, App: "bot", Retrieval: []trace.Passage{{Rank: 1}}, Spans: []trace.Span{}}}},
			Outcomes:  []trace.Outcome{{OutcomeID: fmt.Sprint("o", i), App: "bot", TraceID: row.TraceID, Name: "resolved", Value: 1}},
			Judgments: []trace.Judgment{{JudgmentID: fmt.Sprint("j", i), App: "bot", Criterion: "c", CostUSD: new(1e-9)}},
			Labels:    []trace.Label{{LabelID: fmt.Sprint("l", i), App: "bot", Criterion: "c"}},
			Losses:    []trace.Loss{{LossID: fmt.Sprint("x", i), App: "bot", Reason: "bad_row", Rows: 1}},
			Events:    []trace.Event{{EventID: fmt.Sprint("e", i), App: "bot", Kind: "share", Share: new(.05)}},
		})
	}
}

func everything(t testing.TB, l *Lake) []any {
	return []any{
		readTable[trace.Exchange](t, l), readTable[trace.Content](t, l), readTable[trace.Outcome](t, l),
		readTable[trace.Judgment](t, l), readTable[trace.Label](t, l), readTable[trace.Loss](t, l), readTable[trace.Event](t, l),
	}
}

func TestCompactKeepsEveryRow(t *testing.T) {
	l := openLake(t, t.TempDir())
	sixBatches(t, l)
	before := everything(t, l)
	r := compact(t, l)
	if r.Merged != 42 || r.Written != 11 || r.Rows != 48 || r.Before <= r.After || len(r.Skipped) != 0 {
		t.Errorf("report %+v", r)
	}
	if after := everything(t, l); !reflect.DeepEqual(after, before) {
		t.Errorf("got  %+v\nwant %+v", after, before)
	}
	files := must(l.Files("traces", "bot"))
	if len(files) != 3 || !files[0].First.Equal(noon) || !files[0].Last.Equal(noon) {
		t.Errorf("files %+v", files)
	}
	wantTidy(t, l)
	manifest := must(os.ReadFile(l.at(manifestName)))
	if again := compact(t, l); !reflect.DeepEqual(again, Report{}) {
		t.Errorf("compaction of what is compact: %+v", again)
	}
	if now := must(os.ReadFile(l.at(manifestName))); string(now) != string(manifest) {
		t.Error("compaction of what is compact changed the manifest")
	}
}

func TestCompactMakesFilesOfTheTargetSize(t *testing.T) {
	l := openLake(t, t.TempDir())
	rows := generated(4000, 1)
	for i := range 20 {
		publishRows(t, l, fmt.Sprint("seg-", i), Rows{Exchanges: rows[i*200 : (i+1)*200]})
	}
	size := must(l.Files("traces", ""))[0].Bytes
	r, err := l.Compact(context.Background(), "support-bot", CompactOptions{TargetBytes: 5 * size})
	if err != nil || r.Merged != 20 || r.Written < 3 || r.Written > 5 {
		t.Errorf("report %+v, error %v", r, err)
	}
	if got := ids(t, l); len(got) != 4000 {
		t.Errorf("%d rows", len(got))
	}
	wantTidy(t, l)
}

func TestSwallowedBatchIsRefused(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0), exchange("b", 1)}})
	publishRows(t, l, "y", Rows{Exchanges: []trace.Exchange{exchange("c", 0)}})
	late := must(l.Begin("x"))
	row := exchange("a", 0)
	if err := late.Exchange(&row); err != nil {
		t.Fatal(err)
	}
	compact(t, l) // merges x and y on the first day; x on the second day is alone

	err := late.Commit()
	wantError(t, err, `"x"`, "compacted")
	if !errors.Is(err, ErrCompacted) {
		t.Errorf("%v does not wrap ErrCompacted", err)
	}
	if _, err := l.Begin("x"); !errors.Is(err, ErrCompacted) {
		t.Errorf("Begin: %v", err)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)

	// Compacted again, it is remembered all the same.
	publishRows(t, l, "z", Rows{Exchanges: []trace.Exchange{exchange("d", 0)}})
	compact(t, l)
	if _, err := l.Begin("x"); !errors.Is(err, ErrCompacted) {
		t.Errorf("Begin after the second compaction: %v", err)
	}
}

// A batch that is published again while its earlier files are being merged wins.
func TestCompactGivesWayToReplacement(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0)}})
	publishRows(t, l, "y", Rows{Exchanges: []trace.Exchange{exchange("b", 0)}})
	slow := openLake(t, l.dir)
	replaced := false
	slow.disk.before = func(change, path string) error {
		if change == "create" && !replaced {
			replaced = true
			publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a2", 0)}})
		}
		return nil
	}
	if r := compact(t, slow); r.Merged != 0 || !replaced {
		t.Errorf("report %+v, replaced %v", r, replaced)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"a2", "b"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)
	if r := compact(t, l); r.Merged != 2 {
		t.Errorf("the next compaction: %+v", r)
	}
}

func TestCompactStopsWithItsContext(t *testing.T) {
	l := openLake(t, t.TempDir())
	sixBatches(t, l)
	before := everything(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	created := 0
	l.disk.before = func(change, path string) error {
		if change == "create" {
			if created++; created == 3 {
				cancel()
			}
		}
		return nil
	}
	r, err := l.Compact(ctx, "bot", CompactOptions{})
	if !errors.Is(err, context.Canceled) || r.Written != 3 {
		t.Errorf("report %+v, error %v", r, err)
	}
	if after := everything(t, l); !reflect.DeepEqual(after, before) {
		t.Errorf("got  %+v\nwant %+v", after, before)
	}
	wantTidy(t, l)
}

func TestCompactGoesRoundDamagedFiles(t *testing.T) {
	l := openLake(t, t.TempDir())
	sixBatches(t, l)
	damaged := must(l.Files("traces", "bot"))[0]
	if err := os.Truncate(l.Path(damaged), damaged.Bytes/2); err != nil {
		t.Fatal(err)
	}
	r, err := l.Compact(context.Background(), "bot", CompactOptions{})
	wantError(t, err, damaged.Path, "cut short")
	if r.Written != 10 {
		t.Errorf("report %+v", r)
	}
	if files := must(l.Files("traces", "bot")); len(files) != 4 || files[0].Path != damaged.Path {
		t.Errorf("files %+v", files)
	}
}
