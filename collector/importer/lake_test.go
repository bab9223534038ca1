package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"weir/collector/importer"
	"weir/collector/parquet"
	"weir/trace"
)

var _ importer.Sink = (*parquet.Batch)(nil)

const lakeMapping = `
columns:
  trace_id: id
  session_id: s
  assigned_version: v
  started_at: at
  latency_ms: {from: secs, unit: s}
  cost_usd: usd
  randomized: r
  input: q
  retrieval: docs
outcomes: {resolved: ok}
attributes: [tier]
constants: {propensity: 0.1}
`

const lakeRows = `{"id":"t1","s":"s1","v":"a","at":"2026-11-23T10:00:00.123456789Z","secs":0.1234567,"usd":0.12345678949,"r":true,"q":"Hello","docs":[{"rank":1,"doc_id":"d","text":"x"}],"ok":1,"tier":"gold"}
{"v":"b","secs":3,"q":"Hi"}
{"v":"b","secs":-3}
`

// What was published and read back is known: a second import adds nothing.
func TestImportAgainIntoALake(t *testing.T) {
	lake, err := parquet.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first := importInto(t, lake, "first")
	want := map[string]int64{"traces": 2, "contents": 2, "outcomes": 1, "losses": 1}
	second := importInto(t, lake, "second")
	for table, n := range want {
		if first.Added[table] != n || second.Known[table] != n || second.Added[table] != 0 {
			t.Errorf("%s: added %d, then %d with %d known; want %d, 0, %d",
				table, first.Added[table], second.Added[table], second.Known[table], n, n)
		}
	}
}

func importInto(t *testing.T, lake *parquet.Lake, name string) importer.Report {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(file, []byte(lakeRows), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := importer.ParseMapping("jsonl", "map.yaml", []byte(lakeMapping))
	if err != nil {
		t.Fatal(err)
	}
	index := held(t, lake)
	batch, err := lake.Begin(name)
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Abort()
	source := importer.Source{Format: "jsonl", Mapping: m, Files: []string{file}, App: "a"}
	report, err := importer.Run(context.Background(), source, importer.Options{OnError: importer.Skip, Known: index.Known}, batch)
	if err != nil {
		t.Fatal(err)
	}
	if err := batch.Commit(); err != nil {
		t.Fatal(err)
	}
	return report
}

// held reads what a lake holds into an index.
func held(t *testing.T, lake *parquet.Lake) *importer.Index {
	t.Helper()
	var x importer.Index
	readAll(t, lake, x.Exchange)
	readAll(t, lake, func(c *trace.Content) error { return x.Content("", c) })
	readAll(t, lake, x.Outcome)
	readAll(t, lake, x.Loss)
	return &x
}

func readAll[T parquet.Row](t *testing.T, lake *parquet.Lake, add func(*T) error) {
	t.Helper()
	for row, err := range parquet.ReadAll[T](t.Context(), lake, "a") {
		if err != nil {
			t.Fatal(err)
		}
		if err := add(&row); err != nil {
			t.Fatal(err)
		}
	}
}
