package plan

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/rollout"
)

// A Release is how one simulated release ended.
type Release struct {
	// Verdict is the first but hold that an hourly look gave; hold where none did.
	Verdict rollout.Verdict
	Hours   int   // from the start to that look, or to the end of the simulation
	Treated int64 // units assigned to the treatment until then
	Step    int   // that the ramp had reached
	// Proven says, by metric, after how many hours a look first showed it; 0: never.
	Proven []Proof
}

// A Proof is when a metric was first proven to be something, in hours from the start.
type Proof struct{ Better, Within, Harmful int }

// start is when simulated releases begin: a midnight, UTC.
var start = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

const firstHour = 490_896 // start, in hours since 1970

// A run is one release under way: what would be in the lake by now.
type run struct {
	plan     Plan
	samplers [2]*draw.Rows
	rand     *rand.Rand
	sums     []float64

	hour      int // hours that have passed
	step      int
	since     int // the hour at which the step began
	treated   []int64
	strata    []analyze.Stratum
	arrived   []analyze.Arrival
	units     [][2]int64       // cumulative, after each hour
	cells     [][]analyze.Cell // by metric, in order of hour
	cellsUpTo [][]int          // by metric and hours: how many cells those hours have
	lastStep  int              // the hour at which the last step was reached; -1: not yet
	guardWait int              // hours until a unit is mature for every guardrail
}

func (p Plan) newRun(samplers [2]*draw.Rows, r *rand.Rand) *run {
	n := len(p.Metrics)
	out := &run{plan: p, samplers: samplers, rand: r, sums: make([]float64, samplers[0].Stride()), cells: make([][]analyze.Cell, n), cellsUpTo: make([][]int, n), lastStep: -1, step: -1}
	for _, m := range p.Metrics {
		if m.Role == analyze.Guardrail {
			out.guardWait = max(out.guardWait, hours(m.window()))
		}
	}
	out.climb()
	return out
}

// samplers prepare the pools of both arms.
func (p Plan) samplers() [2]*draw.Rows {
	var pools [2]draw.Pool
	for _, m := range p.Metrics {
		pools[analyze.Control] = append(pools[analyze.Control], m.Control)
		pools[analyze.Treatment] = append(pools[analyze.Treatment], m.Treatment)
	}
	return [2]*draw.Rows{draw.NewRows(pools[0]), draw.NewRows(pools[1])}
}

// climb begins the next step, a stratum of its own.
func (r *run) climb() {
	r.step++
	r.since = r.hour
	_, propensity := r.plan.inTest(r.plan.Steps[r.step])
	epoch := int64(r.step + 1)
	r.strata = append(r.strata, analyze.Stratum{Epoch: &epoch, Share: propensity, Known: true})
	if r.step == len(r.plan.Steps)-1 {
		r.lastStep = r.hour
	}
}

// pass lets one hour pass: units arrive, and the ramp may climb after it.
func (r *run) pass() {
	step := r.plan.Steps[r.step]
	perDay, propensity := r.plan.inTest(step)
	n := int64(distuv.Poisson{Lambda: perDay / 24, Src: r.rand}.Rand())
	treated := int64(0)
	if n > 0 {
		treated = int64(distuv.Binomial{N: float64(n), P: propensity, Src: r.rand}.Rand())
	}
	counts := [2]int64{n - treated, treated}
	hour := int64(firstHour + r.hour)
	r.arrived = append(r.arrived, analyze.Arrival{Stratum: r.step, Hour: hour, ByArm: analyze.ByArm{Control: counts[0], Treatment: counts[1]}})
	for _, a := range analyze.Arms {
		if counts[a] == 0 {
			continue
		}
		r.samplers[a].Draw(r.rand, int(counts[a]), r.sums)
		for i := range r.cells {
			if m := r.samplers[a].Moments(r.sums, i); m.N > 0 {
				r.cells[i] = append(r.cells[i], analyze.Cell{Stratum: r.step, Hour: hour, Arm: a, Moments: m})
			}
		}
	}
	for i := range r.cells {
		r.cellsUpTo[i] = append(r.cellsUpTo[i], len(r.cells[i]))
	}
	before := [2]int64{}
	if r.hour > 0 {
		before = r.units[r.hour-1]
	}
	r.units = append(r.units, [2]int64{before[0] + counts[0], before[1] + counts[1]})
	r.treated = append(r.treated, treated)
	r.hour++
	if r.mayClimb() {
		r.climb()
	}
}

// mayClimb reports whether the step's time is over and its units are there. Harm ends a
// release, so that none is needed here.
func (r *run) mayClimb() bool {
	if r.lastStep >= 0 {
		return false
	}
	step := r.plan.Steps[r.step]
	if r.hour-r.since < hours(step.Hold) {
		return false
	}
	mature := int64(0)
	for h := r.since; h+1+r.guardWait <= r.hour; h++ {
		mature += r.treated[h]
	}
	return mature >= int64(step.Units)
}

