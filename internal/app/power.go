package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/analyze/lake"
	"weir/rollout/plan"
	"weir/rollout/spec"
)

// A PowerJob says what to plan: a release by its spec, with the units of a lake
// where there is one.
type PowerJob struct {
	Job
	SessionsPerDay float64           // 0 is the lake's traffic, else the spec's
	Effects        map[string]string // by metric: +5pp, -3%
	Baselines      map[string]string // by metric: level, or level:spread
	Days           int               // horizon; 0 is the ramp and its wait for proof, at most maxHorizon
	Releases       int
	Seed           uint64
}

// A planFault says that what was stated to plan with cannot be.
type planFault struct{ text string }

func (f planFault) Error() string { return f.text }

func fault(format string, args ...any) error { return planFault{fmt.Sprintf(format, args...)} }

// IsPlanFault reports whether what was stated is at fault, and not the reading of the lake.
func IsPlanFault(err error) bool {
	var f planFault
	return errors.As(err, &f)
}

const (
	maxHorizon = 60
	// pooled is how many units stand for all of them.
	pooled = 20_000
	// leastUnits is how many units a lake must have of a metric to plan with them.
	leastUnits = 200
)

// Power computes the outlook of a release.
func Power(ctx context.Context, j PowerJob, progress func(done, of int)) (plan.Outlook, error) {
	if j.AsOf.IsZero() {
		j.AsOf = time.Now().UTC()
	}
	p, effects, traffic, err := planOf(ctx, j)
	if err != nil {
		return plan.Outlook{}, err
	}
	days := j.Days
	if days == 0 {
		days = horizon(p)
	}
	o, err := p.Look(ctx, effects, plan.Options{Seed: j.Seed, Releases: j.Releases, Days: days}, progress)
	if err != nil {
		return plan.Outlook{}, err
	}
	o.App, o.Release, o.Control, o.Treatment, o.Traffic = j.Spec.App, j.Spec.Release, j.Spec.Stable, j.Spec.Candidate, traffic
	o.Today, err = today(ctx, j)
	return o, err
}

// today is how far the release is in the lake; nil where it has not begun.
func today(ctx context.Context, j PowerJob) (*plan.StartedAt, error) {
	if j.Lake == "" {
		return nil, nil
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return nil, err
	}
	began, err := l.Began(ctx, j.Spec.App, j.Spec.Release, j.AsOf)
	if err := errors.Join(err, l.Close()); err != nil || began.IsZero() {
		return nil, err
	}
	return &plan.StartedAt{Days: j.AsOf.Sub(began).Hours() / 24}, nil
}

// horizon is how long a release may take: its ramp, and the wait for proof.
func horizon(p plan.Plan) int {
	climb := 0.0
	for _, day := range p.StepDays(maxHorizon) {
		climb = math.Min(day, maxHorizon)
	}
	return int(math.Max(1, math.Min(math.Ceil(climb+p.MaxWait.Hours()/24), maxHorizon)))
}

// planOf translates a spec, its metrics with their units.
func planOf(ctx context.Context, j PowerJob) (p plan.Plan, effects []plan.Effect, traffic string, err error) {
	r := j.Spec
	q := query(j.Job)
	p = plan.Plan{
		Unit: r.Unit.String(), Method: q.Method, Alpha: r.Decision.Alpha, Policy: policy(j.Job, 0), UnitsPerDay: r.Planning.SessionsPerDay,
	}
	traffic = "planning.sessions_per_day of the spec"
	p.Steps, p.MaxWait, err = stepsOf(r)
	if err != nil {
		return p, nil, "", err
	}
	units, perDay, err := history(ctx, j, q)
	if err != nil {
		return p, nil, "", err
	}
	if perDay > 0 {
		p.UnitsPerDay, traffic = perDay, "the lake, its last days"
	}
	if j.SessionsPerDay > 0 {
		p.UnitsPerDay, traffic = j.SessionsPerDay, "stated"
	}
	if err := j.known(); err != nil {
		return p, nil, "", err
	}
	for i, m := range r.Metrics {
		own, e, err := j.metric(i, m, units)
		if err != nil {
			return p, nil, "", err
		}
		if own == nil {
			continue
		}
		own.Freeze(p.UnitsPerDay*planDays, q.LastShare)
		p.Metrics, effects = append(p.Metrics, *own), append(effects, e)
	}
	return p, effects, traffic, nil
}

// stepsOf is the spec's ramp. One that the clock advances is planned as if the
// autopilot climbed it.
func stepsOf(r *spec.Release) ([]plan.Step, time.Duration, error) {
	if r.Ramp == nil {
		return nil, 0, fault("the spec has no ramp, so its share stays 0: write one to plan with")
	}
	var out []plan.Step
	for _, s := range r.Ramp.Steps {
		out = append(out, plan.Step{Share: float64(s.To), Hold: s.Hold, Units: s.Units})
	}
	return out, r.Ramp.MaxWait, nil
}

// A past is what a lake holds of the stable version's units, by metric.
type past struct {
	data  analyze.Data
	units draw.Units
}

