package autopilot

import (
	"fmt"
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
