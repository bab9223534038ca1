package importer

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// seed adds the golden files' inputs of a name's ending.
func seed(f *testing.F, ending string) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if filepath.Ext(part.Name) == ending {
				f.Add(part.Data)
			}
		}
	}
}

// FuzzMapping: whatever is read is faults or a mapping that can be run.
func FuzzMapping(f *testing.F) {
	seed(f, ".yaml")
	file := filepath.Join(f.TempDir(), "x.csv")
	if err := os.WriteFile(file, []byte("id,v,n,arm,size,at\nt1,a,1,b,70b,2026-11-23T10:00:00Z\n,,,,,\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, format := range formats {
			m, err := ParseMapping(format, "map.yaml", text)
			if (m == nil) == (err == nil) {
				t.Fatalf("mapping %v, error %v", m, err)
			}
			if m != nil && format == "csv" {
				Run(context.Background(), Source{Format: format, Mapping: m, Files: []string{file}, App: "a"}, Options{OnError: Skip}, discard{})
			}
		}
	})
}

const fuzzMapping = `
columns:
  session_id: {template: "{a}-{b}"}
  assigned_version: v
  latency_ms: {from: a, unit: s}
  turn: n.x
  started_at: {from: b, format: unix}
  error: {from: e, empty: null}
  input: q
  spans: s
outcomes: {resolved: a}
attributes: [n]
`

// FuzzCSV: every row that is read is added, known, left out or skipped.
func FuzzCSV(f *testing.F) {
	seed(f, ".csv")
	f.Add([]byte("v,a,b,n,e,q,s\nx,1,2,\"{\"\"x\"\":1}\",0,hi,[]\n"))
	fuzzRows(f, "csv")
}

// FuzzJSON likewise.
func FuzzJSON(f *testing.F) {
	seed(f, ".jsonl")
	seed(f, ".json")
	f.Add([]byte(`{"v":"x","a":1,"b":2,"n":{"x":1},"e":true,"q":"hi","s":[{"name":"x"}]}`))
	fuzzRows(f, "jsonl")
}

// FuzzOTLP likewise.
func FuzzOTLP(f *testing.F) {
	seed(f, ".jsonl")
	fuzzRows(f, "otlp")
}

// FuzzLangfuse likewise.
func FuzzLangfuse(f *testing.F) {
	seed(f, ".jsonl")
	fuzzRows(f, "langfuse")
}

// FuzzTauBench likewise.
func FuzzTauBench(f *testing.F) {
	seed(f, ".jsonl")
	seed(f, ".json")
	fuzzRows(f, "tau-bench")
}

func fuzzRows(f *testing.F, format string) {
	source := Source{Format: format, App: "a", Files: []string{filepath.Join(f.TempDir(), "x")}}
	if readyMade(format, "") == nil {
		m, err := ParseMapping(format, "map.yaml", []byte(fuzzMapping))
		if err != nil {
			f.Fatal(err)
		}
		source.Mapping = m
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(source.Files[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
		var c collection
		report, err := Run(context.Background(), source, Options{OnError: Skip}, &c)
		if err != nil {
			return
		}
		counted := report.Filtered + report.Skipped + int64(len(c.exchanges)) + report.Known["traces"]
		if format == "langfuse" { // files that hold scores
			counted += int64(len(c.outcomes)) + report.Known["outcomes"]
		}
		if counted != report.Rows {
			t.Errorf("%d of %d rows are accounted for: %+v", counted, report.Rows, report)
		}
	})
}
