package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/parser"
	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
	"weir/trace"
)

// A Mapping says which column of a source becomes which column of the lake.
// It is read-only.
type Mapping struct {
	file       string
	format     string
	rows       string
	where      string // empty where all rows are wanted
	whereAt    place
	columns    []column
	outcomes   []column
	attributes []column
	constants  []column
}

// A column is one entry of a mapping.
type column struct {
	file     string // the mapping it stands in
	target   string // our column, outcome or attribute
	at       place
	source   source
	optional bool // of a ready-made mapping: a source without it lacks nothing
}

var sections = []string{"rows", "where", "columns", "outcomes", "attributes", "constants"}

// ParseMapping reads a mapping for sources of that format; file is its name in
// messages. For otlp, langfuse and tau-bench it is laid over the ready-made
// mapping, entry by entry, if both say the same of the rows. The error holds
// all Faults.
func ParseMapping(format, file string, src []byte) (*Mapping, error) {
	if !slices.Contains(formats, format) {
		return nil, unknownFormat(format)
	}
	l := &faultList{file: file}
	m, err := parseMapping(l, format, src)
	if err != nil {
		return nil, err
	}
	if base := readyMade(format, m.rows); base != nil {
		m = base.under(m)
	} else if m.rows == "" {
		m.rows = rowsRequests
	}
	m.check(l)
	if err := l.err(); err != nil {
		return nil, err
	}
	return m, nil
}

// parseMapping reads one file by itself. Rows are empty where it does not say.
func parseMapping(l *faultList, format string, src []byte) (*Mapping, error) {
	root, err := yamltree.Parse(l.file, "mapping", src)
	if err != nil {
		return nil, err
	}
	m := &Mapping{file: l.file, format: format}
	entries := l.pairs(root, "a mapping")
	for _, p := range entries {
		if p.key == "rows" {
			m.rows = l.rows(p)
		}
	}
	for _, p := range entries {
		switch p.key {
		case "rows":
		case "where":
			m.where, m.whereAt = l.where(p), at(p.value)
		case "columns":
			m.columns = l.columns(p)
		case "outcomes":
			m.outcomes = l.columns(p)
		case "attributes":
			m.attributes = l.attributes(p)
		case "constants":
			m.constants = l.constants(p)
		default:
			l.add(p.at, "unknown key %q: %s", p.key, choose(p.key, sections))
		}
	}
	return m, nil
}

func (l *faultList) rows(p pair) string {
	rows, ok := yamltree.Scalar(p.value)
	if !ok || !slices.Contains(rowKinds, rows) {
		l.add(at(p.value), "rows: %s is none of %s", describe(p.value), strings.Join(rowKinds, ", "))
		return rowsRequests
	}
	return rows
}

func (l *faultList) where(p pair) string {
	where, ok := yamltree.Scalar(p.value)
	if !ok {
		l.add(at(p.value), "where is an expression in quotes, not %s", describe(p.value))
		return ""
	}
	if _, err := parser.Parse(where); err != nil {
		l.add(at(p.value), "where: %s", expressionProblem(err))
		return ""
	}
	return where
}

func (l *faultList) columns(p pair) []column {
	var columns []column
	for _, entry := range l.pairs(p.value, p.key) {
		columns = append(columns, column{file: l.file, target: entry.key, at: entry.at, source: l.source(entry)})
	}
	return columns
}

func (l *faultList) attributes(p pair) []column {
	var columns []column
	seen := map[string]bool{}
	words, places := l.words(p.value, p.key)
	for i, word := range words {
		if seen[word] {
			l.add(places[i], "%s stands twice in attributes", word)
			continue
		}
		seen[word] = true
		columns = append(columns, column{file: l.file, target: word, at: places[i], source: source{from: word, at: places[i]}})
	}
	return columns
}

func (l *faultList) constants(p pair) []column {
	var columns []column
	for _, entry := range l.pairs(p.value, p.key) {
		literal, ok := yamltree.Scalar(entry.value)
		if !ok || literal == "" {
			l.add(at(entry.value), "the constant %s is a plain value, not %s", entry.key, describe(entry.value))
			continue
		}
		constant := value{kind: number, text: literal}
		switch entry.value.(type) {
		case *ast.StringNode, *ast.LiteralNode:
			constant.kind = text
		case *ast.BoolNode:
			constant.kind = boolean
		}
		columns = append(columns, column{file: l.file, target: entry.key, at: entry.at, source: source{constant: constant, at: at(entry.value)}})
	}
	return columns
}

// under returns base with a mapping of the user's laid over it.
func (base *Mapping) under(m *Mapping) *Mapping {
	merged := *m
	merged.rows = base.rows
	if m.where == "" {
		merged.where, merged.whereAt = base.where, base.whereAt
	}
	given := func(c column) bool {
		return slices.ContainsFunc(slices.Concat(m.columns, m.constants), func(own column) bool { return sameTarget(own.target, c.target) })
	}
	keep := func(columns []column, drop func(column) bool) []column {
		return slices.DeleteFunc(slices.Clone(columns), drop)
	}
	merged.columns = append(keep(base.columns, given), m.columns...)
	merged.constants = append(keep(base.constants, given), m.constants...)
	merged.outcomes = append(keep(base.outcomes, func(c column) bool {
		return slices.ContainsFunc(m.outcomes, func(own column) bool { return own.target == c.target })
	}), m.outcomes...)
	return &merged
}

// sameTarget says whether two of our columns say the same: error is error_type.
func sameTarget(a, b string) bool {
	failure := func(s string) bool { return s == "error" || s == "error_type" }
	return a == b || failure(a) && failure(b)
}

// has says whether one of our columns is given.
func (m *Mapping) has(target string) bool {
	is := func(c column) bool { return c.target == target }
	return slices.ContainsFunc(m.columns, is) || slices.ContainsFunc(m.constants, is)
}

// sourceNames lists the columns of theirs that a mapping reads.
func (m *Mapping) sourceNames() []string {
	var names []string
	for _, c := range slices.Concat(m.columns, m.outcomes, m.attributes) {
		names = append(names, c.source.names()...)
	}
	return names
}

// keeps says whether a mapping may read a field of that name, or one inside it.
func (m *Mapping) keeps(field string) bool {
	return m.where != "" || slices.ContainsFunc(m.sourceNames(), func(name string) bool {
		rest, ok := strings.CutPrefix(name, field)
		return ok && (rest == "" || rest[0] == '.')
	})
}

func findTarget(known []trace.Column, name string) (trace.Column, bool) {
	i := slices.IndexFunc(known, func(c trace.Column) bool { return c.Name == name })
	if i < 0 {
		return trace.Column{}, false
	}
	return known[i], true
}

func unknownFormat(format string) error {
	return fmt.Errorf("unknown format %q: %s", format, choose(format, formats))
}
