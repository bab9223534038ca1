package sim

import "math"

// The verdicts that Truth speaks of.
const (
	Promote  = "promote"
	Hold     = "hold"
	Rollback = "rollback"
	Invalid  = "invalid"
)

// The doubts that a correct analysis must raise.
const (
	FlagSRM          = "srm"               // the arms' sizes do not fit the propensities
	FlagLoss         = "loss"              // exchanges are missing, of one arm more than of the other
	FlagMissing      = "missing"           // the arms answer at different rates
	FlagCompliance   = "compliance"        // the candidate did not serve its own units
	FlagCrossover    = "crossover"         // units have rows under both versions
	FlagNaive        = "naive"             // pooling over strata says something else
	FlagEpoch        = "epoch"             // the effect differs between epochs
	FlagAge          = "age"               // the effect fades with the release's age
	FlagControlDrift = "control_drift"     // stable changed against its own past
	FlagTopUnit      = "top_unit"          // one unit makes a large share of the rows
	FlagUserSessions = "sessions_per_user" // one user makes a large share of the sessions
	FlagExcluded     = "excluded"          // rows were not randomised
)

// A Truth is what is true of a scenario, whatever its seed.
type Truth struct {
	// Effects are those of the spec's metrics, in its order.
	Effects []Effect
	// Naive are the effects to which pooling whatever rows and outcomes are in
	// the lake by assigned version converges; only metrics of which that is
	// known. Nil where the naive analysis errs in its variance alone.
	Naive []Effect

	// Verdicts are those that a correct analysis may reach at the scenario's
	// own size, after everything is mature.
	Verdicts []string
	// Forbidden are those that it reaches, at any size and look, in at most a
	// share alpha of all seeds.
	Forbidden []string
	// Flags are the doubts that it must raise at the scenario's own size.
	Flags []string

	Trap string // what a naive analysis concludes
	Says string // what a correct one concludes
}

// An Effect is the true effect of the candidate on one metric, over randomised
// traffic, of version assigned. Rates are in [0, 1]. NaN is a number that has
// no closed form; the others are exact.
type Effect struct {
	Metric    string
	Control   float64 // the metric's value under stable, strata weighted by traffic
	Treatment float64 // under the candidate
	Absolute  float64 // treatment minus control: the estimand traffic
	Overlap   float64 // the same, strata weighted by n pi (1 - pi): the estimand overlap
	Relative  float64 // treatment over control, minus 1
}

// Truth returns what is true of the scenario.
func (s Scenario) Truth() Truth {
	t := s.truth
	for _, m := range s.metrics {
		t.Effects = append(t.Effects, s.effect(m))
	}
	for _, name := range s.naive {
		for _, m := range s.metrics {
			if m.name == name {
				t.Naive = append(t.Naive, s.naiveEffect(m))
			}
		}
	}
	return t
}

func (s Scenario) effect(m metric) Effect {
	if m.median != nil {
		return s.quantileEffect(m)
	}
	var weight, overlap, control, treated, difference float64
	for _, st := range s.strata() {
		c, t := st.moments(m.mean, 0).value(), st.moments(m.mean, 1).value()
		w, v := st.weight, st.weight*st.propensity*(1-st.propensity)
		weight, overlap = weight+w, overlap+v
		control, treated, difference = control+w*c, treated+w*t, difference+v*(t-c)
	}
	e := effectOf(m, control/weight, treated/weight)
	e.Overlap = difference / overlap
	if !m.absolute {
		return e.relativeOnly()
	}
	return e
}

// effectOf is the effect of two levels whose difference is the same in all strata.
func effectOf(m metric, control, treated float64) Effect {
	return Effect{Metric: m.name, Control: control, Treatment: treated,
		Absolute: treated - control, Overlap: treated - control, Relative: treated/control - 1}
}

// relativeOnly withdraws the levels, of which only the ratio is exact.
func (e Effect) relativeOnly() Effect {
	same := e.Relative == 0
	e.Control, e.Treatment, e.Absolute, e.Overlap = math.NaN(), math.NaN(), math.NaN(), math.NaN()
	if same {
		e.Absolute, e.Overlap = 0, 0
	}
	return e
}

// quantileEffect is exact where the versions' ratio is the same in all phases;
// the level, where neither version changes.
func (s Scenario) quantileEffect(m metric) Effect {
	first := s.phases[0].arms
	c, t := m.median(first[control]), m.median(first[treatment])
	level := m.absolute
	for _, p := range s.phases {
		pc, pt := m.median(p.arms[control]), m.median(p.arms[treatment])
		if math.Abs(pt/pc-t/c) > 1e-12 {
			return effectOf(m, math.NaN(), math.NaN())
		}
		level = level && pc == c
	}
	scale := math.Exp(latencySigma * quantile(0.95))
	e := effectOf(m, c*scale, t*scale)
	if !level {
		return e.relativeOnly()
	}
	return e
}
