package calculator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// fits refuses an input that does not have the shape of t: a key that is missing, unknown or null, a value of
// another kind. Package json would read what is missing or null as 0.
//
// A field may be absent where its type is a pointer or errorRate or its tag says input:"optional", and null where
// the tag says input:"null". Entries of a list may be null where its type gives null a meaning: series and label.
func fits(t reflect.Type, input json.RawMessage) error {
	d := json.NewDecoder(bytes.NewReader(input))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("%w: %v", ErrInput, err)
	}
	return shape(t, v, "")
}

func shape(t reflect.Type, v any, path string) error {
	switch t {
	case reflect.TypeFor[label]():
		return nil // looks at itself, and knows null
	case reflect.TypeFor[series]():
		t = reflect.TypeFor[[]*float64]()
	case reflect.TypeFor[tokens]():
		t = reflect.TypeFor[[]any]()
	case reflect.TypeFor[arm]():
		if _, sums := v.(map[string]any); sums {
			t = reflect.TypeFor[map[string]float64]()
		} else {
			t = reflect.TypeFor[table]()
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		keys, ok := v.(map[string]any)
		if !ok {
			return wanted("an object", v, path)
		}
		if t.Kind() == reflect.Struct {
			return fieldsFit(t, keys, path)
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			if err := shape(t.Elem(), keys[key], join(path, key)); err != nil {
				return err
			}
		}
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			return wanted("a list", v, path)
		}
		for i, x := range list {
			if x == nil && t.Elem().Kind() == reflect.Pointer {
				continue
			}
			if err := shape(t.Elem(), x, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Float64:
		n, ok := v.(json.Number)
		if !ok {
			return wanted("a number", v, path)
		}
		if _, err := n.Float64(); err != nil {
			return fmt.Errorf("%w: %s is %s, which is too large a number", ErrInput, path, n)
		}
	case reflect.Int:
		n, ok := v.(json.Number)
		if !ok {
			return wanted("a whole number", v, path)
		}
		if _, err := strconv.Atoi(n.String()); err != nil {
			return fmt.Errorf("%w: %s is %s; give a whole number, in digits alone", ErrInput, path, n)
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			return wanted("a text", v, path)
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			return wanted("true or false", v, path)
		}
	}
	return nil
}

// fieldsFit looks at the keys of an object that is read into the struct t.
func fieldsFit(t reflect.Type, keys map[string]any, path string) error {
	fields := slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Anonymous })
	var known []string
	for _, f := range fields {
		known = append(known, f.Tag.Get("json"))
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(known, key) {
			return fmt.Errorf("%w: %s is unknown; it may be %s", ErrInput, join(path, key), strings.Join(known, ", "))
		}
	}
	for _, f := range fields {
		key, options := f.Tag.Get("json"), strings.Split(f.Tag.Get("input"), ",")
		v, given := keys[key]
		switch {
		case given && v == nil && slices.Contains(options, "null"):
		case given && v == nil && mayBeAbsent(f):
			return fmt.Errorf("%w: %s is null; give a value, or leave the key out", ErrInput, join(path, key))
		case given:
			if err := shape(f.Type, v, join(path, key)); err != nil {
				return err
			}
		case !mayBeAbsent(f):
			return fmt.Errorf("%w: %s is missing; give it: what is unknown is not taken as 0", ErrInput, join(path, key))
		}
	}
	return nil
}

func mayBeAbsent(f reflect.StructField) bool {
	return f.Type.Kind() == reflect.Pointer || f.Type == reflect.TypeFor[errorRate]() ||
		slices.Contains(strings.Split(f.Tag.Get("input"), ","), "optional")
}

// wanted says what is wanted at a path and what is there.
func wanted(what string, found any, path string) error {
	at := ""
	if path != "" {
		at = path + ": "
	}
	switch v := found.(type) {
	case nil:
		if path == "" {
			return fmt.Errorf("%w: %s is wanted, found null", ErrInput, what)
		}
		return fmt.Errorf("%w: %s is null; %s is wanted: give what is known, or leave the observation out", ErrInput, path, what)
	case map[string]any:
		found = "an object"
	case []any:
		found = "a list"
	case string:
		found = "a text"
	default:
		found = fmt.Sprint(v)
	}
	return fmt.Errorf("%w: %s%s is wanted, found %s", ErrInput, at, what, found)
}
