package lake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
)

// ErrNoData says that the lake has nothing to compare.
var ErrNoData = errors.New("no data")

// A reading is one query's way through the lake.
type reading struct {
	*Lake
	query   Query
	profile profile
	offline bool
	plan    *plan
	data    analyze.Data
	frozen  map[string]analyze.Frozen
	strata  map[stratumKey]int
	// crossed says that some units were assigned otherwise later.
	crossed bool
	// joined says that direct_outcomes holds all outcomes.
	joined   bool
	arrivals []analyze.Arrival
	base     baseline
	// provisional: the baseline is too small to be kept for later looks.
	provisional bool
	// reported holds the names of outcomes that the lake has at all.
	reported map[string]bool
	// pilots are, by metric, the points near each arm's quantile at which the
	// distribution's error is measured.
	pilots map[string]pilot
	// before is set in a reading of control's rows from before a release: when that began.
	before *time.Time
	// past holds, by metric, the moments of those rows' units.
	past map[string]analyze.Moments
	// pasts are the tables of what users did before the release, by metrics adjusted by them.
	pasts []string
	// judgedUnits are the vectors of judged metrics, unit by unit, where units are asked for one by one; nil elsewhere.
	judgedUnits map[string]draw.Matrix
}

// stratumKey identifies a stratum within the lake; share is -1 where the
// propensity is not known.
type stratumKey struct {
	epoch int64
	rule  string
	share float64
}

// Data reduces the rows of one release to moments. It returns ErrNoData,
// wrapped, where an arm has no rows. What was frozen now, or earlier, is in the data of each
// metric.
func (l *Lake) Data(ctx context.Context, q Query) (analyze.Data, error) {
	r := newReading(l, q)
	if err := r.read(ctx); err != nil {
		return analyze.Data{}, err
	}
	return r.data, nil
}

func newReading(l *Lake, q Query) *reading {
	return &reading{Lake: l, query: q, frozen: map[string]analyze.Frozen{}, strata: map[stratumKey]int{}, reported: map[string]bool{}, pilots: map[string]pilot{}, past: map[string]analyze.Moments{}}
}

// read reduces the rows to data.
func (r *reading) read(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		r.look, r.readHistory, r.rows, r.freezeThresholds, r.findPilots, r.units, r.readOutcomes, r.design, r.readArrivals, r.freezeLevels, r.moments, r.segments, r.quantiles, r.service, r.concentration, r.judgments,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *reading) warn(format string, args ...any) {
	r.data.Warnings = append(r.data.Warnings, fmt.Sprintf(format, args...))
}

// look finds out what the rows hold.
func (r *reading) look(ctx context.Context) (err error) {
	if r.profile, err = r.readProfile(ctx); err != nil {
		return err
	}
	q, p := r.query, r.profile
	if p.ByArm[analyze.Control] == 0 || p.ByArm[analyze.Treatment] == 0 && !q.History {
		return r.nothing(ctx)
	}
	r.offline = p.Live == 0
	if p.Live > 0 && p.Offline > 0 {
		r.warn("%d offline rows (with a case_id) are left out: they are never pooled with live ones", p.Offline)
	}
	if err := r.negatives(ctx); err != nil {
		return err
	}
	if p.Started > 0 && p.Started < p.Rows {
		r.warn("%d of %d rows have no started_at: the log is read without times", p.Rows-p.Started, p.Rows)
	}
	r.data.App, r.data.Release, r.data.Control, r.data.Treatment = q.App, q.Release, q.Control, q.Treatment
	r.data.Own = p.own()
	r.plan = newPlan(q, p)
	r.nameStrata()
	return nil
}

// negatives warns of durations below zero.
func (r *reading) negatives(ctx context.Context) error {
	if err := r.run(ctx, "release_rows", r.names()); err != nil {
		return err
	}
	var n int64
	if err := r.conn.QueryRowContext(ctx, text("negatives", nil)).Scan(&n); err != nil {
		return r.explain(err)
	}
	if n > 0 {
		r.warn("%d rows have a negative duration; those values count as missing", n)
	}
	return nil
}

// names are the parameters of queries over the release's rows.
func (r *reading) names() map[string]any {
	q := r.query
	return map[string]any{
		"App": literal(q.App), "Release": literal(q.Release), "Control": literal(q.Control), "Treatment": literal(q.Treatment),
		"AsOf": timestamp(q.AsOf), "Offline": r.offline, "Before": r.before != nil, "From": timestamp(r.historyFrom()),
		"AnyRelease": q.History, "Released": r.profile.Released == r.profile.Rows, "Timed": r.timed(),
	}
}

// historyFrom is where a reading of the past begins; the zero time in any other.
func (r *reading) historyFrom() time.Time {
	if r.before == nil {
		return time.Unix(0, 0)
	}
	return r.before.Add(-historyDays * 24 * time.Hour)
}

