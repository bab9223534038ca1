package reports

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"weir/rollout"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// rendered renders a fixture in every format, file by file.
func rendered(t *testing.T, f fixture) []txtar.File {
	t.Helper()
	narrow := f.options
	narrow.Width = 80
	r, at80 := New(f.record, f.options), New(f.record, narrow)
	var files []txtar.File
	for _, x := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"table-100.txt", r.Table}, {"table-80.txt", at80.Table}, {"summary.md", r.Markdown},
		{"metrics.csv", r.CSV}, {"junit.xml", r.JUnit}, {"analysis.json", r.JSON}, {"report.html", r.HTML},
	} {
		var b bytes.Buffer
		if err := x.write(&b); err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		files = append(files, txtar.File{Name: x.name, Data: unstyled(b.Bytes())})
	}
	return files
}

// unstyled leaves out the style sheet and its hash, which have tests of their own.
func unstyled(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte(style), nil)
	return bytes.ReplaceAll(b, []byte(htmlAttribute(policy)), nil)
}

func htmlAttribute(s string) string {
	return strings.NewReplacer("'", "&#39;", "+", "&#43;").Replace(s)
}

func TestGolden(t *testing.T) {
	for _, f := range fixtures() {
		t.Run(f.name, func(t *testing.T) { golden(t, f.name, rendered(t, f)) })
	}
}

// golden compares files with those of an archive.
func golden(t *testing.T, name string, got []txtar.File) {
	t.Helper()
	path := filepath.Join("testdata", name+".txtar")
	if *update {
		if err := os.WriteFile(path, txtar.Format(&txtar.Archive{Files: got}), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Files) != len(got) {
		t.Fatalf("%d files, the golden archive has %d", len(got), len(want.Files))
	}
	for i, w := range want.Files {
		if w.Name != got[i].Name || !bytes.Equal(w.Data, got[i].Data) {
			t.Errorf("%s differs from %s in %s; -update rewrites it:\n%s", got[i].Name, w.Name, path, firstDifference(got[i].Data, w.Data))
		}
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one ends before the other"
}

// An effect is written the same in every format that people read.
func TestFormatsAgree(t *testing.T) {
	for _, f := range fixtures() {
		files := rendered(t, f)
		for _, m := range New(f.record, f.options).page.Metrics {
			if m.Why != "" {
				continue
			}
			for _, file := range files {
				text := strings.NewReplacer("&#43;", "+", noBreak, " ").Replace(string(file.Data))
				if file.Name != "metrics.csv" && file.Name != "analysis.json" && !strings.Contains(text, m.Effect.Value) {
					t.Errorf("%s, %s: %s is not %s", f.name, file.Name, m.Name, m.Effect.Value)
				}
			}
		}
	}
}

func TestRecordIsNotModified(t *testing.T) {
	for _, f := range fixtures() {
		before := encoded(t, f.record)
		rendered(t, f)
		if after := encoded(t, f.record); after != before {
			t.Errorf("%s: the record changed", f.name)
		}
	}
}

func encoded(t *testing.T, rec rollout.Record) string {
	t.Helper()
	b, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Nothing known is hold, in every format.
func TestEmptyRecord(t *testing.T) {
	for _, file := range rendered(t, fixture{}) {
		if !strings.Contains(strings.ToLower(string(file.Data)), "hold") && file.Name != "metrics.csv" {
			t.Errorf("%s does not say hold:\n%s", file.Name, file.Data)
		}
	}
}
