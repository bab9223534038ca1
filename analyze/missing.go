package analyze

import "slices"

// missing fills in the share of units without a value.
func (e *evaluator) missing(control, treatment int64) {
	for _, a := range Arms {
		if n := [...]int64{control, treatment}[a]; n > 0 {
			e.arm(a).Missing = Number(float64(e.in.Missing.Of(a)) / float64(n))
			e.arm(a).Filled = e.keepsMissing()
		}
	}
}

// all is how many mature units there are: those counted and, unless they are
// scored and so among them, those without a value.
func (e *evaluator) all(counted, missing int64) int64 {
	if e.keepsMissing() {
		return counted
	}
	return counted + missing
}

// keepsMissing reports whether units without a value are scored and so among
// the units counted.
func (e *evaluator) keepsMissing() bool {
	return slices.ContainsFunc(e.in.Metric.Columns, func(c Column) bool { return c.Fill != nil })
}

// compareMissing flags a metric whose values are missing more often in one
// arm: what is left may be a biased part of it, so it cannot be called better
// on it.
func (e *evaluator) compareMissing() {
	a, b := e.out.Control, e.out.Treatment
	if !a.Missing.Known() || !b.Missing.Known() || e.keepsMissing() || e.in.Missing == (ByArm{}) {
		return
	}
	there := ByArm{Control: a.Units, Treatment: b.Units}
	if e.data.Design.Kind == Paired {
		there = ByArm{Control: e.data.Units.Control - e.in.Missing.Control, Treatment: e.data.Units.Treatment - e.in.Missing.Treatment}
	}
	p := e.data.splitsAlike(e.in.Missing, there)
	if p < healthP {
		e.out.MissingDiffers = true
		e.warn("values are missing for %.1f %% of %s and %.1f %% of %s (p %.2g): the figures are those of the survivors and are not counted as better",
			100*a.Missing, e.data.Control, 100*b.Missing, e.data.Treatment, p)
	}
}
