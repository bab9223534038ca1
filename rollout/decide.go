package rollout

import (
	"fmt"
	"math"
	"strings"
	"time"

	"weir/analyze"
)

// A Policy is the part of the release spec that decides. Its zero value asks for a
// superior goal and counts no look as too late.
type Policy struct {
	// NonInferiorGoals lets goals promote by being within their margins alone.
	NonInferiorGoals bool `json:"non_inferior_goals"`
	// Look numbers the looks at this release under a fixed method, from 1; later
	// looks than the first cannot promote. 0: looks are not counted.
	Look int `json:"look"`
	// MaxWaitHours is how long the last step of the ramp may wait for proof; 0: for ever.
	MaxWaitHours float64 `json:"max_wait_hours,omitempty"`
	// Explored says why the result is an exploration, which gives no verdict;
	// empty where it is none.
	Explored string `json:"explored,omitempty"`
}

// The conditions of a promotion beside the metrics.
const (
	minFullDays         = 1
	minLargeInformation = .5
	minLargeShare       = .2
)

// Decide gives the verdict on a result: rollback, invalid, promote, hold, in
// this precedence, from the metrics and the health alone.
//
//   - rollback: a goal or guardrail is proven beyond its margin (one-sided,
//     Holm over goals and guardrails).
//   - invalid: the comparison cannot be trusted; it blocks promotion, never rollback.
//   - promote: every goal and guardrail is proven within its margin, a goal is proven
//     better (or goals need not be), and the traffic was broad enough.
//   - hold: otherwise. Nothing declared, nothing estimable, nothing known is hold.
func Decide(r analyze.Result, p Policy) Decision {
	if p.Explored != "" {
		return Decision{Reasons: []string{"This is an exploration and gives no verdict: " + p.Explored + "."}}
	}
	if r.Control != "" && (max(r.Units.Control, r.Units.Treatment) == 0 || len(r.Metrics) == 0 && min(r.Units.Control, r.Units.Treatment) == 0) {
		return Decision{Reasons: []string{fmt.Sprintf("Nothing was compared: there are %d units of %s and %d of %s.", r.Units.Control, r.Control, r.Units.Treatment, r.Treatment)}}
	}
	if len(r.Metrics) == 0 {
		return Decision{Reasons: []string{"No goal is declared, so nothing can be proven better: nothing was compared."}}
	}
	if reasons := harms(r); len(reasons) > 0 {
		return Decision{Verdict: Rollback, Reasons: reasons}
	}
	if !r.Health.OK {
		return Decision{Verdict: Invalid, Reasons: invalidities(r.Health)}
	}
	missing := append(unproven(r, p), conditions(r, p)...)
	if len(missing) == 0 {
		return Decision{Verdict: Promote, Reasons: append(proven(r), cautions(r)...)}
	}
	if reason, waited := inconclusive(r, p); waited {
		return Decision{Verdict: Hold, Inconclusive: true, Reasons: append([]string{reason}, missing...)}
	}
	return Decision{Verdict: Hold, Reasons: missing, Needs: needs(r, p)}
}

// inconclusive reports whether the last step has waited for longer than it may, as
// long as units arrived: a log that ended a year ago has not waited for a year. Cases and
// logs without times wait for nothing.
func inconclusive(r analyze.Result, p Policy) (reason string, waited bool) {
	if p.MaxWaitHours <= 0 || r.Period.LastStep == nil || r.Design.Offline {
		return "", false
	}
	now := r.Period.AsOf
	if Ended(r.Period) {
		now = r.Period.Last.Add(idle)
	}
	hours := now.Sub(*r.Period.LastStep).Hours()
	if hours <= p.MaxWaitHours {
		return "", false
	}
	return fmt.Sprintf("Inconclusive: the last step was reached %s ago and waits for proof for %s at most. Go back to stable, or start a new release with wider margins or more traffic.",
		days(hours), days(p.MaxWaitHours)), true
}

// idle is how long after the last unit a release is taken to go on.
const idle = 24 * time.Hour

// Ended reports whether no unit has come for so long that the release no longer goes on.
// Without times nothing is known to have ended.
func Ended(p analyze.Period) bool { return p.Last != nil && p.AsOf.Sub(*p.Last) > idle }

