package parquet

import (
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/trace"
)

// small makes row groups, files and memory small, so that few rows cross every border.
var small = limits{groupRows: 5, groupBytes: 6000, fileBytes: 16_000, held: 6000}

func TestRoundTrip(t *testing.T) {
	t.Run("traces", roundTrip(func(b *Batch, _ string, r *trace.Exchange) error { return b.Exchange(r) }))
	t.Run("contents", roundTrip((*Batch).Content))
	t.Run("outcomes", roundTrip(func(b *Batch, _ string, r *trace.Outcome) error { return b.Outcome(r) }))
	t.Run("judgments", roundTrip(func(b *Batch, _ string, r *trace.Judgment) error { return b.Judgment(r) }))
	t.Run("labels", roundTrip(func(b *Batch, _ string, r *trace.Label) error { return b.Label(r) }))
	t.Run("losses", roundTrip(func(b *Batch, _ string, r *trace.Loss) error { return b.Loss(r) }))
	t.Run("events", roundTrip(func(b *Batch, _ string, r *trace.Event) error { return b.Event(r) }))
}

// roundTrip checks that any rows come back as they went in, in their order, from the folder of
// their app and date.
func roundTrip[T Row](add func(*Batch, string, *T) error) func(*testing.T) {
	return func(t *testing.T) {
		table := tableOf[T]()
		dir := t.TempDir()
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			l := openLake(t, fmt.Sprintf("%s/%d", dir, n))
			l.limits = small
			b, err := l.Begin("rows")
			if err != nil {
				rt.Fatal(err)
			}
			want := map[string][]T{}
			for _, row := range rapid.SliceOfN(rapid.Custom(draw[T]), 0, 16).Draw(rt, "rows") {
				date := rapid.SampledFrom([]string{"2026-01-31", trace.UnknownDate}).Draw(rt, "date")
				if table.time != nil {
					date = trace.Date(table.time(&row))
				}
				if err := add(b, date, &row); err != nil {
					rt.Fatal(err)
				}
				folder := trace.Partition(table.table.Name, *table.app(&row), date)
				want[folder] = append(want[folder], row)
			}
			if err := b.Commit(); err != nil {
				rt.Fatal(err)
			}
			if got := readTable[T](t, l); !reflect.DeepEqual(got, want) {
				rt.Fatalf("got  %s\nwant %s", show(got), show(want))
			}
			wantTidy(t, l)
		})
	}
}

func show(v any) string { return strings.ReplaceAll(fmt.Sprintf("%+v", v), " ", "\n") }

// draw makes any row that can be written.
func draw[T Row](t *rapid.T) T {
	var row T
	table := tableOf[T]()
	drawValue(t, reflect.ValueOf(&row).Elem())
	*table.app(&row) = rapid.SampledFrom([]string{"bot", "A.b_c-1"}).Draw(t, "app")
	for _, f := range table.fields {
		for f.check != nil && errors.Is(f.check(&row), errEmpty) {
			requireText(&row, f.name)
		}
	}
	return row
}

// requireText gives the required texts of a row a value.
func requireText(row any, column string) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		if strings.EqualFold(v.Type().Field(i).Name, strings.ReplaceAll(column, "_", "")) {
			v.Field(i).SetString("ü " + column)
		}
	}
}

var (
	texts    = []string{"", "a", "Grüße, 世界 🌊", "\x00\n\"'", strings.Repeat("long ", 300)}
	integers = []int64{0, 1, -1, 200, math.MaxInt64, math.MinInt64}
	doubles  = []float64{0, 1, -0.5, 1.0 / 3, math.MaxFloat64, math.SmallestNonzeroFloat64, -math.MaxFloat64}
	times    = []time.Time{
		{}, time.Unix(0, 0).UTC(), noon.Add(123456 * time.Microsecond),
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
	}
)

func drawValue(t *rapid.T, v reflect.Value) {
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(rapid.SampledFrom(times).Draw(t, "time")))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.SampledFrom(texts).Draw(t, "text"))
	case reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.SampledFrom(integers), rapid.Int64()).Draw(t, "integer"))
	case reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.SampledFrom(doubles), rapid.Float64Range(-1e6, 1e6)).Draw(t, "double"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "present") {
			v.Set(reflect.New(v.Type().Elem()))
			drawValue(t, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "CostUSD" {
				nanos := rapid.Int64Range(-2e15, 2e15).Draw(t, "nanodollars")
				v.Field(i).Set(reflect.ValueOf(new(float64(nanos) / 1e9)))
			} else {
				drawValue(t, v.Field(i))
			}
		}
	case reflect.Map:
		if rapid.Bool().Draw(t, "present") {
			v.Set(reflect.ValueOf(rapid.MapOf(rapid.SampledFrom(texts), rapid.SampledFrom(texts)).Draw(t, "map")))
		}
	case reflect.Slice:
		if rapid.Bool().Draw(t, "present") {
			n := rapid.IntRange(0, 4).Draw(t, "length")
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				drawValue(t, v.Index(i))
			}
		}
	default:
		panic("no values of kind " + v.Kind().String())
	}
}

