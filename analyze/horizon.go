package analyze

import (
	"math"

	"weir/analyze/dist"
	"weir/analyze/fixed"
)

// A horizon is what a test at one look says of the arms.
type horizon struct {
	absolute     fixed.Difference
	lower, upper float64
	p            float64
	relative     Interval
	passP        float64 // of "worse than the margin"; NaN without margin
	harmP        float64 // of "not beyond the margin"
	bound        float64 // one-sided, on the margin's scale, on the bad side
	method       string
}

// student makes the horizon of a difference with Student's error.
func student(d fixed.Difference, alpha float64, method string) horizon {
	h := horizon{absolute: d, p: d.TwoSided(0), relative: unknownInterval(), method: method,
		passP: math.NaN(), harmP: math.NaN(), bound: math.NaN()}
	h.lower, h.upper = d.Interval(alpha)
	return h
}

// oneSided gives the p-values that the truth is at most, and at least, zero,
// turned so that the first is of being bad.
func oneSided(d fixed.Difference, good Good) (passP, harmP float64) {
	if good.sign() > 0 {
		return d.Greater(0), d.Less(0)
	}
	return d.Less(0), d.Greater(0)
}

// badLimit is the one-sided limit on the bad side.
func badLimit(d fixed.Difference, good Good, alpha float64) float64 {
	if good.sign() > 0 {
		return d.LowerLimit(alpha)
	}
	return d.UpperLimit(alpha)
}

// A comparison holds the levels of independent arms, and, for a single stratum of
// zeros and ones, their counts.
type comparison struct {
	metric             Metric
	control, treatment level
	counts             *[2]fixed.Proportion
	trials             float64 // of a rate, by the treatment
	alpha              float64
}

// horizon compares the arms at one look: by Welch's t on means and ratios, combined over
// strata with Satterthwaite's degrees of freedom, or, for a proportion in a single
// stratum, by Newcombe's interval with Miettinen and Nurminen's score test, Fisher's
// exact test where an arm has fewer than ten events or non-events.
func (c comparison) horizon() horizon {
	h := student(c.difference(1, 0), c.alpha, "Welch t")
	if c.counts != nil {
		c.proportion(&h)
	}
	a, b := c.control, c.treatment
	h.relative = lift(a.value, b.value, a.variance, b.variance, 0, dist.NormalQuantile(1-c.alpha/2))
	if c.metric.Margin != nil {
		c.againstMargin(&h)
	}
	return h
}

// difference is the treatment less k times control and shift.
func (c comparison) difference(k, shift float64) fixed.Difference {
	d := c.treatment.minus(c.control.times(k))
	d.Value -= shift
	return d
}

// fewEvents is below how many events or non-events in an arm the exact test decides.
const fewEvents = 10

// proportion replaces Welch's interval and p-value by those for counts.
func (c comparison) proportion(h *horizon) {
	a, b := c.counts[Control], c.counts[Treatment]
	h.lower, h.upper = fixed.Newcombe(a, b, c.alpha)
	h.p, h.method = dist.NormalTwoSided(fixed.MiettinenNurminenZ(a, b, 0)), "Newcombe interval, Miettinen-Nurminen score test"
	if min(a.Successes, a.Trials-a.Successes, b.Successes, b.Trials-b.Successes) < fewEvents {
		h.p, h.method = fisherP(a, b), "Newcombe interval, Fisher exact test"
	}
}

// fisherP is the two-sided p-value of Fisher's exact test of equal rates.
func fisherP(a, b fixed.Proportion) float64 {
	return fixed.Fisher([2][2]float64{{a.Successes, a.Trials - a.Successes}, {b.Successes, b.Trials - b.Successes}}).TwoSided
}

// againstMargin fills in the one-sided statements.
func (c comparison) againstMargin(h *horizon) {
	m, good := c.metric.Margin, c.metric.Good
	k, shift := c.metric.null()
	if c.counts != nil && !m.Relative {
		z := good.sign() * fixed.MiettinenNurminenZ(c.counts[Control], c.counts[Treatment], shift)
		h.passP, h.harmP = dist.NormalSurvival(z), dist.NormalSurvival(-z)
		h.bound = pick(good)(fixed.MiettinenNurminen(c.counts[Control], c.counts[Treatment], 2*c.alpha))
		return
	}
	h.passP, h.harmP = oneSided(c.difference(k, shift), good)
	if c.metric.Rate && c.expectedEvents() < minExpectedEvents {
		h.passP = math.NaN() // few unseen events prove little
	}
	if !m.Relative {
		h.bound = badLimit(h.absolute, good, c.alpha)
		return
	}
	a, b := c.control, c.treatment
	limits := lift(a.value, b.value, a.variance, b.variance, 0, dist.StudentTQuantile(1-c.alpha, h.absolute.DF))
	h.bound = pick(good)(float64(limits.Lower), float64(limits.Upper))
}

// expectedEvents is how many events, or non-events if they are fewer, the
// treatment's rows lead to expect at the margin.
func (c comparison) expectedEvents() float64 {
	atMargin := c.metric.atMargin(c.control.value)
	return c.trials * math.Min(atMargin, 1-atMargin)
}

// pick gives the limit on the bad side.
func pick(good Good) func(lower, upper float64) float64 {
	return func(lower, upper float64) float64 {
		if good.sign() > 0 {
			return lower
		}
		return upper
	}
}

// lift is b/a - 1 with limits where the pivot's quantile is z. Where control is clearly above
// zero (two such quantiles of its standard error) they are on the log scale
// (delta method); else Fieller's (1954), null where they are unbounded. A control at or below zero, or
// a treatment below it, has no lift.
func lift(a, b, varA, varB, cov, z float64) Interval {
	if !(a > 0) || b < 0 {
		return unknownInterval()
	}
	out := Interval{Number(b/a - 1), Unknown, Unknown}
	if a*a >= 4*z*z*varA && b > 0 {
		s := math.Sqrt(math.Max(varA/(a*a)+varB/(b*b)-2*cov/(a*b), 0))
		out.Lower, out.Upper = Number(b/a*math.Exp(-z*s)-1), Number(b/a*math.Exp(z*s)-1)
		return out
	}
	lead := a*a - z*z*varA
	half := a*b - z*z*cov
	root := half*half - lead*(b*b-z*z*varB)
	if lead > 0 && root >= 0 {
		out.Lower, out.Upper = Number((half-math.Sqrt(root))/lead-1), Number((half+math.Sqrt(root))/lead-1)
	}
	return out
}
