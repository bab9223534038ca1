package spec

import "weir/internal/fault"

// A Fault is one thing wrong with a specification.
type Fault = fault.Fault

// Faults are all faults of a specification, by position.
type Faults = fault.Faults

// FaultAt is a fault of the value at path, such as webhooks[0].secret, that no look at
// the file alone shows: at its place where the release was parsed and has it.
func (r *Release) FaultAt(path, problem, hint string) Fault {
	f := r.places[path]
	f.Path, f.Problem, f.Hint = path, problem, hint
	return f
}
