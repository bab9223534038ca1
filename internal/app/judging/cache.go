package judging

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/judge"
)

// A cache keeps answers as files, a file an answer, named by the hash of what
// was asked. Answers hold what the judge quoted of a dialogue: they are kept no
// longer than texts are, and Forget removes those about a person.
type cache struct{ dir string }

var _ judge.Cache = (*cache)(nil)

// A kept answer.
type kept struct {
	Key     string          `json:"key"`
	Subject string          `json:"subject"`
	Answer  json.RawMessage `json:"answer"`
}

func (c *cache) path(key string) string { return filepath.Join(c.dir, key[:2], key+".json") }

// Get reads an answer. A file that a crash left damaged is none.
func (c *cache) Get(key string) ([]byte, bool) {
	raw, err := os.ReadFile(c.path(key))
	var k kept
	if err != nil || json.Unmarshal(raw, &k) != nil || k.Key != key {
		return nil, false
	}
	return k.Answer, true
}

// Put writes an answer aside and renames it, so that a killed process leaves a
// whole one or none.
func (c *cache) Put(key, subject string, value []byte) error {
	raw, err := json.Marshal(kept{key, subject, value})
	if err != nil {
		return err
	}
	path := c.path(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".aside-*")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// expire removes answers that were written before.
func (c *cache) expire(before time.Time) error {
	return c.each(func(path string, d fs.DirEntry) error {
		info, err := d.Info()
		if err != nil || !info.ModTime().Before(before) {
			return nil // gone, or young
		}
		return os.Remove(path)
	})
}

// Forget removes what the state of an app keeps of these sessions, in all
// releases: the answers about them. Plans hold ids alone, until their hour is
// published. It returns how many files.
func Forget(state, app string, sessions []string) (removed int, err error) {
	releases, err := os.ReadDir(filepath.Join(state, "judge", app))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, r := range releases {
		c := &cache{filepath.Join(state, "judge", app, r.Name(), "cache")}
		err = errors.Join(err, c.each(func(path string, _ fs.DirEntry) error {
			raw, err := os.ReadFile(path)
			var k kept
			if err != nil || json.Unmarshal(raw, &k) == nil && !slices.Contains(sessions, k.Subject) {
				return nil
			}
			removed++
			return os.Remove(path)
		}))
	}
	return removed, err
}

// each calls f for every file.
func (c *cache) each(f func(path string, d fs.DirEntry) error) error {
	return filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") && !strings.Contains(path, ".aside-") {
			return err
		}
		return f(path, d)
	})
}
