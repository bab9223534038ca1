package lake

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"weir/analyze"
)

// baselineUnits is how many of control's units fix what must be fixed before
// the test, where earlier traffic does not.
const baselineUnits = 200

// A baseline is the part of control's units from which thresholds, caps and
// tuning are taken.
type baseline struct {
	words string
	until *time.Time // assigned no later; nil: all
}

// freezeThresholds fixes, for metrics tested at thresholds, the quantile of
// control's rows, before any row of the test is looked at. What an earlier look fixed
// stays.
func (r *reading) freezeThresholds(ctx context.Context) error {
	for name, f := range r.query.Frozen {
		r.frozen[name] = f
	}
	var err error
	if r.base, err = r.chooseBaseline(ctx); err != nil {
		return err
	}
	for _, m := range r.query.Metrics {
		if _, ok := r.frozen[m.Name]; ok {
			continue
		}
		f := analyze.Frozen{Source: r.base.words, Provisional: r.provisional, Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Unknown, Spread: analyze.Unknown, PlanUnits: analyze.Unknown, PlanShare: analyze.Unknown}
		for _, c := range m.Columns {
			if c.Above == nil || c.Above.OwnQuantile {
				continue
			}
			if f.Threshold, err = r.controlQuantile(ctx, c); err != nil {
				return err
			}
			break
		}
		r.frozen[m.Name] = f
	}
	return nil
}

// chooseBaseline takes control's first mature units where Weir's router
// wrote the log, which is looked at again and again, and all of them where the log was
// imported and is read at one look.
func (r *reading) chooseBaseline(ctx context.Context) (baseline, error) {
	all := baseline{words: "all of control's units of this log"}
	if r.before != nil {
		return r.historyBaseline(), nil
	}
	if !r.profile.own() || !r.timed() || r.profile.Begun == nil || r.query.History {
		return all, nil
	}
	first := *r.profile.Begun
	for hours := time.Hour; ; hours *= 2 {
		var n int64
		var last sql.NullTime
		err := r.conn.QueryRowContext(ctx, text("first_units", map[string]any{
			"Until": timestamp(first.Add(hours)), "Units": baselineUnits,
		})).Scan(&n, &last)
		if err != nil {
			return all, r.explain(err)
		}
		if n >= baselineUnits {
			return baseline{words: fmt.Sprintf("control's first %d units", baselineUnits), until: &last.Time}, nil
		}
		if first.Add(hours).After(*r.profile.Last) {
			all.words = fmt.Sprintf("all %d of control's units so far (%d fix it for good)", n, baselineUnits)
			r.provisional = true
			return all, nil
		}
	}
}

// where is the condition under which a row, or a unit, of control belongs to
// the baseline.
func (b baseline) where() string {
	if b.until == nil {
		return "NOT treated"
	}
	return "NOT treated AND assigned_at <= " + timestamp(*b.until)
}

// controlQuantile is the sample quantile of a value's rows in the baseline;
// unknown where there are none.
func (r *reading) controlQuantile(ctx context.Context, c analyze.Column) (analyze.Number, error) {
	source := r.binned(c, "test_rows", r.base.where())
	source.cell = "0"
	counts, err := r.histograms(ctx, source)
	if err != nil || counts[0] == nil {
		return analyze.Unknown, err
	}
	q, err := r.sampleQuantiles(ctx, source, counts, map[int][]float64{0: {c.Above.Quantile}})
	if err != nil {
		return analyze.Unknown, err
	}
	return analyze.Number(q[0][0]), nil
}

func optional(x sql.NullFloat64) analyze.Number {
	if !x.Valid {
		return analyze.Unknown
	}
	return analyze.Number(x.Float64)
}

// threshold is the SQL of the threshold that a row's value is compared with.
func (r *reading) threshold(c planned) string {
	if c.Above == nil {
		return "NULL"
	}
	if c.Above.OwnQuantile {
		return r.pilotSQL(c.metric)
	}
	t := r.frozen[c.metric].Threshold
	if !t.Known() {
		return "NULL::DOUBLE"
	}
	treated := float64(t)*c.Above.Scale + c.Above.Shift
	if treated == float64(t) || c.Above.BothArms {
		return number(treated)
	}
	return fmt.Sprintf("CASE WHEN treated THEN %s ELSE %s END", number(treated), number(float64(t)))
}

