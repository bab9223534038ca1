package lake

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"

	"weir/analyze"
	"weir/analyze/cluster"
	"weir/analyze/fixed"
)

// moments reduces measured to one cell per metric, arm, stratum and hour.
func (r *reading) moments(ctx context.Context) error {
	if len(r.query.Metrics) == 0 {
		return nil
	}
	r.data.Metrics = make([]analyze.MetricData, len(r.query.Metrics))
	for i, m := range r.query.Metrics {
		r.data.Metrics[i] = analyze.MetricData{Metric: m, Frozen: r.frozen[m.Name]}
		if past, ok := r.past[m.Name]; ok {
			r.data.Metrics[i].Past = &past
		}
	}
	paired := r.data.Design.Kind == analyze.Paired
	source := r.vectorsOf("treated, stratum, hour")
	if r.offline {
		if err := r.cases(ctx); err != nil {
			return err
		}
		source = func(string) string { return "cases" }
	}
	if err := r.cells(ctx, source, paired); err != nil {
		return err
	}
	if paired {
		if err := r.pairs(ctx); err != nil {
			return err
		}
	}
	for i := range r.data.Metrics {
		r.absent(&r.data.Metrics[i])
	}
	return nil
}

// A source gives the SQL of a table of vectors, of all units or of some.
type source func(units string) string

// vectorsOf is the source of the components of every metric, null for units that are not mature or
// have no value, with the counts that explain them, beside what units are parted by.
func (r *reading) vectorsOf(parts string) source {
	flags, list := []string{"*"}, []string{parts}
	for i, m := range r.query.Metrics {
		components, present := r.vector(m)
		whole := append([]string{r.mature(m)}, components...)
		for j := range components {
			whole[j+1] += " IS NOT NULL"
		}
		// Told once a unit, not once a component.
		flags = append(flags,
			fmt.Sprintf("%s AS mature%d", r.mature(m), i),
			fmt.Sprintf("%s AND (%s) AS present%d", r.mature(m), present, i),
			fmt.Sprintf("%s AS whole%d", strings.Join(whole, " AND "), i))
		list = append(list, fmt.Sprintf("mature%[1]d, present%[1]d", i))
		for j, x := range components {
			if len(components) > 1 || r.mature(m) != "true" {
				x = fmt.Sprintf("CASE WHEN whole%d THEN %s END", i, x)
			}
			list = append(list, x+" AS "+component(i, j))
		}
	}
	return func(units string) string {
		return fmt.Sprintf("(SELECT %s FROM (SELECT %s FROM %s))", strings.Join(list, ", "), strings.Join(flags, ", "), r.measured(units))
	}
}

// component names the j-th component of the i-th metric.
func component(i, j int) string { return fmt.Sprintf("m%d_%d", i, j) }

// cases averages the trials of a case in each arm.
func (r *reading) cases(ctx context.Context) error {
	var list []string
	for i, m := range r.query.Metrics {
		list = append(list,
			fmt.Sprintf("bool_or(mature%d) AS mature%d", i, i),
			fmt.Sprintf("bool_or(present%d) AS present%d", i, i),
			fmt.Sprintf("count(%s) AS trials%d", component(i, 0), i),
			fmt.Sprintf("bool_and(%s IN (0, 1)) AS binary%d", component(i, m.Tested.Num), i))
		for j, c := range m.Columns {
			list = append(list, overTrials(component(i, j), c.Pass)+" AS "+component(i, j))
		}
	}
	return r.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE cases AS SELECT case_id, treated, 0 AS stratum, 0 AS hour, %s FROM %s GROUP BY case_id, treated",
		strings.Join(list, ", "), r.vectorsOf("case_id, treated")(everyUnit)))
}

// overTrials joins a case's trials: their mean, or, with c of n trials that succeed,
// the chance C(c, k) / C(n, k) that k of them, drawn without replacement, all do (pass^k;
// Yao, Shinn, Razavi and Narasimhan 2024, arXiv 2406.12045, eq. 2); null below k trials.
func overTrials(x string, k int) string {
	if k == 0 {
		return "avg(" + x + ")"
	}
	var product []string
	for i := range k {
		product = append(product, fmt.Sprintf("greatest(sum(%[1]s) - %[2]d, 0) / (count(%[1]s) - %[2]d)", x, i))
	}
	return fmt.Sprintf("CASE WHEN count(%s) >= %d THEN %s END", x, k, strings.Join(product, " * "))
}

