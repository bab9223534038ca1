package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"weir/trace"
)

// A plan is a mapping made ready for the columns of one file, or for objects.
type plan struct {
	rows       string
	header     *header
	filter     *filter
	arm        []step // the steps that tell release, version and time
	steps      []step
	outcomes   []step
	attributes []step
	base       row // the constants
	scratch    row
	values     []*float64 // of outcomes
}

// A step computes one of our columns.
type step struct {
	column
	ours     trace.Column
	free     bool // text of people or models: its value is never shown
	locators []locator
	seen     *bool // whether any row had the column of theirs
	field    any
}

// read puts a record in our words, in p.scratch, and says whether it is wanted.
func (p *plan) read(r *record) (wanted bool, bad *RowError) {
	if r.fault != nil {
		return false, r.fault
	}
	if wanted, err := p.filter.wants(r); err != nil || !wanted {
		return false, r.bad("", "", err)
	}
	p.scratch = p.base
	for i := range p.steps {
		if bad := p.steps[i].run(r); bad != nil {
			return false, bad
		}
	}
	if bad := p.readOutcomes(r); bad != nil {
		return false, bad
	}
	p.readAttributes(r)
	return true, p.complete(r)
}

func (p *plan) readOutcomes(r *record) *RowError {
	clear(p.values)
	for i := range p.outcomes {
		s := &p.outcomes[i]
		if bad := s.run(r); bad != nil {
			return bad
		}
		if v := *s.field.(**float64); v != nil && !trace.OutcomeFits(s.target, *v) {
			v, _ := s.value(r)
			return r.bad(s.theirs(), s.shown(v), fmt.Errorf("is none of 0 and 1, which %s has to be", s.target))
		}
	}
	p.scratch.outcomes = p.values
	return nil
}

func (p *plan) readAttributes(r *record) {
	if len(p.attributes) == 0 {
		return
	}
	attributes := make(map[string]string, len(p.attributes))
	for i := range p.attributes {
		if v, _ := p.attributes[i].value(r); v.kind != null {
			attributes[p.attributes[i].target] = v.json()
		}
	}
	p.scratch.exchange.Attributes = attributes
}

// run sets the field of a step; a null leaves it null.
func (s *step) run(r *record) *RowError {
	v, err := s.value(r)
	if err != nil {
		return r.bad(s.theirs(), s.shown(v), err)
	}
	if v.kind == null {
		if s.target == "error" && !s.source.emptyNull && s.ours.Type == trace.Boolean {
			return r.bad(s.theirs(), "", errors.New("is empty: 0 or 1; where empty means no error, say empty: null"))
		}
		return nil
	}
	how := conversion{format: s.source.format, unit: s.source.unit, scale: s.source.scale}
	if err := assign(s.field, s.ours, how, v); err != nil {
		return r.bad(s.theirs(), s.shown(v), err)
	}
	return nil
}

// value computes the value of a step before it is converted.
func (s *step) value(r *record) (value, error) {
	if s.source.template != nil {
		return s.fill(r)
	}
	v, found := r.get(s.locators[0])
	*s.seen = *s.seen || found
	if s.source.values == nil || v.kind == null {
		return v, nil
	}
	mapped, ok := s.source.values[v.literal()]
	if !ok {
		return v, errors.New("is not in the map of " + s.target)
	}
	return mapped, nil
}

// fill fills a template; it is null where one of its columns is.
func (s *step) fill(r *record) (value, error) {
	var b strings.Builder
	next := 0
	for _, part := range s.source.template {
		b.WriteString(part.literal)
		if part.name == "" {
			continue
		}
		v, found := r.get(s.locators[next])
		*s.seen = *s.seen || found
		next++
		switch v.kind {
		case null:
			return value{}, nil
		case composite:
			return v, fmt.Errorf("in %s is no plain value", part.name)
		}
		b.WriteString(v.literal())
	}
	return textValue(b.String()), nil
}

// shown returns a value for a message. What names something is no dialogue.
func (s *step) shown(v value) string {
	if naming[s.target] != "" && v.kind == text && len(v.text) <= shownMax && !s.free {
		return strconv.Quote(v.text)
	}
	return v.shown(s.free)
}

// theirs names the source of a step in messages.
func (s *step) theirs() string { return strings.Join(s.source.names(), ", ") }
