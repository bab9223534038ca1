package spec

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var errNoNumber = errors.New("is not a number")

// parseNumber reads a finite decimal number, without quotes.
func parseNumber(l literal) (float64, error) {
	if l.quoted {
		return 0, errNoNumber
	}
	return parseDecimal(l.text)
}

// parseDecimal reads a finite number in decimal notation.
func parseDecimal(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text, "xX_") {
		return 0, errNoNumber
	}
	return v, nil
}

// number is a kind of number within bounds.
func number(want string, within func(float64) bool, bounds map[string]any) kind[float64] {
	bounds["type"] = "number"
	parse := func(l literal) (float64, error) {
		v, err := parseNumber(l)
		if err == nil && !within(v) {
			err = errors.New("is out of range")
		}
		return v, err
	}
	return scalar("number", want, parse, func(v float64) any { return v }, bounds)
}

var (
	positiveNumber = number("a number above 0", func(v float64) bool { return v > 0 }, map[string]any{"exclusiveMinimum": 0})
	amount         = number("a number, 0 or more", func(v float64) bool { return v >= 0 }, map[string]any{"minimum": 0})
)

// count is a whole number from 1 on.
var count = scalar("count", "a whole number from 1 on", parseCount, func(v int) any { return v },
	map[string]any{"type": "integer", "minimum": 1})

func parseCount(l literal) (int, error) {
	v, err := parseNumber(l)
	switch {
	case err != nil:
		return 0, err
	case v != math.Trunc(v):
		return 0, errors.New("is not whole")
	case v < 1 || v > math.MaxInt32:
		return 0, errors.New("is out of range")
	}
	return int(v), nil
}

// truth is true or false.
var truth = kind[bool]{
	name: "true | false", want: "true or false",
	read: func(d *decoder, path string, into *bool) {
		b, ok := d.values[path].node.(*ast.BoolNode)
		if !ok {
			d.mistyped(path)
			return
		}
		*into = b.Value
	},
	write:  func(v bool) any { return v },
	schema: func() map[string]any { return map[string]any{"type": "boolean"} },
}
