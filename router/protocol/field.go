package protocol

import (
	"slices"
	"strings"

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
	r := gjson.GetBytes(f.body, Path(names...))
	if r.Exists() && !f.whole && r.Index+len(r.Raw) >= len(f.body) {
		return gjson.Result{}
	}
	return r
}

// Text is a value that is a string or a number, as text.
func (f Fields) Text(names ...string) string { return Text(f.Get(names...)) }

// Text is a value that is a string or a number, as text; else empty.
func Text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return strings.ToValidUTF8(r.String(), "\uFFFD")
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

// Path is the path, in gjson's language, that leads by names alone.
func Path(names ...string) string {
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
