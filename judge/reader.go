package judge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/yamltree"
)

// Faults is all that is wrong with a rubric, in the order of the file.
type Faults = fault.Faults

// A reader reads one rubric and collects faults.
type reader struct {
	file   string
	faults Faults
}

// An entry is a key of a mapping and its value.
type entry struct {
	key   string
	at    ast.Node
	value ast.Node
}

func (r *reader) fault(n ast.Node, format string, args ...any) {
	line, column := yamltree.Position(n)
	r.faults = append(r.faults, fault.Fault{File: r.file, Line: line, Column: column, Problem: fmt.Sprintf(format, args...)})
}

// object reads the entries of a mapping whose keys are among known; an empty
// known allows any.
func (r *reader) object(n ast.Node, what string, known ...string) []entry {
	nodes, ok := yamltree.Entries(n)
	if !ok {
		r.fault(n, "%s is a mapping of names to values", what)
		return nil
	}
	var entries []entry
	for _, node := range nodes {
		key, ok := yamltree.Scalar(node.Key)
		switch {
		case !ok:
			r.fault(node.Key, "a key of %s is plain text", what)
		case len(known) > 0 && !slices.Contains(known, key):
			r.fault(node.Key, "%s has no key %q: there is %s", what, key, strings.Join(known, ", "))
		case slices.ContainsFunc(entries, func(e entry) bool { return e.key == key }):
			r.fault(node.Key, "%s stands twice in %s", key, what)
		default:
			entries = append(entries, entry{key, node.Key, node.Value})
		}
	}
	return entries
}

// list reads the elements of a list.
func (r *reader) list(n ast.Node, what string) []ast.Node {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(n, "%s is a list", what)
		return nil
	}
	return s.Values
}

// text reads a text that is not empty.
func (r *reader) text(n ast.Node, what string) string {
	text, ok := yamltree.Scalar(n)
	if text = strings.TrimSpace(text); !ok || text == "" {
		r.fault(n, "%s is a text that is not empty", what)
	}
	return text
}

// number reads a number within bounds.
func (r *reader) number(n ast.Node, what string, low, high float64) float64 {
	text, ok := yamltree.Scalar(n)
	v, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || !(v >= low && v <= high) {
		r.fault(n, "%s is a number from %g to %g", what, low, high)
		return low
	}
	return v
}

// digit reads a whole number from 0 to 9.
func (r *reader) digit(n ast.Node, what string) int {
	text, ok := yamltree.Scalar(n)
	if !ok || len(text) != 1 || text[0] < '0' || text[0] > '9' {
		r.fault(n, "%s is a whole number from 0 to 9", what)
		return 0
	}
	return int(text[0] - '0')
}
