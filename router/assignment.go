package router

import (
	"time"

	"weir/trace"
)

// An Assignment is what a unit's first request fixed. Later requests inherit
// it whole. Its fields are the columns of traces of the same names.
type Assignment struct {
	Release         string
	UnitID          string // exactly what was hashed
	AssignedVersion string
	Rule            string  // that decided; empty where none did
	Randomized      bool    // drawn by hash; only such units enter a test
	Propensity      float64 // of AssignedVersion, in (0, 1); 0, without meaning, where not randomised
	Epoch           int64
	AssignedAt      time.Time
	PromiseHash     string
}

// An Entry is what is remembered under a [Key].
type Entry struct {
	Assignment
	// Moved says what took the unit from its version to the control arm:
	// rollback or breaker. It is empty where nothing did.
	Moved trace.Reason
	// Owner is, under a bound id, the version that handed the id out.
	Owner string
}

// Join is what is remembered where an entry meets a later one under its key:
// the first assignment stays, and who was moved stays moved.
func (e Entry) Join(later Entry) Entry {
	if e.Moved == "" {
		e.Moved = later.Moved
	}
	return e
}
