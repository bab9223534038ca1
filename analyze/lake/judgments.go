package lake

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"weir/analyze"
	"weir/trace"
)

// judgments reduces what judges and people said to the moments of the judges'
// metrics. Units that were not drawn are among them, as zeros: only so are the drawn ones a
// sample of known probabilities.
func (r *reading) judgments(ctx context.Context) error {
	for _, m := range r.query.Judged {
		data, err := r.judgedMetric(ctx, m)
		if err != nil {
			return err
		}
		r.data.Metrics = append(r.data.Metrics, data)
	}
	return nil
}

// A judging is the way of one criterion through the lake.
type judging struct {
	*reading
	metric    analyze.Metric
	criterion string
	bySession bool // dialogues were judged, and not requests
	data      analyze.MetricData
	counts    [2]judgedCounts
}

// judgedCounts are the columns of judged_counts.
type judgedCounts struct {
	entering, judged, labelled, givenUp int64
	table                               [2][2]int64
	waiting                             int64
}

func (r *reading) judgedMetric(ctx context.Context, m analyze.Metric) (analyze.MetricData, error) {
	j := &judging{reading: r, metric: m, criterion: m.Columns[0].Value, data: analyze.MetricData{Metric: m, Frozen: unfrozen()}}
	if r.data.Design.Kind == analyze.Paired {
		if found, err := j.comparePairs(ctx); found || err != nil {
			return j.data, err
		}
	}
	found, err := j.rows(ctx)
	switch {
	case err != nil:
		return j.data, err
	case !found:
		j.data.Absent = fmt.Sprintf("the lake holds no judgments of %s; weir judge makes them", j.criterion)
		return j.data, nil
	}
	if err := j.choose(ctx); err != nil || j.data.Absent != "" {
		return j.data, err
	}
	return j.data, j.reduce(ctx)
}

// unfrozen is what is fixed of a metric where nothing is.
func unfrozen() analyze.Frozen {
	return analyze.Frozen{
		Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Unknown, Spread: analyze.Unknown,
		PlanUnits: analyze.Unknown, PlanShare: analyze.Unknown,
	}
}

// parameters are those of the criterion's queries.
func (j *judging) parameters() map[string]any {
	rubric, _, _ := strings.Cut(j.criterion, ".")
	q := j.names()
	q["Criterion"], q["Rubric"] = literal(j.criterion), literal(rubric)
	q["Pending"], q["Skipped"] = literal(trace.Pending), literal(trace.Skipped)
	q["Picked"] = literal(trace.PickedPrefix)
	q["Subject"], q["Place"] = "CASE WHEN session_id IS NULL THEN trace_id END", "trace_id"
	if j.bySession {
		q["Subject"], q["Place"] = "coalesce(session_id, trace_id)", "coalesce(session_id, trace_id)"
	}
	q["Rows"], q["Corrected"], q["Mature"] = "test_rows", j.metric.Corrected, j.mature(j.metric)
	q["Parts"], q["Attributes"] = parts(), j.attributes()
	return q
}

// parts are the columns of the vector.
func parts() []named {
	var out []named
	for i, p := range analyze.JudgedParts() {
		out = append(out, named{fmt.Sprintf("x%d", i), "CASE WHEN NOT coalesce(given_up, false) THEN coalesce(judged_units." + p + ", 0) END"})
	}
	return out
}

// rows finds the judgments and labels that count, and reports whether there are any.
func (j *judging) rows(ctx context.Context) (bool, error) {
	var any, bySession sql.NullBool
	err := j.conn.QueryRowContext(ctx, fmt.Sprintf(
		"SELECT count(*) > 0, bool_or(session_id IS NOT NULL) FROM judgments WHERE app = %s AND criterion = %s AND coalesce(position, '') = ''",
		literal(j.query.App), literal(j.criterion))).Scan(&any, &bySession)
	if err != nil {
		return false, j.explain(err)
	}
	j.bySession = bySession.Bool
	for _, query := range []string{"judged_rows", "label_rows", "judged_units"} {
		if err := j.run(ctx, query, j.parameters()); err != nil {
			return false, err
		}
	}
	var units int64
	if err := j.conn.QueryRowContext(ctx, "SELECT count(*) FROM judged_units").Scan(&units); err != nil {
		return false, j.explain(err)
	}
	return units > 0, nil
}

