package parquet

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"weir/trace"
)

// foreign writes a Parquet file of one row group. A column's values decide its physical type;
// levels are given where they are not those of values that are all present.
func foreign(t testing.TB, path string, columns ...foreignColumn) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f := must(os.Create(path))
	var nodes schema.FieldList
	for _, c := range columns {
		nodes = append(nodes, c.node)
	}
	w := file.NewParquetWriter(f, must(schema.NewGroupNode("other", pq.Repetitions.Required, nodes, -1)))
	group := must(w.AppendRowGroupChecked())
	for _, c := range columns {
		for _, leaf := range c.leaves {
			out := must(group.NextColumn())
			var err error
			switch v := leaf.values.(type) {
			case []pq.ByteArray:
				_, err = out.(*file.ByteArrayColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []pq.FixedLenByteArray:
				_, err = out.(*file.FixedLenByteArrayColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []int32:
				_, err = out.(*file.Int32ColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []int64:
				_, err = out.(*file.Int64ColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []pq.Int96:
				_, err = out.(*file.Int96ColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []float32:
				_, err = out.(*file.Float32ColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			case []float64:
				_, err = out.(*file.Float64ColumnChunkWriter).WriteBatch(v, leaf.defs, leaf.reps)
			}
			if err := errors.Join(err, out.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(group.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
}

type foreignColumn struct {
	node   schema.Node
	leaves []foreignLeaf
}

type foreignLeaf struct {
	values     any
	defs, reps []int16
}

// required is a column in which every value is present.
func required(name string, logical schema.LogicalType, physical pq.Type, length int, values any) foreignColumn {
	n := must(schema.NewPrimitiveNodeLogical(name, pq.Repetitions.Required, logical, physical, length, -1))
	return foreignColumn{n, []foreignLeaf{{values: values}}}
}

func requiredTexts(name string, values ...string) foreignColumn {
	var texts []pq.ByteArray
	for _, v := range values {
		texts = append(texts, pq.ByteArray(v))
	}
	return required(name, schema.StringLogicalType{}, pq.Types.ByteArray, -1, texts)
}

// A file of a version that knew fewer columns, in another order, is read with the rest null.
func TestOlderFileIsRead(t *testing.T) {
	l := openLake(t, t.TempDir())
	foreign(t, l.at("traces/app=bot/date=2026-11-23/seg-1-0000.parquet"),
		required("started_at", schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), pq.Types.Int64, -1, []int64{noon.UnixMicro(), noon.UnixMicro()}),
		requiredTexts("app", "bot", "bot"),
		requiredTexts("trace_id", "a", "b"),
		requiredTexts("date", "2026-11-23", "2026-11-23"))
	want := []trace.Exchange{exchange("a", 0), exchange("b", 0)}
	if got := readTable[trace.Exchange](t, l)["traces/app=bot/date=2026-11-23"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// It takes part in compaction, in the columns of today.
	publishRows(t, l, "seg-2", Rows{Exchanges: []trace.Exchange{exchange("c", 0)}})
	if r := compact(t, l); r.Merged != 0 || !slices.Equal(r.Skipped, []string{"traces/app=bot/date=2026-11-23/seg-1-0000.parquet"}) {
		t.Errorf("an older file whose nullable column is not: report %+v", r)
	}
}

func TestOlderFileIsCompacted(t *testing.T) {
	l := openLake(t, t.TempDir())
	foreign(t, l.at("losses/app=bot/date=unknown/seg-1-0000.parquet"),
		requiredTexts("loss_id", "1"), requiredTexts("app", "bot"), requiredTexts("reason", "queue_full"),
		required("rows", schema.NoLogicalType{}, pq.Types.Int64, -1, []int64{7}))
	publishRows(t, l, "seg-2", Rows{Losses: []trace.Loss{{LossID: "2", App: "bot", Reason: "r", Rows: 8, Source: "s"}}})
	if r := compact(t, l); r.Merged != 2 {
		t.Errorf("report %+v", r)
	}
	want := []trace.Loss{{LossID: "1", App: "bot", Reason: "queue_full", Rows: 7}, {LossID: "2", App: "bot", Reason: "r", Rows: 8, Source: "s"}}
	if got := readTable[trace.Loss](t, l)["losses/app=bot/date=unknown"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	wantTidy(t, l)
}

// A file of a version that knows more is read without what this one does not know, and is not
// rewritten.
func TestNewerFileIsReadAndLeftAlone(t *testing.T) {
	l := openLake(t, t.TempDir())
	name := "losses/app=bot/date=unknown/seg-1-0000.parquet"
	foreign(t, l.at(name),
		requiredTexts("loss_id", "1"), requiredTexts("app", "bot"), requiredTexts("reason", "r"), requiredTexts("cause", "new"),
		required("rows", schema.NoLogicalType{}, pq.Types.Int64, -1, []int64{7}))
	publishRows(t, l, "seg-2", Rows{Losses: []trace.Loss{{LossID: "2", App: "bot", Reason: "r"}}})
	publishRows(t, l, "seg-3", Rows{Losses: []trace.Loss{{LossID: "3", App: "bot", Reason: "r"}}})
	if r := compact(t, l); r.Merged != 2 || !slices.Equal(r.Skipped, []string{name}) {
		t.Errorf("report %+v", r)
	}
	if got := readTable[trace.Loss](t, l)["losses/app=bot/date=unknown"]; len(got) != 3 {
		t.Errorf("got %+v", got)
	}
}

// Other tools write neighbouring types, and leave the columns of the folder out of the file.
func TestNeighbouringTypesAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces", "app=bot", "date=2026-11-23", "x.parquet")
	micros := noon.Add(-123 * time.Microsecond)
	optional := func(name string, logical schema.LogicalType, physical pq.Type) schema.Node {
		return must(schema.NewPrimitiveNodeLogical(name, pq.Repetitions.Optional, logical, physical, -1, -1))
	}
	ofDay := uint64(micros.Sub(micros.Truncate(24 * time.Hour)))
	julian := pq.NewInt96([3]uint32{uint32(ofDay), uint32(ofDay >> 32), uint32(micros.Unix()/86400 + 2_440_588)})
	text := schema.StringLogicalType{}
	foreign(t, path,
		requiredTexts("trace_id", "a", "b"),
		required("turn", schema.NewIntLogicalType(32, true), pq.Types.Int32, -1, []int32{-1, 2}),
		required("latency_ms", schema.NoLogicalType{}, pq.Types.Float, -1, []float32{0.5, 2}),
		required("cost_usd", schema.NewDecimalLogicalType(18, 9), pq.Types.FixedLenByteArray, 8,
			[]pq.FixedLenByteArray{{0, 0, 0, 0, 0x3b, 0x9a, 0xca, 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}),
		required("started_at", schema.NewTimestampLogicalType(false, schema.TimeUnitNanos), pq.Types.Int64, -1, []int64{noon.UnixNano() + 999, -1}),
		required("assigned_at", schema.NoLogicalType{}, pq.Types.Int96, -1, []pq.Int96{julian, julian}),
		foreignColumn{
			must(schema.MapOf("attributes", requiredTexts("key").node, optional("value", text, pq.Types.ByteArray), pq.Repetitions.Required, -1)),
			[]foreignLeaf{ // {"k": "v", "null": null} and {}
				{[]pq.ByteArray{[]byte("k"), []byte("null")}, []int16{1, 1, 0}, []int16{0, 1, 0}},
				{[]pq.ByteArray{[]byte("v")}, []int16{2, 1, 0}, []int16{0, 1, 0}},
			},
		})
	want := []trace.Exchange{
		{TraceID: "a", App: "bot", Turn: new(int64(-1)), LatencyMS: new(0.5), CostUSD: new(1.0), StartedAt: noon, AssignedAt: micros, Attributes: map[string]string{"k": "v"}},
		{TraceID: "b", App: "bot", Turn: new(int64(2)), LatencyMS: new(2.0), CostUSD: new(-1e-9), StartedAt: time.Unix(0, -1000).UTC(), AssignedAt: micros, Attributes: map[string]string{}},
	}
	var got []trace.Exchange
	for row, err := range Read[trace.Exchange](path) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestUnfitFilesAreErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	first := func() error {
		for _, err := range Read[trace.Exchange](path) {
			return err
		}
		return nil
	}
	wantError(t, first(), path, "list them again")
	if !errors.Is(first(), fs.ErrNotExist) {
		t.Errorf("%v does not wrap fs.ErrNotExist", first())
	}
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range []string{"", "PAR1", "trace_id,app\n1,bot\n", "PAR1 this has no footer PAR1"} {
		write(content)
		wantError(t, first(), path, "restore it from a backup")
	}
	foreign(t, path, requiredTexts("trace_id", "a"))
	wantError(t, first(), path, "no column app")
	foreign(t, path, requiredTexts("trace_id", "a"), requiredTexts("app", "bot"), requiredTexts("latency_ms", "fast"))
	wantError(t, first(), path, "latency_ms", "double", "BYTE_ARRAY")
	foreign(t, path, requiredTexts("trace_id", "a"), requiredTexts("app", "bot"), requiredTexts("attributes", "{}"))
	wantError(t, first(), path, "attributes", "map(text, text)")
	foreign(t, path, requiredTexts("trace_id", "a"), requiredTexts("app", "bot"),
		required("cost_usd", schema.NewDecimalLogicalType(18, 12), pq.Types.Int64, -1, []int64{1}))
	wantError(t, first(), path, "cost_usd", "decimal(18,9)")
}

// Whatever happens to a file's bytes, reading it ends, in rows or in an error that names it.
func TestDamagedFilesDoNotPanic(t *testing.T) {
	l := openLake(t, t.TempDir())
	r := rand.New(rand.NewPCG(3, 4))
	publishRows(t, l, "x", Rows{Exchanges: generated(300, 1), Contents: []DatedContent{{"2026-11-23", trace.Content{
		TraceID: "a", App: "bot", Input: "text", Retrieval: []trace.Passage{{Rank: 1, Text: "t"}, {Rank: 2}}, Spans: []trace.Span{{Name: "s"}},
	}}}})
	damaged := filepath.Join(t.TempDir(), "damaged.parquet")
	failures := 0
	check := func(content []byte, err error) {
		if err != nil {
			failures++
			wantError(t, err, damaged)
		}
	}
	for _, table := range []string{"traces", "contents"} {
		whole := must(os.ReadFile(l.Path(must(l.Files(table, ""))[0])))
		for range 300 {
			content := slices.Clone(whole)
			if r.IntN(4) == 0 {
				content = content[:r.IntN(len(content))]
			}
			for range 1 + r.IntN(4) {
				if len(content) > 0 {
					content[r.IntN(len(content))] = byte(r.Uint32())
				}
			}
			if err := os.WriteFile(damaged, content, 0o644); err != nil {
				t.Fatal(err)
			}
			if table == "traces" {
				check(content, drain[trace.Exchange](damaged))
			} else {
				check(content, drain[trace.Content](damaged))
			}
		}
	}
	if failures < 100 {
		t.Errorf("only %d of 600 damaged files were found out", failures)
	}
}

func drain[T Row](path string) error {
	n := 0
	for _, err := range Read[T](path) {
		if n++; err != nil || n > 100_000 {
			return err
		}
	}
	return nil
}

func TestReadStopsWhenAskedTo(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0), exchange("b", 0)}})
	for row, err := range Read[trace.Exchange](l.Path(must(l.Files("traces", ""))[0])) {
		if err != nil || row.TraceID != "a" {
			t.Errorf("got %v, %v", row, err)
		}
		break
	}
}
