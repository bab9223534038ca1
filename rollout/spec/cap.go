package spec

import (
	"errors"
	"strings"
)

// A Cap is how much a unit's sum may count at most.
type Cap struct {
	Kind  CapKind
	Value float64 // CapQuantile: in (0, 1); CapValue: above 0, in the metric's unit; else 0
}

// A CapKind is how a cap is stated.
type CapKind int

// The kinds of cap. Under CapDefault nothing was written: under a sequential
// method the test caps sums of tokens, cost and latency at the p99 of v1's
// units, and the values shown are uncapped. A written cap holds for both.
const (
	CapDefault CapKind = iota
	CapNone
	CapQuantile
	CapValue
)

var capNames = []string{"default", "none", "quantile", "value"}

// String gives the kind's name.
func (k CapKind) String() string { return capNames[k] }

// Written tells whether the file states the cap.
func (c Cap) Written() bool { return c.Kind != CapDefault }

const noCap = "none"

func parseCap(l literal) (Cap, error) {
	if l.text == noCap {
		return Cap{Kind: CapNone}, nil
	}
	c := Cap{Kind: CapValue}
	var err error
	if text, ok := strings.CutPrefix(l.text, "p"); ok {
		c.Kind = CapQuantile
		if c.Value, ok = parseHundredths(text); !ok {
			return c, errors.New("is not a cap")
		}
	} else if c.Value, err = parseNumber(l); err != nil {
		return c, errors.New("is not a cap")
	}
	if c.Value <= 0 || c.Kind == CapQuantile && c.Value >= 1 {
		return c, errors.New("is out of range")
	}
	return c, nil
}

var capKind = scalar("cap", "none, a quantile such as p99, or a number above 0", parseCap,
	func(c Cap) any {
		switch c.Kind {
		case CapNone:
			return noCap
		case CapQuantile:
			return "p" + hundredths(c.Value)
		case CapValue:
			return c.Value
		}
		return nil
	},
	map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "pattern": `^(none|p[0-9]+(\.[0-9]+)?)$`},
		map[string]any{"type": "number", "exclusiveMinimum": 0},
	}})
