package autopilot

import (
	"fmt"
	"strings"
	"time"

	"weir/rollout/spec"
)

// A Place is where a step of the ramp lies, seen from the share in force.
type Place string

// The places.
const (
	Passed  Place = "passed"
	Current Place = "current"
	Ahead   Place = "ahead"
	Ended   Place = "ended" // the release was rolled back there
)

// A Progress is how far a step has come.
type Progress struct {
	To    spec.Share
	Place Place
	Hold  time.Duration // that it takes at the least
	Units int           // treated units that it takes at the least
	// Held and Mature are what it has of both; 0 but for the current step.
	Held   time.Duration
	Mature int
	Last   bool // it waits for proof
}

// ProgressOf is the ramp as far as it has come.
func ProgressOf(p Plan, s Situation) []Progress {
	out := make([]Progress, len(p.Steps))
	look := p.usable(s.Look)
	for i, step := range p.Steps {
		g := Progress{To: step.To, Place: Ahead, Hold: step.Hold, Units: step.Units, Last: i == len(p.Steps)-1}
		switch {
		case i+1 < s.State.Step || s.State.Promoted:
			g.Place = Passed
		case i+1 == s.State.Step && s.State.RolledBack:
			g.Place = Ended
		case i+1 == s.State.Step:
			g.Place, g.Held = Current, max(0, s.Now.Sub(s.State.ShareSince))
			if look != nil {
				g.Mature = look.Mature[s.State.Epoch]
			}
		}
		out[i] = g
	}
	return out
}

// Course says what the plan will do with a release, in a sentence without an end.
func (p Plan) Course() string {
	if len(p.Steps) == 0 {
		return fmt.Sprintf("none: a server sends no new %s to %s until weir ramp or a PATCH sets its share; harm rolls back, nothing else moves by itself", p.Unit, p.Candidate)
	}
	var steps []string
	for _, s := range p.Steps {
		steps = append(steps, p.stays(s))
	}
	last := steps[len(steps)-1] + " until " + p.Candidate + " is proven and promoted"
	course := strings.Join(append(steps[:len(steps)-1], last), ", ")
	switch p.Mode {
	case spec.AdvanceManual:
		course = "by hand, " + course
	case spec.AdvanceCron:
		course = fmt.Sprintf("%v more at each tick of %q (%s), up to %s", p.By, p.Cron, p.ticks.zone, last)
	}
	if p.MaxWait > 0 {
		course += fmt.Sprintf("; after %s without proof new %ss go to %s", span(p.MaxWait), p.Unit, p.Stable)
	}
	return course
}

// stays is a step, and what it takes at the least.
func (p Plan) stays(s spec.Step) string {
	var least []string
	if s.Hold > 0 {
		least = append(least, span(s.Hold))
	}
	if s.Units > 0 {
		least = append(least, fmt.Sprintf("%d treated %ss", s.Units, p.Unit))
	}
	if len(least) == 0 {
		return s.To.String()
	}
	return fmt.Sprintf("%v for %s", s.To, strings.Join(least, " and "))
}

// largeFirstStep is above which share a first step draws a warning: whoever meets
// a fault first should be few.
const largeFirstStep spec.Share = .05

// Warnings are doubts about a plan that can be carried out.
func (p Plan) Warnings() []string {
	var out []string
	if len(p.Steps) > 0 && p.Steps[0].To > largeFirstStep {
		out = append(out, fmt.Sprintf("the first step is %v: a fault that nobody knows of meets that many %ss at once; %v or less is usual", p.Steps[0].To, p.Unit, largeFirstStep))
	}
	return out
}
