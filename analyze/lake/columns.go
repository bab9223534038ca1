package lake

import (
	"fmt"
	"slices"
	"time"

	"weir/analyze"
	"weir/trace"
)

// A named is an SQL expression and the column it becomes.
type named struct{ Name, SQL string }

// failedSQL says whether a request ended in an error of its version.
const failedSQL = "(error_type IS NOT NULL OR coalesce(status >= 500 OR status = 429, false))"

// always are the values that every request has.
var always = map[string]bool{"error": true, "requests": true}

// builtins are the values that are no column of traces.
var builtins = map[string]string{
	"error":        failedSQL + "::INTEGER::DOUBLE",
	"requests":     "1::DOUBLE",
	"total_tokens": "(input_tokens + output_tokens)::DOUBLE",
	"compliance":   "CASE WHEN served_version IS NULL THEN NULL ELSE (served_version = assigned_version)::INTEGER::DOUBLE END",
}

// IsColumn reports whether a metric's value is read from the traces table
// rather than from outcomes.
func IsColumn(value string) bool {
	_, ok := valueSQL(value)
	return ok
}

// valueSQL gives a value of traces as a number per request: finite, and not
// negative where it is a duration or a count; else null.
func valueSQL(value string) (string, bool) {
	if s, ok := builtins[value]; ok {
		return s, true
	}
	traces, _ := trace.TableNamed("traces")
	c, ok := traces.Column(value)
	if !ok {
		return "", false
	}
	switch c.Type {
	case trace.Integer, trace.Money:
		return fmt.Sprintf("CASE WHEN %[1]s >= 0 THEN %[1]s::DOUBLE END", quote(value)), true
	case trace.Double:
		return fmt.Sprintf("CASE WHEN isfinite(%[1]s) AND %[1]s >= 0 THEN %[1]s END", quote(value)), true
	case trace.Boolean:
		return quote(value) + "::INTEGER::DOUBLE", true
	}
	return "", false
}

// isDouble reports whether a value, where it is not null, is a column's own number.
func isDouble(value string) bool {
	traces, _ := trace.TableNamed("traces")
	c, ok := traces.Column(value)
	return ok && c.Type == trace.Double
}

// A plan assigns SQL columns to what the metrics of a query declare. Equal
// needs share a column.
type plan struct {
	query   Query
	profile profile
	values  []named // per request, from traces
	valueOf []read  // what each of them holds
	raws    []named // the columns of traces behind them, where a value is a column's own number
	columns []planned
	// pasts says that some metric is adjusted by its units' users' past.
	pasts bool
}

// A read is a value of requests, of all or of those without error.
type read struct {
	value  string
	onlyOK bool
}

// A planned column is a declared one and the name it has in units.
type planned struct {
	analyze.Column
	name string
	// metric is the first that declared it: whose frozen threshold it uses.
	metric string
}

// newPlan collects the needs of all metrics.
func newPlan(q Query, prof profile) *plan {
	p := &plan{query: q, profile: prof}
	for _, m := range q.Metrics {
		for _, c := range m.Columns {
			p.add(m, c)
		}
	}
	return p
}

func (p *plan) add(m analyze.Metric, c analyze.Column) {
	if c.Past { // read with the history
		p.pasts = true
		return
	}
	if p.find(m, c) != "" {
		return
	}
	p.columns = append(p.columns, planned{c, fmt.Sprintf("c%d", len(p.columns)), m.Name})
	if IsColumn(c.Value) && p.valueName(c) == "" {
		s, _ := valueSQL(c.Value)
		if c.OnlyOK {
			s = fmt.Sprintf("CASE WHEN NOT %s THEN %s END", failedSQL, s)
		}
		p.values = append(p.values, named{fmt.Sprintf("v%d", len(p.values)), s})
		p.valueOf = append(p.valueOf, read{c.Value, c.OnlyOK})
		if raw := (named{"raw_" + c.Value, quote(c.Value)}); isDouble(c.Value) && !slices.Contains(p.raws, raw) {
			p.raws = append(p.raws, raw)
		}
	}
}

