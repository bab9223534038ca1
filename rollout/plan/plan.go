package plan

import (
	"errors"
	"fmt"
	"math"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/rollout"
)

// MostTraffic is how many units a day are planned with at the most.
const MostTraffic = 1e7

// A Plan is a release as it is written down before it starts: what is compared, how the
// share climbs, at what traffic.
type Plan struct {
	Metrics []Metric
	Steps   []Step
	// UnitsPerDay is the traffic of both arms, and of whoever is in neither.
	UnitsPerDay float64
	Unit        string // session or user
	Method      analyze.Method
	Alpha       float64
	Policy      rollout.Policy
	// MaxWait bounds the wait for proof, from reaching the last step.
	MaxWait time.Duration
}

// A Metric is one metric of a plan: what is tested, and what was fixed before.
type Metric struct {
	analyze.Metric
	Frozen analyze.Frozen
	// Control and Treatment are the true units of the arms.
	Control, Treatment draw.Matrix
	// Source says in words where the units are from.
	Source string
	// Lag is how long a unit waits, once its window has passed, to be judged.
	Lag time.Duration
}

// window is how long after assignment a unit of the metric is final.
func (m Metric) window() time.Duration { return m.Columns[0].Window + m.Lag }

// ownScale reports whether the metric is a judge's that labels do not correct: such a one is never better.
func (m Metric) ownScale() bool { return m.Kind == analyze.KindJudge && !m.Corrected }

// speaking is the share of units that count towards a metric's minimum: all, or those that are judged.
func (m Metric) speaking() float64 {
	for j, c := range m.Columns {
		if c.Part == analyze.PartJudged {
			return m.Control.Moments().Mean[j]
		}
	}
	return 1
}

// binary reports whether units are zeros and ones.
func (m Metric) binary() bool { return m.Rate && m.Kind == analyze.KindMean }

// A Step is a share of treatment and what must be over before the next one.
type Step struct {
	Share float64       // in (0, 1)
	Hold  time.Duration // at the least
	Units int           // treated units assigned in the step, mature for every guardrail
}

// Freeze fixes what is fixed before a release: the level and the spread of control's units,
// and the time for which the sequence is tuned.
func (m *Metric) Freeze(planUnits, planShare float64) {
	level, spread := m.Baseline(m.Control.Moments())
	m.Frozen = analyze.Frozen{
		Source: m.Source, Cap: analyze.Unknown, Threshold: analyze.Unknown,
		Level: analyze.Number(level), Spread: analyze.Number(spread),
		PlanUnits: analyze.Number(planUnits), PlanShare: analyze.Number(planShare), HarmUnits: analyze.HarmUnits,
	}
}

// check refuses plans that cannot be simulated.
func (p Plan) check() error {
	switch {
	case len(p.Metrics) == 0:
		return errors.New("the plan has no metric")
	case len(p.Steps) == 0:
		return errors.New("the plan has no ramp: its share stays 0")
	case !(p.UnitsPerDay > 0) || math.IsInf(p.UnitsPerDay, 1):
		return fmt.Errorf("traffic of %g units a day: it must be above 0", p.UnitsPerDay)
	case p.UnitsPerDay > MostTraffic:
		return fmt.Errorf("traffic of %g units a day: at most %g are planned with, for every unit is drawn; with more, what the ramp and the windows wait for takes as long and effects are proven sooner", p.UnitsPerDay, float64(MostTraffic))
	}
	for _, s := range p.Steps {
		if !(s.Share > 0 && s.Share < 1) {
			return fmt.Errorf("a step to a share of %g: shares lie between 0 and 1", s.Share)
		}
	}
	for _, m := range p.Metrics {
		if m.Control.Units() < 2 || m.Treatment.Units() < 2 {
			return fmt.Errorf("%s: there are no units to plan with", m.Name)
		}
	}
	return nil
}

// inTest is the traffic that is in the test while a step lasts, and the probability
// of treatment in it. Under unit user the arms are halves of those whom the share covers.
func (p Plan) inTest(s Step) (unitsPerDay, propensity float64) {
	if p.Unit == "user" {
		return p.UnitsPerDay * math.Min(2*s.Share, 1), .5
	}
	return p.UnitsPerDay, s.Share
}

// hours rounds a duration up to whole hours.
func hours(d time.Duration) int { return int(math.Ceil(d.Hours())) }