// data is what a look after so many hours reads.
func (r *run) data(at int) analyze.Data {
	p := r.plan
	first := start
	strata := 1
	for _, a := range r.arrived[:at] {
		strata = max(strata, a.Stratum+1)
	}
	last := start.Add(time.Duration(at)*time.Hour - time.Second)
	units := analyze.ByArm{Control: r.units[at-1][0], Treatment: r.units[at-1][1]}
	d := analyze.Data{
		App: "plan", Release: "plan", Control: "v1", Treatment: "v2", Own: true,
		Design: analyze.Design{Unit: p.Unit, Kind: analyze.Stratified, Strata: strata, Method: p.Method, Alpha: p.Alpha, Randomized: true},
		Period: analyze.Period{
			AsOf: start.Add(time.Duration(at) * time.Hour), First: &first, Last: &last, FullDays: at / 24,
			UnitsPerDay: analyze.Number(p.UnitsPerDay), TreatmentShare: analyze.Number(r.strata[strata-1].Share), LargeShareInformation: analyze.Unknown,
		},
		Units:   analyze.UnitCounts{Control: units.Control, Treatment: units.Treatment, Requests: units},
		Strata:  r.strata[:strata],
		Arrived: r.arrived[:at],
		Service: analyze.Service{Served: units, Complied: units},
	}
	if strata == 1 {
		d.Design.Kind = analyze.Independent
	}
	for i, m := range p.Metrics {
		mature := at - hours(m.window())
		md := analyze.MetricData{Metric: m.Metric, Frozen: m.Frozen, Binary: m.binary()}
		if mature > 0 {
			md.Cells = r.cells[i][:r.cellsUpTo[i][mature-1]]
		}
		if len(md.Cells) == 0 {
			md.Absent = "no unit is mature yet"
		}
		if m.Kind == analyze.KindJudge {
			md.Judging = &analyze.Judging{Criterion: m.Columns[0].Value}
		}
		if m.Kind == analyze.KindQuantile {
			md.Quantiles = described(md, strata)
		}
		d.Metrics = append(d.Metrics, md)
	}
	return d
}

// described gives a quantile metric figures to show; its thresholds decide, and planning does
// not show it.
func described(m analyze.MetricData, strata int) []analyze.QuantileCell {
	var out []analyze.QuantileCell
	for i := range strata {
		for _, a := range analyze.Arms {
			out = append(out, analyze.QuantileCell{Stratum: i, Arm: a, Rows: 1, Value: 1, Lower: .99, Upper: 1.01})
		}
	}
	return out
}

// look evaluates and decides after so many hours.
func (r *run) look(at int) (analyze.Result, rollout.Verdict) {
	result := analyze.Evaluate(r.data(at))
	return result, rollout.Decide(result, r.plan.Policy).Verdict
}

// run lets one release run until an hourly look ends it, at most so many days. It ends
// early, with what means nothing, when the context does.
//
// Under a sequential method what a look has proven stays proven, so that the hour of the first
// decision is found by looking ever more seldom, and then by bisection since the
// last look: the same hour that looking every hour gives. Invalid ends nothing here, as it
// ends nothing in a release; a release that is still invalid at the end is so.
//
// Under a fixed method there is one look, at the end.
func (p Plan) run(ctx context.Context, samplers [2]*draw.Rows, random *rand.Rand, days int) Release {
	r := p.newRun(samplers, random)
	looked, verdict := 0, rollout.Hold
	for next := 1; r.hour < 24*days && !r.waitedOut(); next = max(next+1, next*4/3) {
		for r.hour < 24*min(next, days) && !r.waitedOut() {
			if r.pass(); ctx.Err() != nil {
				return Release{}
			}
		}
		if p.Method == analyze.Fixed && r.hour < 24*days {
			continue
		}
		if _, verdict = r.look(r.hour); ends(verdict) && p.Method == analyze.Sequential {
			return r.ended(r.firstEnd(looked))
		}
		looked = r.hour
	}
	return r.release(r.hour, verdict)
}

// waitedOut reports whether the last step has waited for proof as long as it may.
func (r *run) waitedOut() bool {
	return r.plan.Method == analyze.Sequential && r.lastStep >= 0 && r.plan.MaxWait > 0 && r.hour-r.lastStep >= hours(r.plan.MaxWait)
}

// ends reports whether a verdict ends a release.
func ends(v rollout.Verdict) bool { return v == rollout.Promote || v == rollout.Rollback }

// firstEnd is the first hour whose look ends the release, which the look at the present hour
// does and that at the given earlier one does not.
func (r *run) firstEnd(before int) int {
	return before + 1 + sort.Search(r.hour-before-1, func(i int) bool {
		_, v := r.look(before + 1 + i)
		return ends(v)
	})
}

// ended is the release that the look after so many hours ended.
func (r *run) ended(at int) Release {
	_, verdict := r.look(at)
	return r.release(at, verdict)
}

func (r *run) release(at int, v rollout.Verdict) Release {
	return Release{Verdict: v, Hours: at, Treated: r.units[at-1][analyze.Treatment], Step: r.arrived[at-1].Stratum}
}

// Days is the time to the end in days.
func (r Release) Days() float64 { return float64(r.Hours) / 24 }

// never is the time of what does not happen.
var never = math.Inf(1)
