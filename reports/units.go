package reports

import (
	"strings"

	"weir/analyze"
	"weir/rollout"
)

// arms says who was compared.
type arms struct {
	Control, Treatment string   // versions
	Line               []string // v1 38,112 sessions, v2 9,480, left out 412 (rule qa 390, holdout 22)
	Flow               []step
	// Of is the metric whose way is shown; empty where none has units.
	Of string
}

// A step is a row of the way of units into the analysis: how many of each arm.
type step struct {
	Name               string
	Control, Treatment string
	// ControlShare and TreatmentShare are shares of the arm's units that were
	// seen, in [0, 1].
	ControlShare, TreatmentShare float64
	Kept                         bool // what is left, and not what was left out
}

func armsOf(rec rollout.Record) arms {
	r := rec.Analysis.Result
	out := arms{Control: visible(r.Control), Treatment: visible(r.Treatment), Line: armsLine(r)}
	out.Flow, out.Of = funnel(rec)
	return out
}

func armsLine(r analyze.Result) []string {
	parts := []string{
		visible(r.Control) + " " + plural(r.Units.Control, r.Design.Unit),
		visible(r.Treatment) + " " + count(r.Units.Treatment),
	}
	if left := leftOut(r.Units.Excluded); left != "" {
		parts = append(parts, left)
	}
	return parts
}

func leftOut(excluded []analyze.Excluded) string {
	var total int64
	var reasons []string
	for _, e := range excluded {
		n := e.Control + e.Treatment
		total += n
		reasons = append(reasons, visible(e.Reason)+" "+count(n))
	}
	if total == 0 {
		return ""
	}
	return "left out " + count(total) + " (" + strings.Join(reasons, ", ") + ")"
}

// funnel is the way of units: seen, randomised, mature, analysed, and why the rest were left
// out on the way. The last steps are those of the first goal, or else of the first metric.
func funnel(rec rollout.Record) (steps []step, of string) {
	r := rec.Analysis.Result
	left := analyze.ByArm{Control: r.Units.Control, Treatment: r.Units.Treatment}
	seen := left
	for _, e := range r.Units.Excluded {
		seen = plus(seen, e.ByArm, 1)
	}
	add := func(name string, n analyze.ByArm, kept bool) { steps = append(steps, stepOf(name, n, seen, kept)) }
	add("seen", seen, true)
	for _, e := range r.Units.Excluded {
		add("left out: "+visible(e.Reason), e.ByArm, false)
	}
	if r.Design.Offline {
		add("analysed", left, true)
		return steps, ""
	}
	if r.Design.Randomized {
		add("randomised", left, true)
	}
	m, ok := leading(r)
	if !ok {
		return steps, ""
	}
	d, ok := dataOf(rec, m.Name)
	if !ok {
		add("analysed", left, true)
		return steps, ""
	}
	if young := d.Immature; young != (analyze.ByArm{}) {
		name := "left out: too young"
		if len(d.Metric.Columns) > 0 {
			name += ", below " + span(d.Metric.Columns[0].Window)
		}
		add(name, young, false)
		left = plus(left, young, -1)
	}
	add("mature", left, true)
	analysed := analyze.ByArm{Control: m.Control.Units, Treatment: m.Treatment.Units}
	if gone := plus(left, analysed, -1); gone.Control > 0 || gone.Treatment > 0 {
		add("left out: no value", gone, false)
	}
	add("analysed", analysed, true)
	return steps, label(m.Name)
}

// leading is the metric whose way is shown.
func leading(r analyze.Result) (analyze.MetricResult, bool) {
	for _, m := range r.Metrics {
		if m.Role == analyze.Goal {
			return m, true
		}
	}
	if len(r.Metrics) == 0 {
		return analyze.MetricResult{}, false
	}
	return r.Metrics[0], true
}

func plus(a, b analyze.ByArm, sign int64) analyze.ByArm {
	return analyze.ByArm{Control: a.Control + sign*b.Control, Treatment: a.Treatment + sign*b.Treatment}
}

func stepOf(name string, n, of analyze.ByArm, kept bool) step {
	return step{
		Name: name, Kept: kept,
		Control: count(n.Control), Treatment: count(n.Treatment),
		ControlShare: ratio(n.Control, of.Control), TreatmentShare: ratio(n.Treatment, of.Treatment),
	}
}

func ratio(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
