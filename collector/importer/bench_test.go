package importer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"weir/trace"
)

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Exchange(*trace.Exchange) error       { return nil }
func (discard) Content(string, *trace.Content) error { return nil }
func (discard) Outcome(*trace.Outcome) error         { return nil }
func (discard) Judgment(*trace.Judgment) error       { return nil }
func (discard) Label(*trace.Label) error             { return nil }
func (discard) Loss(*trace.Loss) error               { return nil }

// BenchmarkCSV imports rows of ten mapped columns, an outcome among them.
func BenchmarkCSV(b *testing.B) { benchmark(b, "csv", "") }

// BenchmarkCSVWhere also evaluates an expression on each row.
func BenchmarkCSVWhere(b *testing.B) { benchmark(b, "csv", `where: 'arm == "v1" or tokens >= 0'`+"\n") }

// BenchmarkJSONL imports the same rows as JSON lines.
func BenchmarkJSONL(b *testing.B) { benchmark(b, "jsonl", "") }

func benchmark(b *testing.B, format, where string) {
	const rows = 50_000
	file := filepath.Join(b.TempDir(), "x")
	if err := os.WriteFile(file, benchmarkRows(format, rows), 0o600); err != nil {
		b.Fatal(err)
	}
	m, err := ParseMapping(format, "map.yaml", []byte(where+`
columns:
  session_id: {template: "{arm}-{task}"}
  user_id: user
  assigned_version: arm
  started_at: at
  latency_ms: {from: secs, unit: s}
  ttft_ms: {from: first, unit: s}
  input_tokens: tokens
  output_tokens: out
  error_type: {from: err, empty: null}
outcomes: {resolved: solved}
`))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		report, err := Run(context.Background(), Source{Format: format, Mapping: m, Files: []string{file}, App: "a"}, Options{}, discard{})
		if err != nil || report.Added["traces"] != rows {
			b.Fatal(err, report)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func benchmarkRows(format string, rows int) []byte {
	text := []byte("task,user,arm,at,secs,first,tokens,out,err,solved\n")
	line := "%d,user-%d,v%d,2026-11-23T10:%02d:%02d.%03dZ,%d.25,0.%d,%d,%d,,%d\n"
	if format == "jsonl" {
		text, line = nil, `{"task":%d,"user":"user-%d","arm":"v%d","at":"2026-11-23T10:%02d:%02d.%03dZ","secs":%d.25,"first":0.%d,"tokens":%d,"out":%d,"err":null,"solved":%d}`+"\n"
	}
	for i := range rows {
		text = fmt.Appendf(text, line, i/3, i/7, i%2+1, i%60, i%60, i%1000, i%9, i%10, i%500, i%700, i%2)
	}
	return text
}
