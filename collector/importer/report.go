package importer

import (
	"fmt"
	"strings"
)

// A Report says what a run did.
type Report struct {
	Rows     int64            // read, also those left out
	Filtered int64            // left out by where
	Added    map[string]int64 // rows given to the sink, by table
	Known    map[string]int64 // rows that the lake, or an earlier row of the run, already held, by table
	Arms     map[string]Arm   // by version; "" for rows of which not even that can be read
	Skipped  int64            // bad rows, under Skip
	Changed  int64            `json:"-"` // of these, rows that are there already with other content
	Bad      []*RowError      // the first of these
	Warnings []string         // what may not be as it was meant
}

// An Arm counts the exchanges of one version.
type Arm struct {
	Exchanges int64 // good ones, added or known
	Skipped   int64 // bad ones
}

// maxBad is how many bad rows a report names unless told otherwise.
const maxBad = 20

// A Progress says how far a run is.
type Progress struct {
	File       string // being read
	Rows       int64  // read so far
	Bytes      int64  // read so far, of the files as they lie on disk
	TotalBytes int64  // of all files
}

// A RowError is one row that cannot be imported, and why.
type RowError struct {
	File    string
	Line    int64  // from 1; 0 in a file that has rows, not lines
	Row     int64  // from 1, in a Parquet file or a JSON array; else 0
	Column  string // of theirs; empty where the row as a whole is at fault
	Value   string // as it may be shown; empty where there is none
	Problem string
	Changed bool `json:"-"` // the row is there already, with other content
}

// Error returns file:line: column: value problem.
func (e *RowError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, ":%d", e.Line)
	case e.Row > 0:
		fmt.Fprintf(&b, ": row %d", e.Row)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %s", e.Column)
	}
	b.WriteString(": ")
	if e.Value != "" {
		b.WriteString(e.Value + " ")
	}
	b.WriteString(e.Problem)
	return b.String()
}

// bad returns the error of a row, or nil where err is nil.
func (p position) bad(column, shown string, err error) *RowError {
	if err == nil {
		return nil
	}
	return &RowError{File: p.file, Line: p.line, Row: p.row, Column: column, Value: shown, Problem: err.Error()}
}
