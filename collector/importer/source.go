package importer

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
	"weir/trace"
)

// A source says where the value of one of our columns comes from: a column of
// theirs, several joined by a template, or a constant.
type source struct {
	at        place
	from      string
	template  []part
	values    map[string]value // nil where values are taken as they are
	format    string
	unit      string
	emptyNull bool
	scale     *[2]float64 // ends of their scale, the worst first; nil where numbers are taken as they are
	constant  value
	faulty    bool // and not to be looked at further
}

// A part of a template is a literal, or a column of theirs.
type part struct{ literal, name string }

// units are the units of durations.
var units = []string{"s", "ms", "us"}

var sourceKeys = []string{"from", "template", "map", "format", "unit", "scale", "empty"}

// source reads the right-hand side of an entry.
func (l *faultList) source(p pair) source {
	if name, ok := yamltree.Scalar(p.value); ok && name != "" {
		return source{at: at(p.value), from: name}
	}
	if _, ok := yamltree.Entries(p.value); !ok {
		l.add(at(p.value), "%s is a column of theirs or an object with from or template, not %s", p.key, describe(p.value))
		return source{faulty: true}
	}
	before := len(l.list)
	s := source{at: at(p.value)}
	for _, entry := range l.pairs(p.value, p.key) {
		l.sourceKey(&s, entry)
	}
	switch {
	case s.from != "" && s.template != nil:
		l.add(s.at, "%s has both from and template: one of them", p.key)
	case s.from == "" && s.template == nil && len(l.list) == before:
		l.add(s.at, "%s lacks from, the name of their column", p.key)
	case s.template != nil && (s.values != nil || s.format != "" || s.unit != "" || s.emptyNull):
		l.add(s.at, "%s: a template takes no map, format, unit or empty", p.key)
	}
	s.faulty = len(l.list) > before
	return s
}

func (l *faultList) sourceKey(s *source, p pair) {
	literal, plain := yamltree.Scalar(p.value)
	if p.key == "from" || p.key == "template" || p.key == "format" || p.key == "unit" {
		if !plain || literal == "" {
			l.add(at(p.value), "%s is plain text, not %s", p.key, describe(p.value))
			return
		}
	}
	switch p.key {
	case "from":
		s.from = literal
	case "template":
		s.template = l.template(p, literal)
	case "format":
		s.format = literal
		if !slices.Contains([]string{"rfc3339", "unix", "unix_ms"}, literal) && !isLayout(literal) {
			l.add(at(p.value), "format: %q is none of rfc3339, unix, unix_ms and no layout of Go such as 2006-01-02 15:04:05", literal)
		}
	case "unit":
		s.unit = literal
		if !slices.Contains(units, literal) {
			l.add(at(p.value), "unit: %q is none of s, ms, us", literal)
		}
	case "scale":
		s.scale = l.scale(p)
	case "map":
		s.values = l.values(p)
	case "empty":
		s.emptyNull = true
		if _, isNull := p.value.(*ast.NullNode); !isNull {
			l.add(at(p.value), "empty: %s is not allowed; an empty value can only be null", describe(p.value))
		}
	default:
		l.add(p.at, "unknown key %q: %s", p.key, choose(p.key, sourceKeys))
	}
}

// template reads text with column names in braces.
func (l *faultList) template(p pair, text string) []part {
	var parts []part
	names := 0
	for rest := text; rest != ""; {
		literal, after, open := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if strings.Contains(literal, "}") || open && (!closed || name == "" || strings.Contains(name, "{")) {
			l.add(at(p.value), "template: %q does not pair its braces around names, as in \"{variant}-{task}\"", text)
			return []part{{literal: text}}
		}
		parts = append(parts, part{literal: literal, name: name})
		if open {
			names++
		}
		rest = tail
	}
	if names == 0 {
		l.add(at(p.value), "template: %q names no column; a value of every row is a constant", text)
	}
	return parts
}

// scale reads the ends of a scale, which become 0 and 1.
func (l *faultList) scale(p pair) *[2]float64 {
	var ends [2]float64
	list, ok := p.value.(*ast.SequenceNode)
	ok = ok && len(list.Values) == 2
	for i := 0; ok && i < 2; i++ {
		text, _ := yamltree.Scalar(list.Values[i])
		var err error
		ends[i], err = strconv.ParseFloat(text, 64)
		ok = err == nil && !math.IsNaN(ends[i]) && !math.IsInf(ends[i], 0)
	}
	if !ok || ends[0] == ends[1] {
		l.add(at(p.value), "scale is a list of two numbers, the worst and the best of theirs, such as [1, 5]")
		return nil
	}
	return &ends
}

// values reads a map from their values to ours.
func (l *faultList) values(p pair) map[string]value {
	values := map[string]value{}
	for _, entry := range l.pairs(p.value, "map") {
		literal, ok := yamltree.Scalar(entry.value)
		if _, isNull := entry.value.(*ast.NullNode); !ok && !isNull {
			l.add(at(entry.value), "map: %s becomes a plain value or null, not %s", entry.key, describe(entry.value))
		}
		values[entry.key] = textValue(literal)
	}
	if len(values) == 0 {
		l.add(at(p.value), "map is empty")
	}
	return values
}

// isLayout says whether s is a layout of Go's package time that has a year, a
// month and a day.
func isLayout(s string) bool {
	base := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, other := range []time.Time{base.AddDate(1, 0, 0), base.AddDate(0, 1, 0), base.AddDate(0, 0, 1)} {
		if base.Format(s) == other.Format(s) {
			return false
		}
	}
	return true
}

// check adds what does not fit the column that the source is for.
func (s source) check(l *faultList, at place, c trace.Column) {
	duration := c.Unit == "ms"
	switch {
	case s.faulty:
	case s.template != nil && c.Type != trace.Text:
		l.add(at, "%s is no text: a template cannot make it", c.Name)
	case duration && s.unit == "":
		l.add(at, "%s is a duration and needs the unit of theirs: {from: %s, unit: s}, or ms, or us", c.Name, s.from)
	case !duration && s.unit != "":
		l.add(at, "%s is no duration: it has no unit", c.Name)
	case s.format != "" && c.Type != trace.Timestamp:
		l.add(at, "%s is no time: it has no format", c.Name)
	}
}

// names lists the columns of theirs that the source reads.
func (s source) names() []string {
	if s.from != "" {
		return []string{s.from}
	}
	var names []string
	for _, p := range s.template {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}
