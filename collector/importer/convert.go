package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/trace"
)

// A conversion says how a value is to be read.
type conversion struct {
	format string      // of times
	unit   string      // of durations
	scale  *[2]float64 // of scores
}

// assign sets a field, by its pointer, to a value that is not null. The error completes the
// sentence that begins with the value: "is not a number".
func assign(field any, c trace.Column, how conversion, v value) error {
	switch field := field.(type) {
	case *string:
		return set(field, v, func(v value) (string, error) { return asText(v, c) })
	case *trace.Reason:
		return set(field, v, asReason)
	case *trace.UsageSource:
		return set(field, v, asUsageSource)
	case **int64:
		return setPointer(field, v, func(v value) (int64, error) { return asInteger(v, c.Name) })
	case **float64:
		return setPointer(field, v, func(v value) (float64, error) { return how.double(v, c) })
	case **bool:
		return setPointer(field, v, asBoolean)
	case *time.Time:
		return set(field, v, func(v value) (time.Time, error) { return asTime(v, how.format) })
	case *[]trace.Passage:
		return set(field, v, asPassages)
	case *[]trace.Span:
		return set(field, v, asSpans)
	}
	panic(fmt.Sprintf("importer: no conversion to %T", field))
}

// double reads a number, and places one of a scale on [0, 1].
func (how conversion) double(v value, c trace.Column) (float64, error) {
	x, err := asDouble(v, c, how.unit)
	if err != nil || how.scale == nil {
		return x, err
	}
	low, high := how.scale[0], how.scale[1]
	share := (x - low) / (high - low)
	if !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("is not on the scale from %g to %g", low, high)
	}
	return share, nil
}

func set[T any](field *T, v value, convert func(value) (T, error)) error {
	converted, err := convert(v)
	if err == nil {
		*field = converted
	}
	return err
}

func setPointer[T any](field **T, v value, convert func(value) (T, error)) error {
	converted, err := convert(v)
	if err == nil {
		*field = &converted
	}
	return err
}

// naming are the columns whose values name things in files, folders and specs.
var naming = map[string]string{"assigned_version": "version", "served_version": "version", "release": "release"}

func asText(v value, c trace.Column) (string, error) {
	if v.kind == composite && !slices.Contains(freeText, c.Name) {
		return "", errors.New("is no plain value: name a field inside it, with a dot")
	}
	s := v.json()
	if !utf8.ValidString(s) {
		return "", errors.New("is not UTF-8")
	}
	if naming[c.Name] != "" && trace.CheckName("", s) != nil {
		return "", fmt.Errorf("is no name of a %s: allowed are letters, digits, dot, underscore and hyphen; rename it by a map", naming[c.Name])
	}
	return s, nil
}

var reasons = []trace.Reason{
	trace.ReasonRollback, trace.ReasonHalt, trace.ReasonBreaker, trace.ReasonBinding, trace.ReasonSticky, trace.ReasonRule,
	trace.ReasonHoldout, trace.ReasonSplit, trace.ReasonDefault, trace.ReasonFallback, trace.ReasonUnknownID,
}

func asReason(v value) (trace.Reason, error) {
	reason := trace.Reason(v.literal())
	if !slices.Contains(reasons, reason) {
		return "", fmt.Errorf("is no reason of an assignment: there is %s", list(reasons))
	}
	return reason, nil
}

var usageSources = []trace.UsageSource{trace.UsageReported, trace.UsageEstimated, trace.UsageUnknown}

func asUsageSource(v value) (trace.UsageSource, error) {
	source := trace.UsageSource(v.literal())
	if !slices.Contains(usageSources, source) {
		return "", fmt.Errorf("is no source of token counts: there is %s", list(usageSources))
	}
	return source, nil
}

func list[T ~string](names []T) string {
	s := make([]string, len(names))
	for i, n := range names {
		s[i] = string(n)
	}
	return strings.Join(s, ", ")
}

// maxExact is the integer up to which a double holds all integers.
const maxExact = 1 << 53

// asInteger reads a count. Sources that hold counts as doubles write 12.0.
func asInteger(v value, name string) (int64, error) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || v.kind == boolean {
		f, err := asNumber(v)
		if err != nil {
			return 0, err
		}
		if f != math.Trunc(f) || math.Abs(f) > maxExact {
			return 0, errors.New("is no whole number, or too large for one")
		}
		n = int64(f)
	}
	if n < 0 {
		return 0, errors.New("is negative")
	}
	if name == "turn" && n == 0 {
		return 0, errors.New("is too small: turns count from 1")
	}
	return n, nil
}

// maxMoney is the bound of DECIMAL(18,9).
const maxMoney = 1e9

