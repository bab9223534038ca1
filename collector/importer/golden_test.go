package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"weir/trace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden runs the files of testdata. Each holds inputs, maybe a map.yaml,
// and a script, of which each line is
//
//	FORMAT [skip] [release=NAME] FILE...    an import into the lake so far
//
// and the log that it must leave: rows as JSON, then the report, or the error.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var script, want string
	for _, f := range archive.Files {
		switch f.Name {
		case "script":
			script = string(f.Data)
		case "log":
			want = string(f.Data)
		default:
			if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := runScript(script)
	if got == want {
		return
	}
	if !*update {
		t.Errorf("got\n%s\nwant\n%s", got, want)
		return
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "log" })
	archive.Files = append(archive.Files, txtar.File{Name: "log", Data: []byte(got)})
	if err := os.WriteFile(filepath.Join(testDir, file), txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
}

// testDir is the folder of the package, before a test changes it.
var testDir = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir
}()

func runScript(script string) string {
	var out strings.Builder
	lake := &Index{}
	for line := range strings.Lines(script) {
		fmt.Fprintf(&out, "> %s", line)
		runLine(&out, lake, strings.Fields(line))
	}
	return out.String()
}

// runLine imports, and adds to the lake what was imported without error.
func runLine(out *strings.Builder, lake *Index, words []string) {
	source := Source{Format: words[0], App: "shop"}
	options := Options{Known: lake.Known}
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "skip":
			options.OnError = Skip
		case "release":
			source.Release = value
		default:
			source.Files = append(source.Files, word)
		}
	}
	if text, err := os.ReadFile("map.yaml"); err == nil {
		if source.Mapping, err = ParseMapping(source.Format, "map.yaml", text); err != nil {
			fmt.Fprintln(out, err)
			return
		}
	}
	sink := &logSink{}
	report, err := Run(context.Background(), source, options, sink)
	if err != nil {
		fmt.Fprintln(out, err)
		return
	}
	out.WriteString(strings.Join(sink.lines, ""))
	out.WriteString(prune(report))
	for i := range sink.index {
		sink.index[i](lake)
	}
}

// A logSink writes down rows, and remembers how to put them into an Index.
type logSink struct {
	lines []string
	index []func(*Index)
}

func (s *logSink) log(table string, row any, index func(*Index)) error {
	s.lines = append(s.lines, table+" "+prune(row))
	s.index = append(s.index, index)
	return nil
}

func (s *logSink) Exchange(e *trace.Exchange) error {
	return s.log("traces", e, func(x *Index) { x.Exchange(e) })
}
func (s *logSink) Content(date string, c *trace.Content) error {
	return s.log("contents "+date, c, func(x *Index) { x.Content(date, c) })
}
func (s *logSink) Outcome(o *trace.Outcome) error {
	return s.log("outcomes", o, func(x *Index) { x.Outcome(o) })
}
func (s *logSink) Judgment(j *trace.Judgment) error {
	return s.log("judgments", j, func(x *Index) { x.Judgment(j) })
}
func (s *logSink) Label(l *trace.Label) error {
	return s.log("labels", l, func(x *Index) { x.Label(l) })
}
func (s *logSink) Loss(l *trace.Loss) error {
	return s.log("losses", l, func(x *Index) { x.Loss(l) })
}

// prune returns a value as a line of JSON without what is null or empty.
func prune(v any) string {
	var buffer bytes.Buffer
	if err := json.NewEncoder(&buffer).Encode(v); err != nil {
		panic(err)
	}
	var fields map[string]any
	decoder := json.NewDecoder(&buffer)
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		panic(err)
	}
	maps.DeleteFunc(fields, func(name string, v any) bool {
		switch v := v.(type) {
		case nil:
			return true
		case string:
			return v == "" || v == "0001-01-01T00:00:00Z" || name == "App"
		case map[string]any:
			return len(v) == 0
		}
		return false
	})
	b, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

var _ error = Faults(nil)

func asRowError(t *testing.T, err error) *RowError {
	t.Helper()
	var bad *RowError
	if !errors.As(err, &bad) {
		t.Fatalf("error %v is no RowError", err)
	}
	return bad
}
