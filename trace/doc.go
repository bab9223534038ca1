// Package trace names what Weir writes down: the rows of the lake, their
// columns with type, unit and meaning, and the folders they lie in.
//
// It is the vocabulary that the router, the collector, the judge and the
// analysis share. It imports nothing but the standard library and does
// nothing: no file is opened here, no clock is read.
//
// Conventions of all rows: times are UTC; the zero time.Time, the empty string and a
// nil pointer are null; a count that is not known is null, never 0.
package trace
