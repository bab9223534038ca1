package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A place is where something stands in a mapping, both counted from 1.
type place struct{ line, column int }

// A Fault is one thing wrong with a mapping, and what would be right.
type Fault struct {
	File         string
	Line, Column int // from 1
	Problem      string
}

// String returns file:line:column: problem.
func (f Fault) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Problem)
}

// Faults is all that is wrong with a mapping, in the order of the file.
type Faults []Fault

// Error returns the faults, a line each.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// faultList collects faults.
type faultList struct {
	file string
	list Faults
}

func (l *faultList) add(at place, format string, args ...any) {
	l.list = append(l.list, Fault{l.file, at.line, at.column, fmt.Sprintf(format, args...)})
}

// err returns the faults in the order of the file, or nil where there are none.
func (l *faultList) err() error {
	if len(l.list) == 0 {
		return nil
	}
	slices.SortStableFunc(l.list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.list
}

// choose ends a message about a name that does not exist: with the nearest of
// those that do, else with all of them.
func choose(name string, names []string) string {
	if near := nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "there is " + strings.Join(names, ", ")
}

// nearest returns the name that is fewest edits away, else the first that
// contains it, or "" where none is near enough to have been meant: two edits,
// or a third of the name.
func nearest(name string, names []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, n := range names {
		if d := edits(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	for _, n := range names {
		if best == "" && len(name) > 2 && strings.Contains(n, strings.ToLower(name)) {
			best = n
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