// days writes a time of some hours.
func days(hours float64) string {
	if hours < 48 {
		return fmt.Sprintf("%.0f hours", hours)
	}
	return fmt.Sprintf("%.0f days", math.Floor(hours/24))
}

// decisive lists the goals and guardrails.
func decisive(r analyze.Result) []analyze.MetricResult {
	var out []analyze.MetricResult
	for _, m := range r.Metrics {
		if m.Role != analyze.Monitor {
			out = append(out, m)
		}
	}
	return out
}

// harms gives a sentence for each metric proven beyond its margin.
func harms(r analyze.Result) []string {
	var out []string
	for _, m := range decisive(r) {
		if m.Margin.Check == analyze.CheckFailed {
			out = append(out, fmt.Sprintf("%s is worse than its margin of %s allows: %s (p %s).",
				capital(m.Name), margin(m), effect(m), pValue(m.Margin.HarmAdjusted)))
		}
	}
	return out
}

// invalidities gives a sentence for each rule of health that is broken.
func invalidities(h analyze.Health) []string {
	out := []string{"The comparison cannot be trusted."}
	for _, w := range h.Warnings {
		out = append(out, capital(w)+".")
	}
	return out
}

// unproven gives a sentence for each metric that keeps the release from being
// promoted.
func unproven(r analyze.Result, p Policy) []string {
	metrics := decisive(r)
	var out []string
	better, goals := false, 0
	for _, m := range metrics {
		if m.Role == analyze.Goal {
			goals++
			better = better || m.Direction == analyze.Better
		}
	}
	switch {
	case goals == 0:
		out = append(out, "No goal is declared, so nothing can be proven better.")
	case !better && !p.NonInferiorGoals:
		out = append(out, notBetter(metrics))
	}
	for _, m := range metrics {
		if m.Margin.Check != analyze.CheckPassed {
			out = append(out, open(m))
		}
	}
	return out
}

// notBetter says how far the goals are from being proven better.
func notBetter(metrics []analyze.MetricResult) string {
	var parts []string
	for _, m := range metrics {
		if m.Role != analyze.Goal {
			continue
		}
		switch {
		case m.Direction == analyze.NotEstimable:
			parts = append(parts, m.Name+" is not estimable")
		case m.Judge.OwnScale():
			parts = append(parts, m.Name+" "+effect(m)+" on the judge's own scale, which proves nothing better")
		case m.Direction == analyze.Worse:
			parts = append(parts, m.Name+" is worse within its margin, "+effect(m))
		default:
			parts = append(parts, m.Name+" "+effect(m))
		}
	}
	return "No goal is proven better yet: " + strings.Join(parts, "; ") + "."
}

// open says why a metric is not proven within its margin.
func open(m analyze.MetricResult) string {
	name := capital(m.Name)
	switch {
	case m.Margin.Check == analyze.CheckNone:
		return name + " has no margin, so it cannot be proven harmless."
	case m.MissingDiffers:
		return name + " counts for nothing: its values are missing more often in one arm."
	case m.Margin.PValue.Known() && m.Margin.Bound.Known():
		return fmt.Sprintf("%s is not proven within its margin of %s yet: it may be as bad as %s.", name, margin(m), bound(m))
	case len(m.Warnings) > 0:
		return fmt.Sprintf("%s: %s.", name, m.Warnings[len(m.Warnings)-1])
	default:
		return fmt.Sprintf("%s is not proven within its margin of %s yet.", name, margin(m))
	}
}

// conditions gives a sentence for each condition beside the metrics that a
// promotion lacks.
func conditions(r analyze.Result, p Policy) []string {
	var out []string
	if p.Look > 1 && r.Design.Method == analyze.Fixed {
		out = append(out, fmt.Sprintf("This is look %d of a fixed method: only the first can promote. Use method sequential, or a new release.", p.Look))
	}
	if r.Design.Offline {
		if r.Design.Kind != analyze.Paired {
			out = append(out, "The versions ran different cases and nothing says that cases were assigned by chance; run the same cases on both.")
		}
		return out
	}
	if !r.Design.Randomized {
		out = append(out, "Nothing says that versions were assigned by chance; if they were, state propensity or randomized among the mapping's constants.")
	}
	if r.Period.First == nil {
		return out
	}
	if r.Period.FullDays < minFullDays {
		out = append(out, "The traffic spans no full UTC day yet.")
	}
	if x := r.Period.LargeShareInformation; !(float64(x) >= minLargeInformation) {
		out = append(out, fmt.Sprintf("Only %.0f %% of the information comes from shares of 20 %% or more; half of it must.", 100*max(0, known(x))))
	}
	return out
}

