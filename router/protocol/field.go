package protocol

import (
	"bytes"
	"iter"
	"slices"
	"strings"
	"unsafe"

	"github.com/tidwall/gjson"
)

// Fields reads a JSON document of which perhaps only the beginning is there.
// A field is found where it is whole; of several of one name the first counts.
// It does not care whether the rest of the document is well formed.
type Fields struct {
	body  []byte
	whole bool
}

// NewFields reads a body, or the beginning of one.
func NewFields(body []byte, whole bool) Fields { return Fields{body, whole} }

// Get finds a value by the names that lead to it. A value that is cut off at the
// end of what is there does not exist.
func (f Fields) Get(names ...string) gjson.Result {
	r := gjson.GetBytes(f.body, path(names...))
	if r.Exists() && !f.whole && r.Index+len(r.Raw) >= len(f.body) {
		return gjson.Result{}
	}
	return r
}

// Members finds several members of the outermost object at a time, in one pass
// over the document, and writes them to found in the order of the names. They
// share the document's memory, which must not change while they are in use.
func (f Fields) Members(found []gjson.Result, names ...string) {
	body := bytes.TrimPrefix(f.body, []byte("\xef\xbb\xbf")) // a byte order mark is no part of it
	Members(gjson.Parse(view(body)), found, names...)
	for i, r := range found {
		if r.Exists() && !f.whole && r.Index+len(r.Raw) >= len(body) {
			found[i] = gjson.Result{}
		}
	}
}

// view is bytes as text in their memory.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Members finds several members of an object at a time, and writes them to
// found in the order of the names. Of several of one name the first counts.
func Members(object gjson.Result, found []gjson.Result, names ...string) {
	if !object.IsObject() {
		return
	}
	left := len(names)
	object.ForEach(func(key, value gjson.Result) bool {
		if i := slices.Index(names, key.Str); i >= 0 && !found[i].Exists() {
			found[i] = value
			left--
		}
		return left > 0
	})
}

// Elements are those of a list, with their places. What is no list, such as
// null, has none.
func Elements(list gjson.Result) iter.Seq2[int64, gjson.Result] {
	return func(yield func(int64, gjson.Result) bool) {
		if list.IsArray() {
			list.ForEach(func(i, e gjson.Result) bool { return yield(i.Int(), e) })
		}
	}
}

// Text is a value that is a string or a number, as text.
func (f Fields) Text(names ...string) string { return Text(f.Get(names...)) }

// Text is a value that is a string or a number, as text of its own; else empty.
func Text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return valid(strings.Clone(r.String()))
	case gjson.Number:
		return strings.Clone(r.Raw)
	}
	return ""
}

// ID is an id that is a string or a number, in UTF-8 as ID has it.
func (f Fields) ID(names ...string) string { return IDOf(f.Get(names...)) }

// IDOf is an id that is a string or a number, in UTF-8 as ID has it; else empty.
func IDOf(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return ID(strings.Clone(r.String()))
	case gjson.Number:
		return strings.Clone(r.Raw)
	}
	return ""
}

// View is Text in the memory of the document: what is kept beyond it is to be
// Text.
func View(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return valid(r.Str)
	case gjson.Number:
		return r.Raw
	}
	return ""
}

// Count is a value that is a whole number from 0; else nil.
func Count(r gjson.Result) *int64 {
	if n := r.Int(); r.Type == gjson.Number && n >= 0 && r.Num == float64(n) {
		return &n
	}
	return nil
}

// path is the path, in gjson's language, that leads by names alone.
func path(names ...string) string {
	if len(names) == 1 {
		return gjson.Escape(names[0])
	}
	escaped := make([]string, len(names))
	for i, n := range names {
		escaped[i] = gjson.Escape(n)
	}
	return strings.Join(escaped, ".")
}

// Splice returns body with the bytes from at on, as many as old has, replaced.
// The body is not modified.
func Splice(body []byte, at int, old, new string) []byte {
	return slices.Concat(body[:at], []byte(new), body[at+len(old):])
}

// Without returns the document without a member of its outermost object, the
// rest to the byte as it was; false where it has none, or not wholly.
func (f Fields) Without(name string) ([]byte, bool) {
	value := f.Get(name)
	if !value.Exists() || value.Index == 0 {
		return nil, false
	}
	begin := keyBefore(f.body, value.Index)
	end := value.Index + len(value.Raw)
	if after := skipSpace(f.body, end); after < len(f.body) && f.body[after] == ',' {
		end = after + 1
	} else if before := spaceBefore(f.body, begin); before > 0 && f.body[before-1] == ',' {
		begin = before - 1
	}
	return slices.Concat(f.body[:begin], f.body[end:]), true
}

// keyBefore is where the key of the value at an index begins.
func keyBefore(body []byte, value int) int {
	at := spaceBefore(body, value)
	at = spaceBefore(body, at-1) - 2 // before the colon, and inside the closing quote
	for at >= 0 && (body[at] != '"' || escaped(body, at)) {
		at--
	}
	return max(at, 0)
}

// escaped tells whether an odd number of backslashes stands before an index.
func escaped(body []byte, at int) bool {
	n := 0
	for at-n > 0 && body[at-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

func skipSpace(body []byte, at int) int {
	for at < len(body) && isSpace(body[at]) {
		at++
	}
	return at
}

func spaceBefore(body []byte, at int) int {
	for at > 0 && isSpace(body[at-1]) {
		at--
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