func asDouble(v value, c trace.Column, unit string) (float64, error) {
	read := asNumber
	if c.Name == "value" || c.Name == "score" {
		read = asOutcome
	}
	f, err := read(v)
	switch {
	case err != nil:
		return 0, err
	case c.Unit == "probability" && (f <= 0 || f > 1):
		return 0, errors.New("is no probability above 0 and up to 1")
	case (c.Unit == "ms" || c.Type == trace.Money) && f < 0:
		return 0, errors.New("is negative")
	case c.Type == trace.Money && f >= maxMoney:
		return 0, errors.New("is too large for an amount of money")
	}
	switch unit {
	case "s":
		f *= 1000
	case "us":
		f /= 1000
	}
	if math.IsInf(f, 0) {
		return 0, errors.New("is too large")
	}
	return f, nil
}

// asOutcome reads a number, or true and false as 1 and 0.
func asOutcome(v value) (float64, error) {
	if b, err := asBoolean(v); err == nil {
		if b {
			return 1, nil
		}
		return 0, nil
	}
	return asNumber(v)
}

// asNumber reads a finite decimal number.
func asNumber(v value) (float64, error) {
	if v.kind != text && v.kind != number {
		return 0, errors.New("is not a number")
	}
	for _, c := range []byte(v.text) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, errors.New("is not a number")
		}
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, errors.New("is too large")
	}
	if err != nil {
		return 0, errors.New("is not a number")
	}
	return f, nil
}

func asBoolean(v value) (bool, error) {
	switch strings.ToLower(v.literal()) {
	case "1", "true", "1.0":
		return true, nil
	case "0", "false", "0.0":
		return false, nil
	}
	return false, errors.New("is none of 0, 1, true, false")
}

// lastMicro is the end of the year 9999.
const lastMicro = 253402300799e6

// asTime reads a time: a native one as it is, a text as RFC 3339 unless format
// says otherwise. A layout without a zone means UTC.
func asTime(v value, format string) (time.Time, error) {
	switch {
	case v.kind == moment:
		return inRange(v.time)
	case format == "unix":
		return asEpoch(v, 1e6, "; is it unix_ms?")
	case format == "unix_ms":
		return asEpoch(v, 1e3, "; is it finer than milliseconds?")
	case v.kind == number && (format == "" || format == "rfc3339"):
		return time.Time{}, errors.New("is a number, not a time in RFC 3339: say format: unix, or unix_ms")
	case format == "" || format == "rfc3339":
		return asRFC3339(v)
	}
	t, err := time.ParseInLocation(format, v.literal(), time.UTC)
	if err != nil {
		return time.Time{}, fmt.Errorf("is no time of the format %s", format)
	}
	return inRange(t)
}

func asRFC3339(v value) (time.Time, error) {
	s := v.text
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, errors.New("is no time in RFC 3339, such as 2026-11-23T14:05:06Z; another form is told by format")
	}
	return inRange(t)
}

func asEpoch(v value, micros float64, hint string) (time.Time, error) {
	f, err := asNumber(v)
	if err != nil {
		return time.Time{}, err
	}
	if f < 0 || f*micros > lastMicro {
		return time.Time{}, errors.New("is no time between 1970 and 9999" + hint)
	}
	return time.UnixMicro(int64(math.Round(f * micros))).UTC(), nil
}

func inRange(t time.Time) (time.Time, error) {
	if t.Unix() < 0 || t.Year() > 9999 {
		return time.Time{}, errors.New("is no time between 1970 and 9999")
	}
	return t.UTC(), nil
}

// asPassages reads retrieved passages: a list of objects with our names.
func asPassages(v value) ([]trace.Passage, error) {
	type passage struct {
		Rank  int64    `json:"rank"`
		DocID string   `json:"doc_id"`
		Score *float64 `json:"score"`
		Text  string   `json:"text"`
	}
	var decoded []passage
	if json.Unmarshal([]byte(v.json()), &decoded) != nil {
		return nil, errors.New("is no list of objects with rank, doc_id, score and text")
	}
	passages := make([]trace.Passage, len(decoded))
	for i, p := range decoded {
		passages[i] = trace.Passage(p)
	}
	return passages, nil
}

// asSpans reads the parts of a request's time: a list of objects with our names.
func asSpans(v value) ([]trace.Span, error) {
	type span struct {
		Name       string   `json:"name"`
		StartMS    *float64 `json:"start_ms"`
		DurationMS *float64 `json:"duration_ms"`
	}
	var decoded []span
	if json.Unmarshal([]byte(v.json()), &decoded) != nil {
		return nil, errors.New("is no list of objects with name, start_ms and duration_ms")
	}
	spans := make([]trace.Span, len(decoded))
	for i, s := range decoded {
		if negative(s.StartMS) || negative(s.DurationMS) {
			return nil, errors.New("holds a negative time")
		}
		spans[i] = trace.Span(s)
	}
	return spans, nil
}

func negative(f *float64) bool { return f != nil && *f < 0 }