// nothing says what the lake has instead of what was asked for.
func (r *reading) nothing(ctx context.Context) error {
	q := r.query
	rows, err := r.conn.QueryContext(ctx, text("holdings", r.names()))
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	var have []string
	for rows.Next() {
		var app, release, version string
		var n int64
		if err := rows.Scan(&app, &release, &version, &n); err != nil {
			return r.explain(err)
		}
		have = append(have, fmt.Sprintf("app %s, release %s, version %s: %d rows", app, release, version, n))
	}
	if err := rows.Err(); err != nil {
		return r.explain(err)
	}
	if len(have) == 0 {
		return fmt.Errorf("%w: the lake holds no traces; bring some in with weir import, simulate or serve", ErrNoData)
	}
	return fmt.Errorf("%w: app %q, release %q needs rows of both %q and %q before %s; the lake holds: %s",
		ErrNoData, q.App, q.Release, q.Control, q.Treatment, q.AsOf.UTC().Format("2006-01-02 15:04 UTC"), strings.Join(have, "; "))
}

// timed reports whether rows can be ordered in time.
func (r *reading) timed() bool { return r.profile.timed() }

// rows makes the view of the requests that enter tests.
func (r *reading) rows(ctx context.Context) error {
	since := ""
	if !r.query.Since.IsZero() && r.timed() {
		since = timestamp(r.query.Since)
	}
	if err := r.run(ctx, "release_rows", r.names()); err != nil {
		return err
	}
	return r.run(ctx, "test_rows", map[string]any{
		"Unit": r.unitSQL(), "FirstSeen": r.timed() && !r.profile.dated(),
		"Values": r.plan.values, "Failed": failedSQL, "Since": since, "Everyone": r.before != nil || r.query.History,
		"Attributes": r.attributes(), "Raws": r.plan.raws,
	})
}

// unitSQL is the assignment unit of a row: the string that was hashed, else
// the id of the unit, else the row itself. An offline run is a unit of its own
// version, since the same case runs under both.
func (r *reading) unitSQL() string {
	if r.offline {
		return "concat(assigned_version, chr(2), coalesce(session_id, case_id || chr(2) || coalesce(trial::VARCHAR, trace_id)))"
	}
	id := "session_id"
	if r.query.Unit == "user" {
		id = "user_id"
	}
	if r.profile.own() {
		return "unit_id" // always there; if it is not after all, units says so
	}
	return "coalesce(unit_id, " + id + ", chr(1) || trace_id)"
}

// units makes the table of units, with what requests say of them.
func (r *reading) units(ctx context.Context) error {
	if err := r.makeUnits(ctx, "units", "test_rows", "false"); err != nil {
		return err
	}
	var nameless bool
	err := r.conn.QueryRowContext(ctx, "SELECT coalesce(bool_or(mixed), false), coalesce(bool_or(unit IS NULL), false) FROM units").Scan(&r.crossed, &nameless)
	if err != nil {
		return r.explain(err)
	}
	if nameless {
		return fmt.Errorf("lake: some rows of Weir's router have no unit_id: the files are damaged or of another program; import them with weir import instead")
	}
	if !r.crossed {
		return nil
	}
	for _, query := range []string{"crossings", "settled_rows"} {
		if err := r.run(ctx, query, nil); err != nil {
			return err
		}
	}
	if err := r.makeUnits(ctx, "settled", "settled_rows", "bool_or(crossed)"); err != nil {
		return err
	}
	return r.exec(ctx, "DELETE FROM units WHERE unit IN (SELECT unit FROM crossings); INSERT INTO units BY NAME FROM settled")
}

// makeUnits sums the rows of a source up to units.
func (r *reading) makeUnits(ctx context.Context, table, from, crossed string) error {
	var columns []named
	for _, c := range r.plan.fromTraces() {
		if r.plan.perSessionOfUser(c.Column) {
			continue
		}
		columns = append(columns, named{c.name, r.plan.aggregate(c.Column, r.threshold(c))})
	}
	for _, a := range r.attributes() {
		columns = append(columns, named{a.Name, fmt.Sprintf("arg_min_null(%s, (started_at, trace_id))", a.Name)})
	}
	return r.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+table+" AS "+text("units", map[string]any{
		"Cases": r.offline, "Served": r.profile.Served > 0 && r.profile.Served < r.profile.Rows, "Misserved": r.profile.Misserved > 0,
		"Timed": r.timed(), "Answered": r.plan.needsAnswered(), "Columns": columns, "From": from, "Crossed": crossed, "Cell": r.cellSQL(), "User": r.plan.pasts && r.timed() && !r.offline && r.query.Unit != "user",
	}))
}

// fillSQL is what stands for a missing value of a unit; NULL where nothing does.
func fillSQL(f *analyze.Fill) string {
	if f == nil {
		return "NULL"
	}
	return fmt.Sprintf("CASE WHEN treated THEN %s ELSE %s END", number(f.Treatment), number(f.Control))
}

// number writes a float as SQL, to the last digit.
func number(x float64) string { return fmt.Sprintf("%.17g::DOUBLE", x) }
