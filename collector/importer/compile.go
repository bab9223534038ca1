package importer

import (
	"slices"
	"strings"

	"weir/trace"
)

// A compiler makes a plan for a file with that header, or for objects where it
// is nil. What the file lacks is a fault.
type compiler struct {
	faultList
	path   string
	header *header
	seen   map[string]*bool // of the steps of all plans of a job
}

func (m *Mapping) compile(file string, h *header, seen map[string]*bool) (*plan, error) {
	c := &compiler{faultList: faultList{file: m.file}, path: file, header: h, seen: seen}
	p := &plan{rows: m.rows, header: h, values: make([]*float64, len(m.outcomes))}
	p.fix(m)
	c.columns(p, m)
	for i, column := range m.outcomes {
		if s, ok := c.step(column); ok {
			s.ours, s.field = trace.Column{Name: "value", Type: trace.Double}, &p.values[i]
			p.outcomes = append(p.outcomes, s)
		}
	}
	for _, column := range m.attributes {
		if s, ok := c.step(column); ok {
			p.attributes = append(p.attributes, s)
		}
	}
	var err error
	if p.filter, err = newFilter(m.where, h); err != nil {
		c.add(m.whereAt, "where: %s", err)
	}
	p.hideTexts()
	return p, c.err()
}

// fix sets the constants.
func (p *plan) fix(m *Mapping) {
	known := targets(m.rows)
	for _, c := range m.constants {
		ours, _ := findTarget(known, c.target)
		if err := assign(p.base.field(m.rows, c.target), ours, conversion{unit: "ms"}, c.source.constant); err != nil {
			panic("importer: a constant that was checked: " + err.Error())
		}
	}
}

func (c *compiler) columns(p *plan, m *Mapping) {
	known := targets(m.rows)
	for _, column := range m.columns {
		s, ok := c.step(column)
		if !ok {
			continue
		}
		s.ours, _ = findTarget(known, column.target)
		s.free, s.field = isFree(m.rows, s.ours), p.scratch.field(m.rows, column.target)
		p.steps = append(p.steps, s)
		if slices.Contains([]string{"assigned_version", "release", "started_at"}, column.target) {
			p.arm = append(p.arm, s)
		}
	}
}

// step locates the columns of theirs. A column that a ready-made mapping
// names and the file lacks makes no step.
func (c *compiler) step(column column) (step, bool) {
	s := step{column: column}
	for _, name := range column.source.names() {
		where, ok := c.header.locate(name)
		if !ok {
			if !column.optional {
				c.add(column.source.at, "%s has no column %q: %s", c.path, name, choose(name, c.header.names))
			}
			return step{}, false
		}
		s.locators = append(s.locators, where)
	}
	id := column.target + "\x00" + strings.Join(column.source.names(), "\x00")
	if c.seen[id] == nil {
		c.seen[id] = new(bool)
	}
	s.seen = c.seen[id]
	return s, true
}

// hideTexts also hides what other columns read from a column of free text.
func (p *plan) hideTexts() {
	free := map[string]bool{}
	for _, s := range p.steps {
		for _, name := range s.source.names() {
			free[name] = free[name] || s.free
		}
	}
	for _, steps := range [][]step{p.steps, p.arm, p.outcomes} {
		for i := range steps {
			for _, name := range steps[i].source.names() {
				steps[i].free = steps[i].free || free[name]
			}
		}
	}
}
