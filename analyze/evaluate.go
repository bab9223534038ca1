package analyze

// Evaluate computes the result of d. It is a pure function: the same data
// give the same result to the last digit.
func Evaluate(d Data) Result {
	r := Result{
		Schema: ResultSchema, App: d.App, Release: d.Release, Control: d.Control, Treatment: d.Treatment,
		Design: d.Design, Period: d.Period, Units: d.Units,
		Metrics:    make([]MetricResult, len(d.Metrics)),
		Amendments: d.Amendments,
		Warnings:   append([]string{}, d.Warnings...),
	}
	for _, a := range d.Amendments {
		r.Warnings = append(r.Warnings, a.String())
	}
	if r.Units.Excluded == nil {
		r.Units.Excluded = []Excluded{}
	}
	r.Period.LargeShareInformation, r.Period.Information = d.information()
	r.Health = d.health()
	for i, m := range d.Metrics {
		e := evaluator{data: d, in: m}
		r.Metrics[i] = e.evaluate()
	}
	adjust(r.Metrics, d.Design.Alpha)
	return r
}

// largeShare is the share of treatment from which on a stratum counts as
// tried at scale.
const largeShare = .2

// information sums share x (1 - share) over units, and gives the part of it from large
// shares; unknown where no unit arrived.
func (d Data) information() (fromLarge, sum Number) {
	large, all := 0.0, 0.0
	for _, a := range d.Arrived {
		share := d.Strata[a.Stratum].Share
		information := float64(a.Control+a.Treatment) * share * (1 - share)
		all += information
		if share >= largeShare {
			large += information
		}
	}
	return Number(large / all), Number(all)
}

// adjust fills in what depends on several metrics: p-values adjusted among metrics of
// one role, harm among goals and guardrails, and the words that follow from them.
func adjust(metrics []MetricResult, alpha float64) {
	for _, role := range []Role{Goal, Guardrail, Monitor} {
		var at []int
		var p []Number
		for i, m := range metrics {
			if m.Role == role {
				at, p = append(at, i), append(p, m.Test.PValue)
			}
		}
		for j, x := range holm(p) {
			metrics[at[j]].Test.PAdjusted = x
		}
	}
	var at []int
	var harm []Number
	for i, m := range metrics {
		if m.Role != Monitor && m.Margin.Check != CheckNone {
			at, harm = append(at, i), append(harm, m.Margin.HarmPValue)
		}
	}
	for j, x := range holm(harm) {
		metrics[at[j]].Margin.HarmAdjusted = x
	}
	for i := range metrics {
		metrics[i].conclude(alpha)
	}
}

// conclude gives the words that the p-values stand for.
func (m *MetricResult) conclude(alpha float64) {
	if p := m.Test.PAdjusted; p.Known() {
		m.Direction = Unclear
		if float64(p) < alpha && m.Test.Value != 0 {
			m.Direction = Worse
			if m.Good.sign()*float64(m.Test.Value) > 0 {
				m.Direction = Better
			}
		}
		if m.Direction == Better && (m.MissingDiffers || m.Judge.OwnScale()) {
			m.Direction = Unclear
		}
	}
	if m.Margin.Check == CheckNone {
		return
	}
	switch {
	case m.Margin.HarmAdjusted.Known() && float64(m.Margin.HarmAdjusted) < alpha:
		m.Margin.Check = CheckFailed
	case m.Margin.PValue.Known() && float64(m.Margin.PValue) < alpha && !m.MissingDiffers:
		m.Margin.Check = CheckPassed
	}
}