// history reads the stable version's units of every release, and how many units of either
// version a day brings; nothing where there is no lake.
func history(ctx context.Context, j PowerJob, q lake.Query) (*past, float64, error) {
	if j.Lake == "" {
		return nil, 0, nil
	}
	l, err := OpenLake(ctx, j.Lake, lake.Options{MemoryMB: j.MemoryMB, Threads: j.Threads})
	if err != nil {
		return nil, 0, err
	}
	q.History = true
	d, u, err := l.Units(ctx, q)
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, 0, err
	}
	return &past{d, u.Of(analyze.Control)}, recentTraffic(d.Arrived), nil
}

// recentTraffic is the number of units a day over the last week, whole hours of the lake
// counted; 0 where rows have no times.
func recentTraffic(arrived []analyze.Arrival) float64 {
	if len(arrived) == 0 {
		return 0
	}
	last := arrived[len(arrived)-1].Hour
	first := max(arrived[0].Hour, last-7*24)
	if last-first < 12 {
		return 0
	}
	n := int64(0)
	for _, a := range arrived {
		if a.Hour >= first && a.Hour < last {
			n += a.Control + a.Treatment
		}
	}
	return 24 * float64(n) / float64(last-first)
}

// known refuses effects and baselines of metrics that the spec does not have.
func (j PowerJob) known() error {
	names := map[string]bool{}
	var list []string
	for _, m := range j.Spec.Metrics {
		names[m.Name] = true
		list = append(list, m.Name)
	}
	for what, given := range map[string]map[string]string{"effect": j.Effects, "baseline": j.Baselines} {
		for name := range given {
			if !names[name] {
				return fault("--%s %s: the spec has no such metric; it has %s", what, name, strings.Join(list, ", "))
			}
		}
	}
	return nil
}

// judgeLag is how long units wait for the judge, who works at night.
const judgeLag = 24 * time.Hour

// metric gives a metric of the spec with both arms' units; nil where it is a monitor, or
// a default metric that the lake has nothing for.
func (j PowerJob) metric(i int, s spec.Metric, lake *past) (*plan.Metric, plan.Effect, error) {
	own, e, err := j.pools(i, s, lake)
	if own != nil && own.Judged {
		own.Lag = judgeLag
	}
	return own, e, err
}

// pools gives it without what it waits for.
func (j PowerJob) pools(i int, s spec.Metric, lake *past) (*plan.Metric, plan.Effect, error) {
	m := metric(s, j.Spec.Unit)
	if m.Role == analyze.Monitor {
		return nil, 0, nil
	}
	usual := usualLaw(m)
	if j.Spec.Judge != nil && j.Spec.Judge.Sample.Rate > 0 {
		usual.Judged = float64(j.Spec.Judge.Sample.Rate)
	}
	e, err := effectOf(s, m, j.Effects[m.Name])
	if err != nil {
		return nil, 0, err
	}
	random := rand.New(rand.NewPCG(j.Seed, uint64(i)+1))
	stated, given := j.Baselines[m.Name]
	if lake != nil && !given {
		own, absent, err := lake.metric(m, e, random)
		switch {
		case err != nil:
			return nil, 0, err
		case own != nil:
			return own, e, nil
		case !j.Spec.MetricsDeclared:
			return nil, 0, nil
		default:
			out, err := assumed(m, usual, e, "assumed: "+absent, random)
			return out, e, err
		}
	}
	if !given {
		out, err := assumed(m, usual, e, "assumed", random)
		return out, e, err
	}
	law, err := lawOf(m, usual, stated)
	if err != nil {
		return nil, 0, err
	}
	out, err := made(m, law, e, "stated", random)
	return out, e, err
}

// metric takes a metric's units from a lake; nil, and why, where it has too few.
func (l *past) metric(m analyze.Metric, e plan.Effect, r *rand.Rand) (*plan.Metric, string, error) {
	for i, d := range l.data.Metrics {
		if d.Metric.Name != m.Name {
			continue
		}
		if d.Absent != "" {
			return nil, d.Absent, nil
		}
		m.Corrected = d.Metric.Corrected
		if n := counted(m, l.units.Vectors[analyze.Control][i]); n < leastUnits {
			return nil, fmt.Sprintf("the lake has %d units with a value, %d are needed to plan with", n, leastUnits), nil
		}
		control := sample(l.units.Vectors[analyze.Control][i])
		limit := math.Inf(1)
		if d.Frozen.Cap.Known() {
			limit = float64(d.Frozen.Cap)
		}
		treated, err := plan.Shift(m, sample(l.units.Vectors[analyze.Treatment][i]), e, limit, r)
		if err != nil {
			return nil, "", fault("%v", err)
		}
		return &plan.Metric{Metric: m, Control: control, Treatment: treated, Source: "the lake"}, "", nil
	}
	return nil, "the lake holds nothing of it", nil
}