// freezeLevels fixes caps, and what centres and tunes the sequence, from the
// baseline's units.
func (r *reading) freezeLevels(ctx context.Context) error {
	if err := r.measureBaseline(ctx); err != nil {
		return err
	}
	for i, m := range r.query.Metrics {
		if _, ok := r.query.Frozen[m.Name]; ok {
			continue
		}
		f := r.frozen[m.Name]
		for _, c := range m.Columns {
			if c.Limit == nil || !c.Limit.Declared && r.data.Design.Method != analyze.Sequential {
				continue
			}
			limit, err := r.limit(ctx, m, c)
			if err != nil {
				return err
			}
			f.Cap = limit
		}
		r.frozen[m.Name] = f
		if r.data.Design.Method != analyze.Sequential {
			continue
		}
		control, err := r.baselineMoments(ctx, i, m)
		if err != nil {
			return err
		}
		r.tune(&f, m, control)
		r.frozen[m.Name] = f
	}
	return nil
}

// measureBaseline measures the baseline's units for good where they are few.
func (r *reading) measureBaseline(ctx context.Context) error {
	if r.base.until == nil {
		return nil
	}
	return r.exec(ctx, "CREATE OR REPLACE TEMP TABLE baseline AS SELECT * FROM "+r.measured(unitsWhere(r.base.where())))
}

// baselineMeasured is the baseline's units with every declared column: the SQL of a table and its condition.
func (r *reading) baselineMeasured() string {
	if r.base.until != nil {
		return "baseline WHERE true"
	}
	return r.measured(everyUnit) + " WHERE " + r.base.where()
}

// limit is the cap of a column: as declared, or a quantile of the baseline's units.
func (r *reading) limit(ctx context.Context, m analyze.Metric, c analyze.Column) (analyze.Number, error) {
	if c.Limit.Quantile == 0 {
		return analyze.Number(c.Limit.Value), nil
	}
	var q sql.NullFloat64
	name := r.plan.find(m, c)
	err := r.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT quantile_cont(%s, %s) FROM %s AND %s AND %s IS NOT NULL",
		name, number(c.Limit.Quantile), r.baselineMeasured(), r.mature(m), name)).Scan(&q)
	if err != nil {
		return analyze.Unknown, r.explain(err)
	}
	return optional(q), nil
}

// baselineMoments are those of the metric's vector over the baseline's units.
func (r *reading) baselineMoments(ctx context.Context, i int, m analyze.Metric) (analyze.Moments, error) {
	components, _ := r.vector(m)
	var list, whole []string
	for j, x := range components {
		whole = append(whole, "("+x+") IS NOT NULL")
		list = append(list, fmt.Sprintf("coalesce(avg(%s), 0)", x))
		for k := range j + 1 {
			list = append(list, fmt.Sprintf("coalesce(covar_pop(%s, %s) * count(*), 0)", x, components[k]))
		}
	}
	out := analyze.Moments{}
	values := make([]float64, len(list))
	into := []any{&out.N}
	for j := range values {
		into = append(into, &values[j])
	}
	err := r.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), %s FROM %s AND %s AND %s",
		strings.Join(list, ", "), r.baselineMeasured(), r.mature(m), strings.Join(whole, " AND "))).Scan(into...)
	if err != nil {
		return out, r.explain(err)
	}
	at := 0
	for j := range components {
		out.Mean = append(out.Mean, values[at])
		out.Cross = append(out.Cross, values[at+1:at+2+j]...)
		at += 2 + j
	}
	return out, nil
}

// tune fills in level, spread and plan.
func (r *reading) tune(f *analyze.Frozen, m analyze.Metric, control analyze.Moments) {
	level, spread := m.Baseline(control)
	f.Level, f.Spread, f.HarmUnits = analyze.Number(level), analyze.Number(spread), analyze.HarmUnits
	if r.before != nil {
		f.PlanUnits, f.PlanShare = analyze.Number(r.historyPerDay()*r.query.Days), analyze.Number(r.query.LastShare)
		return
	}
	if r.base.until != nil || r.provisional {
		f.PlanUnits, f.PlanShare = analyze.Number(r.query.UnitsPerDay*r.query.Days), analyze.Number(r.query.LastShare)
		return
	}
	units, weight := 0.0, 0.0
	for _, a := range r.arrivals {
		n, share := float64(a.Control+a.Treatment), r.data.Strata[a.Stratum].Share
		units += n
		weight += n * share * (1 - share)
	}
	// The share at which as many units weigh as much as these do.
	f.PlanUnits = analyze.Number(units)
	f.PlanShare = analyze.Number((1 - math.Sqrt(math.Max(0, 1-4*weight/units))) / 2)
}
