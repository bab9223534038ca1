package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/analyze"
	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/internal/build"
	"weir/rollout"
	"weir/rollout/spec"
	"weir/trace"
)

// planDays is how long a release is planned to take until its decision, where
// the lake has no history to tune the sequence with.
const planDays = 7

// A Job says what to analyse.
type Job struct {
	Lake  string // folder
	State string // folder; empty is _state in the lake
	Spec  *spec.Release
	// SpecText is the file that Spec was read from; empty where there is none.
	SpecText string
	// Method and Layout override the spec and the data; empty where they do not.
	Method analyze.Method
	Layout analyze.Layout
	AsOf   time.Time // zero is now
	Since  time.Time // zero is the beginning; else the analysis explores
	// Segments are the attributes by whose values effects are shown apart.
	Segments []string
	// Forget leaves nothing behind: what is frozen and how often was looked counts for
	// this look alone.
	Forget bool
	// Memory and Threads bound DuckDB; 0 is the default.
	MemoryMB, Threads int
}

// Analyze reads the lake, evaluates and decides. The lake is only read; what
// has to be remembered between looks goes to the state, which warnings say
// where it cannot be written.
func Analyze(ctx context.Context, j Job) (rollout.Record, error) {
	if j.AsOf.IsZero() {
		j.AsOf = time.Now().UTC()
	}
	files, err := inputs(j)
	if err != nil {
		return rollout.Record{}, err
	}
	state, err := openState(j)
	if err != nil {
		return rollout.Record{}, err
	}
	data, err := reduce(ctx, j, files, state)
	if err != nil {
		return rollout.Record{}, err
	}
	if u := data.Units; !j.Since.IsZero() && u.Control+u.Treatment == 0 {
		return rollout.Record{}, fmt.Errorf("%w: no unit that a test could count was assigned from %s on; name an earlier time",
			lake.ErrNoData, j.Since.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if err := state.amend(j, &data); err != nil {
		return rollout.Record{}, err
	}
	used := named(j.Spec.App, files)
	if warning := state.remember(j, data, used); warning != "" {
		data.Warnings = append(data.Warnings, warning)
	}
	p := policy(j, state.look(data.Design.Method))
	return rollout.Record{
		Schema: rollout.RecordSchema, WeirVersion: build.Version, Promise: j.Spec.Promise(), Spec: j.SpecText,
		Policy: p, Files: used, Data: data, Analysis: conclude(data, p),
	}, nil
}

// Nothing is the record of a look that found nothing to compare, and why: a hold
// in which no metric can be estimated.
func Nothing(j Job, why error) rollout.Record {
	r := j.Spec
	metrics := make([]analyze.MetricData, len(r.Metrics))
	for i, m := range r.Metrics {
		metrics[i] = analyze.MetricData{Metric: metric(m, r.Unit), Absent: "there is nothing to compare"}
	}
	d := analyze.Data{
		App: r.App, Release: r.Release, Control: r.Stable, Treatment: r.Candidate,
		Design:   analyze.Design{Unit: r.Unit.String(), Kind: analyze.Independent, Method: analyze.Method(r.Decision.Method.String()), Alpha: r.Decision.Alpha},
		Period:   analyze.Period{AsOf: j.AsOf, UnitsPerDay: analyze.Unknown, TreatmentShare: analyze.Unknown, LargeShareInformation: analyze.Unknown, Information: analyze.Unknown},
		Metrics:  metrics,
		Warnings: []string{why.Error()},
	}
	p := policy(j, 0)
	return rollout.Record{
		Schema: rollout.RecordSchema, WeirVersion: build.Version, Promise: r.Promise(), Spec: j.SpecText,
		Policy: p, Files: []rollout.File{}, Data: d, Analysis: conclude(d, p),
	}
}

// conclude evaluates and decides.
func conclude(d analyze.Data, p rollout.Policy) rollout.Analysis {
	result := analyze.Evaluate(d)
	return rollout.Analysis{Result: result, Decision: rollout.Decide(result, p)}
}

// policy is the part of the spec that decides.
func policy(j Job, look int) rollout.Policy {
	p := rollout.Policy{NonInferiorGoals: j.Spec.Decision.Goals == spec.GoalsNonInferior, Look: look}
	if j.Spec.Ramp != nil {
		p.MaxWaitHours = j.Spec.Ramp.MaxWait.Hours()
	}
	if !j.Since.IsZero() {
		p.Explored = "units before " + j.Since.UTC().Format("2006-01-02 15:04 UTC") + " are left out"
	}
	return p
}

// listed are the tables that an analysis reads; the later ones where judges' metrics are declared.
var listed = []string{"traces", "outcomes", "losses", "judgments", "labels", "events"}

// alwaysListed is how many of them every analysis reads.
const alwaysListed = 3

// listedFor are the tables that an analysis by the spec reads.
func listedFor(r *spec.Release) []string {
	if slices.ContainsFunc(r.Metrics, func(m spec.Metric) bool { return m.Judge != "" }) {
		return listed
	}
	return listed[:alwaysListed]
}

// inputs lists the lake's files of every table that an analysis reads, in the order of their
// paths. Those of other apps change no number: they tell what there is where the app has nothing.
func inputs(j Job) ([]parquet.File, error) {
	l, err := parquet.Open(j.Lake)
	if err != nil {
		return nil, err
	}
	var out []parquet.File
	for _, table := range listedFor(j.Spec) {
		files, err := l.Files(table, "")
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	slices.SortFunc(out, func(a, b parquet.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// named names the app's files, as a record does.
func named(app string, files []parquet.File) []rollout.File {
	out := []rollout.File{}
	for _, f := range files {
		if f.App == app {
			out = append(out, fileNamed(f))
		}
	}
	return out
}

func fileNamed(f parquet.File) rollout.File {
	return rollout.File{Path: f.Path, Rows: f.Rows, Bytes: f.Bytes, SHA256: f.SHA256}
}

// reduce reads the rows of the lake's files, and of no others, and gives their moments.
func reduce(ctx context.Context, j Job, files []parquet.File, s *state) (analyze.Data, error) {
	l, err := openFiles(ctx, j.Lake, files, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return analyze.Data{}, err
	}
	q := query(j)
	q.Frozen = s.frozen(j.Spec)
	data, err := l.Data(ctx, q)
	if err := errors.Join(err, l.Close()); err != nil {
		return analyze.Data{}, err
	}
	data.Metrics = restore(j.Spec, data.Metrics)
	if j.Layout == analyze.Paired && data.Design.Kind != analyze.Paired {
		data.Warnings = append(data.Warnings, "the design cannot be paired as asked: live rows have no case_id to pair by")
	}
	return data, nil
}

// OpenLake opens every table of the lake for queries. What the options leave open
// the environment may bound ([MemoryEnv], [ThreadsEnv]).
func OpenLake(ctx context.Context, dir string, o lake.Options) (*lake.Lake, error) {
	l, err := parquet.Open(dir)
	if err != nil {
		return nil, err
	}
	var all []parquet.File
	for _, t := range trace.Tables() {
		files, err := l.Files(t.Name, "")
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return openFiles(ctx, dir, all, o)
}

// openFiles opens some of the lake's files for queries, as [OpenLake] all of them.
func openFiles(ctx context.Context, dir string, files []parquet.File, o lake.Options) (*lake.Lake, error) {
	o, err := Bounded(o)
	if err != nil {
		return nil, err
	}
	paths := lake.Files{}
	for _, f := range files {
		paths[f.Table] = append(paths[f.Table], filepath.Join(dir, filepath.FromSlash(f.Path)))
	}
	return lake.Open(ctx, paths, o)
}

// query translates the job.
func query(j Job) lake.Query {
	r := j.Spec
	q := lake.Query{
		App: r.App, Release: r.Release, Control: r.Stable, Treatment: r.Candidate, Unit: r.Unit.String(),
		Method: analyze.Method(r.Decision.Method.String()), Alpha: r.Decision.Alpha, Layout: j.Layout,
		AsOf: j.AsOf, Since: j.Since,
		UnitsPerDay: r.Planning.SessionsPerDay, Days: planDays, LastShare: lastShare(r), ShareBefore: shareBefore(r),
		Ramp: r.Ramp != nil && len(r.Ramp.Steps) > 0, Segments: j.Segments,
	}
	if j.Method != "" {
		q.Method = j.Method
	}
	for _, m := range r.Metrics {
		switch {
		case m.Judge != "":
			q.Judged = append(q.Judged, metric(m, r.Unit))
		case unread(m) == "":
			q.Metrics = append(q.Metrics, metric(m, r.Unit))
		}
	}
	return q
}

// unread is why no lake can have anything for a metric; empty where one may.
func unread(m spec.Metric) string {
	if m.Judge == "" && m.Quantile > 0 && !lake.IsColumn(m.Value) {
		return m.Value + " is no number of a request, and quantiles are of these"
	}
	return ""
}

// lastShare is treatment's share when the decision is expected: that of the
// ramp's last step, one half without a ramp.
func lastShare(r *spec.Release) float64 {
	if r.Ramp == nil || len(r.Ramp.Steps) == 0 {
		return .5
	}
	last := float64(r.Ramp.Steps[len(r.Ramp.Steps)-1].To)
	return min(max(last, .01), .99)
}

// shareBefore is treatment's share at the step before the ramp's last; 0 where it has fewer than two.
func shareBefore(r *spec.Release) float64 {
	if r.Ramp == nil || len(r.Ramp.Steps) < 2 {
		return 0
	}
	return float64(r.Ramp.Steps[len(r.Ramp.Steps)-2].To)
}

// restore puts the metrics into the spec's order, those of the judge among
// them, and leaves out defaults that the lake has nothing for.
func restore(r *spec.Release, read []analyze.MetricData) []analyze.MetricData {
	var out []analyze.MetricData
	for _, m := range r.Metrics {
		i := slices.IndexFunc(read, func(d analyze.MetricData) bool { return d.Metric.Name == m.Name })
		switch {
		case i >= 0 && (read[i].Absent == "" || r.MetricsDeclared):
			out = append(out, read[i])
		case i < 0:
			out = append(out, analyze.MetricData{
				Metric: metric(m, r.Unit),
				Absent: cmp.Or(unread(m), fmt.Sprintf("the lake holds no judgments of %s", m.Judge)),
			})
		}
	}
	return out
}