// Rows of many blocks, pages, row groups and files, at the limits that users have.
func TestManyRows(t *testing.T) {
	l := openLake(t, t.TempDir())
	rows := generated(150_000, 1)
	for i := range rows {
		rows[i].UserID = rows[i].TraceID // too many for a dictionary
	}
	var contents []DatedContent
	for i := range 40 {
		text := strings.Repeat(fmt.Sprintf("text %d of a long answer. ", i), 1<<i%17)
		contents = append(contents, DatedContent{"2026-11-23", trace.Content{
			TraceID: rows[i].TraceID, App: "support-bot", Output: text,
			Retrieval: slices.Repeat([]trace.Passage{{Rank: 1, Text: text}}, i),
		}})
	}
	publishRows(t, l, "many", Rows{Exchanges: rows, Contents: contents})
	i := 0
	for _, f := range must(l.Files("traces", "")) {
		for got, err := range Read[trace.Exchange](l.Path(f)) {
			if err != nil {
				t.Fatal(err)
			}
			want := rows[i]
			want.CostUSD = new(math.Round(*want.CostUSD*1e9) / 1e9)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("row %d: got %+v, want %+v", i, got, want)
			}
			i++
		}
	}
	if i != len(rows) {
		t.Errorf("%d rows came back, not %d", i, len(rows))
	}
	for j, got := range readTable[trace.Content](t, l)["contents/app=support-bot/date=2026-11-23"] {
		if !reflect.DeepEqual(got, contents[j].Content) && len(got.Retrieval)+len(contents[j].Content.Retrieval) > 0 {
			t.Errorf("content %d differs", j)
		}
	}
}

func TestRefusedRows(t *testing.T) {
	l := openLake(t, t.TempDir())
	b, err := l.Begin("x")
	if err != nil {
		t.Fatal(err)
	}
	refused := func(err error, parts ...string) {
		t.Helper()
		wantError(t, err, parts...)
		if !errors.Is(err, ErrRow) {
			t.Errorf("%v does not wrap ErrRow", err)
		}
	}
	row := exchange("", 0)
	refused(b.Exchange(&row), "traces", "trace_id")
	row = exchange("a", 0)
	row.App = "../x"
	refused(b.Exchange(&row), "app", "../x")
	row = exchange("a", 0)
	row.LatencyMS = new(math.Inf(1))
	refused(b.Exchange(&row), "latency_ms", "infinite")
	row = exchange("a", 0)
	row.CostUSD = new(1e9)
	refused(b.Exchange(&row), "cost_usd")
	row = exchange("a", 0)
	row.StartedAt = row.StartedAt.AddDate(10_000, 0, 0)
	refused(b.Exchange(&row), "started_at", "9999")
	row = exchange("a", 0)
	row.Attributes = map[string]string{"\xff": "x"}
	refused(b.Exchange(&row), "attributes", "UTF-8")
	refused(b.Outcome(&trace.Outcome{OutcomeID: "o", App: "bot", Name: "resolved", Value: math.NaN()}), "value")
	content := trace.Content{TraceID: "a", App: "bot"}
	refused(b.Content("23.11.2026", &content), "23.11.2026", "YYYY-MM-DD")
	content.Retrieval = []trace.Passage{{}, {Score: new(math.Inf(-1))}}
	refused(b.Content("2026-11-23", &content), "retrieval", "element 2", "score")

	// The batch goes on, without a trace of them.
	row = exchange("good", 0)
	if err := b.Exchange(&row); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"good"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)
}

func TestUnknownIsNull(t *testing.T) {
	l := openLake(t, t.TempDir())
	row := exchange("a\xffb", 0)
	row.LatencyMS, row.CostUSD = new(math.NaN()), new(math.NaN())
	row.Model = "\xff"
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{row}})
	got := readTable[trace.Exchange](t, l)["traces/app=bot/date=2026-11-23"][0]
	if got.LatencyMS != nil || got.CostUSD != nil {
		t.Errorf("NaN came back as %v, %v", got.LatencyMS, got.CostUSD)
	}
	if got.TraceID != "a\uFFFDb" || got.Model != "\uFFFD" {
		t.Errorf("bytes that are not UTF-8 came back as %q, %q", got.TraceID, got.Model)
	}
}