// find gives the name of the column that a metric's need became; empty where
// there is none yet. Columns with thresholds are a metric's own.
func (p *plan) find(m analyze.Metric, c analyze.Column) string {
	i := slices.IndexFunc(p.columns, func(have planned) bool {
		return sameNeed(have.Column, c) && (c.Above == nil || have.metric == m.Name)
	})
	if i < 0 {
		return ""
	}
	return p.columns[i].name
}

// sameNeed reports whether two columns hold the same numbers; a limit is
// applied later, and so is a fill.
func sameNeed(a, b analyze.Column) bool {
	above := a.Above == nil && b.Above == nil || a.Above != nil && b.Above != nil && *a.Above == *b.Above
	a.Above, b.Above, a.Limit, b.Limit, a.Fill, b.Fill = nil, nil, nil, nil, nil, nil
	a.Pass, b.Pass = 0, 0 // made of a case's trials
	return above && a == b
}

// valueName gives the column of test_rows that holds a column's values: null
// for requests that do not count. Empty where there is none.
func (p *plan) valueName(c analyze.Column) string {
	if i := slices.Index(p.valueOf, read{c.Value, c.OnlyOK}); i >= 0 {
		return p.values[i].Name
	}
	return ""
}

// rawName gives the column of test_rows from which a column's values are copied unless they are
// null; empty where they are computed.
func (p *plan) rawName(c analyze.Column) string {
	if isDouble(c.Value) {
		return "raw_" + c.Value
	}
	return ""
}

// fromTraces lists the columns that are summed up from requests.
func (p *plan) fromTraces() []planned {
	return slices.DeleteFunc(slices.Clone(p.columns), func(c planned) bool { return !IsColumn(c.Value) })
}

// late reports whether some requests may lie outside a column's window.
func (p *plan) late(c analyze.Column) bool {
	return p.profile.timed() && !(p.profile.dated() && p.profile.Oldest <= c.Window)
}

// inWindow is the condition under which a request lies in a column's window.
func (p *plan) inWindow(c analyze.Column) string {
	if !p.late(c) {
		return "true"
	}
	return within("started_at", c.Window)
}

// aggregate is a column's expression over the requests of one unit (or, for a
// value per session of a user, of one session). threshold is the SQL of the row's threshold.
func (p *plan) aggregate(c analyze.Column, threshold string) string {
	v, filter := p.valueName(c), ""
	if p.late(c) {
		filter = " FILTER (" + p.inWindow(c) + ")"
	}
	switch {
	case c.Above != nil:
		side := ">"
		if c.Above.OwnQuantile {
			side = "<="
		}
		return fmt.Sprintf("count(*) FILTER (%s %s %s AND %s)::DOUBLE", v, side, threshold, p.inWindow(c))
	case c.Count && always[c.Value] && !c.OnlyOK:
		return "nullif(count(*)" + filter + ", 0)::DOUBLE"
	case c.Count:
		return fmt.Sprintf("nullif(count(%s)%s, 0)::DOUBLE", v, filter)
	}
	switch c.Agg {
	case "mean":
		return fmt.Sprintf("avg(%s)%s", v, filter)
	case "max", "any":
		return fmt.Sprintf("max(%s)%s", v, filter)
	case "all":
		return fmt.Sprintf("min(%s)%s", v, filter)
	case "last":
		return fmt.Sprintf("arg_max(%s, (started_at, trace_id))%s", v, filter)
	default:
		return fmt.Sprintf("sum(%s)%s", v, filter)
	}
}

// within is the condition that a time is at most a window after the unit's assignment: compared as
// integers, since an interval is added by the calendar.
func within(column string, window time.Duration) string {
	return fmt.Sprintf("epoch_us(%s) <= epoch_us(assigned_at) + %d", column, window.Microseconds())
}

// timestamp writes a time as SQL.
func timestamp(t time.Time) string {
	return "make_timestamptz(" + fmt.Sprint(t.UnixMicro()) + ")"
}

// perSessionOfUser reports whether a column is summed up per session before
// users, the units, are.
func (p *plan) perSessionOfUser(c analyze.Column) bool {
	return p.query.Unit == "user" && c.Per == "session"
}

// needsAnswered reports whether some outcome counts only for units that got an
// answer.
func (p *plan) needsAnswered() bool {
	return slices.ContainsFunc(p.columns, func(c planned) bool { return c.OnlyOK && !IsColumn(c.Value) })
}
