package parquet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weir/trace"
)

const (
	manifestName   = "manifest.json"
	manifestSchema = "weir.manifest/1"
)

// A manifest says which files make up the lake.
type manifest struct {
	Schema string `json:"schema"`
	Files  []File `json:"files"` // by path
	// Swallowed names the batches of which compaction has merged a file into a compacted one,
	// and which may be published again.
	Swallowed []string `json:"swallowed,omitempty"`
	// Debris lists what belongs to nobody: files about to be published, so long as they are not,
	// and files about to be removed. Whoever takes the lock next removes them.
	Debris []string `json:"debris,omitempty"`
}

// manifest reads the lake's manifest; nil where it has none.
func (l *Lake) manifest() (*manifest, error) {
	name := filepath.Join(l.dir, manifestName)
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m manifest
	var version struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(content, &version); err != nil {
		return nil, damaged(name, err)
	}
	if version.Schema != manifestSchema {
		return nil, fmt.Errorf("%s is of version %q, and this Weir knows %q: use the Weir that wrote it, or a newer one", name, version.Schema, manifestSchema)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields() // they would be lost when it is written again
	if err := d.Decode(&m); err != nil {
		return nil, damaged(name, err)
	}
	return &m, nil
}

func damaged(name string, err error) error {
	return fmt.Errorf("%s cannot be read: %w; restore it from a backup. Without it every *.parquet file counts, also what was replaced or half published", name, err)
}

// save replaces the lake's manifest. The caller holds the lock.
func (l *Lake) save(m *manifest) error {
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m.Schema = manifestSchema
	content, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return l.disk.replace(filepath.Join(l.dir, manifestName), append(content, '\n'))
}

// of returns the files of a table and an app, or of all apps where app is empty.
func (m *manifest) of(table, app string) []File {
	var files []File
	for _, f := range m.Files {
		if f.Table == table && (app == "" || f.App == app) {
			files = append(files, f)
		}
	}
	return files
}

// locked calls change with the manifest, under the lake's lock, after removing what an
// interrupted change left behind. A lake without a manifest gets one that lists the files it
// has: only then does a batch that stops half-way stay unseen.
func (l *Lake) locked(change func(*manifest) error) (err error) {
	lock, err := l.lock()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	m, err := l.manifest()
	if err != nil {
		return err
	}
	if m == nil {
		if m, err = l.adopt(); err != nil {
			return err
		}
	}
	if err := l.clear(m); err != nil {
		return err
	}
	return change(m)
}

// clear removes the manifest's debris.
func (l *Lake) clear(m *manifest) error {
	for _, name := range m.Debris {
		if err := l.disk.remove(l.at(name)); err != nil {
			return err
		}
		l.disk.removeEmpty(filepath.Dir(l.at(name)), l.dir)
	}
	m.Debris = nil
	return nil
}

// adopt writes a first manifest, of the files that are there.
func (l *Lake) adopt() (*manifest, error) {
	m := &manifest{Files: []File{}}
	for _, t := range trace.Tables() {
		files, err := l.list(t.Name)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if f.SHA256, err = checksum(l.Path(f)); err != nil {
				return nil, err
			}
			m.Files = append(m.Files, f)
		}
	}
	return m, l.save(m)
}

func checksum(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
