package aa

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/rollout"
	"weir/rollout/trials"
)

// Bins is how many bins the histogram of p-values has.
const Bins = 20

// A Share is a part of the runs, with the error that their number leaves.
type Share struct {
	Value  analyze.Number `json:"value"`
	StdErr analyze.Number `json:"std_err"`
}

// shareOf is k of n; NaN of none.
func shareOf(k, n int) Share {
	p, e := trials.Share(k, n)
	return Share{analyze.Number(p), analyze.Number(e)}
}

// A Metric is what was said of one metric over all runs.
type Metric struct {
	Name string       `json:"name"`
	Role analyze.Role `json:"role"`
	Kind analyze.Kind `json:"kind"`
	// Refused is the part of the runs in which the metric was not estimable; the
	// other shares are of the rest.
	Refused Share `json:"refused"`
	// FalseAlarms is how often the test of the design's method finds a
	// difference, at all looks together; Fixed how often the one at a single look does.
	FalseAlarms Share `json:"false_alarms"`
	Fixed       Share `json:"fixed"`
	// Coverage is how often the test's interval holds the truth, no effect;
	// FixedCoverage that of the estimate's 95 % interval at a single look.
	Coverage      Share `json:"coverage"`
	FixedCoverage Share `json:"fixed_coverage"`
	// Harm is how often the metric alone is called beyond its margin; of a metric without margin
	// NaN.
	Harm Share `json:"harm"`
	// PValues counts the p-values of the single look by twentieths: even, if all is well.
	PValues [Bins]int `json:"p_values"`
	Absent  string    `json:"absent,omitempty"` // why the lake has nothing for it
}

// A Result is what an A/A test found.
type Result struct {
	Runs     int            `json:"runs"`
	Units    int            `json:"units"`
	Method   analyze.Method `json:"method"`
	Alpha    float64        `json:"alpha"`
	Metrics  []Metric       `json:"metrics"`
	Promote  Share          `json:"promote"`  // of runs, by the whole rule
	Rollback Share          `json:"rollback"` // of runs, by the whole rule
}

// ErrPaired says that cases were paired: their arms were not drawn.
var ErrPaired = errors.New("paired cases have no arms to draw anew")

// Run draws the arms of a release's units anew, so many times. The data are those that came with
// the units; they are not modified. done, where it is not nil, is told after each run how many are
// through.
func Run(ctx context.Context, d analyze.Data, u draw.Units, p rollout.Policy, runs int, seed uint64, done func(int)) (Result, error) {
	if d.Design.Kind == analyze.Paired {
		return Result{}, ErrPaired
	}
	t := trial{data: d, policy: p, assigned: draw.NewReassignment(u, d.Strata), units: u.Len()}
	said, err := trials.Run(ctx, runs, func(i int) said { return t.run(rand.New(rand.NewPCG(seed, uint64(i)))) }, done)
	if err != nil {
		return Result{}, err
	}
	return t.summary(said), nil
}

// A trial holds what all runs share.
type trial struct {
	data     analyze.Data
	policy   rollout.Policy
	assigned *draw.Reassignment
	units    int
}

// said is what one run said.
type said struct {
	metrics, fixed []analyze.MetricResult
	verdict        rollout.Verdict
}

// run draws once and evaluates by the design's method and at a single look.
func (t trial) run(r *rand.Rand) said {
	treated := make([]bool, t.units)
	t.assigned.Draw(r, treated)
	cells, arrived := t.assigned.Cells(treated)
	d := t.data
	d.Arrived = arrived
	d.Metrics = make([]analyze.MetricData, len(t.data.Metrics))
	for i, m := range t.data.Metrics {
		m.Cells = t.judged(m, cells[i])
		m.Missing = analyze.ByArm{}
		if m.Absent != "" {
			m.Cells = nil
		}
		d.Metrics[i] = m
	}
	d.Units.Control, d.Units.Treatment = 0, 0
	for _, a := range arrived {
		d.Units.Control += a.Control
		d.Units.Treatment += a.Treatment
	}
	result := analyze.Evaluate(d)
	out := said{metrics: result.Metrics, fixed: result.Metrics, verdict: rollout.Decide(result, t.policy).Verdict}
	if d.Design.Method == analyze.Sequential {
		d.Design.Method = analyze.Fixed
		out.fixed = analyze.Evaluate(d).Metrics
	}
	return out
}

