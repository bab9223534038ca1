// Package fault says what is wrong in a file that a person wrote: where, what
// was found, and what would be right.
package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing wrong with a file.
type Fault struct {
	File    string `json:"file"`
	Line    int    `json:"line"`    // from 1; 0 where the fault has no place in a file
	Column  int    `json:"column"`  // from 1, in characters
	Path    string `json:"path"`    // such as metrics[2].margin; empty where a file has no paths, or for all of it
	Problem string `json:"problem"` // what was found
	Hint    string `json:"hint"`    // what would be right; may be empty
}

// Error gives the fault in one line:
//
//	weir.yaml:31:22: metrics[2].margin: "2%" is relative, but handoff is a rate: write "2pp" (points)
func (f Fault) Error() string {
	var parts []string
	if f.Line > 0 {
		parts = append(parts, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
	}
	for _, part := range []string{f.Path, f.Problem, f.Hint} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Faults are all faults of a file, by position.
type Faults []Fault

// Error gives a fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// Err gives the faults by position, nil where there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return f
}
