// Package calculator makes every statistic of Weir a calculator: a named
// method reads one JSON input and writes one JSON output, in the shape of the
// language-neutral vector files that the methods are checked against.
//
// A method's name is the base name of its vector file: stats-welch-t is
// checked by stats-welch-t.json. The package only translates; the statistics
// live in analyze and the packages below it.
package calculator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
)

// A Method computes one output from one input. It returns ErrInput, wrapped,
// where the input does not have the method's shape. A number that cannot be
// computed is NaN or an infinity in the output; Run writes it as null, or as
// "Infinity" and "-Infinity".
type Method func(input json.RawMessage) (any, error)

// ErrInput says that an input lacks the shape its method needs.
var ErrInput = errors.New("input does not fit the method")

// ErrUnknown says that no method has the given name.
var ErrUnknown = errors.New("unknown method")

// families lists the methods, each family in a file of its own.
var families = []map[string]Method{
	fixedMethods,
	clusterMethods,
	sequentialMethods,
	judgeMethods,
	ownMethods,
}

// Names returns the names of all methods, sorted.
func Names() []string {
	var names []string
	for _, family := range families {
		for name := range family {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Lookup returns the method of that name, or ErrUnknown, wrapped.
func Lookup(name string) (Method, error) {
	for _, family := range families {
		if m, ok := family[name]; ok {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w %q; the list is in weir stat --list", ErrUnknown, name)
}

// Run reads one input from r and writes the method's output to w as indented
// JSON followed by a newline.
func Run(name string, r io.Reader, w io.Writer) error {
	method, err := Lookup(name)
	if err != nil {
		return err
	}
	input, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("%s: reading the input: %w", name, err)
	}
	if !json.Valid(input) {
		return fmt.Errorf("%s: %w: it is not one JSON value", name, ErrInput)
	}
	out, err := method(input)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	encoded, err := json.MarshalIndent(encodable(out), "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = w.Write(append(encoded, '\n'))
	return err
}

// object is a method's output: numbers, lists and objects under fixed keys.
type object = map[string]any

// decode reads an input into a T whose shape it has: all that T needs is there, and nothing else.
func decode[T any](input json.RawMessage) (T, error) {
	var v T
	if err := fits(reflect.TypeFor[T](), input); err != nil {
		return v, err
	}
	if err := json.Unmarshal(input, &v); err != nil {
		return v, fmt.Errorf("%w: %v", ErrInput, err)
	}
	return v, nil
}

// encodable replaces what JSON cannot hold: NaN by null, infinities by their
// names. It descends into objects and lists.
func encodable(v any) any {
	switch v := v.(type) {
	case float64:
		return finite(v)
	case []float64:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = finite(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = encodable(x)
		}
		return out
	case object:
		out := make(object, len(v))
		for k, x := range v {
			out[k] = encodable(x)
		}
		return out
	default:
		return v
	}
}

func finite(x float64) any {
	switch {
	case math.IsNaN(x):
		return nil
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	}
	return x
}