// choose lets labels correct the judge where each arm has enough of them, and
// checks the probabilities.
func (j *judging) choose(ctx context.Context) error {
	for _, corrected := range []bool{true, false} {
		j.metric.Corrected = corrected
		if err := j.count(ctx); err != nil {
			return err
		}
		labelled := j.counts[analyze.Control].labelled
		if !j.query.History { // of the past, planning knows control alone
			labelled = min(labelled, j.counts[analyze.Treatment].labelled)
		}
		if labelled >= analyze.MinLabels {
			break
		}
	}
	j.data.Metric = j.metric
	return j.certain(ctx)
}

// count makes the vectors and counts them by arm.
func (j *judging) count(ctx context.Context) error {
	for _, query := range []string{"judged_hours", "judged_vectors"} {
		if err := j.run(ctx, query, j.parameters()); err != nil {
			return err
		}
	}
	rows, err := j.conn.QueryContext(ctx, text("judged_counts", nil))
	if err != nil {
		return j.explain(err)
	}
	defer rows.Close()
	j.counts = [2]judgedCounts{}
	for rows.Next() {
		var treated bool
		var c judgedCounts
		if err := rows.Scan(&treated, &c.entering, &c.judged, &c.labelled, &c.givenUp, &c.table[0][0], &c.table[0][1], &c.table[1][0], &c.table[1][1], &c.waiting); err != nil {
			return j.explain(err)
		}
		j.counts[armOf(treated)] = c
	}
	return rows.Err()
}

func armOf(treated bool) analyze.Arm {
	if treated {
		return analyze.Treatment
	}
	return analyze.Control
}

// certain refuses samples of unknown probabilities. Where everything is judged, or
// every judged unit labelled, there is nothing to know.
func (j *judging) certain(ctx context.Context) error {
	var uncertain, labelUncertain, judgedUnits, drawnUnits, labelDrawn int64
	err := j.conn.QueryRowContext(ctx, `SELECT count(*) FILTER (uncertain), count(*) FILTER (label_uncertain), count(*) FILTER (judged > 0), count(*), count(*) FILTER (label_drawn)
		FROM judged_units JOIN judged_hours USING (hour, hash)`).Scan(&uncertain, &labelUncertain, &judgedUnits, &drawnUnits, &labelDrawn)
	if err != nil {
		return j.explain(err)
	}
	all := j.counts[analyze.Control].entering + j.counts[analyze.Treatment].entering
	switch {
	case uncertain > 0 && drawnUnits < all:
		j.data.Absent = fmt.Sprintf("%d judgments of %s do not say with which probability they were drawn (inclusion_probability), and only %d of %d units were", uncertain, j.criterion, drawnUnits, all)
	case labelUncertain > 0 && labelDrawn < judgedUnits && j.metric.Corrected:
		j.metric.Corrected = false
		j.data.Metric = j.metric
		j.data.Warnings = append(j.data.Warnings, fmt.Sprintf("%d labels of %s do not say with which probability they were drawn (inclusion_probability): they correct nothing", labelUncertain, j.criterion))
		return j.count(ctx)
	}
	return nil
}

// reduce fills in the metric's data.
func (j *judging) reduce(ctx context.Context) error {
	j.describe()
	if j.data.Judging.Judged == (analyze.ByArm{}) {
		j.data.Absent = fmt.Sprintf("no unit judged by %s is in an hour that is mature and wholly judged", j.criterion)
		return nil
	}
	if j.offline {
		return j.reduceCases(ctx)
	}
	if err := j.freeze(ctx); err != nil {
		return err
	}
	if err := j.keepUnits(ctx); err != nil {
		return err
	}
	cells, err := j.cellsOf(ctx, judgedSource, "''", true)
	if err != nil {
		return err
	}
	for _, c := range cells {
		j.data.Cells = append(j.data.Cells, c.Cell)
	}
	return j.segments(ctx)
}

