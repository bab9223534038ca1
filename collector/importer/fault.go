package importer

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/yamltree"
)

// Faults is all that is wrong with a mapping, in the order of the file.
type Faults = fault.Faults

// A place is where something stands in a mapping, both counted from 1.
type place struct{ line, column int }

// at returns where a node begins.
func at(n ast.Node) place {
	line, column := yamltree.Position(n)
	return place{line, column}
}

// faultList collects faults.
type faultList struct {
	file string
	list Faults
}

func (l *faultList) add(at place, format string, args ...any) {
	l.list = append(l.list, fault.Fault{File: l.file, Line: at.line, Column: at.column, Problem: fmt.Sprintf(format, args...)})
}

// err returns the faults in the order of the file, or nil where there are none.
func (l *faultList) err() error { return l.list.Err() }

// choose ends a message about a name that does not exist: with the nearest of
// those that do, else with all of them.
func choose(name string, names []string) string {
	if near, ok := fault.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "there is " + strings.Join(names, ", ")
}
