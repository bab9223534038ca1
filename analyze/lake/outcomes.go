package lake

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// outcomeGrace is how long after a unit's window an outcome that occurred
// within it may still be received.
const outcomeGrace = time.Hour

// readOutcomes joins outcomes to units: a table o_<name> for each column that
// is one, or one table direct_outcomes for all of them, and, where units are users, a table s_<name> for each that is
// summed up per session first.
func (r *reading) readOutcomes(ctx context.Context) error {
	names := r.plan.outcomeNames()
	if len(names) == 0 {
		return r.sessionColumns(ctx)
	}
	var err error
	if r.joined, err = r.direct(ctx, names); err != nil {
		return err
	}
	if !r.joined {
		if err := r.subjects(ctx, names); err != nil {
			return err
		}
		for _, c := range r.plan.outcomeColumns() {
			err := r.run(ctx, "outcome", map[string]any{
				"Table": "o_" + c.name, "Value": literal(c.Value), "Window": r.window(c), "Agg": outcomeAgg(c.Agg), "Time": eventTime,
				"BySession": r.plan.perSessionOfUser(c.Column),
			})
			if err != nil {
				return err
			}
		}
	}
	return r.sessionColumns(ctx)
}

// direct joins outcomes to the units that bear their sessions' names. It
// reports whether that was all of them: it is where sessions are the units, and saves
// the long way round.
func (r *reading) direct(ctx context.Context, names []string) (bool, error) {
	if r.query.Unit != "session" || r.offline {
		return false, nil
	}
	where := r.outcomesWhere(names)
	var onOthers int64
	err := r.conn.QueryRowContext(ctx, text("events", where)).Scan(&onOthers)
	if err != nil || onOthers > 0 {
		return false, r.explainNil(err)
	}
	err = r.run(ctx, "direct_outcomes", map[string]any{
		"Where": where["Where"], "List": literals(names), "Timed": r.timed(), "Grace": outcomeGrace.Microseconds(),
		"Names": eventCounts(names), "Columns": r.directColumns(names),
	})
	if err != nil {
		return false, err
	}
	var unmatched bool
	if err := r.conn.QueryRowContext(ctx, "SELECT count(*) > 0 FROM direct_outcomes WHERE id IS NULL").Scan(&unmatched); err != nil || unmatched {
		return false, r.explainNil(err)
	}
	for i, name := range names {
		if err := r.directEvents(ctx, name, fmt.Sprintf("n%d", i)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// eventCounts names the column of direct_outcomes that counts the events of each outcome.
func eventCounts(names []string) []named {
	var out []named
	for i := range names {
		out = append(out, named{fmt.Sprintf("n%d", i), fmt.Sprintf("outcome = %d", i+1)})
	}
	return out
}

// outcomeColumns lists the columns that hold an outcome's value.
func (p *plan) outcomeColumns() []planned {
	return slices.DeleteFunc(slices.Clone(p.columns), func(c planned) bool { return IsColumn(c.Value) || c.Count })
}

// directColumns are the columns of direct_outcomes that metrics declare, each with the condition
// under which an event counts: one of unknown time does, as one at time 0.
func (r *reading) directColumns(names []string) []named {
	var out []named
	for _, c := range r.plan.outcomeColumns() {
		condition := fmt.Sprintf("outcome = %d", slices.Index(names, c.Value)+1)
		if r.timed() {
			condition += fmt.Sprintf(" AND age <= %d", c.Window.Microseconds())
		}
		out = append(out, named{c.name, condition})
	}
	return out
}

// eventTime orders the events of a subject; of events at the same time the largest
// value is the last.
const eventTime = "coalesce(occurred_at, received_at, '-infinity'::TIMESTAMPTZ)"

// directEvents notes whether an outcome was reported. Only units with several of its events,
// which may coincide, are asked which of them was the last.
func (r *reading) directEvents(ctx context.Context, name, column string) error {
	var reported, repeated bool
	err := r.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT coalesce(max(%[1]s) > 0, false), coalesce(max(%[1]s) > 1, false) FROM direct_outcomes", column)).Scan(&reported, &repeated)
	if err != nil {
		return r.explain(err)
	}
	r.reported[name] = reported
	if !repeated {
		return nil
	}
	for _, c := range r.plan.outcomeColumns() {
		if c.Value != name {
			continue
		}
		last := text("repeated_outcome", map[string]any{
			"Where": r.outcomesWhere([]string{name})["Where"], "Window": r.window(c), "Time": eventTime, "Events": column,
		})
		if err := r.exec(ctx, fmt.Sprintf("UPDATE direct_outcomes SET %s = last.value FROM (%s) AS last WHERE last.id = direct_outcomes.id", c.name, last)); err != nil {
			return err
		}
	}
	return nil
}

// explainNil explains an error; none stays none.
func (r *reading) explainNil(err error) error {
	if err == nil {
		return nil
	}
	return r.explain(err)
}

// outcomesWhere is the condition under which an outcome can matter.
func (r *reading) outcomesWhere(names []string) map[string]any {
	return map[string]any{"Where": fmt.Sprintf(
		"outcomes.app = %s AND list_contains(%s, name) AND isfinite(value) AND (occurred_at IS NULL OR occurred_at <= %s)",
		literal(r.query.App), literals(names), timestamp(r.query.AsOf))}
}

// outcomeNames lists the outcomes that metrics need.
func (p *plan) outcomeNames() []string {
	var names []string
	for _, c := range p.columns {
		if !IsColumn(c.Value) && !contains(names, c.Value) {
			names = append(names, c.Value)
		}
	}
	return names
}

// window is the condition under which an event counts for a column.
func (r *reading) window(c planned) string {
	if !r.timed() {
		return ""
	}
	return fmt.Sprintf("AND (occurred_at IS NULL OR %s) AND (received_at IS NULL OR %s)",
		within("occurred_at", c.Window), within("received_at", c.Window+outcomeGrace))
}

// outcomeAgg joins the values of several subjects of one unit or session.
func outcomeAgg(agg string) string {
	switch agg {
	case "sum":
		return "sum(value)"
	case "mean":
		return "avg(value)"
	case "last":
		return "arg_max(value, (at, value))"
	case "all":
		return "min(value)"
	default: // any, max
		return "max(value)"
	}
}

// subjects makes the table of outcomes with the units they belong to: by the
// unit's own name first, then by session, request and user. What joins nothing is counted.
func (r *reading) subjects(ctx context.Context, names []string) error {
	where := r.outcomesWhere(names)
	if err := r.run(ctx, "subjects", where); err != nil {
		return err
	}
	var open, onTrace, onUser bool
	err := r.conn.QueryRowContext(ctx, "SELECT count(*) > 0 FROM subjects WHERE id IS NULL").Scan(&open)
	if err == nil {
		err = r.conn.QueryRowContext(ctx, text("subject_kinds", where)).Scan(&onTrace, &onUser)
	}
	if err != nil {
		return r.explain(err)
	}
	if open {
		if err := r.sessionSubjects(ctx); err != nil {
			return err
		}
	}
	for _, more := range []struct {
		wanted bool
		query  string
	}{{onTrace, "trace_subjects"}, {onUser, "user_subjects"}} {
		if !more.wanted {
			continue
		}
		if err := r.run(ctx, more.query, where); err != nil {
			return err
		}
		if err := r.exec(ctx, "INSERT INTO subjects BY NAME FROM "+more.query); err != nil {
			return err
		}
	}
	return r.countSubjects(ctx)
}

// sessionSubjects finds the units of sessions that are not units themselves.
func (r *reading) sessionSubjects(ctx context.Context) error {
	if err := r.run(ctx, "session_subjects", nil); err != nil {
		return err
	}
	var shared int64
	err := r.conn.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT session FROM session_subjects GROUP BY session HAVING count(DISTINCT id) > 1)").Scan(&shared)
	if err != nil {
		return r.explain(err)
	}
	if shared > 0 {
		r.warn("%d session ids belong to several units: their outcomes count for each; give every unit's sessions ids of their own", shared)
	}
	return r.exec(ctx, "DELETE FROM subjects WHERE id IS NULL AND session IN (SELECT session FROM session_subjects); INSERT INTO subjects BY NAME FROM session_subjects")
}

// countSubjects counts the outcomes without a unit and notes which outcomes there are at all.
func (r *reading) countSubjects(ctx context.Context) error {
	rows, err := r.conn.QueryContext(ctx, "SELECT name, count(*) FILTER (id IS NULL) FROM subjects GROUP BY name")
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var unmatched int64
		if err := rows.Scan(&name, &unmatched); err != nil {
			return r.explain(err)
		}
		r.reported[name] = true
		r.data.Service.UnmatchedOutcomes += unmatched
	}
	return rows.Err()
}

// sessionColumns makes, for users, a table a column that is summed up per
// session first.
func (r *reading) sessionColumns(ctx context.Context) error {
	for _, c := range r.plan.columns {
		if !r.plan.perSessionOfUser(c.Column) || c.Count {
			continue
		}
		source := "o_" + c.name
		if IsColumn(c.Value) {
			source = "(" + text("session_values", map[string]any{"Value": r.plan.aggregate(c.Column, "NULL")}) + ")"
		}
		err := r.run(ctx, "session_column", map[string]any{"Table": "s_" + c.name, "Source": source, "Fill": fillSQL(c.Fill)})
		if err != nil {
			return err
		}
	}
	return nil
}
