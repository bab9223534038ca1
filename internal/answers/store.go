package answers

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Store keeps answers as files, a file an answer, named by the hash of what
// was asked. Answers hold what the judge quoted of a dialogue: they are kept no
// longer than texts are, and Forget removes those about a person. A Store is safe
// for concurrent use.
type Store struct {
	dir        string
	state, app string
	since      time.Time // of the run that it serves
}

// Of is the store of a release, in the folder of what runs remember.
func Of(state, app, release string) *Store {
	return &Store{dir: filepath.Join(state, "judge", app, release, "cache"), state: state, app: app}
}

// Since is the store for a run that began at a time: it keeps no answer about what has
// been forgotten since.
func (s *Store) Since(began time.Time) *Store {
	since := *s
	since.since = began
	return &since
}

// A kept answer.
type kept struct {
	Key     string          `json:"key"`
	Subject string          `json:"subject"`
	Answer  json.RawMessage `json:"answer"`
}

func (s *Store) path(key string) string { return filepath.Join(s.dir, key[:2], key+".json") }

// Get reads an answer. A file that a crash left damaged is none.
func (s *Store) Get(key string) ([]byte, bool) {
	raw, err := os.ReadFile(s.path(key))
	var k kept
	if err != nil || json.Unmarshal(raw, &k) != nil || k.Key != key {
		return nil, false
	}
	return k.Answer, true
}

// Put writes an answer. A process that is killed meanwhile leaves none: what is not
// whole is not read, and written again.
func (s *Store) Put(key, subject string, value []byte) error {
	raw, err := json.Marshal(kept{key, subject, value})
	if err != nil {
		return err
	}
	path := s.path(key)
	if err = os.WriteFile(path, raw, 0o600); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		return err
	}
	// Who forgets writes that down before answers are removed. So either the answer was there
	// to be removed, or the note is here to be seen.
	gone, err := Forgotten(s.state, s.app, s.since)
	if err != nil || gone == nil || !gone(subject) {
		return err
	}
	return os.Remove(path)
}

// Expire removes answers that were written before.
func (s *Store) Expire(before time.Time) error {
	return s.each(func(path string, d fs.DirEntry) error {
		info, err := d.Info()
		if err != nil || !info.ModTime().Before(before) {
			return nil // gone, or young
		}
		return os.Remove(path)
	})
}

// each calls f for every file.
func (s *Store) each(f func(path string, d fs.DirEntry) error) error {
	return filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		return f(path, d)
	})
}
