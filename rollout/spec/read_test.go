package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "none.yaml"): "none.yaml: there is no such spec; weir init writes one",
		dir:                             "is a folder: name the file of the spec, such as " + filepath.Join(dir, "weir.yaml"),
	} {
		if text, err := ReadFile(path); text != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q, %v, want %q", path, text, err, want)
		}
	}
	path := filepath.Join(dir, "weir.yaml")
	if err := os.WriteFile(path, []byte("app: bot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadFile(path); string(text) != "app: bot\n" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
}

// A device that has no end is refused for its length.
func TestReadFileWithoutEnd(t *testing.T) {
	const path = "/dev/zero"
	if _, err := os.Stat(path); err != nil {
		t.Skip(err)
	}
	text, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(path, text); err == nil || !strings.Contains(err.Error(), "more than 262144 bytes") {
		t.Errorf("got %v", err)
	}
}
