package spec

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// A Share is a part of a whole, in [0, 1].
type Share float64

// String gives the share as a percentage that reads back as the same number.
func (s Share) String() string { return hundredths(float64(s)) + "%" }

var decimal = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// parseHundredths reads a decimal number and divides it by 100, correctly
// rounded.
func parseHundredths(text string) (float64, bool) {
	if !decimal.MatchString(text) {
		return 0, false
	}
	v, err := strconv.ParseFloat(text+"e-2", 64)
	return v, err == nil
}

// hundredths gives v times 100 in the fewest digits that parseHundredths
// reads as v.
func hundredths(v float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	fraction += "00"
	whole = strings.TrimLeft(whole+fraction[:2], "0")
	fraction = strings.TrimRight(fraction[2:], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

func parseShare(l literal) (Share, error) {
	var v float64
	var err error
	if text, ok := strings.CutSuffix(l.text, "%"); ok {
		if v, ok = parseHundredths(strings.TrimSpace(text)); !ok {
			return 0, errors.New("is not a percentage")
		}
	} else if v, err = parseDecimal(l.text); err != nil {
		return 0, errors.New("is not a share")
	}
	if v < 0 || v > 1 {
		return 0, errors.New("is out of range")
	}
	return Share(v), nil
}

// shares is a kind of share within bounds narrower than [0, 1].
func shares(want string, within func(Share) bool, bounds map[string]any) kind[Share] {
	bounds["type"] = "number"
	parse := func(l literal) (Share, error) {
		v, err := parseShare(l)
		if err == nil && !within(v) {
			err = errors.New("is out of range")
		}
		return v, err
	}
	return scalar("share", want, parse, func(v Share) any { return v.String() }, map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)? *%$`}, bounds,
	}})
}

var (
	// share is any share, 0 and 1 among them.
	share = shares("a percentage such as 5%, or a fraction from 0 to 1",
		func(Share) bool { return true }, map[string]any{"minimum": 0, "maximum": 1})
	// positiveShare is a share that something falls into.
	positiveShare = blank(shares("a percentage such as 5%, or a fraction, above 0 and at most 1",
		func(v Share) bool { return v > 0 }, map[string]any{"exclusiveMinimum": 0, "maximum": 1}))
	// split is a share that leaves something on both sides.
	split = blank(shares("a percentage such as 5%, or a fraction, above 0 and below 1",
		func(v Share) bool { return v > 0 && v < 1 }, map[string]any{"exclusiveMinimum": 0, "exclusiveMaximum": 1}))
)