// judgedSource are the units that enter a judged metric.
const judgedSource = "(SELECT * FROM judged_vectors WHERE entering AND NOT given_up)"

// segments reduces the same units by the values that attributes had at their first request, a cell a day.
func (j *judging) segments(ctx context.Context) error {
	for i, a := range j.attributes() {
		part, err := j.partSQL(ctx, a.Name)
		if err != nil {
			return err
		}
		if part == "" {
			continue
		}
		cells, err := j.cellsOf(ctx, fmt.Sprintf("(SELECT * REPLACE (hour // 24 * 24 AS hour), %s AS part FROM judged_vectors WHERE entering AND NOT given_up)", part), "part", true)
		if err != nil {
			return err
		}
		at := map[string]int{}
		for _, c := range cells {
			k, ok := at[c.part]
			if !ok {
				k = len(j.data.Segments)
				at[c.part] = k
				j.data.Segments = append(j.data.Segments, analyze.Segment{By: j.query.Segments[i], Name: c.part})
			}
			j.data.Segments[k].Cells = append(j.data.Segments[k].Cells, c.Cell)
		}
	}
	return nil
}

// A judgedCell is a cell of the units that have one value of an attribute.
type judgedCell struct {
	analyze.Cell
	part string
}

// describe copies the counts.
func (j *judging) describe() {
	d := &analyze.Judging{Criterion: j.criterion, Hashes: []string{}}
	for _, a := range analyze.Arms {
		c := j.counts[a]
		add(&d.Judged, a, c.judged)
		add(&d.Labelled, a, c.labelled)
		add(&j.data.Missing, a, c.givenUp)
		add(&j.data.Immature, a, c.waiting)
		d.Tables[a] = c.table
	}
	j.data.Judging = d
}

// moments of the vector, as expressions: the mean of each part, and the sums of centred
// products in the order of a lower triangle.
func judgedMoments(names []string) []string {
	var list []string
	for _, x := range names {
		list = append(list, fmt.Sprintf("avg(%s)", x))
	}
	for i, x := range names {
		for _, y := range names[:i+1] {
			list = append(list, fmt.Sprintf("coalesce(covar_pop(%s, %s) * count(*), 0)", x, y))
		}
	}
	return list
}

func vectorNames(prefix string) []string {
	var out []string
	for _, p := range parts() {
		out = append(out, prefix+p.Name)
	}
	return out
}

// momentsOf reads N and what judgedMoments lists.
func momentsOf(n int64, values []sql.NullFloat64, size int) analyze.Moments {
	m := analyze.Moments{N: n}
	for i, v := range values {
		if i < size {
			m.Mean = append(m.Mean, v.Float64)
		} else {
			m.Cross = append(m.Cross, v.Float64)
		}
	}
	return m
}

// cellsOf fetches a cell an hour, stratum, arm and part. Where several judges judged the release,
// each makes strata of its own.
func (j *judging) cellsOf(ctx context.Context, source, part string, byHash bool) ([]judgedCell, error) {
	names := vectorNames("")
	hash := "''"
	if byHash {
		hash = "hash"
	}
	rows, err := j.conn.QueryContext(ctx, fmt.Sprintf("SELECT hour, stratum, treated, %s AS hash, %s AS part, count(*), %s FROM %s GROUP BY hour, stratum, treated, hash, part ORDER BY part, hour, stratum, treated, hash",
		hash, part, strings.Join(judgedMoments(names), ", "), source))
	if err != nil {
		return nil, j.explain(err)
	}
	defer rows.Close()
	hashes := map[string]bool{}
	for _, h := range j.data.Judging.Hashes {
		hashes[h] = true
	}
	var cells []judgedCell
	var of []string
	for rows.Next() {
		var c judgedCell
		var treated bool
		var by string
		var n int64
		values := make([]sql.NullFloat64, len(judgedMoments(names)))
		into := []any{&c.Hour, &c.Stratum, &treated, &by, &c.part, &n}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, j.explain(err)
		}
		c.Arm, c.Moments = armOf(treated), momentsOf(n, values, len(names))
		if by != "" && !hashes[by] {
			hashes[by] = true
			j.data.Judging.Hashes = append(j.data.Judging.Hashes, by)
		}
		cells, of = append(cells, c), append(of, by)
	}
	if err := rows.Err(); err != nil {
		return nil, j.explain(err)
	}
	if len(hashes) < 2 {
		return cells, nil
	}
	for i := range cells {
		cells[i].Stratum = j.judgedStratum(cells[i].Stratum, of[i])
	}
	if part == "''" {
		j.data.Warnings = append(j.data.Warnings, fmt.Sprintf("%d configurations of the judge judged the release: each is a stratum of its own", len(hashes)))
	}
	return cells, nil
}