// cells runs the one query that fetches every metric's moments.
func (r *reading) cells(ctx context.Context, from source, countsOnly bool) error {
	for i := range r.data.Metrics {
		r.data.Metrics[i].Binary = true
	}
	return r.sums(ctx, from, "", func(c cell, i int, s summed) {
		m := &r.data.Metrics[i]
		add(&m.Missing, c.arm, s.missing)
		add(&m.Immature, c.arm, s.immature)
		m.Binary = m.Binary && s.binary
		if s.missing > 0 && !countsOnly && !m.Metric.Scored() {
			lacks(m, c, s.missing)
		}
		if s.moments.N > 0 && !countsOnly {
			m.Cells = append(m.Cells, analyze.Cell{Stratum: c.stratum, Hour: c.hour, Arm: c.arm, Moments: s.moments})
		}
	})
}

// lacks counts units without a value; cells come in order of hour and stratum.
func lacks(m *analyze.MetricData, c cell, n int64) {
	last := len(m.Lacking) - 1
	if last < 0 || m.Lacking[last].Hour != c.hour || m.Lacking[last].Stratum != c.stratum {
		m.Lacking = append(m.Lacking, analyze.Arrival{Stratum: c.stratum, Hour: c.hour})
		last++
	}
	add(&m.Lacking[last].ByArm, c.arm, n)
}

// A cell is a group of units that sums are taken of.
type cell struct {
	stratum int
	hour    int64
	arm     analyze.Arm
	part    string // value of an attribute; empty where units are not parted
}

// A summed is what a cell's units say of one metric.
type summed struct {
	moments           analyze.Moments
	missing, immature int64
	binary            bool
}

// sums gives every cell's moments of every metric to each, in order of hours. part is the column
// that parts units; empty: none.
func (r *reading) sums(ctx context.Context, from source, part string, each func(c cell, metric int, s summed)) error {
	centres, err := r.centres(ctx, from)
	if err != nil {
		return err
	}
	keys, by := "''", "" // a text among the groups would have them hashed
	if part != "" {
		keys, by = part, ", "+part
	}
	var list []string
	for i, m := range r.query.Metrics {
		list = append(list,
			fmt.Sprintf("count(%s)", component(i, 0)),
			fmt.Sprintf("count(*) FILTER (mature%d AND NOT present%d)", i, i),
			r.immatureSQL(i, m),
			binarySQL(i, m))
		for j, c := range m.Columns {
			constant := "NULL::DOUBLE"
			if r.offline || !whole(c) { // trials of a case are averaged
				constant = constantSQL(component(i, j))
			}
			list = append(list, fmt.Sprintf("sum(%s - %s)", component(i, j), number(centres[i][j])), constant)
			for k := range j + 1 {
				list = append(list, fmt.Sprintf("sum((%s - %s) * (%s - %s))", component(i, j), number(centres[i][j]), component(i, k), number(centres[i][k])))
			}
		}
	}
	rows, err := r.conn.QueryContext(ctx, fmt.Sprintf(
		"SELECT %[1]s, stratum, hour, treated, %[2]s FROM %[3]s GROUP BY hour, stratum, treated%[4]s ORDER BY hour, stratum, treated%[4]s",
		keys, strings.Join(list, ", "), from(everyUnit), by))
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := r.scanCell(rows, centres, each); err != nil {
			return err
		}
	}
	return rows.Err()
}

// whole reports whether the column counts: its sums are exact, so that a constant shows in them.
func whole(c analyze.Column) bool { return c.Count || c.Above != nil }

// constantSQL is the value that all units have; null where they differ.
func constantSQL(x string) string {
	return fmt.Sprintf("CASE WHEN min(%[1]s) = max(%[1]s) THEN min(%[1]s) END", x)
}

// immatureSQL counts the units that are not mature.
func (r *reading) immatureSQL(i int, m analyze.Metric) string {
	if r.mature(m) == "true" {
		return "0"
	}
	return fmt.Sprintf("count(*) FILTER (NOT mature%d)", i)
}

// binarySQL asks, of a rate of units, whether every unit is a zero or a one.
func binarySQL(i int, m analyze.Metric) string {
	if !m.Rate || m.Tested.Den != analyze.Ones {
		return "false"
	}
	return fmt.Sprintf("coalesce(bool_and(%s IN (0, 1)), true)", component(i, m.Tested.Num))
}

