// Package disk remembers what came of jobs in files, and lets one process at a
// time do each.
//
// A result is a JSON document, "weir.job/1", in a file named by its job, replaced
// as a whole. The lock is a file of its own beside the lake,
// held by the kernel as long as its process lives: processes that work on one lake
// share it even where they keep their state apart.
package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"weir/internal/atomicfile"
	"weir/internal/jobs"
)

// schema is the layout that this code writes and reads.
const schema = "weir.job/1"

// A Store keeps results in one folder and locks in another.
type Store struct {
	Folder string // of the results
	Locks  string // folder
}

var _ jobs.Store = Store{}

// A document is what a file holds.
type document struct {
	Schema string `json:"schema"`
	Job    string `json:"job"`
	jobs.Result
}

func (s Store) path(job string) string { return filepath.Join(s.Folder, job+".json") }

// Load gives the last result of a job.
func (s Store) Load(job string) (jobs.Result, error) {
	raw, err := os.ReadFile(s.path(job))
	if errors.Is(err, fs.ErrNotExist) {
		return jobs.Result{}, nil
	}
	if err != nil {
		return jobs.Result{}, err
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return jobs.Result{}, fmt.Errorf("%s is damaged: %w", s.path(job), err)
	}
	if d.Schema != schema {
		return jobs.Result{}, fmt.Errorf("%s has layout %q, this Weir reads %q", s.path(job), d.Schema, schema)
	}
	return d.Result, nil
}

// Results gives the results that are there, by job. Those that cannot be read are left out.
func (s Store) Results() map[string]jobs.Result {
	out := map[string]jobs.Result{}
	files, _ := filepath.Glob(filepath.Join(s.Folder, "*.json"))
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		if r, err := s.Load(name); err == nil {
			out[name] = r
		}
	}
	return out
}

// Keep makes a result the last.
func (s Store) Keep(job string, r jobs.Result) error {
	raw, err := json.MarshalIndent(document{schema, job, r}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Folder, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(s.path(job), append(raw, '\n'), 0o644)
}

// Hold takes a job for this process.
func (s Store) Hold(job string) (release func(), held bool, err error) {
	if err := os.MkdirAll(s.Locks, 0o755); err != nil {
		return nil, false, err
	}
	f, err := os.OpenFile(filepath.Join(s.Locks, job+".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, false, err
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, true, f.Close()
	case err != nil:
		return nil, false, errors.Join(err, f.Close())
	}
	return func() { f.Close() }, false, nil
}
