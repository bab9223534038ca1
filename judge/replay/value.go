package replay

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// decode reads one JSON value; nil where there is none.
func decode(text []byte) any {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	return v
}

// at follows a dotted path: keys of objects, indices of lists.
func at(v any, path string) (any, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// textAt is the value at a path as text; empty where there is none.
func textAt(v any, path string) string {
	x, ok := at(v, path)
	if path == "" || !ok {
		return ""
	}
	switch x := x.(type) {
	case nil:
		return ""
	case string:
		return x
	}
	b, err := json.Marshal(x)
	if err != nil {
		return ""
	}
	return string(b)
}

// countAt is the whole number at a path; nil where there is none.
func countAt(v any, path string) *int64 {
	x, _ := at(v, path)
	f, ok := x.(float64)
	if path == "" || !ok || f < 0 || f != float64(int64(f)) {
		return nil
	}
	n := int64(f)
	return &n
}

// numberAt is the number at a path, also one written as text, as prices are; nil where there
// is none.
func numberAt(v any, path string) *float64 {
	x, _ := at(v, path)
	switch x := x.(type) {
	case float64:
		return &x
	case string:
		if f, err := strconv.ParseFloat(x, 64); err == nil {
			return &f
		}
	}
	return nil
}

// fill replaces {{NAME}} in every text of a JSON value. A text that is nothing
// else becomes the value itself, of any type; within a text, values are written out. A name that
// has no value is an error.
func fill(v any, values map[string]any) (any, error) {
	switch v := v.(type) {
	case string:
		return fillText(v, values)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			filled, err := fill(x, values)
			if err != nil {
				return nil, err
			}
			out[i] = filled
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			filled, err := fill(x, values)
			if err != nil {
				return nil, err
			}
			out[k] = filled
		}
		return out, nil
	}
	return v, nil
}

func fillText(s string, values map[string]any) (any, error) {
	var b strings.Builder
	rest := s
	for {
		before, after, found := strings.Cut(rest, "{{")
		name, tail, closed := strings.Cut(after, "}}")
		if !found || !closed {
			b.WriteString(rest)
			return b.String(), nil
		}
		name = strings.TrimSpace(name)
		v, ok := at(any(values), name)
		if !ok {
			return nil, fmt.Errorf("{{%s}} has no value: there are input, messages, turn, session, user, conversation, inputs and what --set gives", name)
		}
		if before == "" && tail == "" && b.Len() == 0 {
			return v, nil
		}
		b.WriteString(before)
		b.WriteString(written(v))
		rest = tail
	}
}

// written is a value within a text.
func written(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("replay: " + err.Error())
	}
	return string(b)
}
