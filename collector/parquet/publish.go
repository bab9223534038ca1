package parquet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"golang.org/x/sync/errgroup"

	"weir/trace"
)

// An aside is a whole and durable file that still bears the name of one in progress.
type aside struct {
	name string
	File // without a path
}

// publish makes added files take the place of removed ones, at once and for good; the batches of
// swallow are remembered. The caller holds the lock, under which it read the manifest.
//
// The order carries the promise: (1) the manifest names the new files as debris, so that they
// are removed if it stops here; (2) they take their names; (3) the manifest lists them and names
// the old files as debris: this is the moment; (4) the old files go.
func (l *Lake) publish(m *manifest, stem string, added []aside, removed []File, swallow []string) error {
	added, removed, err := l.unchanged(added, removed)
	if err != nil || len(added) == 0 && len(removed) == 0 {
		return err
	}
	l.name(m, stem, added)
	if len(added) > 0 {
		for _, a := range added {
			m.Debris = append(m.Debris, a.Path)
		}
		if err := l.save(m); err != nil {
			return err
		}
		if err := l.place(added); err != nil {
			return errors.Join(err, l.clear(m))
		}
	}
	m.Debris = nil
	for _, f := range removed {
		m.Debris = append(m.Debris, f.Path)
	}
	m.Files = slices.DeleteFunc(m.Files, func(f File) bool { return slices.Contains(m.Debris, f.Path) })
	for _, a := range added {
		m.Files = append(m.Files, a.File)
	}
	m.Swallowed = slices.Compact(slices.Sorted(slices.Values(append(m.Swallowed, swallow...))))
	if err := l.save(m); err != nil {
		return err
	}
	l.clear(m) // what stays is debris, and goes with the next change
	return nil
}

// unchanged leaves out the files that are published with the bytes they have already.
func (l *Lake) unchanged(added []aside, removed []File) ([]aside, []File, error) {
	var changed []aside
	removed = slices.Clone(removed)
	for _, a := range added {
		same := slices.IndexFunc(removed, func(f File) bool {
			return f.SHA256 == a.SHA256 && f.Table == a.Table && f.App == a.App && f.Date == a.Date
		})
		if same < 0 {
			changed = append(changed, a)
			continue
		}
		removed = slices.Delete(removed, same, same+1)
		if err := l.disk.remove(a.name); err != nil {
			return nil, nil, err
		}
	}
	return changed, removed, nil
}

// name gives the files the first free numbers of their folders. No file that exists is ever
// overwritten, whoever made it.
func (l *Lake) name(m *manifest, stem string, added []aside) {
	next := map[string]int{}
	for i := range added {
		folder := trace.Partition(added[i].Table, added[i].App, added[i].Date)
		for {
			added[i].Path = path.Join(folder, fmt.Sprintf("%s-%04d.parquet", stem, next[folder]))
			next[folder]++
			if _, err := os.Lstat(l.at(added[i].Path)); errors.Is(err, fs.ErrNotExist) && !m.lists(added[i].Path) {
				break
			}
		}
	}
}

func (m *manifest) lists(path string) bool {
	return slices.ContainsFunc(m.Files, func(f File) bool { return f.Path == path })
}

var numbered = regexp.MustCompile(`^(.+)-\d{4,}\.parquet$`)

// batchOf returns the batch that a file of that name holds; empty where the name is not of this
// package's making, or compaction's.
func batchOf(base string) string {
	parts := numbered.FindStringSubmatch(base)
	if parts == nil || isCompacted(parts[1]) {
		return ""
	}
	return parts[1]
}

// place renames the files into the lake and makes their names durable, up to the lake's own
// folder.
func (l *Lake) place(added []aside) error {
	folders := map[string]bool{}
	for _, a := range added {
		name := l.at(a.Path)
		if err := l.disk.rename(a.name, name); err != nil {
			return err
		}
		for f := filepath.Dir(name); !folders[f]; f = filepath.Dir(f) {
			folders[f] = true
			if f == l.dir {
				break
			}
		}
	}
	var syncers errgroup.Group
	syncers.SetLimit(syncs)
	for f := range folders {
		syncers.Go(func() error { return l.disk.sync(f) })
	}
	return syncers.Wait()
}
