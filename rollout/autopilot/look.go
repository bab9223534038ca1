package autopilot

import (
	"time"

	"weir/analyze"
	"weir/rollout"
)

// A Look is what an analysis of the lake came to, as far as it steers.
type Look struct {
	At      time.Time // clock of the analysis
	Release string
	Promise string
	Verdict rollout.Verdict
	Reason  string // the decisive one, a sentence
	// Mature counts, by epoch, the treated units that were assigned in it and that
	// the look could see whole for every guardrail.
	Mature map[int64]int
}

// LookOf reads a decision record.
func LookOf(r rollout.Record) Look {
	l := Look{
		At: r.Analysis.Period.AsOf, Release: r.Analysis.Release, Promise: r.Promise,
		Verdict: r.Analysis.Decision.Verdict, Mature: mature(r.Data),
	}
	reasons := r.Analysis.Decision.Reasons
	if l.Verdict == rollout.Invalid && len(reasons) > 1 {
		reasons = []string{reasons[0] + " " + reasons[1]} // that it is, and why
	}
	if len(reasons) > 0 {
		l.Reason = reasons[0]
	}
	return l
}

// mature counts treated units by epoch. Moments are by hours of assignment, so a
// unit counts when the last of its hour could.
func mature(d analyze.Data) map[int64]int {
	var window time.Duration
	for _, m := range d.Metrics {
		if m.Metric.Role == analyze.Guardrail && len(m.Metric.Columns) > 0 {
			window = max(window, m.Metric.Columns[0].Window)
		}
	}
	out := map[int64]int{}
	for _, a := range d.Arrived {
		epoch := d.Strata[a.Stratum].Epoch
		end := time.Unix((a.Hour+1)*3600, 0).Add(window)
		if epoch != nil && !end.After(d.Period.AsOf) {
			out[*epoch] += int(a.Treatment)
		}
	}
	return out
}
