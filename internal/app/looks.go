package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/internal/atomicfile"
	"weir/internal/control/ledger"
	"weir/internal/pilot"
	"weir/rollout"
)

// Looks is what an autopilot remembers: the record of its latest look in the
// state, and in the lake's decisions the records that something was done on.
type Looks struct {
	Lake, State, App string // State empty: _state in the lake
}

var _ pilot.Memory = Looks{}

// Path is the file of the latest look's record.
func (l Looks) Path() string {
	state := l.State
	if state == "" {
		state = filepath.Join(l.Lake, "_state")
	}
	return filepath.Join(state, "autopilot", l.App, "look.json")
}

// Recall reads the latest look's record.
func (l Looks) Recall() (rollout.Record, bool, error) {
	raw, err := os.ReadFile(l.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return rollout.Record{}, false, nil
	}
	if err != nil {
		return rollout.Record{}, false, err
	}
	r, err := rollout.ParseRecord(raw)
	if err != nil {
		return rollout.Record{}, false, fmt.Errorf("the latest look, %s: %w; move it away, and the next look takes its place", l.Path(), err)
	}
	return r, true, nil
}

// Remember replaces the latest look's record.
func (l Looks) Remember(r rollout.Record) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.Path()), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(l.Path(), append(raw, '\n'), 0o644)
}

// Keep keeps a record in the lake's decisions.
func (l Looks) Keep(r rollout.Record) (ledger.Record, error) { return keep(l.Lake, r) }
