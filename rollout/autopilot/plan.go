package autopilot

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"weir/rollout/spec"
)

// A Plan is the part of a spec that steers. Its zero value has no ramp, and
// nothing is steered.
type Plan struct {
	Release string
	Promise string // hash; a look under another one decides nothing
	// Candidate and Stable are the versions, for sentences.
	Candidate, Stable string
	Unit              string // session or user, for sentences
	Steps             []spec.Step
	Mode              spec.AdvanceMode
	Cron              string     // the ticks, under cron
	By                spec.Share // under cron: what a tick adds
	MaxWait           time.Duration
	CoolDown          time.Duration
	OnInvalid         spec.OnInvalid

	ticks   clock   // under cron
	windows []clock // none: always open
}

// PlanOf is the plan of a spec. The error names an expression that is no
// schedule.
func PlanOf(r *spec.Release) (Plan, error) {
	p := Plan{
		Release: r.Release, Promise: r.Promise(), Candidate: r.Candidate, Stable: r.Stable, Unit: r.Unit.String(),
		OnInvalid: r.Decision.OnInvalid,
	}
	if r.Ramp == nil {
		return p, nil
	}
	p.Steps, p.Mode, p.Cron, p.By = r.Ramp.Steps, r.Ramp.Advance.Mode, r.Ramp.Advance.Cron, r.Ramp.Advance.By
	p.MaxWait, p.CoolDown = r.Ramp.MaxWait, r.Ramp.CoolDown
	var err error
	if p.Mode == spec.AdvanceCron {
		if p.ticks, err = newClock(r.Ramp.Advance.Cron, r.Ramp.Advance.Timezone); err != nil {
			return p, fmt.Errorf("ramp.advance.cron: %w", err)
		}
	}
	for i, w := range r.Ramp.Windows {
		c, err := newClock(w, "UTC")
		if err != nil {
			return p, fmt.Errorf("ramp.windows[%d]: %w", i, err)
		}
		p.windows = append(p.windows, c)
	}
	return p, nil
}

// last is the share of the last step.
func (p Plan) last() spec.Share { return p.Steps[len(p.Steps)-1].To }

// A clock is a cron expression in its time zone.
type clock struct {
	schedule cron.Schedule
	zone     *time.Location
}

func newClock(expression, zone string) (clock, error) {
	s, err := cron.ParseStandard(expression)
	if err != nil {
		return clock{}, fmt.Errorf("%q is no schedule: %w", expression, err)
	}
	z, err := time.LoadLocation(zone)
	if err != nil {
		return clock{}, err
	}
	return clock{s, z}, nil
}

// after is the first time after t; zero: there is none within five years.
func (c clock) after(t time.Time) time.Time {
	next := c.schedule.Next(t.In(c.zone))
	if next.IsZero() {
		return next
	}
	return next.UTC()
}

// covers tells whether the minute of t is one of the clock's.
func (c clock) covers(t time.Time) bool {
	minute := t.Truncate(time.Minute)
	return c.after(minute.Add(-time.Second)).Equal(minute)
}

// open tells whether a step may be taken at a time, and if not, when next; zero:
// never.
func (p Plan) open(now time.Time) (bool, time.Time) {
	if len(p.windows) == 0 {
		return true, time.Time{}
	}
	var next time.Time
	for _, w := range p.windows {
		if w.covers(now) {
			return true, time.Time{}
		}
		if t := w.after(now); !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return false, next
}