func TestRowsAreCopied(t *testing.T) {
	l := openLake(t, t.TempDir())
	b, err := l.Begin("x")
	if err != nil {
		t.Fatal(err)
	}
	row := exchange("a", 0)
	row.Turn, row.Attributes = new(int64(1)), map[string]string{"k": "1"}
	for i := range 3 {
		row.TraceID = fmt.Sprint(i)
		*row.Turn = int64(i)
		row.Attributes["k"] = fmt.Sprint(i)
		if err := b.Exchange(&row); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	for i, got := range readTable[trace.Exchange](t, l)["traces/app=bot/date=2026-11-23"] {
		if got.TraceID != fmt.Sprint(i) || *got.Turn != int64(i) || got.Attributes["k"] != fmt.Sprint(i) {
			t.Errorf("row %d: %+v", i, got)
		}
	}
}

func TestPublishingAgainReplaces(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "other", Rows{Exchanges: []trace.Exchange{exchange("o", 0)}})
	both := Rows{Exchanges: []trace.Exchange{exchange("a", 0), exchange("b", 1)}, Losses: []trace.Loss{{LossID: "l", App: "bot", Reason: "bad_row", Rows: 2}}}
	publishRows(t, l, "x", both)
	before := must(os.ReadFile(l.at(manifestName)))

	publishRows(t, l, "x", both)
	if after := must(os.ReadFile(l.at(manifestName))); string(after) != string(before) {
		t.Errorf("the same rows changed the manifest from\n%s\nto\n%s", before, after)
	}
	wantTidy(t, l)

	// Another day's rows are new, one day's and one table's are gone.
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a2", 0), exchange("c", 2)}})
	if got := ids(t, l); !slices.Equal(got, []string{"a2", "c", "o"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)
	if _, err := os.Stat(l.at("losses")); err == nil {
		t.Error("an empty folder was left behind")
	}

	publishRows(t, l, "x", Rows{})
	if got := ids(t, l); !slices.Equal(got, []string{"o"}) {
		t.Errorf("after an empty batch: %v", got)
	}
	wantTidy(t, l)
}

func TestAbortLeavesNothing(t *testing.T) {
	l := openLake(t, t.TempDir())
	l.limits = small
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0)}})
	b, err := l.Begin("x")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		row := exchange(fmt.Sprint(i), i%7)
		if err := b.Exchange(&row); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := b.Abort(); err != nil {
			t.Error(err)
		}
	}
	row := exchange("late", 0)
	if err := b.Exchange(&row); !errors.Is(err, errClosed) {
		t.Errorf("a row after Abort: %v", err)
	}
	if err := b.Commit(); !errors.Is(err, errClosed) {
		t.Errorf("Commit after Abort: %v", err)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)
}

func TestAbortAfterCommitChangesNothing(t *testing.T) {
	l := openLake(t, t.TempDir())
	b := must(l.Begin("x"))
	row := exchange("a", 0)
	if err := errors.Join(b.Exchange(&row), b.Commit(), b.Abort()); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, l); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v", got)
	}
	wantTidy(t, l)
}

func TestBatchNames(t *testing.T) {
	l := openLake(t, t.TempDir())
	for _, name := range []string{"", ".", "..", "a/b", ".hidden", "_hidden", "compacted-1", "ü"} {
		if _, err := l.Begin(name); err == nil {
			t.Errorf("%q is allowed", name)
		}
	}
	// Names of which one is the beginning of the other do not get into each other's way.
	publishRows(t, l, "a", Rows{Exchanges: []trace.Exchange{exchange("1", 0)}})
	publishRows(t, l, "a-0000", Rows{Exchanges: []trace.Exchange{exchange("2", 0)}})
	publishRows(t, l, "a", Rows{Exchanges: []trace.Exchange{exchange("3", 0)}})
	if got := ids(t, l); !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("got %v", got)
	}
}

// However many dates are open, a batch holds no more rows than its limit, and no open files.
func TestMemoryIsBounded(t *testing.T) {
	l := openLake(t, t.TempDir())
	l.limits.held = 200_000
	b := must(l.Begin("x"))
	open := openFiles(t)
	for i := range 3000 {
		row := exchange(fmt.Sprint(i), i%300)
		row.Model = strings.Repeat("m", 500)
		if err := b.Exchange(&row); err != nil {
			t.Fatal(err)
		}
		if b.held > l.limits.held {
			t.Fatalf("%d bytes held after row %d", b.held, i)
		}
	}
	if err := b.wait(); err != nil {
		t.Fatal(err)
	}
	if now := openFiles(t); now > open+2 {
		t.Errorf("%d files are open, before the batch %d", now, open)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, l); len(got) != 3000 {
		t.Errorf("%d rows came back", len(got))
	}
	wantTidy(t, l)
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("this system does not show open files: %v", err)
	}
	return len(entries)
}

func TestBatchesAtOnce(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			l := openLake(t, dir)
			for j := range 5 {
				row := exchange(fmt.Sprintf("%d.%d", i, j), j)
				b, err := l.Begin(fmt.Sprintf("batch-%d-%d", i, j))
				if err != nil {
					t.Error(err)
					return
				}
				if err := errors.Join(b.Exchange(&row), b.Commit()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	l := openLake(t, dir)
	if got := ids(t, l); len(got) != 40 {
		t.Errorf("%d of 40 batches are in the lake: %v", len(got), got)
	}
	wantTidy(t, l)
}
