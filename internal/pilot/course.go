package pilot

import (
	"time"

	"weir/internal/control"
	"weir/rollout"
	"weir/rollout/autopilot"
)

// courseOf is what is shown of a decision.
func courseOf(p autopilot.Plan, s autopilot.Situation, m autopilot.Move) control.Course {
	c := control.Course{Release: p.Release, Steps: []control.Step{}, Warnings: append([]string{}, p.Warnings()...)}
	for _, g := range autopilot.ProgressOf(p, s) {
		c.Steps = append(c.Steps, control.Step{
			Share: float64(g.To), State: string(g.Place), HoldHours: g.Hold.Hours(), HeldHours: g.Held.Hours(),
			Units: g.Units, Mature: g.Mature, Proof: g.Last,
		})
	}
	if m.Kind == autopilot.Wait {
		c.Waiting = &control.Waiting{For: string(m.For), Reason: m.Reason, Until: moment(m.Until)}
	}
	return c
}

// lookOf is what is shown of a record.
func lookOf(r rollout.Record) *control.Look {
	d := r.Analysis.Decision
	l := &control.Look{
		At: r.Analysis.Period.AsOf, Release: r.Analysis.Release, Verdict: d.Verdict.String(), Reasons: append([]string{}, d.Reasons...), Inconclusive: d.Inconclusive,
		HealthOK: r.Analysis.Health.OK, SRM: SRMOf(r), Control: r.Analysis.Units.Control, Treatment: r.Analysis.Units.Treatment,
	}
	if d.Needs != nil {
		l.NeedsUnits, l.NeedsDays = &d.Needs.Units, d.Needs.Days
	}
	return l
}

// SRMOf is the sample ratio of a record; nil where nothing was drawn: nothing is known
// of it then.
func SRMOf(r rollout.Record) *control.SRM {
	s := r.Analysis.Health.SRM
	if !s.PValue.Known() {
		return nil
	}
	return &control.SRM{OK: s.OK, PValue: float64(s.PValue)}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
