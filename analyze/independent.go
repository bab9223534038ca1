package analyze

import (
	"math"

	"weir/analyze/fixed"
)

// independent evaluates arms of different units.
func (e *evaluator) independent() {
	d, m := e.data, e.in.Metric
	cells := e.counted(e.in.Cells)
	pairs := byStratum(cells, len(d.Strata))
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
	levels := e.levels(kept)
	e.adjustment(arms)
	free := adjusted(m.Shown, kept, trafficWeights(kept), levels)
	c := comparison{metric: m, control: free[Control], treatment: free[Treatment], trials: trials(m, arms[Treatment]), alpha: e.alpha()}
	if e.out.Kind == KindProportion && len(pairs) == 1 && m.Shown.Covariate == 0 {
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
	e.out.Reproduce = e.reproduce(kept)
	e.designEffects(arms)
	if d.Design.Method == Fixed {
		e.fixed(c, h, kept, arms)
	} else {
		e.sequential(h, cells)
	}
	e.out.CrossChecks = e.crossChecks(pairs)
	e.past(arms)
	e.breakdowns(cells)
}

// designEffects compares the variance of rates of rows with that of independent rows.
func (e *evaluator) designEffects(arms [2]Moments) {
	f := e.in.Metric.Tested
	if f.Den == Ones || !e.in.Metric.Rate && e.in.Metric.Kind != KindQuantile {
		return
	}
	for _, a := range Arms {
		rate := f.Estimate(arms[a])
		if alone := rate.Value * (1 - rate.Value); alone > 0 {
			rows := float64(arms[a].N) * f.scale(arms[a])
			e.arm(a).DesignEffect = Number(rate.StdErr * rate.StdErr * rows / alone)
		}
	}
}

// levels gives both arms' figures, strata weighted by traffic.
func (e *evaluator) levels(kept []stratumPair) [2]level {
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

// counts of a proportion; its values are zeros and ones. An arm without units has
// no trials.
func counts(f Form, arms [2]Moments) *[2]fixed.Proportion {
	var c [2]fixed.Proportion
	for _, a := range Arms {
		if arms[a].N == 0 {
			continue
		}
		n := float64(arms[a].N)
		c[a] = fixed.Proportion{Successes: math.Round(arms[a].Mean[f.Num] * n), Trials: n}
	}
	return &c
}

// fixed fills in what holds at one look.
func (e *evaluator) fixed(c comparison, h horizon, kept []stratumPair, arms [2]Moments) {
	d, m := e.data, e.in.Metric
	e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue = Number(h.lower), Number(h.upper), Number(h.p)
	e.out.Relative = h.relative
	e.test = h.method
	if e.tooFew(arms[Control].N, arms[Treatment].N, m.Minimum, "units", test) {
		if m.Margin != nil && min(arms[Control].N, arms[Treatment].N) >= HarmMinimum {
			e.out.Margin.HarmPValue = Number(h.harmP) // harm does not wait
		}
		return
	}
	if degenerate(h.absolute.StdErr) {
		if exact, ok := e.unseen(arms); ok {
			e.take(exact)
			e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue, e.test = Number(exact.lower), Number(exact.upper), 1, exact.method
			return
		}
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
		levels := adjusted(m.Tested, kept, w, [2]level{levelOf(m.Tested, kept, w, Control), levelOf(m.Tested, kept, w, Treatment)})
		h = comparison{metric: m, alpha: e.alpha(), trials: trials(m, arms[Treatment]), control: levels[Control], treatment: levels[Treatment]}.horizon()
	}
	e.take(h)
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
		return comparison{metric: plain, alpha: e.alpha(), control: levelOf(f, kept, w, Control), treatment: levelOf(f, kept, w, Treatment)}
	}
	h := rates(m.Tested).horizon()
	if degenerate(h.absolute.StdErr) {
		e.stillThresholds()
		return
	}
	h.bound, h.passP, h.harmP = shown.bound, math.NaN(), math.NaN()
	if m.Margin != nil {
		h.passP, h.harmP = oneSided(rates(m.Margined).difference(1, 0), m.Good)
	}
	e.take(h)
}

// sequencer gives the metric's.
func (e *evaluator) sequencer() sequencer {
	return sequencer{metric: e.in.Metric, alpha: e.alpha(), frozen: e.in.Frozen, strata: e.data.Strata, binary: e.in.Binary}
}

// sequential fills in what holds at every look.
func (e *evaluator) sequential(h horizon, cells []Cell) {
	d, m := e.data, e.in.Metric
	q := e.sequencer()
	if e.raw.Metric.Kind == KindJudge {
		q.metric, cells = e.raw.Metric, e.raw.Cells
	}
	if !(q.precision(q.alpha) > 0 && q.harmPrecision() > 0) {
		e.warn("not estimable: %s shows no spread to tune the sequence with (%s)", d.Control, e.in.Frozen.Source)
		return
	}
	s := q.run(cells)
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
