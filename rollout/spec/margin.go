package spec

import (
	"errors"
	"strconv"
	"strings"
)

// A Margin is how much worse the candidate may be. Value is above 0 unless
// Kind is MarginNone.
type Margin struct {
	Value float64 // 3pp is .03, 10% is .10
	Kind  MarginKind
}

// A MarginKind is the scale of a margin.
type MarginKind int

// The scales: the metric's own unit, points of a rate, part of control's
// level.
const (
	MarginNone MarginKind = iota
	MarginAbsolute
	MarginPoints
	MarginRelative
)

var marginNames = []string{"none", "absolute", "points", "relative"}

// String gives the scale's name.
func (k MarginKind) String() string { return marginNames[k] }

// String gives the margin as it is written; empty for none.
func (m Margin) String() string {
	switch m.Kind {
	case MarginPoints:
		return hundredths(m.Value) + points
	case MarginRelative:
		return hundredths(m.Value) + percent
	case MarginAbsolute:
		return strconv.FormatFloat(m.Value, 'g', -1, 64)
	}
	return ""
}

const (
	points  = "pp"
	percent = "%"
)

func parseMargin(l literal) (Margin, error) {
	m, err := marginOf(l)
	if err == nil && m.Value <= 0 {
		err = errors.New("is not above 0")
	}
	return m, err
}

func marginOf(l literal) (Margin, error) {
	for suffix, kind := range map[string]MarginKind{points: MarginPoints, percent: MarginRelative} {
		if text, ok := strings.CutSuffix(l.text, suffix); ok {
			v, ok := parseHundredths(strings.TrimSpace(text))
			if !ok {
				return Margin{}, errors.New("is not a margin")
			}
			return Margin{v, kind}, nil
		}
	}
	v, err := parseNumber(l)
	if err != nil {
		return Margin{}, errors.New("is not a margin")
	}
	return Margin{v, MarginAbsolute}, nil
}

var marginKind = scalar("margin", "a margin above 0: points of a rate such as 2pp, a relative one such as 10%, or a number in the metric's unit",
	parseMargin,
	func(m Margin) any {
		switch m.Kind {
		case MarginNone:
			return nil
		case MarginAbsolute:
			return m.Value
		}
		return m.String()
	},
	map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)? *(pp|%)$`},
		map[string]any{"type": "number", "exclusiveMinimum": 0},
	}})

// checkMargin wants a margin that fits the metric.
func checkMargin(d *decoder, m Metric, path string) {
	of := m.Value + m.Judge
	rate, known := m.Rate()
	written := quote(m.Margin.String())
	number := hundredths(m.Margin.Value)
	switch at := under(path, "margin"); {
	case m.Margin.Kind == MarginNone && !d.has(at):
		if m.Role != RoleMonitor {
			d.fault(at, "missing", "a "+m.Role.String()+" needs one")
		}
	case m.Quantile > 0 && m.Margin.Kind != MarginRelative:
		d.fault(at, written+" is not relative, but a quantile is tested at a multiple of v1's", `write a margin such as "10%"`)
	case rate && m.Margin.Kind == MarginRelative:
		d.fault(at, written+" is relative, but "+of+" is a rate", `write "`+number+points+`" (points)`)
	case rate && m.Margin.Value >= 1:
		d.fault(at, written+" is the whole range of a rate", `write points such as "2pp"`)
	case known && !rate && m.Quantile == 0 && m.Margin.Kind == MarginPoints:
		d.fault(at, written+" is points of a rate, but "+of+" is none", `write "`+number+percent+`" (relative), or a number in its unit`)
	}
}