func known(x analyze.Number) float64 {
	if !x.Known() {
		return 0
	}
	return float64(x)
}

// proven gives a sentence for each goal proven better, and one for the rest.
func proven(r analyze.Result) []string {
	var out, within []string
	for _, m := range decisive(r) {
		if m.Role == analyze.Goal && m.Direction == analyze.Better {
			out = append(out, fmt.Sprintf("%s is better: %s.", capital(m.Name), effect(m)))
		} else {
			within = append(within, m.Name)
		}
	}
	if len(within) > 0 {
		out = append(out, "Proven within their margins: "+strings.Join(within, ", ")+".")
	}
	return out
}

// cautionDays is below how many full days a promotion warns.
const cautionDays = 7

// cautions says what a promotion should know.
func cautions(r analyze.Result) []string {
	var out []string
	for _, m := range decisive(r) {
		if m.Judge.OwnScale() {
			out = append(out, capital(m.Name)+" was compared on the judge's own scale, without enough labels from people.")
		}
	}
	if !r.Design.Offline && r.Period.First != nil && r.Period.FullDays < cautionDays {
		out = append(out, fmt.Sprintf("Only %d full days were seen: a weekly cycle is not covered.", r.Period.FullDays))
	}
	return out
}

// needs estimates what is missing at the present effects and traffic; nil where
// that cannot be said.
func needs(r analyze.Result, p Policy) *Needs {
	more, superior := 0.0, math.Inf(1)
	for _, m := range decisive(r) {
		if m.Margin.Check != analyze.CheckPassed {
			if !m.More.NonInferior.Known() {
				return nil
			}
			more = math.Max(more, float64(m.More.NonInferior))
		}
		if m.Role == analyze.Goal && m.More.Superior.Known() && goodSide(m) {
			superior = math.Min(superior, float64(m.More.Superior))
		}
	}
	if !p.NonInferiorGoals {
		more = math.Max(more, superior)
	}
	if math.IsInf(more, 1) {
		return nil
	}
	units, wait := breadth(r)
	more = math.Max(more, units)
	if more <= 0 && wait <= 0 {
		return nil
	}
	n := &Needs{Units: int64(math.Ceil(more))}
	if perDay := float64(r.Period.UnitsPerDay); perDay > 0 {
		days := math.Ceil(math.Max(more/perDay, wait)*10) / 10
		n.Days = &days
	} else if more <= 0 {
		return nil
	}
	return n
}

// breadth gives what the conditions beside the metrics lack: units at today's share until
// half of the information comes from large shares, and days until a full UTC day is over. A share
// that is not large brings none nearer: that takes the next step of the ramp.
func breadth(r analyze.Result) (units, wait float64) {
	if r.Design.Offline || r.Period.First == nil {
		return 0, 0
	}
	if r.Period.FullDays < minFullDays && r.Period.Last != nil {
		const day = 24 * time.Hour
		full := r.Period.First.Add(day - 1).Truncate(day).Add(day) // the end of the first day that begins after the first unit
		wait = math.Max(full.Sub(*r.Period.Last).Hours()/24, 0)
	}
	share, large, all := float64(r.Period.TreatmentShare), float64(r.Period.LargeShareInformation), float64(r.Period.Information)
	if large < minLargeInformation && share >= minLargeShare && share < 1 && all > 0 {
		units = all * (1 - 2*large) / (share * (1 - share))
	}
	return units, wait
}

// goodSide reports whether the metric's effect points to the good side.
func goodSide(m analyze.MetricResult) bool {
	return m.Good == analyze.Up && m.Test.Value > 0 || m.Good == analyze.Down && m.Test.Value < 0
}