// judgedStratum is the stratum of a judge's own within a stratum.
func (r *reading) judgedStratum(stratum int, hash string) int {
	s := r.data.Strata[stratum]
	s.Judge = hash
	i := slices.IndexFunc(r.data.Strata, s.Same)
	if i < 0 {
		i = len(r.data.Strata)
		r.data.Strata = append(r.data.Strata, s)
	}
	return i
}

// freeze fixes what centres and tunes the sequence, from the baseline's units, unless an
// earlier look did. A judge on its own scale and one that labels correct are fixed apart.
func (j *judging) freeze(ctx context.Context) error {
	if f, ok := j.query.Frozen[FrozenName(j.metric)]; ok {
		j.data.Frozen = f
		return nil
	}
	j.data.Frozen.Source = fmt.Sprintf("control's first %d judged units", baselineUnits)
	if j.reading.data.Design.Method != analyze.Sequential {
		return nil
	}
	names := vectorNames("")
	values := make([]sql.NullFloat64, len(judgedMoments(names)))
	var n int64
	into := []any{&n}
	for i := range values {
		into = append(into, &values[i])
	}
	first := fmt.Sprintf("(SELECT * FROM judged_vectors WHERE entering AND NOT given_up AND NOT treated AND hour <= coalesce((SELECT min(hour) FROM (SELECT hour, sum(sum(x5)) OVER (ORDER BY hour) AS judged, sum(sum(x6)) OVER (ORDER BY hour) AS labelled FROM judged_vectors WHERE entering AND NOT treated GROUP BY hour) WHERE judged >= %d AND labelled >= %d), 9e15))",
		baselineUnits, j.leastLabels())
	if err := j.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), %s FROM %s", strings.Join(judgedMoments(names), ", "), first)).Scan(into...); err != nil {
		return j.explain(err)
	}
	control := momentsOf(n, values, len(names))
	j.tune(&j.data.Frozen, j.metric, control)
	j.data.Frozen.Provisional = j.counts[analyze.Control].judged < baselineUnits
	return nil
}

// leastLabels is how many labels of control fix what is fixed.
func (j *judging) leastLabels() int {
	if j.metric.Corrected {
		return analyze.MinLabels
	}
	return 0
}

// FrozenName is under which name what is fixed of a metric is kept: its own, and
// another where labels correct a judge.
func FrozenName(m analyze.Metric) string {
	if m.Corrected {
		return m.Name + " corrected by labels"
	}
	return m.Name
}

