package parquet

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/schema"

	"weir/trace"
)

var update = flag.Bool("update", false, "rewrite docs/schema.md")

//go:generate go test -run TestSchemaPage -update .

// docs/schema.md is generated from the tables and from the Parquet types that files really have.
func TestSchemaPage(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "schema.md")
	want := schemaPage()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != want {
		t.Errorf("%s is not what the code says (%v): run go generate ./collector/parquet", name, err)
	}
}

func schemaPage() string {
	var b strings.Builder
	fmt.Fprintf(&b, `# The tables of the lake

Generated from the code by `+"`go generate ./collector/parquet`"+`; edit the code.

This is version %d of the schema. Columns are only ever added; a file that lacks a column has null
there. Every file says its version under the key `+"`%s`"+` of its metadata, and its table under
`+"`%s`"+`.

A table's files lie in `+"`TABLE/app=APP/date=DATE/`"+`, where the date is the UTC day of the column
named below, or `+"`%s`"+` for rows without one. Both partition columns are also inside the files, as
text. Files are compressed with zstd; row groups have at most %s rows.

Times are UTC, in microseconds. Money is exact to the nano-dollar. Text is UTF-8. What is not known
is null, never 0 and never an empty text. The last column names the attribute or field of
OpenTelemetry (semantic conventions for generative AI, and spans) that the column corresponds to.

`, trace.SchemaVersion, versionKey, tableKey, trace.UnknownDate, thousands(standard.groupRows))
	for _, table := range trace.Tables() {
		writeTable(&b, table)
	}
	b.WriteString("## Types\n\n| type | Parquet | SQL (DuckDB) |\n| --- | --- | --- |\n")
	for k := trace.Text; k <= trace.SpanList; k++ {
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", k, parquetType(node(trace.Column{Name: "x", Type: k})), sqlType(k))
	}
	return b.String()
}

func writeTable(b *strings.Builder, table trace.Table) {
	dated := "that of its request"
	if table.Date != "" {
		dated = "the UTC day of `" + table.Date + "`"
	}
	fmt.Fprintf(b, "## %s\n\nA row is %s. The partition is %s.\n\n", table.Name, table.Grain, dated)
	b.WriteString("| column | type | unit | null | meaning | OpenTelemetry |\n| --- | --- | --- | --- | --- | --- |\n")
	date := trace.Column{Name: dateColumn, Required: true, Meaning: "the partition: YYYY-MM-DD, or " + trace.UnknownDate}
	for _, c := range append(table.Columns[:len(table.Columns):len(table.Columns)], date) {
		null := "yes"
		if c.Required {
			null = "never"
		}
		otel := c.OTel
		if otel != "" {
			otel = "`" + otel + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", c.Name, c.Type, c.Unit, null, c.Meaning, otel)
	}
	b.WriteString("\n")
}

// parquetType describes a node as it stands in files.
func parquetType(n schema.Node) string {
	if p, ok := n.(*schema.PrimitiveNode); ok {
		if p.LogicalType().IsNone() {
			return p.PhysicalType().String()
		}
		return p.PhysicalType().String() + ", " + logicalName(p.LogicalType())
	}
	entry := n.(*schema.GroupNode).Field(0).(*schema.GroupNode)
	if entry.NumFields() == 1 {
		entry = entry.Field(0).(*schema.GroupNode)
	}
	var parts []string
	for i := range entry.NumFields() {
		f := entry.Field(i)
		parts = append(parts, strings.ToLower(f.RepetitionType().String())+" "+f.Name()+" "+parquetType(f))
	}
	return strings.ToUpper(n.LogicalType().String()) + " of {" + strings.Join(parts, "; ") + "}"
}

func logicalName(l schema.LogicalType) string {
	switch l := l.(type) {
	case schema.TimestampLogicalType:
		return fmt.Sprintf("TIMESTAMP (MICROS, UTC-adjusted: %v)", l.IsAdjustedToUTC())
	case schema.DecimalLogicalType:
		return fmt.Sprintf("DECIMAL(%d,%d)", l.Precision(), l.Scale())
	}
	return strings.ToUpper(l.String())
}

// sqlType is what DuckDB reads a column as; TestOtherReaders asks it.
func sqlType(k trace.Type) string {
	switch k {
	case trace.Integer:
		return "BIGINT"
	case trace.Double:
		return "DOUBLE"
	case trace.Boolean:
		return "BOOLEAN"
	case trace.Timestamp:
		return "TIMESTAMP WITH TIME ZONE"
	case trace.Money:
		return "DECIMAL(18,9)"
	case trace.TextMap:
		return "MAP(VARCHAR, VARCHAR)"
	case trace.PassageList, trace.SpanList:
		var parts []string
		for _, m := range members(k) {
			parts = append(parts, m.Name+" "+sqlType(m.Type))
		}
		return `STRUCT(` + strings.Join(parts, ", ") + `)[]`
	}
	return "VARCHAR"
}

func thousands(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }
