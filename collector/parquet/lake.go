package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"weir/trace"
)

// A Lake is a folder of Parquet files. Its methods may be called from many goroutines and many
// processes at once.
type Lake struct {
	dir      string
	disk     disk
	patience time.Duration // how long to wait for another process's lock
	limits   limits
	encoders int // columns of a row group that are encoded at a time
}

// limits bound memory and sizes, in rows and in bytes.
type limits struct {
	groupRows  int   // of a row group
	groupBytes int   // of a row group before encoding; whichever comes first
	fileBytes  int64 // of a file, after which the next one is begun
	held       int   // of all rows that a batch holds in memory
}

var standard = limits{groupRows: 122_880, groupBytes: 64 << 20, fileBytes: 128 << 20, held: 128 << 20}

// A File is one live file of the lake.
type File struct {
	Path   string `json:"path"` // relative to the lake, with forward slashes
	Table  string `json:"table"`
	App    string `json:"app"`
	Date   string `json:"date"`            // of all its rows: YYYY-MM-DD, UTC, or trace.UnknownDate
	Batch  string `json:"batch,omitempty"` // that published it; empty where none will be published again
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"` // hexadecimal; empty in a lake without a manifest

	// First and Last are the least and the greatest value of the column that dates the table's
	// rows; zero where unknown.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// Open opens the lake in a folder, which it creates where it is absent.
func Open(dir string) (*Lake, error) {
	l := &Lake{dir: filepath.Clean(dir), patience: 30 * time.Second, limits: standard, encoders: runtime.GOMAXPROCS(0)}
	if err := l.disk.makeFolder(l.dir); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	return l, nil
}

// Gently makes l, which nobody uses yet, encode with half of the processors at
// most, and returns it: beside live traffic, requests find a free one.
func (l *Lake) Gently() *Lake {
	l.encoders = max(l.encoders/2, 1)
	return l
}

// Path returns where the file lies.
func (l *Lake) Path(f File) string { return l.at(f.Path) }

func (l *Lake) at(relative string) string { return filepath.Join(l.dir, filepath.FromSlash(relative)) }

// Files returns the live files of a table and an app, or of all apps where app is empty, in the
// order of their paths: what the manifest lists, or, in a lake without a manifest, every
// *.parquet file in the table's folders. None is no error. A listed file may be gone a moment
// later, when it was compacted or published again: list again then.
func (l *Lake) Files(table, app string) ([]File, error) {
	if _, ok := trace.TableNamed(table); !ok {
		return nil, fmt.Errorf("lake %s: no table is called %q", l.dir, table)
	}
	m, err := l.manifest()
	if err != nil {
		return nil, err
	}
	if m != nil {
		return m.of(table, app), nil
	}
	files, err := l.list(table)
	if err != nil {
		return nil, err
	}
	return (&manifest{Files: files}).of(table, app), nil
}

// list finds the files of a table without a manifest's help.
func (l *Lake) list(table string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(l.at(table), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case hidden(d.Name()) && d.IsDir():
			return fs.SkipDir
		case hidden(d.Name()) || d.IsDir() || !strings.HasSuffix(name, ".parquet"):
			return nil
		}
		f, err := l.describe(table, name)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return files, err
}

// hidden reports whether readers of hive folders pass over that name.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// describe reads what a file that no manifest lists says of itself.
func (l *Lake) describe(table, name string) (File, error) {
	relative, err := filepath.Rel(l.dir, name)
	if err != nil {
		return File{}, err
	}
	relative = filepath.ToSlash(relative)
	f := File{Path: relative, Table: table, App: folderValue(relative, "app"), Date: folderValue(relative, "date")}
	if path.Dir(relative) != trace.Partition(table, f.App, f.Date) {
		return File{}, fmt.Errorf("%s does not lie in a folder like %s: move it there", name, trace.Partition(table, "NAME", "YYYY-MM-DD"))
	}
	f.Batch = batchOf(path.Base(relative))
	info, err := os.Stat(name)
	if err != nil {
		return File{}, err
	}
	f.Bytes = info.Size()
	r, err := open(name)
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	f.Rows = r.NumRows()
	return f, nil
}

// Settle says that no batch of these names will be published again, because the journal segments
// they hold are gone. The lake then need not remember that compaction swallowed them.
func (l *Lake) Settle(names ...string) error {
	return l.settle(func(batch string) bool { return slices.Contains(names, batch) })
}

// SettleBut settles all batches whose names begin with the prefix, except these.
func (l *Lake) SettleBut(prefix string, waiting ...string) error {
	return l.settle(func(batch string) bool { return strings.HasPrefix(batch, prefix) && !slices.Contains(waiting, batch) })
}

func (l *Lake) settle(settled func(batch string) bool) error {
	return l.locked(func(m *manifest) error {
		for i := range m.Files {
			if settled(m.Files[i].Batch) {
				m.Files[i].Batch = ""
			}
		}
		m.Swallowed = slices.DeleteFunc(m.Swallowed, settled)
		return l.save(m)
	})
}
