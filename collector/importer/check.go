package importer

import (
	"slices"
	"strconv"
	"strings"

	"weir/trace"
)

// check adds the faults of a mapping as a whole.
func (m *Mapping) check(l *faultList) {
	m.checkColumns(l)
	m.checkConstants(l)
	if len(m.outcomes) > 0 && !exchanges(m.rows) && m.rows != rowsOutcomes {
		l.add(m.outcomes[0].at, "rows that are %s have no outcomes", m.rows)
	}
	for _, o := range m.outcomes {
		if o.source.unit != "" || o.source.format != "" || o.source.template != nil {
			l.add(o.at, "the outcome %s is a number as it stands: unit, format and template are for columns", o.target)
		}
	}
	if len(m.attributes) > 0 && !exchanges(m.rows) {
		l.add(m.attributes[0].at, "rows that are %s have no attributes", m.rows)
	}
	m.checkNeeds(l)
}

func (m *Mapping) checkColumns(l *faultList) {
	known := targets(m.rows)
	for i, c := range m.columns {
		ours, ok := findTarget(known, c.target)
		if !ok {
			m.unknownTarget(l, c, known)
			continue
		}
		c.source.check(l, c.at, ours)
		for _, other := range slices.Concat(m.columns[:i], m.constants) {
			if sameTarget(c.target, other.target) {
				l.add(c.at, "%s is given twice: also as %s on line %d", c.target, other.target, other.at.line)
			}
		}
	}
}

// checkConstants also makes sure that each constant is a value of its column.
func (m *Mapping) checkConstants(l *faultList) {
	known := targets(m.rows)
	for _, c := range m.constants {
		ours, ok := findTarget(known, c.target)
		if !ok {
			m.unknownTarget(l, c, known)
			continue
		}
		if err := assign(new(row).field(m.rows, c.target), ours, conversion{unit: "ms"}, c.source.constant); err != nil {
			l.add(c.source.at, "%s: %s %s", c.target, strconv.Quote(c.source.constant.text), err)
		}
	}
}

func (m *Mapping) unknownTarget(l *faultList, c column, known []trace.Column) {
	if why := notMapped[c.target]; why != "" {
		l.add(c.at, "%s is not mapped: %s", c.target, why)
		return
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.Name
	}
	l.add(c.at, "unknown column %q for rows that are %s: %s", c.target, m.rows, choose(c.target, names))
}

// checkNeeds adds what rows of this kind cannot do without.
func (m *Mapping) checkNeeds(l *faultList) {
	need := func(names []string, why string) {
		if !slices.ContainsFunc(names, m.has) {
			l.add(place{1, 1}, "rows that are %s need the column %s: %s", m.rows, strings.Join(names, " or "), why)
		}
	}
	switch m.rows {
	case rowsRequests, rowsSessions:
		need([]string{"assigned_version"}, "write which of their columns names the version, or a constant")
	case rowsContents:
		need([]string{"trace_id"}, "it says which request the texts are of")
	case rowsJudgments, rowsLabels:
		need([]string{"trace_id", "session_id", "case_id"}, "it says what was judged")
		need([]string{"criterion"}, "it says by what it was judged")
	case rowsOutcomes:
		need([]string{"trace_id", "session_id", "user_id"}, "it says what the outcome is of")
		m.checkOutcomeRows(l)
	}
}

func (m *Mapping) checkOutcomeRows(l *faultList) {
	wide := len(m.outcomes) > 0
	for _, name := range []string{"name", "value", "outcome_id"} {
		switch {
		case wide && m.has(name):
			l.add(m.outcomes[0].at, "outcomes and the column %s contradict each other: an outcome is a row, or a column", name)
		case !wide && name != "outcome_id" && !m.has(name):
			l.add(place{1, 1}, "rows that are outcomes need the columns name and value, or the section outcomes: %s is missing", name)
		}
	}
}
