package rollout_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"weir/analyze"
	"weir/rollout"
)

// A judgedRelease is live traffic of known quality, whose goal is what a judge says of it.
type judgedRelease struct {
	quality [2]float64    // share of good answers, by arm
	good    [2][2]float64 // probability that the judge says good of a [bad, good] one, by arm
	gaveUp  [2]float64    // share without a judgment after every attempt, by arm
	labels  float64       // share of the judged that people label
}

const (
	judgedBatches = 42 // one every eight hours, for fourteen days
	judgedBatch   = 60 // units
	judgedLooks   = 10
	judgedAlpha   = .05
)

// cells draws the traffic, and counts what is missing by batch and arm.
func (w judgedRelease) cells(r *rand.Rand) (cells []analyze.Cell, missing [][2]int64) {
	for batch := range judgedBatches {
		var units [2][][]float64
		var gone [2]int64
		for range judgedBatch {
			arm := r.IntN(2)
			if v := w.unit(r, arm); v != nil {
				units[arm] = append(units[arm], v)
			} else {
				gone[arm]++
			}
		}
		for arm, of := range units {
			cells = append(cells, analyze.Cell{Hour: 490_896 + 8*int64(batch), Arm: analyze.Arm(arm), Moments: analyze.MomentsOf(of...)})
		}
		missing = append(missing, gone)
	}
	return cells, missing
}

// unit is a unit's parts, in the order of analyze.JudgedParts; nil where it was given up.
func (w judgedRelease) unit(r *rand.Rand, arm int) []float64 {
	truth, score := 0, 0.
	if r.Float64() < w.quality[arm] {
		truth = 1
	}
	if r.Float64() < w.good[arm][truth] {
		score = 1
	}
	if r.Float64() < w.gaveUp[arm] {
		return nil
	}
	v := []float64{1, score, 0, 0, 0, 1, 0}
	if r.Float64() < w.labels {
		v[2], v[3], v[4], v[6] = 1/w.labels, score/w.labels, float64(truth)/w.labels, 1
	}
	return v
}

// look decides on the first batches.
func (w judgedRelease) look(cells []analyze.Cell, missing [][2]int64, batches int) rollout.Verdict {
	form := analyze.JudgedForm()
	metric := analyze.Metric{
		Name: "quality", Role: analyze.Goal, Kind: analyze.KindJudge, Good: analyze.Up, Minimum: 100, Judged: true, Corrected: w.labels > 0,
		Margin: &analyze.Margin{Value: .05}, Columns: make([]analyze.Column, len(analyze.JudgedParts())), Shown: form, Tested: form, Margined: form,
	}
	m := analyze.MetricData{Metric: metric, Cells: cells[:2*batches], Judging: &analyze.Judging{Criterion: "quality", Hashes: []string{"a"}}}
	var control analyze.Moments
	var arrived []analyze.Arrival
	for i := range batches {
		c, t, gone := m.Cells[2*i], m.Cells[2*i+1], missing[i]
		control = control.Add(c.Moments)
		m.Judging.Judged.Control, m.Judging.Judged.Treatment = m.Judging.Judged.Control+c.N, m.Judging.Judged.Treatment+t.N
		m.Missing.Control, m.Missing.Treatment = m.Missing.Control+gone[0], m.Missing.Treatment+gone[1]
		arrived = append(arrived, analyze.Arrival{Hour: c.Hour, ByArm: analyze.ByArm{Control: c.N + gone[0], Treatment: t.N + gone[1]}})
	}
	level, spread := metric.Baseline(control)
	m.Frozen = analyze.Frozen{Level: analyze.Number(level), Spread: analyze.Number(spread), PlanUnits: judgedBatches * judgedBatch, PlanShare: .5, Cap: analyze.Unknown, Threshold: analyze.Unknown}
	units := analyze.ByArm{Control: m.Judging.Judged.Control + m.Missing.Control, Treatment: m.Judging.Judged.Treatment + m.Missing.Treatment}
	first, last := time.Unix(arrived[0].Hour*3600, 0).UTC(), time.Unix(arrived[batches-1].Hour*3600+8*3600, 0).UTC()
	return rollout.Decide(analyze.Evaluate(analyze.Data{
		Control: "v1", Treatment: "v2", Own: true,
		Design: analyze.Design{Unit: "session", Kind: analyze.Stratified, Strata: 1, Method: analyze.Sequential, Alpha: judgedAlpha, Randomized: true},
		Period: analyze.Period{AsOf: last, First: &first, Last: &last, FullDays: int(last.Sub(first) / (24 * time.Hour)), UnitsPerDay: 3 * judgedBatch, TreatmentShare: .5},
		Units:  analyze.UnitCounts{Control: units.Control, Treatment: units.Treatment, Requests: units},
		Strata: []analyze.Stratum{{Share: .5, Known: true}}, Arrived: arrived, Metrics: []analyze.MetricData{m},
		Service: analyze.Service{Served: units, Complied: units},
	}), rollout.Policy{}).Verdict
}