// reduceCases averages the trials of a case in each arm, and pairs arms by case.
func (j *judging) reduceCases(ctx context.Context) error {
	var list []string
	for _, x := range vectorNames("") {
		list = append(list, fmt.Sprintf("avg(%[1]s) AS %[1]s", x))
	}
	err := j.exec(ctx, "CREATE OR REPLACE TEMP TABLE judged_cases AS SELECT case_id, treated, 0 AS stratum, 0::BIGINT AS hour, any_value(hash) AS hash, "+
		strings.Join(list, ", ")+" FROM judged_vectors WHERE entering AND NOT given_up GROUP BY case_id, treated")
	if err != nil {
		return err
	}
	var hashes []string
	rows, err := j.conn.QueryContext(ctx, "SELECT DISTINCT hash FROM judged_units JOIN judged_hours USING (hour, hash) WHERE hash <> '' ORDER BY hash")
	if err != nil {
		return j.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var h string
		if err := rows.Scan(&h); err != nil {
			return j.explain(err)
		}
		hashes = append(hashes, h)
	}
	if err := rows.Err(); err != nil {
		return j.explain(err)
	}
	if len(hashes) > 1 {
		j.data.Absent = fmt.Sprintf("%d configurations of the judge judged these runs of cases: judge all of them by one", len(hashes))
		return nil
	}
	j.data.Judging.Hashes = append(j.data.Judging.Hashes, hashes...)
	if j.reading.data.Design.Kind != analyze.Paired {
		cells, err := j.cellsOf(ctx, "judged_cases", "''", false)
		for _, c := range cells {
			j.data.Cells = append(j.data.Cells, c.Cell)
		}
		return err
	}
	return j.pairCases(ctx, "judged_cases a JOIN judged_cases b USING (case_id) WHERE NOT a.treated AND b.treated", slices.Concat(vectorNames("a."), vectorNames("b.")))
}

// pairCases fetches the joint moments of both arms over cases.
func (j *judging) pairCases(ctx context.Context, source string, names []string) error {
	values := make([]sql.NullFloat64, len(judgedMoments(names)))
	var n int64
	into := []any{&n}
	for i := range values {
		into = append(into, &values[i])
	}
	if err := j.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), %s FROM %s", strings.Join(judgedMoments(names), ", "), source)).Scan(into...); err != nil {
		return j.explain(err)
	}
	if n > 0 {
		joint := momentsOf(n, values, len(names))
		j.data.Pairs = &joint
	}
	return nil
}

// comparePairs reduces comparisons of the same case under both versions, and reports whether
// there are any: an arm's figure is its share of the wins.
func (j *judging) comparePairs(ctx context.Context) (bool, error) {
	if err := j.run(ctx, "judged_pairs", j.parameters()); err != nil {
		return false, err
	}
	var cases, compared, probabilities int64
	var hash sql.NullString
	err := j.conn.QueryRowContext(ctx, "SELECT count(*), count(score), count(DISTINCT q), any_value(hash) FROM judged_pairs").Scan(&cases, &compared, &probabilities, &hash)
	if err != nil || cases == 0 {
		return false, j.explainNil(err)
	}
	var labelled int64
	if err := j.conn.QueryRowContext(ctx, text("labelled_pairs", j.parameters())).Scan(&labelled); err != nil {
		return false, j.explain(err)
	}
	given := cases - compared
	j.data.Metric.Kind, j.data.Metric.Columns = analyze.KindMean, j.metric.Columns[:1]
	j.data.Metric.Shown = analyze.Form{Num: 0, Den: analyze.Ones}
	j.data.Metric.Tested, j.data.Metric.Margined = j.data.Metric.Shown, j.data.Metric.Shown
	j.data.Missing = analyze.ByArm{Control: given, Treatment: given}
	j.data.Judging = &analyze.Judging{
		Criterion: j.criterion, Hashes: []string{hash.String}, Pairwise: true, Judged: analyze.ByArm{Control: compared, Treatment: compared},
		Labelled: analyze.ByArm{Control: labelled, Treatment: labelled},
	}
	switch {
	case probabilities > 1:
		j.data.Absent = fmt.Sprintf("pairs judged by %s were drawn with different probabilities: draw all with one", j.criterion)
	case compared == 0:
		j.data.Absent = fmt.Sprintf("none of %d pairs was judged by %s", cases, j.criterion)
	default:
		return true, j.pairCases(ctx, "(SELECT 1 - score AS a, score AS b FROM judged_pairs WHERE score IS NOT NULL)", []string{"a", "b"})
	}
	return true, nil
}
