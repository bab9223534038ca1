package importer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"weir/trace"
)

// A record is one row of a source in its own words. A reader may use it again
// for the next row.
type record struct {
	position
	header *header               // of files with a header; else nil
	cells  []value               // in the order of the header
	object map[string]any        // of files without one
	fault  *RowError             // what is wrong with it, where that is known already
	raw    string                // of one that cannot be read: what tells it from others
	amend  func(*trace.Exchange) // fills in what no mapping gives; may be nil
}

// readable says whether a record holds more than its position.
func (r *record) readable() bool { return r != nil && (r.header != nil || r.object != nil) }

// A position says where a row stands: in a line of a text file, or as a row of
// a file that has no lines. Both count from 1; the other is 0.
type position struct {
	file      string
	line, row int64
}

// A header is the columns of a file.
type header struct {
	names []string
	order []int // of the columns by name
	texts bool  // all cells are texts
}

func newHeader(names []string, texts bool) *header {
	h := &header{names: names, order: make([]int, len(names)), texts: texts}
	for i := range h.order {
		h.order[i] = i
	}
	slices.SortStableFunc(h.order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	return h
}

// A locator finds a column of theirs in a record.
type locator struct {
	index int    // of the cell; -1 in an object
	path  string // within the cell or the object
}

// locate finds a column by its name; where that names none, by the longest
// beginning of the path that does. An unnamed column cannot be found.
func (h *header) locate(name string) (locator, bool) {
	if h == nil {
		return locator{-1, name}, true
	}
	for head := name; head != ""; {
		if i := slices.Index(h.names, head); i >= 0 {
			return locator{i, strings.TrimPrefix(name[len(head):], ".")}, true
		}
		head = head[:max(0, strings.LastIndexByte(head, '.'))]
	}
	return locator{}, false
}

// unreadable returns the record of a row that cannot be read. What tells it
// from others is its text, or where it stands if that cannot be had.
func (p position) unreadable(raw string) *record {
	if raw == "" {
		raw = fmt.Sprintf("%s:%d:%d", filepath.Base(p.file), p.line, p.row)
	}
	return &record{position: p, raw: raw}
}

// get returns the value there; found is false where an object lacks it.
func (r *record) get(l locator) (v value, found bool) {
	if l.index < 0 {
		data, found := lookup(r.object, l.path)
		return valueOf(data), found
	}
	cell := r.cells[l.index]
	if l.path == "" {
		return cell, true
	}
	var data any = cell.text
	if cell.kind == composite {
		data = cell.data
	}
	inner, found := lookup(data, l.path)
	return valueOf(inner), found
}

// digest hashes all that a record holds, its columns in any order and those
// that are null left out.
func (r *record) digest() [sha256.Size]byte {
	if !r.readable() {
		return sha256.Sum256([]byte(r.raw))
	}
	if r.header == nil {
		b, err := json.Marshal(r.object)
		if err != nil {
			panic("importer: a decoded object that cannot be encoded: " + err.Error())
		}
		return sha256.Sum256(b)
	}
	b := make([]byte, 0, 512)
	for _, i := range r.header.order {
		if cell := r.cells[i]; cell.kind != null {
			b = appendText(appendText(b, r.header.names[i]), cell.json())
		}
	}
	return sha256.Sum256(b)
}

// appendText appends a text so that no other texts read the same.
func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
