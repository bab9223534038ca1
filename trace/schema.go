package trace

// SchemaVersion is the version of all table layouts together. Columns are
// only ever added; readers accept every older version.
const SchemaVersion = 1

// A Type is what a column holds, independent of any file format.
type Type int

// The column types. In Parquet and SQL they are: BYTE_ARRAY (UTF8) and
// VARCHAR; INT64 and BIGINT; DOUBLE; BOOLEAN; INT64 (TIMESTAMP, microseconds,
// UTC-adjusted) and TIMESTAMPTZ; DECIMAL(18,9); MAP(VARCHAR, VARCHAR); lists
// of structs as described at Passage and Span.
const (
	Text Type = iota
	Integer
	Double
	Boolean
	Timestamp
	Money
	TextMap
	PassageList
	SpanList
)

var typeNames = [...]string{
	"text", "integer", "double", "boolean", "timestamp", "decimal(18,9)", "map(text, text)",
	"list(struct(rank, doc_id, score, text))", "list(struct(name, start_ms, duration_ms))",
}

// String names the type as the documentation does.
func (t Type) String() string { return typeNames[t] }

// A Column describes one column of a table.
type Column struct {
	Name     string
	Type     Type
	Unit     string // ms, USD, share, ...; empty where the value has none
	Required bool   // never null
	Meaning  string
	OTel     string // attribute or field of OpenTelemetry's gen_ai conventions; empty where it has none
}

// A Table is one of the lake's folders and the columns of its files.
type Table struct {
	Name    string
	Grain   string // what one row is
	Date    string // the timestamp column whose UTC day is the partition; empty where another table dates it
	Columns []Column
}

// Column returns the column of that name.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Tables lists every Parquet table of the lake. Every file also holds the
// partition column date as text (YYYY-MM-DD, or unknown).
func Tables() []Table {
	return []Table{tracesTable, contentsTable, outcomesTable, judgmentsTable, labelsTable, lossesTable, eventsTable}
}

// TableNamed returns the table of that name.
func TableNamed(name string) (Table, bool) {
	for _, t := range Tables() {
		if t.Name == name {
			return t, true
		}
	}
	return Table{}, false
}
