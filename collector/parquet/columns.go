package parquet

import (
	"fmt"
	"strconv"
	"sync/atomic"

	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"weir/trace"
)

// dateColumn is the partition column that every file holds besides the columns of its table.
const dateColumn = "date"

// Keys of a file's key-value metadata.
const (
	versionKey = "weir.schema_version"
	tableKey   = "weir.table"
)

// Money is DECIMAL(18,9), an integer number of nano-dollars.
const (
	moneyPrecision = 18
	moneyScale     = 9
)

// plainText names the text columns whose values rarely repeat: identities and free text. A
// dictionary would cost time and save nothing there.
var plainText = map[string]bool{
	"traces.trace_id":       true,
	"contents.trace_id":     true,
	"contents.input":        true,
	"contents.output":       true,
	"contents.prompt":       true,
	"contents.tool_calls":   true,
	"contents.text":         true, // of a retrieved passage
	"outcomes.outcome_id":   true,
	"outcomes.comment":      true,
	"judgments.judgment_id": true,
	"judgments.reason":      true,
	"judgments.error":       true,
	"labels.label_id":       true,
	"labels.comment":        true,
	"losses.loss_id":        true,
}

// A layout is what the files of one table look like. A column has one leaf, or several where it
// is a map or a list of structs.
type layout struct {
	table  trace.Table
	root   *schema.GroupNode
	schema *schema.Schema
	props  *pq.WriterProperties
	blocks reserve
	usual  []atomic.Int64 // bytes of text of each leaf in the last block
	first  []int          // index of the first leaf of each column of table, then that of dateColumn
}

func newLayout(t trace.Table) *layout {
	l := &layout{table: t}
	date := trace.Column{Name: dateColumn, Type: trace.Text, Required: true}
	var nodes schema.FieldList
	leaves := 0
	for _, c := range append(t.Columns[:len(t.Columns):len(t.Columns)], date) {
		nodes = append(nodes, node(c))
		l.first = append(l.first, leaves)
		leaves += leafCount(c.Type)
	}
	l.root = must(schema.NewGroupNode("weir", pq.Repetitions.Required, nodes, -1))
	l.schema = schema.NewSchema(l.root)
	l.usual = make([]atomic.Int64, l.schema.NumColumns())
	l.props = properties(t.Name, l.schema)
	return l
}

// node maps a column to its Parquet type: the one place that knows both.
func node(c trace.Column) schema.Node {
	rep := pq.Repetitions.Optional
	if c.Required {
		rep = pq.Repetitions.Required
	}
	switch c.Type {
	case trace.Text:
		return leafNode(c.Name, rep, schema.StringLogicalType{}, pq.Types.ByteArray)
	case trace.Integer:
		return leafNode(c.Name, rep, schema.NoLogicalType{}, pq.Types.Int64)
	case trace.Double:
		return leafNode(c.Name, rep, schema.NoLogicalType{}, pq.Types.Double)
	case trace.Boolean:
		return leafNode(c.Name, rep, schema.NoLogicalType{}, pq.Types.Boolean)
	case trace.Timestamp:
		return leafNode(c.Name, rep, schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), pq.Types.Int64)
	case trace.Money:
		return leafNode(c.Name, rep, schema.NewDecimalLogicalType(moneyPrecision, moneyScale), pq.Types.Int64)
	case trace.TextMap:
		members := members(c.Type)
		return must(schema.MapOf(c.Name, node(members[0]), node(members[1]), rep, -1))
	case trace.PassageList, trace.SpanList:
		var nodes schema.FieldList
		for _, m := range members(c.Type) {
			nodes = append(nodes, node(m))
		}
		element := must(schema.NewGroupNode("element", pq.Repetitions.Required, nodes, -1))
		return must(schema.ListOfWithName(c.Name, element, rep, -1))
	}
	panic(fmt.Sprintf("parquet: column %s has the unknown type %d", c.Name, c.Type))
}

func leafNode(name string, rep pq.Repetition, logical schema.LogicalType, physical pq.Type) schema.Node {
	return must(schema.NewPrimitiveNodeLogical(name, rep, logical, physical, -1, -1))
}

// members returns what one entry of a map or a list of that type holds; nil for other types.
func members(t trace.Type) []trace.Column {
	switch t {
	case trace.TextMap:
		return []trace.Column{{Name: "key", Required: true}, {Name: "value", Required: true}}
	case trace.PassageList:
		return []trace.Column{{Name: "rank", Type: trace.Integer, Required: true}, {Name: "doc_id"}, {Name: "score", Type: trace.Double}, {Name: "text"}}
	case trace.SpanList:
		return []trace.Column{{Name: "name"}, {Name: "start_ms", Type: trace.Double}, {Name: "duration_ms", Type: trace.Double}}
	}
	return nil
}

func leafCount(t trace.Type) int { return max(1, len(members(t))) }

// properties chooses compression and encodings. Text has no minima and maxima: they would copy
// what users wrote into the footer, cost time, and let no reader skip anything. Pages are cut
// where blocks end, never by the library, so its own limit is out of reach.
func properties(table string, s *schema.Schema) *pq.WriterProperties {
	options := []pq.WriterProperty{
		pq.WithVersion(pq.V2_LATEST), pq.WithDataPageSize(1 << 40),
		pq.WithCompression(compress.Codecs.Zstd), pq.WithCompressionLevel(compressionLevel),
	}
	for i := range s.NumColumns() {
		c := s.Column(i)
		path := c.Path()
		if _, ok := c.LogicalType().(schema.TimestampLogicalType); ok {
			options = append(options, pq.WithDictionaryFor(path, false), pq.WithEncodingFor(path, pq.Encodings.DeltaBinaryPacked))
		}
		if c.PhysicalType() == pq.Types.Double || plainText[table+"."+c.Name()] {
			options = append(options, pq.WithDictionaryFor(path, false))
		}
		if c.PhysicalType() == pq.Types.ByteArray {
			options = append(options, pq.WithStatsFor(path, false))
		}
	}
	return pq.NewWriterProperties(options...)
}

func (l *layout) keyValues() metadata.KeyValueMetadata {
	kv := metadata.NewKeyValueMetadata()
	must(0, kv.Append(versionKey, strconv.Itoa(trace.SchemaVersion)))
	must(0, kv.Append(tableKey, l.table.Name))
	return kv
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("parquet: " + err.Error())
	}
	return v
}
