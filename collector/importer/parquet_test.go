package importer

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

var testSchema = arrow.NewSchema([]arrow.Field{
	{Name: "id", Type: arrow.BinaryTypes.String},
	{Name: "arm", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}},
	{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "secs", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "tokens", Type: arrow.PrimitiveTypes.Uint32, Nullable: true},
	{Name: "cost", Type: &arrow.Decimal128Type{Precision: 18, Scale: 9}, Nullable: true},
	{Name: "failed", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "meta", Type: arrow.StructOf(
		arrow.Field{Name: "tier", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "inner", Type: arrow.StructOf(arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64})},
	), Nullable: true},
	{Name: "usage", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), Nullable: true},
	{Name: "calls", Type: arrow.ListOf(arrow.StructOf(arrow.Field{Name: "name", Type: arrow.BinaryTypes.String})), Nullable: true},
}, nil)

const testRows = `[
{"id":"t1","arm":"v1","at":"2026-11-23T10:00:00Z","secs":1.5,"tokens":12,"cost":"0.001500000","failed":false,"meta":{"tier":"gold","inner":{"n":3}},"usage":[{"key":"out","value":7}],"calls":[{"name":"f"}]},
{"id":"t2","arm":"v2","at":null,"secs":null,"tokens":null,"cost":null,"failed":true,"meta":null,"usage":null,"calls":null}]`

const testMapping = `
columns:
  trace_id: id
  assigned_version: arm
  started_at: at
  latency_ms: {from: secs, unit: s}
  input_tokens: tokens
  output_tokens: usage.out
  cost_usd: cost
  error: failed
  trial: meta.inner.n
  tool_calls: calls
attributes: [meta.tier]
`

func parquetFile(t *testing.T, schema *arrow.Schema, rows string) []byte {
	t.Helper()
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &b, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	file := write(t, "x.parquet", parquetFile(t, testSchema, testRows))
	c, report, err := runFile(t, "parquet", testMapping, file, Options{})
	if err != nil || len(c.exchanges) != 2 || len(report.Warnings) != 0 {
		t.Fatalf("%v, %+v", err, report)
	}
	e := c.exchanges[0]
	if e.TraceID != "t1" || e.AssignedVersion != "v1" || !e.StartedAt.Equal(time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)) ||
		*e.LatencyMS != 1500 || *e.InputTokens != 12 || *e.OutputTokens != 7 || *e.CostUSD != 0.0015 || e.ErrorType != "" ||
		*e.Trial != 3 || e.Attributes["meta.tier"] != "gold" {
		t.Errorf("first row: %s", prune(e))
	}
	if e := c.exchanges[1]; e.ErrorType != failure || e.LatencyMS != nil || e.CostUSD != nil || e.Trial != nil || len(e.Attributes) != 0 || !e.StartedAt.IsZero() {
		t.Errorf("second row: %s", prune(e))
	}
	if len(c.contents) != 1 || c.contents[0].ToolCalls != `[{"name":"f"}]` {
		t.Errorf("texts: %+v", c.contents)
	}
}

func TestParquetWhere(t *testing.T) {
	file := write(t, "x.parquet", parquetFile(t, testSchema, testRows))
	for where, want := range map[string]int{
		"not failed": 1, `tokens == nil`: 1, "secs == 1.5": 1, `meta?.inner?.n == 3`: 1, `arm startsWith "v"`: 2, `at != nil and at.Year() == 2026`: 1,
	} {
		c, _, err := runFile(t, "parquet", "where: '"+where+"'\n"+testMapping, file, Options{})
		if err != nil || len(c.exchanges) != want {
			t.Errorf("%s: %d rows, want %d (%v)", where, len(c.exchanges), want, err)
		}
	}
}

func TestParquetBadValues(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "arm", Type: arrow.BinaryTypes.String}, {Name: "secs", Type: arrow.PrimitiveTypes.Float64}, {Name: "by", Type: arrow.BinaryTypes.Binary}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.StringBuilder).AppendValues([]string{"a", "a", "a", "b"}, nil)
	b.Field(1).(*array.Float64Builder).AppendValues([]float64{1, math.NaN(), math.Inf(1), -1}, nil)
	b.Field(2).(*array.BinaryBuilder).AppendValues([][]byte{[]byte("x"), nil, nil, {0xff}}, nil)
	var buffer bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &buffer, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(b.NewRecordBatch()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := write(t, "x.parquet", buffer.Bytes())
	_, report, err := runFile(t, "parquet", "columns: {assigned_version: arm, latency_ms: {from: secs, unit: s}, device: by}", file, Options{OnError: Skip})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, bad := range report.Bad {
		got = append(got, strings.TrimPrefix(bad.Error(), file))
	}
	want := []string{`: row 2: column secs: "NaN" is not a number`, `: row 3: column secs: "+Inf" is not a number`, ": row 4: column by: is not UTF-8"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A file of the same columns as the mapping lacks is a fault of the mapping.
func TestParquetHeader(t *testing.T) {
	file := write(t, "x.parquet", parquetFile(t, testSchema, testRows))
	_, _, err := runFile(t, "parquet", "columns: {assigned_version: arms}", file, Options{})
	if err == nil || !strings.HasSuffix(err.Error(), `x.parquet has no column "arms": did you mean "arm"?`) {
		t.Errorf("%v", err)
	}
}

// A damaged file gives an error or rows, never a panic.
func TestParquetDamaged(t *testing.T) {
	whole := parquetFile(t, testSchema, testRows)
	random := rand.New(rand.NewPCG(1, 2))
	failed := 0
	for i := range 400 {
		data := slices.Clone(whole)
		if i < 100 {
			data = data[:random.IntN(len(data))]
		} else {
			for range 1 + random.IntN(4) {
				data[4+random.IntN(len(data)-8)] ^= byte(1 + random.IntN(255))
			}
		}
		if _, _, err := runFile(t, "parquet", testMapping, write(t, "x.parquet", data), Options{OnError: Skip}); err != nil {
			failed++
		}
	}
	if failed < 100 {
		t.Errorf("%d of 400 damaged files were errors; the 100 that were cut off have to be", failed)
	}
}
