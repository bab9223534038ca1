package spec

import "time"

// A Ramp is how the candidate's share climbs, step by step, on absence of
// harm. Only the last step waits for proof.
type Ramp struct {
	Steps   []Step // at least one, strictly rising
	Advance Advance
	// MaxWait counts from reaching the last step; then the release holds,
	// inconclusive, and new units go to stable.
	MaxWait  time.Duration
	Windows  []string      // cron expressions of the minutes in which a step may be taken; none: always
	CoolDown time.Duration // between releases
}

// A Step is a share and what must be over before the next one.
type Step struct {
	To    Share         // in (0, 1); under unit user at most one half
	Hold  time.Duration // at the least
	Units int           // treated units, assigned in this step, mature for every guardrail
}

// Advance says what takes the steps.
type Advance struct {
	Mode     AdvanceMode
	Cron     string // under AdvanceCron: its ticks
	By       Share  // under AdvanceCron: added by each tick, up to the last step
	Timezone string // of Cron
}

// An AdvanceMode is who takes the steps of a ramp.
type AdvanceMode int

// The modes: a person, the autopilot, or the autopilot at the ticks of a
// clock.
const (
	AdvanceManual AdvanceMode = iota
	AdvanceAuto
	AdvanceCron
)

var advanceNames = []string{"manual", "auto", "cron"}

// String gives the mode's name.
func (m AdvanceMode) String() string { return advanceNames[m] }

// halfOfUsers is the largest share under unit user: the arms are halves of the
// users whom the ramp covers.
const (
	halfOfUsers Share = 0.5
	aboveHalf         = "under unit user the arms are halves: write at most 50%"
)

// harmUnits is the number of treated units from which on harm is tested.
const harmUnits = 20

var rampKind = object(
	field("steps", list(stepKind), func(r *Ramp) *[]Step { return &r.Steps },
		"shares of the candidate, strictly rising; all but the last are climbed on absence of harm").must(),
	field("advance", or(either(advanceWords, advanceClock), Advance{Mode: AdvanceAuto}), func(r *Ramp) *Advance { return &r.Advance },
		"who takes the steps: the autopilot, a person, or the autopilot at the ticks of a clock"),
	field("max_wait", or(duration, 28*day), func(r *Ramp) *time.Duration { return &r.MaxWait },
		"how long the last step waits for proof; then the release holds, inconclusive, and new units go to stable"),
	field("windows", list(window), func(r *Ramp) *[]string { return &r.Windows },
		"cron expressions of the minutes in which a step may be taken; UTC unless one begins with CRON_TZ=Zone").absent("steps may be taken at any time"),
	field("cool_down", delay, func(r *Ramp) *time.Duration { return &r.CoolDown },
		"time between the end of one release and the start of the next"),
)

var stepKind = object(
	field("to", positiveShare, func(s *Step) *Share { return &s.To },
		"share of units that the candidate gets").must(),
	field("hold", delay, func(s *Step) *time.Duration { return &s.Hold },
		"time that the step takes at the least"),
	field("units", or(count, harmUnits), func(s *Step) *int { return &s.Units },
		"treated units that the step takes at the least: assigned in it, mature for every guardrail"),
)

var advanceWords = choice(word[Advance]{"auto", Advance{Mode: AdvanceAuto}}, word[Advance]{"manual", Advance{Mode: AdvanceManual}})

var advanceClock = starting(object(
	field("cron", schedule, func(a *Advance) *string { return &a.Cron },
		"when to add to the share, unless harmful or invalid").must(),
	field("by", positiveShare, func(a *Advance) *Share { return &a.By },
		"what each tick adds, up to the last step").must(),
	field("timezone", or(timezone, "UTC"), func(a *Advance) *string { return &a.Timezone },
		"time zone of cron"),
), func(a *Advance) { a.Mode = AdvanceCron })

func checkRamp(d *decoder, r *Release) {
	if r.Ramp == nil {
		return
	}
	wantSome(d, "ramp.steps", r.Ramp.Steps)
	for i, s := range r.Ramp.Steps {
		path := item("ramp.steps", i) + ".to"
		switch {
		case s.To == 1:
			d.fault(path, "100% leaves no control arm to prove anything against", "end below; promoting takes the rest")
		case r.Unit == UnitUser && s.To > halfOfUsers:
			d.fault(path, s.To.String()+" is more than half of the users", aboveHalf)
		case i > 0 && s.To != 0 && s.To <= r.Ramp.Steps[i-1].To:
			d.fault(path, s.To.String()+" is not above "+r.Ramp.Steps[i-1].To.String()+", the step before", "steps rise strictly")
		}
	}
}
