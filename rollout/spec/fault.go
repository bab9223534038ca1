package spec

import "weir/internal/fault"

// A Fault is one thing wrong with a specification.
type Fault = fault.Fault

// Faults are all faults of a specification, by position.
type Faults = fault.Faults
