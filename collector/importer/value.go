package importer

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A kind is what a cell holds, before anybody knows what it should hold.
type kind uint8

const (
	null kind = iota // also empty text
	text
	number
	boolean
	moment
	composite // object or list
)

// A value is one cell. Numbers keep the literal they were written as.
type value struct {
	kind kind
	text string    // of text, number and boolean
	time time.Time // of moment
	data any       // of composite: map[string]any or []any
}

// textValue returns the cell of a text.
func textValue(s string) value {
	if s == "" {
		return value{}
	}
	return value{kind: text, text: s}
}

// valueOf returns the cell of decoded JSON (numbers as json.Number) or of a
// native value of a Parquet column.
func valueOf(v any) value {
	switch v := v.(type) {
	case nil:
		return value{}
	case string:
		return textValue(v)
	case json.Number:
		return value{kind: number, text: string(v)}
	case bool:
		return value{kind: boolean, text: strconv.FormatBool(v)}
	case time.Time:
		return value{kind: moment, time: v}
	}
	return value{kind: composite, data: v}
}

// decoded is the inverse of valueOf.
func (v value) decoded() any {
	switch v.kind {
	case null:
		return nil
	case number:
		return json.Number(v.text)
	case boolean:
		return v.text == "true"
	case moment:
		return v.time
	case composite:
		return v.data
	}
	return v.text
}

// literal returns the cell as it was written; a composite has no literal.
func (v value) literal() string {
	if v.kind == moment {
		return v.time.UTC().Format(time.RFC3339Nano)
	}
	return v.text
}

// json returns the cell as text, a composite as compact JSON.
func (v value) json() string {
	if v.kind != composite {
		return v.literal()
	}
	b, err := json.Marshal(v.data)
	if err != nil {
		panic("importer: a decoded value that cannot be encoded: " + err.Error())
	}
	return string(b)
}

// shownMax is the length up to which a value is shown in messages.
const shownMax = 40

// shown returns the cell for a message: its literal, unless it may be text of
// a dialogue: one of a free-text column, a long one, or several words.
func (v value) shown(free bool) string {
	switch {
	case v.kind == null:
		return ""
	case v.kind == composite:
		if _, list := v.data.([]any); list {
			return "a list"
		}
		return "an object"
	case v.kind != text:
		return v.literal()
	}
	words := strings.ContainsAny(v.text, " \t\n\r") && (v.text[0] < '0' || v.text[0] > '9')
	if free || words || len(v.text) > shownMax || !utf8.ValidString(v.text) {
		return "a text of " + strconv.Itoa(utf8.RuneCountInString(v.text)) + " characters"
	}
	return strconv.Quote(v.text)
}

// lookup follows a dotted path into decoded JSON. A name may itself contain
// dots: the longest one that exists wins. A number picks from a list, counted from 0. A text
// that holds a JSON object or list is opened.
func lookup(data any, path string) (any, bool) {
	switch data := data.(type) {
	case map[string]any:
		return lookupName(data, path)
	case []any:
		head, rest, nested := strings.Cut(path, ".")
		i, err := strconv.Atoi(head)
		if err != nil || i < 0 || i >= len(data) {
			return nil, false
		}
		if nested {
			return lookup(data[i], rest)
		}
		return data[i], true
	case string:
		if inner, ok := opened(data); ok {
			return lookup(inner, path)
		}
	}
	return nil, false
}

func lookupName(object map[string]any, path string) (any, bool) {
	if v, ok := object[path]; ok {
		return v, true
	}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '.' {
			continue
		}
		if inner, ok := object[path[:i]]; ok {
			if v, ok := lookup(inner, path[i+1:]); ok {
				return v, true
			}
		}
	}
	return nil, false
}

// opened decodes a text that holds a JSON object or list.
func opened(s string) (any, bool) {
	if s == "" || s[0] != '{' && s[0] != '[' {
		return nil, false
	}
	v, err := decodeJSON([]byte(s))
	return v, err == nil
}
