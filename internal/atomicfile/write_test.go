package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file is replaced whole or not at all.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	for _, content := range []string{"first", "second", ""} {
		if err := Write(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("it holds %q, %v; want %q", got, err, content)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o640 {
			t.Errorf("its mode is %v, %v", info.Mode(), err)
		}
	}
	nowhere := filepath.Join(dir, "nowhere", "x")
	if err := Write(nowhere, nil, 0o600); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), " "+nowhere+":") {
		t.Errorf("a file in a folder that is not there gives %v", err)
	}
	if err := Write(dir, []byte("x"), 0o600); err == nil {
		t.Error("a folder is replaced by a file")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind is %v, %v", left, err)
	}
}
