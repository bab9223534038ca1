package analyze

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/analyze/fixed"
)

// Evaluate computes the result of d. It is a pure function: the same data
// give the same result to the last digit.
func Evaluate(d Data) Result {
	r := Result{
		Schema: ResultSchema, App: d.App, Release: d.Release, Control: d.Control, Treatment: d.Treatment,
		Design: d.Design, Period: d.Period, Units: d.Units,
		Metrics:  make([]MetricResult, len(d.Metrics)),
		Warnings: append([]string{}, d.Warnings...),
	}
	if r.Units.Excluded == nil {
		r.Units.Excluded = []Excluded{}
	}
	r.Period.LargeShareInformation = d.largeShareInformation()
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

// largeShareInformation is the part of the information from large shares;
// unknown where no unit arrived.
func (d Data) largeShareInformation() Number {
	large, all := 0.0, 0.0
	for _, a := range d.Arrived {
		share := d.Strata[a.Stratum].Share
		information := float64(a.Control+a.Treatment) * share * (1 - share)
		all += information
		if share >= largeShare {
			large += information
		}
	}
	return Number(large / all)
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
		if m.Direction == Better && m.MissingDiffers {
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

// An evaluator computes one metric's result.
type evaluator struct {
	data Data
	in   MetricData
	out  MetricResult
	test string // the test at one look that was used
}

func (e *evaluator) warn(format string, args ...any) {
	e.out.Warnings = append(e.out.Warnings, fmt.Sprintf(format, args...))
}

func (e *evaluator) evaluate() MetricResult {
	m := e.in.Metric
	e.out = MetricResult{
		Name: m.Name, Role: m.Role, Kind: m.Kind, Good: m.Good, Unit: m.Unit, Quantile: m.Quantile,
		Control:   ArmResult{Value: Unknown, StdErr: Unknown, Missing: Unknown},
		Treatment: ArmResult{Value: Unknown, StdErr: Unknown, Missing: Unknown},
		Absolute:  Effect{Estimand: e.estimand(), Value: Unknown, StdErr: Unknown, Lower: Unknown, Upper: Unknown, PValue: Unknown},
		Relative:  unknownInterval(),
		Test:      Test{Estimand: e.testEstimand(), Value: Unknown, Lower: Unknown, Upper: Unknown, PValue: Unknown, PAdjusted: Unknown, Sided: 2},
		Naive:     Naive{Value: Unknown, Note: "pooled over strata"},
		Margin:    MarginCheck{Value: Unknown, Bound: Unknown, PValue: Unknown, HarmPValue: Unknown, HarmAdjusted: Unknown, Check: CheckNone},
		More:      More{Superior: Unknown, NonInferior: Unknown},
		Direction: NotEstimable,
		Warnings:  append([]string{}, e.in.Warnings...),
	}
	if m.Margin != nil {
		e.out.Margin.Value, e.out.Margin.Relative, e.out.Margin.Check = Number(m.Margin.Value), m.Margin.Relative, CheckOpen
	}
	if m.Kind == KindMean && m.Rate && e.in.Binary {
		e.out.Kind = KindProportion
	}
	switch {
	case e.in.Absent != "":
		e.warn("not estimable: %s", e.in.Absent)
	case e.data.Design.Kind == Paired:
		e.paired()
	default:
		e.independent()
	}
	e.compareMissing()
	e.out.Method = e.method()
	return e.out
}

func (e *evaluator) estimand() string {
	if e.data.Design.Kind == Paired {
		return "cases"
	}
	return "traffic"
}

func (e *evaluator) testEstimand() string {
	if e.data.Design.Kind == Paired {
		return "cases"
	}
	return "overlap"
}

// independent evaluates arms of different units.
func (e *evaluator) independent() {
	d, m := e.data, e.in.Metric
	pairs := byStratum(e.in.Cells, len(d.Strata))
	arms := pooled(pairs)
	e.out.Control.Units, e.out.Treatment.Units = arms[Control].N, arms[Treatment].N
	e.missing(e.all(arms[Control].N, e.in.Missing.Control), e.all(arms[Treatment].N, e.in.Missing.Treatment))
	if e.tooFew(arms[Control].N, arms[Treatment].N, 2, "units", figure) {
		return
	}
	kept := estimable(pairs)
	if len(kept) < len(pairs) {
		e.warn("%d of %d strata have fewer than %d units in an arm: they are in the test, not in the estimate", len(pairs)-len(kept), len(pairs), minStratumUnits)
	}
	levels := e.levels(kept, arms)
	c := comparison{metric: m, control: levels[Control], treatment: levels[Treatment], trials: trials(m, arms[Treatment]), alpha: d.Design.Alpha}
	if e.out.Kind == KindProportion && len(pairs) == 1 {
		c.counts = counts(m.Shown, arms)
	}
	h := c.horizon()
	if m.Kind == KindQuantile {
		h.passP, h.harmP = math.NaN(), math.NaN() // the thresholds decide
	}
	e.out.Control.Value, e.out.Control.StdErr = Number(levels[Control].value), Number(levels[Control].stdErr())
	e.out.Treatment.Value, e.out.Treatment.StdErr = Number(levels[Treatment].value), Number(levels[Treatment].stdErr())
	e.out.Absolute.Value, e.out.Absolute.StdErr = Number(h.absolute.Value), Number(h.absolute.StdErr)
	if len(kept) > 0 {
		e.out.Relative.Value = h.relative.Value
	}
	if m.Kind != KindQuantile {
		e.out.Naive.Value = Number(m.Shown.value(arms[Treatment]) - m.Shown.value(arms[Control]))
	}
	if d.Design.Method == Fixed {
		e.fixed(c, h, kept, arms)
	} else {
		e.sequential(h)
	}
}

// levels gives both arms' figures, strata weighted by traffic.
func (e *evaluator) levels(kept []stratumPair, arms [2]Moments) [2]level {
	if e.in.Metric.Kind == KindQuantile {
		levels, left := quantileLevels(e.in.Quantiles, kept, e.data.Design.Alpha)
		if left > 0 {
			e.warn("%d of %d strata have too few rows for an interval of this quantile and are left out of the figures shown", left, len(kept))
		}
		return levels
	}
	w := trafficWeights(kept)
	return [2]level{levelOf(e.in.Metric.Shown, kept, w, Control), levelOf(e.in.Metric.Shown, kept, w, Treatment)}
}

// trials is how often a rate's event could happen.
func trials(m Metric, arm Moments) float64 { return float64(arm.N) * m.Tested.scale(arm) }

// counts of a proportion; its values are zeros and ones.
func counts(f Form, arms [2]Moments) *[2]fixed.Proportion {
	var c [2]fixed.Proportion
	for _, a := range Arms {
		n := float64(arms[a].N)
		c[a] = fixed.Proportion{Successes: math.Round(arms[a].Mean[f.Num] * n), Trials: n}
	}
	return &c
}

// What an arm can have too few units for.
const (
	figure = "a figure"
	test   = "a test"
)

// tooFew warns, and reports true, where an arm has fewer than least.
func (e *evaluator) tooFew(control, treatment, least int64, what, goal string) bool {
	d := e.data
	for _, x := range []struct {
		version string
		n       int64
	}{{d.Control, control}, {d.Treatment, treatment}} {
		if x.n < least {
			e.warn("not estimable: %s has %d of the %d %s %s needs%s", x.version, x.n, least, what, goal, e.immature())
			return true
		}
	}
	return false
}

// immature explains a shortage by units that have yet to mature.
func (e *evaluator) immature() string {
	if n := e.in.Immature.Control + e.in.Immature.Treatment; n > 0 {
		return fmt.Sprintf(" (%d more are not mature yet)", n)
	}
	return ""
}

// fixed fills in what holds at one look.
func (e *evaluator) fixed(c comparison, h horizon, kept []stratumPair, arms [2]Moments) {
	d, m := e.data, e.in.Metric
	e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue = Number(h.lower), Number(h.upper), Number(h.p)
	e.out.Relative = h.relative
	e.test = h.method
	if e.tooFew(arms[Control].N, arms[Treatment].N, m.Minimum, "units", test) {
		return
	}
	if degenerate(h.absolute.StdErr) {
		e.warn("not estimable: every unit has the same value in both arms, so there is no error to test against")
		return
	}
	if m.Rate && m.Margin != nil && c.counts == nil && c.expectedEvents() < minExpectedEvents {
		e.warn("at the margin %.1f events would be expected of %s: %d are needed to pass", c.expectedEvents(), d.Treatment, minExpectedEvents)
	}
	if m.Kind == KindQuantile {
		e.fixedThresholds(kept, h)
		return
	}
	if len(kept) > 1 {
		w := overlapWeights(kept, d.Strata)
		h = comparison{
			metric: m, alpha: d.Design.Alpha, trials: trials(m, arms[Treatment]),
			control: levelOf(m.Tested, kept, w, Control), treatment: levelOf(m.Tested, kept, w, Treatment),
		}.horizon()
	}
	e.take(h)
}

// take copies a test at one look.
func (e *evaluator) take(h horizon) {
	e.out.Test.Value, e.out.Test.Lower, e.out.Test.Upper, e.out.Test.PValue = Number(h.absolute.Value), Number(h.lower), Number(h.upper), Number(h.p)
	if e.in.Metric.Margin == nil {
		return
	}
	e.out.Margin.Bound, e.out.Margin.PValue, e.out.Margin.HarmPValue = Number(h.bound), Number(h.passP), Number(h.harmP)
}

// fixedThresholds tests a quantile by rates above thresholds.
func (e *evaluator) fixedThresholds(kept []stratumPair, shown horizon) {
	d, m := e.data, e.in.Metric
	if len(kept) == 0 {
		return
	}
	w := overlapWeights(kept, d.Strata)
	rates := func(f Form) comparison {
		plain := m
		plain.Margin = nil
		return comparison{metric: plain, alpha: d.Design.Alpha, control: levelOf(f, kept, w, Control), treatment: levelOf(f, kept, w, Treatment)}
	}
	h := rates(m.Tested).horizon()
	h.bound, h.passP, h.harmP = shown.bound, math.NaN(), math.NaN()
	if m.Margin != nil {
		h.passP, h.harmP = oneSided(rates(m.Margined).difference(1, 0), m.Good)
	}
	e.take(h)
}

// degenerate reports whether a standard error gives nothing to test against.
func degenerate(stdErr float64) bool { return !(stdErr > 0) || math.IsInf(stdErr, 1) }

// sequential fills in what holds at every look.
func (e *evaluator) sequential(h horizon) {
	d, m := e.data, e.in.Metric
	q := sequencer{metric: m, alpha: d.Design.Alpha, frozen: e.in.Frozen, strata: d.Strata, binary: e.in.Binary}
	if !(q.precision(d.Design.Alpha) > 0) {
		e.warn("not estimable: %s shows no spread to tune the sequence with (%s)", d.Control, e.in.Frozen.Source)
		return
	}
	s := q.run(e.in.Cells)
	if m.Kind != KindQuantile {
		e.out.Absolute.Lower, e.out.Absolute.Upper = s.traffic.Lower, s.traffic.Upper
		e.out.Relative.Lower, e.out.Relative.Upper = s.relative.Lower, s.relative.Upper
	} else if s.tested {
		e.describeQuantile(h, s)
	}
	if s.harmTested && m.Margin != nil {
		e.out.Margin.HarmPValue = Number(s.harmP)
	}
	if !s.tested {
		e.tooFew(e.out.Control.Units, e.out.Treatment.Units, m.Minimum, "units", test)
		return
	}
	if s.lower > s.upper {
		e.warn("the effect changed while the release ran: intervals of different looks do not overlap, and the present one is shown")
		s.lower, s.upper = s.presentLower, s.presentUpper
	}
	e.out.Test.Value, e.out.Test.Lower, e.out.Test.Upper, e.out.Test.PValue = Number(s.value), Number(s.lower), Number(s.upper), Number(s.p)
	units := float64(e.out.Control.Units + e.out.Treatment.Units)
	e.out.More.Superior = Number((s.moreForP - 1) * units)
	if m.Margin != nil {
		if m.Kind != KindQuantile {
			e.out.Margin.Bound = Number(s.bound)
		}
		e.out.Margin.PValue = Number(s.passP)
		e.out.More.NonInferior = Number((s.moreForPass - 1) * units)
	}
}

// describeQuantile gives the quantile's own interval the width, relative to its
// standard error, that the sequence of its thresholds has. It describes; the thresholds
// decide.
func (e *evaluator) describeQuantile(h horizon, s sequence) {
	m := e.in.Metric
	lower, upper := h.absolute.Value-s.wide*h.absolute.StdErr, h.absolute.Value+s.wide*h.absolute.StdErr
	e.out.Absolute.Lower, e.out.Absolute.Upper = Number(lower), Number(upper)
	a, b := e.out.Control, e.out.Treatment
	square := func(x Number) float64 { return float64(x * x) }
	e.out.Relative = lift(float64(a.Value), float64(b.Value), square(a.StdErr), square(b.StdErr), 0, s.wide)
	if m.Margin == nil {
		return
	}
	g := m.Good.sign()
	if m.Margin.Relative {
		limits := lift(float64(a.Value), float64(b.Value), square(a.StdErr), square(b.StdErr), 0, s.wideOneSided)
		e.out.Margin.Bound = Number(pick(m.Good)(float64(limits.Lower), float64(limits.Upper)))
	} else {
		e.out.Margin.Bound = Number(h.absolute.Value - g*s.wideOneSided*h.absolute.StdErr)
	}
}

// paired evaluates arms that ran the same cases.
func (e *evaluator) paired() {
	d, m := e.data, e.in.Metric
	if e.in.Pairs == nil {
		e.warn("not estimable: no case has a value under both versions")
		return
	}
	n := e.in.Pairs.N
	e.out.Control.Units, e.out.Treatment.Units = n, n
	e.missing(d.Units.Control, d.Units.Treatment)
	if e.tooFew(n, n, 2, "cases", figure) {
		return
	}
	of := func(f Form, withMargin bool) pairing {
		p := pairing{metric: m, form: f, moments: *e.in.Pairs, alpha: d.Design.Alpha,
			exact: e.in.Binary && e.in.SingleTrial && f.Den == Ones}
		if !withMargin {
			p.metric.Margin = nil
		}
		return p
	}
	shown := of(m.Shown, m.Kind != KindQuantile)
	h := shown.horizon()
	if m.Kind == KindQuantile {
		pairs := []stratumPair{{stratum: 0, arms: [2]Moments{shown.arm(Control), shown.arm(Treatment)}}}
		levels := e.levels(pairs, [2]Moments{})
		h = comparison{metric: m, control: levels[Control], treatment: levels[Treatment], alpha: d.Design.Alpha}.horizon()
		h.method = "difference of Woodruff quantiles, pairing ignored (conservative)"
		e.out.Control.Value, e.out.Control.StdErr = Number(levels[Control].value), Number(levels[Control].stdErr())
		e.out.Treatment.Value, e.out.Treatment.StdErr = Number(levels[Treatment].value), Number(levels[Treatment].stdErr())
	} else {
		for _, a := range Arms {
			est := m.Shown.Estimate(shown.arm(a))
			out := e.arm(a)
			out.Value, out.StdErr = Number(est.Value), Number(est.StdErr)
		}
	}
	e.out.Absolute.Value, e.out.Absolute.StdErr = Number(h.absolute.Value), Number(h.absolute.StdErr)
	e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue = Number(h.lower), Number(h.upper), Number(h.p)
	e.out.Relative = h.relative
	e.out.Naive = Naive{Value: h.absoluteNumber(), Note: "the same: cases weigh alike"}
	e.test = h.method
	if degenerate(h.absolute.StdErr) {
		e.warn("not estimable: no case differs between the versions, so there is no error to test against")
		return
	}
	if e.tooFew(n, n, minCases, "shared cases", test) {
		return
	}
	if m.Kind == KindQuantile {
		gate := of(m.Margined, false).horizon()
		bound := h.bound
		h = of(m.Tested, false).horizon()
		h.bound = bound
		h.passP, h.harmP = oneSided(gate.absolute, m.Good)
	}
	e.take(h)
}

// minCases is the number of shared cases that a paired test needs.
const minCases = 20

func (h horizon) absoluteNumber() Number { return Number(h.absolute.Value) }

func (e *evaluator) arm(a Arm) *ArmResult {
	if a == Control {
		return &e.out.Control
	}
	return &e.out.Treatment
}

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

// method says in a line how the figures were computed.
func (e *evaluator) method() string {
	d, m := e.data.Design, e.in.Metric
	parts := []string{}
	switch {
	case d.Kind == Paired:
		parts = append(parts, "paired by case")
	default:
		parts = append(parts, "two-sample, clustered by "+d.Unit)
	}
	if d.Kind == Stratified {
		parts = append(parts, "stratified by epoch and rule")
	}
	switch m.Kind {
	case KindQuantile:
		parts = append(parts, "Woodruff quantile, tested by rates above thresholds")
	case KindRatio:
		parts = append(parts, "ratio of sums (delta method)")
	}
	if e.in.Frozen.Cap.Known() {
		parts = append(parts, fmt.Sprintf("capped at %.6g in the test", float64(e.in.Frozen.Cap)))
	}
	if d.Method == Sequential {
		parts = append(parts, "asymptotic confidence sequence")
	} else if e.test != "" {
		parts = append(parts, e.test)
	}
	return strings.Join(parts, ", ")
}
