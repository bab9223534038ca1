package docs

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/internal/sim"
	"weir/rollout/spec"
	"weir/trace"
)

var update = flag.Bool("update", false, "rewrite the table of docs/spec.md")

const (
	keysBegin = "<!-- every key: written by go test ./internal/docs -update -->\n"
	keysEnd   = "<!-- end -->\n"
)

// TestKeys holds the table of docs/spec.md to the specification's own.
func TestKeys(t *testing.T) {
	name := filepath.Join(root, "docs/spec.md")
	p := readPage(t, name)
	before, rest, found := strings.Cut(p.text, keysBegin)
	_, after, ended := strings.Cut(rest, keysEnd)
	if !found || !ended {
		t.Fatalf("docs/spec.md lacks %q or %q", keysBegin, keysEnd)
	}
	want := before + keysBegin + string(spec.Doc()) + keysEnd + after
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if p.text != want {
		t.Error("the keys of docs/spec.md are not those of the code: run go test ./internal/docs -update")
	}
}

// TestMappingColumns finds every column of requests, and of their texts, in
// docs/mapping.md. Some are Weir's own.
func TestMappingColumns(t *testing.T) {
	p := readPage(t, filepath.Join(root, "docs/mapping.md"))
	own := []string{"app", "unit_id"}
	for _, table := range []string{"traces", "contents"} {
		columns, _ := trace.TableNamed(table)
		for _, c := range columns.Columns {
			if !slices.Contains(own, c.Name) && !strings.Contains(p.text, "`"+c.Name+"`") {
				t.Errorf("docs/mapping.md does not name %s", c.Name)
			}
		}
	}
}

var trap = regexp.MustCompile("(?m)^\\|.*\\| `([a-z-]+)` \\| ([a-z]+) \\|$")

// TestTraps holds docs/traps.md to the scenarios: each that has a trap is
// there, with a verdict that a correct analysis may reach.
func TestTraps(t *testing.T) {
	p := readPage(t, filepath.Join(root, "docs/traps.md"))
	shown := map[string]string{}
	for _, m := range trap.FindAllStringSubmatch(p.text, -1) {
		shown[m[1]] = m[2]
	}
	for _, s := range sim.Scenarios() {
		verdict, ok := shown[s.Name]
		delete(shown, s.Name)
		switch {
		case s.Name == "bench":
		case !ok:
			t.Errorf("docs/traps.md lacks %s", s.Name)
		case !slices.Contains(s.Truth().Verdicts, verdict):
			t.Errorf("docs/traps.md ends %s with %s; it should be one of %v", s.Name, verdict, s.Truth().Verdicts)
		}
	}
	for name := range shown {
		t.Errorf("docs/traps.md shows %s, which is no scenario", name)
	}
}

// TestPackages finds every package in docs/architecture.md.
func TestPackages(t *testing.T) {
	house := readPage(t, filepath.Join(root, "docs/architecture.md"))
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || name == root {
			return err
		}
		if base := d.Name(); strings.HasPrefix(base, ".") || base == "testdata" {
			return fs.SkipDir
		}
		if sources, _ := filepath.Glob(filepath.Join(name, "*.go")); len(sources) == 0 || strings.HasSuffix(name, "test") {
			return nil
		}
		relative, _ := filepath.Rel(root, name)
		if !strings.Contains(house.text, "`"+filepath.ToSlash(relative)+"`") {
			t.Errorf("%s does not name the package %s", house.name, relative)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// twins are pages in two languages, English first.
var twins = [][2]string{{"README.md", "README.zh-CN.md"}, {"docs/tutorial.md", "docs/zh/tutorial.md"}}

// TestTwins holds the two languages to the same commands, files and output.
func TestTwins(t *testing.T) {
	comment := regexp.MustCompile(`(?m) +# .*$|^# .*$`)
	strip := func(p page) []string {
		var texts []string
		for _, b := range p.blocks {
			texts = append(texts, b.language+" "+b.file+"\n"+comment.ReplaceAllString(b.text, ""))
		}
		return texts
	}
	for _, pair := range twins {
		english, chinese := readPage(t, filepath.Join(root, pair[0])), readPage(t, filepath.Join(root, pair[1]))
		if a, b := strip(english), strip(chinese); !slices.Equal(a, b) {
			t.Errorf("%s shows\n%s\nand %s\n%s", pair[0], strings.Join(a, "\n"), pair[1], strings.Join(b, "\n"))
		}
	}
}
