package spec

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"weir/internal/yamltree"
)

// ReadFile reads the text of a specification, for [Parse]: of a file that is too
// large, or a device without an end, no more than shows that. The error says
// what to do.
func ReadFile(path string) ([]byte, error) {
	text, err := readSome(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such spec; weir init writes one", path)
	}
	if info, bad := os.Stat(path); err != nil && bad == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: name the file of the spec, such as %s", path, filepath.Join(path, "weir.yaml"))
	}
	return text, err
}

func readSome(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, yamltree.MaxBytes+1))
}
