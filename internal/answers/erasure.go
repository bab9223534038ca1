package answers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
	"weir/internal/atomicfile"
)

// An Erasure is a note that somebody is being forgotten, for runs of the judge that
// have read what was said before it was gone: what comes of it later is not kept. It
// holds hashes of what is forgotten, and not of whom.
type Erasure struct {
	path string
	note erasureNote
}

type erasureNote struct {
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended,omitzero"` // from then on nobody reads it any more
	Subjects []string  `json:"subjects"`       // SHA-256, hexadecimal
}

// noteKept is how long a note outlives its erasure: longer than any run of a judge.
const noteKept = 7 * 24 * time.Hour

func notes(state, app string) string { return filepath.Join(state, "forgotten", app) }

func hashed(subject string) string {
	h := sha256.Sum256([]byte(subject))
	return hex.EncodeToString(h[:])
}

// begin writes a note down, and removes those that nobody needs any more.
func begin(state, app string, subjects []string, now time.Time) (*Erasure, error) {
	dir := notes(state, app)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	e := &Erasure{note: erasureNote{Began: now, Subjects: []string{}}}
	for _, s := range subjects {
		e.note.Subjects = append(e.note.Subjects, hashed(s))
	}
	slices.Sort(e.note.Subjects)
	f, err := os.CreateTemp(dir, fmt.Sprintf("%d-*.json", now.UnixMicro()))
	if err != nil {
		return nil, err
	}
	e.path = f.Name()
	if err := errors.Join(f.Close(), e.write()); err != nil {
		return nil, err
	}
	return e, eachNote(dir, func(path string, n erasureNote) error {
		last := n.Began
		if n.Ended.After(last) {
			last = n.Ended
		}
		if now.Sub(last) > noteKept {
			return os.Remove(path)
		}
		return nil
	})
}

// End notes that what is forgotten is gone from the lake too.
func (e *Erasure) End(now time.Time) error {
	e.note.Ended = now
	return e.write()
}

func (e *Erasure) write() error {
	raw, err := json.Marshal(e.note)
	if err != nil {
		return err
	}
	return atomicfile.Write(e.path, raw, 0o600)
}

func eachNote(dir string, f func(path string, n erasureNote) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		raw, err := os.ReadFile(path)
		var n erasureNote
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(raw) == 0 {
			continue // gone, or just begun: what it is about is still there
		}
		if err == nil {
			err = json.Unmarshal(raw, &n)
		}
		if err == nil {
			err = f(path, n)
		}
		if err != nil {
			return fmt.Errorf("%s, a note of what was forgotten: %w", path, err)
		}
	}
	return nil
}

// Forgotten are the subjects that were forgotten while something that began at a time
// might have read of them; nil where there are none.
func Forgotten(state, app string, since time.Time) (func(subject string) bool, error) {
	gone := map[string]bool{}
	err := eachNote(notes(state, app), func(_ string, n erasureNote) error {
		if n.Ended.IsZero() || !n.Ended.Before(since) {
			for _, s := range n.Subjects {
				gone[s] = true
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	return func(subject string) bool { return subject != "" && gone[hashed(subject)] }, nil
}