// centreUnits is how many units say where the centre of sums is.
const centreUnits = 10_000

// centres gives a point near the mean of every component over some units: sums are taken
// around it, so that squares do not cancel.
func (r *reading) centres(ctx context.Context, from source) ([][]float64, error) {
	var list []string
	for i, m := range r.query.Metrics {
		for j := range m.Columns {
			list = append(list, fmt.Sprintf("coalesce(avg(%[1]s), 0), coalesce(max(%[1]s) - min(%[1]s), 0)", component(i, j)))
		}
	}
	flat := make([]float64, 2*len(list))
	into := make([]any, len(flat))
	for i := range flat {
		into[i] = &flat[i]
	}
	query := fmt.Sprintf("SELECT %s FROM (SELECT * FROM %s LIMIT %d)", strings.Join(list, ", "), from(unitsWhere(fmt.Sprintf("true LIMIT %d", centreUnits))), centreUnits)
	if err := r.conn.QueryRowContext(ctx, query).Scan(into...); err != nil {
		return nil, r.explain(err)
	}
	out := make([][]float64, len(r.query.Metrics))
	for i, m := range r.query.Metrics {
		for range m.Columns {
			out[i], flat = append(out[i], centre(flat[0], flat[1])), flat[2:]
		}
	}
	return out, nil
}

// centre is the mean to a 1024th of the values' range, on a grid of a power of two: what is counted
// in whole numbers differs from it by few binary digits, so that its sums are exact in any order.
func centre(mean, width float64) float64 {
	if !(width > math.Abs(mean)*0x1p-40) || math.IsInf(width, 1) {
		return mean
	}
	grid := math.Ldexp(1, math.Ilogb(width)-10)
	return math.Round(mean/grid) * grid
}

// scanCell takes in one cell of every metric.
func (r *reading) scanCell(rows *sql.Rows, centres [][]float64, each func(cell, int, summed)) error {
	var at cell
	var treated bool
	into := []any{&at.part, &at.stratum, &at.hour, &treated}
	type part struct {
		n, missing, immature int64
		binary               bool
		sums                 []sql.NullFloat64
	}
	parts := make([]part, len(r.query.Metrics))
	for i, m := range r.query.Metrics {
		p := len(m.Columns)
		parts[i].sums = make([]sql.NullFloat64, 2*p+p*(p+1)/2)
		into = append(into, &parts[i].n, &parts[i].missing, &parts[i].immature, &parts[i].binary)
		for j := range parts[i].sums {
			into = append(into, &parts[i].sums[j])
		}
	}
	if err := rows.Scan(into...); err != nil {
		return r.explain(err)
	}
	if treated {
		at.arm = analyze.Treatment
	}
	for i, p := range parts {
		s := summed{missing: p.missing, immature: p.immature, binary: p.binary}
		if p.n > 0 {
			s.moments = centred(p.n, p.sums, centres[i])
		}
		each(at, i, s)
	}
	return nil
}

func add(b *analyze.ByArm, a analyze.Arm, n int64) {
	if a == analyze.Control {
		b.Control += n
	} else {
		b.Treatment += n
	}
}

// centred turns sums, constants and sums of products around centres, in the order that
// sums lists them, into moments. What is the same in all units has that mean and no spread, whatever
// its sums round to; a spread that the rounding of its sum of squares could have made is none.
func centred(n int64, sums []sql.NullFloat64, centres []float64) analyze.Moments {
	p := len(centres)
	m := analyze.Moments{N: n, Mean: make([]float64, p), Cross: make([]float64, 0, p*(p+1)/2)}
	offset, still := make([]float64, p), make([]bool, p)
	for j := range p {
		sum, constant, products := sums[0].Float64, sums[1], sums[2:3+j]
		sums = sums[3+j:]
		offset[j] = sum / float64(n)
		m.Mean[j] = centres[j] + offset[j]
		if constant.Valid {
			m.Mean[j] = constant.Float64
		}
		cross := func(k int) float64 { return products[k].Float64 - float64(n)*offset[j]*offset[k] }
		still[j] = constant.Valid || cluster.Settle(max(cross(j), 0), products[j].Float64) == 0
		for k := range j + 1 {
			if still[j] || still[k] {
				m.Cross = append(m.Cross, 0)
			} else {
				m.Cross = append(m.Cross, cross(k))
			}
		}
	}
	return m
}