// counted is how many units say something of a metric: those that have a value, of a judge's those that are judged.
func counted(m analyze.Metric, units draw.Matrix) int64 {
	all := units.Moments()
	for j, c := range m.Columns {
		if c.Part == analyze.PartJudged && all.N > 0 {
			return int64(math.Round(float64(all.N) * all.Mean[j]))
		}
	}
	return all.N
}

// sample thins units out, evenly, to as many as stand for all.
func sample(m draw.Matrix) draw.Matrix {
	n := m.Units()
	if n <= pooled {
		return pad(m, pooled)
	}
	out := draw.Matrix{Width: m.Width, Values: make([]float64, 0, pooled*m.Width)}
	for i := range pooled {
		out.Values = append(out.Values, m.Row(i*n/pooled)...)
	}
	return out
}

// pad repeats units until there are as many as of every other metric.
func pad(m draw.Matrix, n int) draw.Matrix {
	out := draw.Matrix{Width: m.Width, Values: make([]float64, 0, n*m.Width)}
	for i := range n {
		out.Values = append(out.Values, m.Row(i%m.Units())...)
	}
	return out
}

// made makes a metric's units up.
func made(m analyze.Metric, law plan.Law, e plan.Effect, source string, r *rand.Rand) (*plan.Metric, error) {
	units, err := law.Make(m, e, pooled, r)
	if err != nil {
		return nil, fault("%v", err)
	}
	return &plan.Metric{Metric: m, Control: units[0], Treatment: units[1], Source: source}, nil
}

// assumed makes units up where nobody says what they are like. A margin in the metric's own unit
// means nothing without a level.
func assumed(m analyze.Metric, law plan.Law, e plan.Effect, source string, r *rand.Rand) (*plan.Metric, error) {
	if m.Margin != nil && !m.Margin.Relative && !m.Rate && m.Kind != analyze.KindJudge { // scores have a scale
		return nil, fault("%s: its margin of %g is in its own unit, and nothing says at what level: state --baseline %s=LEVEL:SPREAD", m.Name, m.Margin.Value, m.Name)
	}
	return made(m, law, e, source, r)
}

// usualLaw is what a metric is taken for without a baseline.
func usualLaw(m analyze.Metric) plan.Law {
	law := plan.Law{Level: .5, CV: 1, Requests: 4, ICC: .2, Judged: 1}
	switch value := m.Columns[0].Value; {
	case m.Kind == analyze.KindJudge:
		law.Level, law.Sigma = .7, .3
	case m.Kind == analyze.KindQuantile:
		// Exceeding a p95 then correlates by .2 within a session.
		law.Level, law.Sigma, law.ICC = 1000, .6, .5
	case !m.Rate:
		law.Level = 1000
	case value == "resolved":
		law.Level = .6
	case value == "handoff":
		law.Level = .1
	case value == "error":
		law.Level = .01
	}
	return law
}

// lawOf reads a stated baseline: level, or level:spread.
func lawOf(m analyze.Metric, law plan.Law, stated string) (plan.Law, error) {
	level, spread, both := strings.Cut(stated, ":")
	var err error
	if law.Level, err = number(level); err != nil {
		return law, fault("--baseline %s=%s: write a level such as 60%% or 1500, or level:spread", m.Name, stated)
	}
	if !both {
		return law, nil
	}
	x, err := number(spread)
	switch {
	case err != nil:
		return law, fault("--baseline %s=%s: the spread is a number", m.Name, stated)
	case m.Kind == analyze.KindQuantile, m.Kind == analyze.KindJudge:
		law.Sigma = x
	case m.Rate:
		return law, fault("--baseline %s=%s: a rate's spread follows from its level; leave it out", m.Name, stated)
	default:
		law.CV = x
	}
	return law, nil
}

// number reads 0.6 or 60%.
func number(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if p, ok := strings.CutSuffix(s, "%"); ok {
		x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		return x / 100, err
	}
	return strconv.ParseFloat(s, 64)
}

// effectOf reads a planned effect, +5pp of a rate, +3% of anything else; without one a goal gains
// as much as it may lose, and nothing else changes.
func effectOf(s spec.Metric, m analyze.Metric, text string) (plan.Effect, error) {
	if text == "" {
		if m.Role != analyze.Goal || m.Margin == nil || m.Kind == analyze.KindQuantile {
			return 0, nil
		}
		e := m.Margin.Value
		if m.Good == analyze.Down {
			e = -e
		}
		if !m.Rate && !m.Margin.Relative {
			return 0, nil
		}
		return plan.Effect(e), nil
	}
	suffix, want := "%", "+3% (of its level)"
	if m.Rate {
		suffix, want = "pp", "+3pp (points)"
	}
	body, ok := strings.CutSuffix(strings.TrimSpace(text), suffix)
	x, err := strconv.ParseFloat(strings.TrimSpace(body), 64)
	if !ok || err != nil || math.IsNaN(x) || math.Abs(x) > 1e6 {
		return 0, fault("--effect %s=%s: write %s", s.Name, text, want)
	}
	if !m.Rate && x < -100 {
		return 0, fault("--effect %s=%s: nothing falls by more than 100 %% of its level", s.Name, text)
	}
	return plan.Effect(x / 100), nil
}
