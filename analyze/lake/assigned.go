package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/analyze"
	"weir/analyze/draw"
)

// ErrOffline says that rows are runs of cases: no traffic was assigned.
var ErrOffline = errors.New("the rows are offline runs of cases, which are not assigned by chance")

// Units reads one release's units one by one: when each was assigned to which
// arm, and its vector of every metric, in the order of assignment. With them
// come the data that Data gives. It returns ErrOffline, wrapped, where rows are
// runs of cases. Vectors of Judged metrics follow those of Metrics. The whole of it is in memory: about 100 bytes a unit and metric.
func (l *Lake) Units(ctx context.Context, q Query) (analyze.Data, draw.Units, error) {
	own := q.Metrics
	q.Metrics = asEitherArm(q.Metrics)
	r := newReading(l, q)
	r.judgedUnits = map[string]draw.Matrix{}
	if err := r.read(ctx); err != nil {
		return analyze.Data{}, draw.Units{}, err
	}
	if r.offline {
		return analyze.Data{}, draw.Units{}, fmt.Errorf("lake: %w", ErrOffline)
	}
	units, err := r.assigned(ctx)
	if err != nil {
		return analyze.Data{}, draw.Units{}, err
	}
	for i, m := range own {
		r.data.Metrics[i] = withoutOther(r.data.Metrics[i], m)
	}
	for _, m := range q.Judged {
		vectors, ok := r.judgedUnits[m.Name]
		if !ok { // nothing of it was judged
			vectors = blank(units.Len(), len(m.Columns))
		}
		if vectors.Units() != units.Len() {
			return analyze.Data{}, draw.Units{}, fmt.Errorf("lake: %s has %d units, the release %d", m.Name, vectors.Units(), units.Len())
		}
		for a := range units.Vectors {
			units.Vectors[a] = append(units.Vectors[a], vectors)
		}
	}
	return r.data, units, nil
}

// blank is a matrix of units without a value.
func blank(units, width int) draw.Matrix {
	m := draw.Matrix{Width: width, Values: make([]float64, units*width)}
	for i := range m.Values {
		m.Values[i] = math.NaN()
	}
	return m
}

// keepUnits fetches the vector of every unit in the order of assignment, where units are asked for one by
// one; a unit that does not enter, or that the judge gave up, has no value. The vector is the same in both arms: what was
// drawn, scored and labelled, and with which probability, stays the unit's own.
func (j *judging) keepUnits(ctx context.Context) error {
	if j.judgedUnits == nil || j.offline {
		return nil
	}
	var list []string
	for _, x := range vectorNames("") {
		list = append(list, fmt.Sprintf("CASE WHEN entering AND NOT given_up THEN %s END", x))
	}
	rows, err := j.conn.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM judged_vectors ORDER BY hour, assigned_at, unit")
	if err != nil {
		return j.explain(err)
	}
	defer rows.Close()
	values := make([]sql.NullFloat64, len(list))
	into := make([]any, len(list))
	for i := range values {
		into[i] = &values[i]
	}
	out := draw.Matrix{Width: len(list)}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return j.explain(err)
		}
		for _, x := range values {
			if !x.Valid {
				x.Float64 = math.NaN()
			}
			out.Values = append(out.Values, x.Float64)
		}
	}
	j.judgedUnits[j.metric.Name] = out
	return rows.Err()
}

// asEitherArm adds, for each column that is counted by the treatment's own threshold, the
// same column with that threshold for all units.
func asEitherArm(metrics []analyze.Metric) []analyze.Metric {
	out := slices.Clone(metrics)
	for i, m := range out {
		out[i].Columns = slices.Clone(m.Columns)
		for _, c := range m.Columns {
			if ownThreshold(c) {
				t := *c.Above
				t.BothArms = true
				c.Above = &t
				out[i].Columns = append(out[i].Columns, c)
			}
		}
	}
	return out
}

// ownThreshold reports whether the treatment's threshold of a column is not control's.
func ownThreshold(c analyze.Column) bool {
	return c.Above != nil && !c.Above.OwnQuantile && (c.Above.Scale != 1 || c.Above.Shift != 0)
}

// withoutOther takes the added columns out of a metric's data again.
func withoutOther(d analyze.MetricData, m analyze.Metric) analyze.MetricData {
	d.Metric = m
	p := len(m.Columns)
	cells := make([]analyze.Cell, len(d.Cells))
	for i, c := range d.Cells {
		c.Mean, c.Cross = c.Mean[:p], c.Cross[:p*(p+1)/2]
		cells[i] = c
	}
	d.Cells = cells
	return d
}

// assigned fetches the units.
func (r *reading) assigned(ctx context.Context) (draw.Units, error) {
	var u draw.Units
	var names []string
	for i, m := range r.query.Metrics {
		for j := range m.Columns {
			names = append(names, component(i, j))
		}
	}
	rows, err := r.conn.QueryContext(ctx, fmt.Sprintf(
		"SELECT %s FROM %s ORDER BY hour, assigned_at, unit",
		strings.Join(append([]string{"stratum", "hour", "treated"}, names...), ", "), r.vectorsOf("unit, assigned_at, treated, stratum, hour")(everyUnit)))
	if err != nil {
		return u, r.explain(err)
	}
	defer rows.Close()
	var stratum int
	var hour int64
	var treated bool
	values := make([]sql.NullFloat64, len(names))
	into := []any{&stratum, &hour, &treated}
	for i := range values {
		into = append(into, &values[i])
	}
	var pool draw.Pool
	for _, m := range r.query.Metrics {
		pool = append(pool, draw.Matrix{Width: len(m.Columns)})
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return u, r.explain(err)
		}
		u.Stratum, u.Hour, u.Treated = append(u.Stratum, stratum), append(u.Hour, hour), append(u.Treated, treated)
		rest := values
		for i := range pool {
			for _, x := range rest[:pool[i].Width] {
				if !x.Valid {
					x.Float64 = math.NaN()
				}
				pool[i].Values = append(pool[i].Values, x.Float64)
			}
			rest = rest[pool[i].Width:]
		}
	}
	for i, m := range r.query.Metrics {
		for _, a := range analyze.Arms {
			u.Vectors[a] = append(u.Vectors[a], asArm(pool[i], m, a))
		}
	}
	return u, rows.Err()
}

// asArm gives a metric's vectors as an arm has them: a column with a threshold of the treatment's
// own is, for the treatment, the added one, and for control the one of the plain threshold.
func asArm(m draw.Matrix, metric analyze.Metric, a analyze.Arm) draw.Matrix {
	var from []int
	added := 0
	for _, c := range metric.Columns {
		if c.Above != nil && c.Above.BothArms {
			added++
		}
	}
	next := len(metric.Columns) - added
	plain := slices.IndexFunc(metric.Columns, func(c analyze.Column) bool {
		return c.Above != nil && !c.Above.OwnQuantile && !ownThreshold(c)
	})
	for j, c := range metric.Columns[:len(metric.Columns)-added] {
		switch {
		case !ownThreshold(c):
			from = append(from, j)
		case a == analyze.Treatment:
			from = append(from, next)
			next++
		default:
			from = append(from, plain)
		}
	}
	out := draw.Matrix{Width: len(from), Values: make([]float64, 0, m.Units()*len(from))}
	for i := range m.Units() {
		row := m.Row(i)
		for _, j := range from {
			out.Values = append(out.Values, row[j])
		}
	}
	return out
}