// pairs fetches the joint moments of both arms over shared cases.
func (r *reading) pairs(ctx context.Context) error {
	for i, m := range r.query.Metrics {
		p := len(m.Columns)
		var names []string
		for _, arm := range []string{"a", "b"} {
			for j := range p {
				names = append(names, arm+"."+component(i, j))
			}
		}
		var list []string
		for j := range names {
			list = append(list, fmt.Sprintf("coalesce(avg(%s), 0)", names[j]))
			for k := range j + 1 {
				list = append(list, fmt.Sprintf("coalesce(covar_pop(%s, %s) * count(*), 0)", names[j], names[k]))
			}
		}
		values := make([]float64, len(list))
		var n int64
		var single, binary sql.NullBool
		into := []any{&n, &single, &binary}
		for j := range values {
			into = append(into, &values[j])
		}
		err := r.conn.QueryRowContext(ctx, fmt.Sprintf(
			"SELECT count(*), bool_and(a.trials%[1]d = 1 AND b.trials%[1]d = 1), bool_and(a.binary%[1]d AND b.binary%[1]d), %[2]s FROM cases a JOIN cases b USING (case_id) WHERE NOT a.treated AND b.treated AND a.%[3]s IS NOT NULL AND b.%[3]s IS NOT NULL",
			i, strings.Join(list, ", "), component(i, 0))).Scan(into...)
		if err != nil {
			return r.explain(err)
		}
		if n == 0 {
			continue
		}
		joint := analyze.Moments{N: n}
		at := 0
		for j := range names {
			joint.Mean = append(joint.Mean, values[at])
			joint.Cross = append(joint.Cross, values[at+1:at+2+j]...)
			at += 2 + j
		}
		data := &r.data.Metrics[i]
		data.Pairs, data.SingleTrial, data.Binary = &joint, single.Bool, binary.Bool
		if err := r.fewCases(ctx, i, data); err != nil {
			return err
		}
	}
	return nil
}

// fewCases fetches the figures of each shared case, where an exact test takes so few.
func (r *reading) fewCases(ctx context.Context, i int, m *analyze.MetricData) error {
	if m.Pairs.N > fixed.MaxExactFlips || m.Metric.Tested.Den != analyze.Ones || m.Metric.Kind == analyze.KindQuantile {
		return nil
	}
	x := component(i, m.Metric.Tested.Num)
	rows, err := r.conn.QueryContext(ctx, fmt.Sprintf(
		"SELECT a.%[1]s, b.%[1]s FROM cases a JOIN cases b USING (case_id) WHERE NOT a.treated AND b.treated AND a.%[2]s IS NOT NULL AND b.%[2]s IS NOT NULL ORDER BY case_id", x, component(i, 0)))
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c [2]float64
		if err := rows.Scan(&c[analyze.Control], &c[analyze.Treatment]); err != nil {
			return r.explain(err)
		}
		m.Cases = append(m.Cases, c)
	}
	return rows.Err()
}

// absent says why a metric has no data at all.
func (r *reading) absent(m *analyze.MetricData) {
	if k := m.Metric.Columns[0].Pass; k > 0 && !r.offline {
		m.Cells = nil
		m.Absent = fmt.Sprintf("pass: %d takes cases that ran several times, and these rows have no case_id", k)
		return
	}
	if len(m.Cells) > 0 || m.Pairs != nil {
		for _, c := range m.Metric.Columns {
			if !IsColumn(c.Value) && c.Fill != nil && !r.reported[c.Value] {
				m.Cells, m.Pairs = nil, nil
				m.Absent = fmt.Sprintf("no outcome %q was ever reported; report one, or remove the metric", c.Value)
				return
			}
		}
		return
	}
	value := m.Metric.Columns[0].Value
	switch k := m.Metric.Columns[0].Pass; {
	case k > 0:
		m.Absent = fmt.Sprintf("no case has the %d trials with a value that pass: %d takes", k, k)
	case m.Immature.Control+m.Immature.Treatment > 0:
		m.Absent = fmt.Sprintf("none of %d units is mature: values are final %s after assignment", m.Immature.Control+m.Immature.Treatment, m.Metric.Columns[0].Window)
	case IsColumn(value):
		m.Absent = fmt.Sprintf("column %s is empty in these rows", value)
	default:
		m.Absent = fmt.Sprintf("no outcome %q joins these units", value)
	}
}
