package reports

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Annotations of every fixture, as GitHub and GitLab read them.
func TestAnnotations(t *testing.T) {
	var got txtar.Archive
	for _, f := range fixtures() {
		f.options.SpecPath, f.options.SpecLines = "dir/weir.yaml", map[string]int{"resolution": 7, "errors": 9}
		r := New(f.record, f.options)
		var github, gitlab bytes.Buffer
		if err := r.GitHub(&github); err != nil {
			t.Fatal(err)
		}
		if err := r.CodeQuality(&gitlab); err != nil || !json.Valid(gitlab.Bytes()) {
			t.Fatal(err, gitlab.String())
		}
		got.Files = append(got.Files, txtar.File{Name: f.name + "/github", Data: github.Bytes()}, txtar.File{Name: f.name + "/code-quality.json", Data: gitlab.Bytes()})
		counts := map[string]int{}
		for line := range strings.Lines(github.String()) {
			kind, _, _ := strings.Cut(line, " ")
			if counts[kind]++; counts[kind] > maxAnnotations {
				t.Errorf("%s has more than %d of %s", f.name, maxAnnotations, kind)
			}
		}
	}
	const path = "testdata/annotations.golden"
	if *update {
		if err := os.WriteFile(path, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, txtar.Format(&got)) {
		t.Errorf("annotations differ from %s (-update rewrites it), %v:\n%s", path, err, txtar.Format(&got))
	}
}

// What the runner takes for its own is written otherwise.
func TestGitHubEscapes(t *testing.T) {
	if got := githubText.Replace("100 %\nand"); got != "100 %25%0Aand" {
		t.Error(got)
	}
	if got := githubProperty.Replace("a,b:c%"); got != "a%2Cb%3Ac%25" {
		t.Error(got)
	}
}
