package reports

import (
	"strings"

	"weir/analyze"
)

// arms says who was compared.
type arms struct {
	Control, Treatment string // versions
	Line               string // v1 38,112 sessions · v2 9,480 · left out 412 (rule qa 390, holdout 22)
	Flow               []step
}

// A step is a row of the way of units into the analysis: how many of each arm.
type step struct {
	Name               string
	Control, Treatment string
	// ControlShare and TreatmentShare are shares of the arm's units that
	// arrived, in [0, 1].
	ControlShare, TreatmentShare float64
	Kept                         bool // in the analysis
}

func armsOf(r analyze.Result) arms {
	return arms{
		Control:   visible(r.Control),
		Treatment: visible(r.Treatment),
		Line:      armsLine(r),
		Flow:      flow(r.Units),
	}
}

func armsLine(r analyze.Result) string {
	parts := []string{
		visible(r.Control) + " " + plural(r.Units.Control, r.Design.Unit),
		visible(r.Treatment) + " " + count(r.Units.Treatment),
	}
	if left := leftOut(r.Units.Excluded); left != "" {
		parts = append(parts, left)
	}
	return strings.Join(parts, " · ")
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

// flow starts with all units that arrived and ends with those analysed.
func flow(u analyze.UnitCounts) []step {
	arrived := analyze.ByArm{Control: u.Control, Treatment: u.Treatment}
	for _, e := range u.Excluded {
		arrived.Control += e.Control
		arrived.Treatment += e.Treatment
	}
	steps := []step{stepOf("arrived", arrived, arrived, false)}
	for _, e := range u.Excluded {
		steps = append(steps, stepOf("left out: "+visible(e.Reason), e.ByArm, arrived, false))
	}
	return append(steps, stepOf("analysed", analyze.ByArm{Control: u.Control, Treatment: u.Treatment}, arrived, true))
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
