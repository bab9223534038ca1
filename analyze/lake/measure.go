package lake

import (
	"fmt"
	"strings"
	"time"

	"weir/analyze"
)

// everyUnit is the table of all units, to be measured.
const everyUnit = "units"

// unitsWhere are those of a condition on units; a limit may follow it.
func unitsWhere(condition string) string {
	return "(SELECT rowid, * FROM units WHERE " + condition + ") AS units"
}

// measured is units, all or some, with every declared column, from requests, outcomes or
// sessions: the SQL of a table.
func (r *reading) measured(units string) string {
	var joins, columns []string
	for _, c := range r.plan.columns {
		table, value := r.source(c)
		if table == "" {
			continue
		}
		columns = append(columns, fmt.Sprintf(", %s AS %s", value, c.name))
		if join := fmt.Sprintf(" LEFT JOIN %[1]s ON %[1]s.id = units.rowid", table); !contains(joins, join) {
			joins = append(joins, join)
		}
	}
	for _, table := range r.pasts {
		columns = append(columns, fmt.Sprintf(", %[1]s.value AS %[1]s", table))
		joins = append(joins, fmt.Sprintf(" LEFT JOIN %[1]s ON %[1]s.id = units.%[2]s", table, r.userColumn()))
	}
	return fmt.Sprintf("(SELECT units.*%s FROM %s%s)", strings.Join(columns, ""), units, strings.Join(joins, ""))
}

// source names the table that holds a column, and the
// expression that gives it; empty for what units holds.
func (r *reading) source(c planned) (table, value string) {
	switch {
	case r.plan.perSessionOfUser(c.Column) && c.Count:
		plain := c.Column
		plain.Count = false
		name := r.plan.named(plain)
		return "s_" + name, "s_" + name + ".sessions"
	case r.plan.perSessionOfUser(c.Column):
		return "s_" + c.name, "s_" + c.name + ".value"
	case IsColumn(c.Value):
		return "", ""
	case r.joined:
		return "direct_outcomes", "direct_outcomes." + c.name
	default:
		return "o_" + c.name, "o_" + c.name + ".value"
	}
}

// named gives the name of the column that holds a need without threshold.
func (p *plan) named(c analyze.Column) string { return p.find(analyze.Metric{}, c) }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// vector gives the SQL of a metric's vector over measured, filled and capped,
// and the condition under which the unit had a value of its own.
func (r *reading) vector(m analyze.Metric) (components []string, present string) {
	var conditions []string
	for _, c := range m.Columns {
		if c.Past {
			components = append(components, r.pastSQL(m))
			continue
		}
		name := r.plan.find(m, c)
		conditions = append(conditions, name+" IS NOT NULL")
		x := name
		if c.Fill != nil {
			x = fmt.Sprintf("coalesce(%s, %s)", x, fillSQL(c.Fill))
		}
		if c.OnlyOK && !IsColumn(c.Value) { // an outcome says nothing of a unit that never got an answer
			conditions = append(conditions, "answered > 0")
			x = fmt.Sprintf("CASE WHEN answered > 0 THEN %s END", x)
		}
		if limit := r.frozen[m.Name].Cap; c.Limit != nil && limit.Known() {
			x = fmt.Sprintf("least(%s, %s)", x, number(float64(limit)))
		}
		components = append(components, x)
	}
	return components, strings.Join(conditions, " AND ")
}

// mature is the condition under which a unit of measured has its metric's
// values: the whole hour of its assignment has had the metric's window.
func (r *reading) mature(m analyze.Metric) string {
	window := m.Columns[0].Window
	if !r.timed() || r.offline || !r.profile.Last.Add(time.Hour+window).After(r.query.AsOf) {
		return "true"
	}
	return fmt.Sprintf("(hour + 1) * 3600000000 + %d <= %d", window.Microseconds(), r.query.AsOf.UnixMicro())
}