// judged puts drawn cells into the strata of the judges that judged their hours, where a metric's cells lie in such.
func (t trial) judged(m analyze.MetricData, cells []analyze.Cell) []analyze.Cell {
	by := map[int64]string{}
	for _, c := range m.Cells {
		if j := t.data.Strata[c.Stratum].Judge; j != "" {
			by[c.Hour] = j
		}
	}
	if len(by) == 0 {
		return cells
	}
	for i, c := range cells {
		own := t.data.Strata[c.Stratum]
		own.Judge = by[c.Hour]
		if at := slices.IndexFunc(t.data.Strata, own.Same); at >= 0 {
			cells[i].Stratum = at
		}
	}
	return cells
}

// summary counts over the runs.
func (t trial) summary(all []said) Result {
	out := Result{Runs: len(all), Units: t.units, Method: t.data.Design.Method, Alpha: t.data.Design.Alpha}
	promote, rollback := 0, 0
	for _, s := range all {
		switch s.verdict {
		case rollout.Promote:
			promote++
		case rollout.Rollback:
			rollback++
		}
	}
	out.Promote, out.Rollback = shareOf(promote, len(all)), shareOf(rollback, len(all))
	for i, m := range t.data.Metrics {
		out.Metrics = append(out.Metrics, t.metric(i, m, all))
	}
	return out
}

func (t trial) metric(i int, m analyze.MetricData, all []said) Metric {
	alpha := t.data.Design.Alpha
	out := Metric{Name: m.Metric.Name, Role: m.Metric.Role, Kind: m.Metric.Kind, Absent: m.Absent}
	var tested, alarms, covered, looked, fixedAlarms, fixedCovered, estimated, margined, harmful int
	for _, s := range all {
		r, f := s.metrics[i], s.fixed[i]
		out.Kind = r.Kind
		if r.Test.PValue.Known() {
			tested++
			alarms += count(float64(r.Test.PValue) < alpha)
			covered += count(holdsZero(r.Test.Lower, r.Test.Upper))
		}
		if f.Test.PValue.Known() {
			looked++
			fixedAlarms += count(float64(f.Test.PValue) < alpha)
			out.PValues[min(int(float64(f.Test.PValue)*Bins), Bins-1)]++
		}
		if m.Metric.Kind != analyze.KindQuantile && f.Absolute.Lower.Known() && f.Absolute.Upper.Known() {
			estimated++
			fixedCovered += count(holdsZero(f.Absolute.Lower, f.Absolute.Upper))
		}
		if r.Margin.HarmPValue.Known() {
			margined++
			harmful += count(float64(r.Margin.HarmPValue) < alpha)
		}
	}
	out.Refused = shareOf(len(all)-tested, len(all))
	out.FalseAlarms, out.Coverage = shareOf(alarms, tested), shareOf(covered, tested)
	out.Fixed, out.FixedCoverage = shareOf(fixedAlarms, looked), shareOf(fixedCovered, estimated)
	out.Harm = shareOf(harmful, margined)
	return out
}

// holdsZero reports whether an interval holds zero; an end that is not known is open.
func holdsZero(lower, upper analyze.Number) bool {
	return !(lower.Known() && lower > 0) && !(upper.Known() && upper < 0)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TooMany reports whether a share of false alarms is above alpha by more than three errors
// of the runs.
func (s Share) TooMany(alpha float64, runs int) bool {
	return float64(s.Value) > alpha+3*math.Sqrt(alpha*(1-alpha)/float64(runs))
}
