package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"weir/internal/atomicfile"
)

// schema is the layout of positions.
const schema = "weir.webhooks/1"

// A position is how far a receiver has been told, and how it goes.
type position struct {
	Seq  int64 `json:"sequence"` // of the last change that was told or passed over
	Told told  `json:"told"`     // what is known of the verdict once all that waits here is told
	// Pending is being told, and Rest is told after it: looks that nobody could be told of
	// when they were made are in no other place.
	Pending *Event    `json:"pending,omitempty"`
	Rest    []*Event  `json:"rest,omitempty"`
	After   told      `json:"after,omitzero"` // of an earlier Weir: Told, once Pending is told
	Since   time.Time `json:"since,omitzero"` // Pending was first sent

	Delivered   int64     `json:"delivered"`
	DeliveredAt time.Time `json:"delivered_at,omitzero"`
	Dropped     int64     `json:"dropped"`
	Failures    int       `json:"failures"` // in a row
	TriedAt     time.Time `json:"tried_at,omitzero"`
	NextAt      time.Time `json:"next_at,omitzero"` // zero: at once
	Status      int       `json:"status,omitempty"`
	Error       string    `json:"error,omitempty"`
	Gone        bool      `json:"gone,omitempty"`
}

// A document is the file of positions.
type document struct {
	Schema    string               `json:"schema"`
	Receivers map[string]*position `json:"receivers"`
}

// load reads positions; a file that is not there has none.
func load(path string) (map[string]*position, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]*position{}, nil
	}
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	if d.Schema != schema || d.Receivers == nil {
		return nil, fmt.Errorf("%s has layout %q, this Weir reads %q", path, d.Schema, schema)
	}
	for _, p := range d.Receivers {
		if p.After != (told{}) {
			p.Told, p.After = p.After, told{}
		}
	}
	return d.Receivers, nil
}

// save replaces the file of positions as a whole.
func save(path string, positions map[string]*position) error {
	raw, err := json.MarshalIndent(document{schema, positions}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, append(raw, '\n'), 0o600)
}
