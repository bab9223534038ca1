package yamltree

import (
	"errors"
	"strings"
	"testing"

	"weir/internal/fault"
)

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		src, want string
	}{
		"syntax":      {"a: {b\n", "x.yaml:1:5: not valid YAML: "},
		"two":         {"a: 1\n---\nb: 2\n", "x.yaml:3:1: found a second document: write one mapping a file"},
		"deep braces": {strings.Repeat("[", 100_000), "found more than 32 levels: a mapping has fewer"},
		"deep dashes": {strings.Repeat("- ", 100_000), "found more than 32 levels"},
		"large":       {strings.Repeat("#", MaxBytes+1), "x.yaml:1:1: the file has more than 262144 bytes: write less"},
	} {
		root, err := Parse("x.yaml", "mapping", []byte(c.src))
		var faults fault.Faults
		if root != nil || !errors.As(err, &faults) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want %q", name, root, err, c.want)
		}
	}
}

func TestParseOfNothing(t *testing.T) {
	for _, src := range []string{"", "\ufeff", "# nothing but words\n", "---\n"} {
		if root, err := Parse("x.yaml", "mapping", []byte(src)); root != nil || err != nil {
			t.Errorf("%q: got %v, %v", src, root, err)
		}
	}
}

func TestPosition(t *testing.T) {
	root, err := Parse("x.yaml", "mapping", []byte("\n  a: 1\n  b: {c: [2]}\n  d:\n    e: 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	entries, ok := Entries(root)
	if !ok || len(entries) != 3 {
		t.Fatalf("got %v", entries)
	}
	for i, want := range [][2]int{{2, 6}, {3, 6}, {5, 5}} {
		if line, column := Position(entries[i].Value); line != want[0] || column != want[1] {
			t.Errorf("value %d stands at %d:%d, want %v", i, line, column, want)
		}
	}
	if line, column := Position(root); line != 2 || column != 3 {
		t.Errorf("the root stands at %d:%d", line, column)
	}
	if text, ok := Scalar(entries[0].Value); text != "1" || !ok {
		t.Errorf("got %q, %v", text, ok)
	}
	if _, ok := Scalar(root); ok {
		t.Error("a mapping is no scalar")
	}
}