// TestJudgedVerdict decides on releases whose only goal is a judge's, looked at ten
// times: a version that is no better is promoted in at most alpha of them, whatever the judge
// likes. The figures are those of docs/judge.md.
func TestJudgedVerdict(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of releases are simulated")
	}
	fair := [2][2]float64{{.15, .85}, {.15, .85}}
	fond := [2][2]float64{{.15, .85}, {.60, .95}} // what v2 does badly passes four times as often
	for name, c := range map[string]struct {
		of      judgedRelease
		promote [2]float64 // least and most share that may be promoted
		stopped float64    // least share that is invalid or rolled back in the end
	}{
		"equal, fond of v2, no labels":              {of: judgedRelease{[2]float64{.6, .6}, fond, [2]float64{}, 0}},
		"equal, fond of v2, labels":                 {of: judgedRelease{[2]float64{.6, .6}, fond, [2]float64{}, .2}, promote: [2]float64{0, judgedAlpha}},
		"equal, fair, 1 % given up, labels":         {of: judgedRelease{[2]float64{.6, .6}, fair, [2]float64{.01, .01}, .2}, promote: [2]float64{0, judgedAlpha}},
		"worse by the margin, fond of v2, labels":   {of: judgedRelease{[2]float64{.6, .55}, fond, [2]float64{}, .2}, promote: [2]float64{0, judgedAlpha}},
		"equal, 15 % given up in v2 alone, labels":  {of: judgedRelease{[2]float64{.6, .6}, fond, [2]float64{0, .15}, .2}, promote: [2]float64{0, judgedAlpha}, stopped: .95},
		"better by 12 points, fair, labels":         {of: judgedRelease{[2]float64{.6, .72}, fair, [2]float64{}, .2}, promote: [2]float64{.5, 1}},
		"better by 12 points, fond of v2, labels":   {of: judgedRelease{[2]float64{.6, .72}, fond, [2]float64{}, .2}, promote: [2]float64{.3, 1}},
		"worse by 15 points, fond of v2, labels":    {of: judgedRelease{[2]float64{.6, .45}, fond, [2]float64{}, .2}, stopped: .3},
		"better by 12 points, fair, without labels": {of: judgedRelease{[2]float64{.6, .72}, fair, [2]float64{}, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const runs = 400
			r := rand.New(rand.NewPCG(3, 14))
			ended := map[rollout.Verdict]int{}
			for range runs {
				cells, missing := c.of.cells(r)
				verdict := rollout.Hold
				for i := 1; i <= judgedLooks && (verdict == rollout.Hold || verdict == rollout.Invalid); i++ {
					verdict = c.of.look(cells, missing, judgedBatches*i/judgedLooks)
				}
				ended[verdict]++
			}
			share := func(n int) (p, wide float64) {
				p = float64(n) / runs
				return p, 3 * math.Sqrt(math.Max(p, .01)*(1-p)/runs)
			}
			p, _ := share(ended[rollout.Promote])
			t.Logf("of %d releases: promote %.1f %% ± %.1f, rollback %.1f %%, invalid %.1f %%, hold %.1f %%", runs, 100*p, 100*math.Sqrt(p*(1-p)/runs),
				float64(ended[rollout.Rollback])/runs*100, float64(ended[rollout.Invalid])/runs*100, float64(ended[rollout.Hold])/runs*100)
			most := c.promote[1]
			if p < c.promote[0] || p > most+3*math.Sqrt(most*(1-most)/runs) {
				t.Errorf("%.3f are promoted; allowed are %g to %g", p, c.promote[0], most)
			}
			if s, wide := share(ended[rollout.Rollback] + ended[rollout.Invalid]); s+wide < c.stopped {
				t.Errorf("%.3f are invalid or rolled back, want at least %g", s, c.stopped)
			}
		})
	}
}
