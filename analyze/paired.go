package analyze

import (
	"math"

	"weir/analyze/fixed"
)

// minCases is the number of shared cases that a paired test needs.
const minCases = 20

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
	h := e.pairedFigures()
	e.out.Absolute.Value, e.out.Absolute.StdErr = Number(h.absolute.Value), Number(h.absolute.StdErr)
	e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue = Number(h.lower), Number(h.upper), Number(h.p)
	e.out.Relative = h.relative
	e.out.Naive = Naive{Value: Number(h.absolute.Value), Note: "the same: cases weigh alike"}
	e.out.Reproduce = e.reproducePairs()
	e.test = h.method
	if degenerate(h.absolute.StdErr) {
		if exact, ok := e.alike(n); ok && n >= minCases && h.absolute.Value == 0 {
			e.take(exact)
			e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue, e.test = Number(exact.lower), Number(exact.upper), 1, exact.method
			return
		}
		e.out.Absolute.Lower, e.out.Absolute.Upper, e.out.Absolute.PValue = Unknown, Unknown, Unknown // a point is no interval
		e.out.Relative.Lower, e.out.Relative.Upper = Unknown, Unknown
		e.warn("not estimable: no case differs between the versions more than another, so there is no error to test against")
		return
	}
	if e.tooFew(n, n, minCases, "shared cases", test) {
		return
	}
	if m.Kind == KindQuantile {
		if h = e.pairedThresholds(h.bound); degenerate(h.absolute.StdErr) {
			e.stillThresholds()
			return
		}
	}
	e.take(h)
}

// pairing compares one form of the metric over cases.
func (e *evaluator) pairing(f Form) pairing {
	return pairing{metric: e.in.Metric, form: f, moments: *e.in.Pairs, alpha: e.alpha(),
		exact: e.in.Binary && e.in.SingleTrial && f.Den == Ones, cases: e.cases(f)}
}

// cases are those of an exact test of a form: all of them, few enough, and a mean of each.
func (e *evaluator) cases(f Form) [][2]float64 {
	if n := len(e.in.Cases); f.Den != Ones || int64(n) != e.in.Pairs.N || n < minCases || n > fixed.MaxExactFlips || e.in.Metric.Kind == KindQuantile {
		return nil
	}
	return e.in.Cases
}

// pairedFigures fills in both arms' figures and compares them. The variance of a
// difference of quantiles leaves the pairing out, which is conservative.
func (e *evaluator) pairedFigures() horizon {
	m := e.in.Metric
	p := e.pairing(m.Shown)
	if m.Kind != KindQuantile {
		for _, a := range Arms {
			estimate, out := m.Shown.Estimate(p.arm(a)), e.arm(a)
			out.Value, out.StdErr = Number(estimate.Value), Number(estimate.StdErr)
		}
		return p.horizon()
	}
	levels := e.levels([]stratumPair{{arms: [2]Moments{p.arm(Control), p.arm(Treatment)}}})
	for _, a := range Arms {
		out := e.arm(a)
		out.Value, out.StdErr = Number(levels[a].value), Number(levels[a].stdErr())
	}
	h := comparison{metric: m, control: levels[Control], treatment: levels[Treatment], alpha: e.alpha()}.horizon()
	h.method = "difference of Woodruff quantiles, pairing ignored (conservative)"
	return h
}

// pairedThresholds tests a quantile by rates above thresholds over cases; bound is that
// of the quantiles.
func (e *evaluator) pairedThresholds(bound float64) horizon {
	good := e.in.Metric.Good
	test, gate := e.pairing(e.in.Metric.Tested), e.pairing(e.in.Metric.Margined)
	test.metric.Margin, gate.metric.Margin = nil, nil
	h := test.horizon()
	h.bound = bound
	h.passP, h.harmP = oneSided(gate.horizon().absolute, good)
	return h
}

// stillThresholds says that a quantile's thresholds tell no unit from another.
func (e *evaluator) stillThresholds() {
	e.warn("not estimable: units do not differ in their rows above %s's frozen quantile, so there is no error to test against", e.data.Control)
}

// alike is the horizon of a rate that no case shows a difference of: were the
// treatment worse by M, a share M of cases at least would be worse under it, and n cases
// would all be alike with probability (1-M)^n at most.
func (e *evaluator) alike(n int64) (horizon, bool) {
	m := e.in.Metric
	if !m.Rate || m.Margin == nil || m.Margin.Relative {
		return horizon{}, false
	}
	cases, alpha := float64(n), e.alpha()
	most := mostUnseen(cases, alpha/2)
	return horizon{
		p: 1, lower: -most, upper: most, relative: unknownInterval(), method: "exact, no case differs",
		passP: math.Pow(1-m.Margin.Value, cases), harmP: 1, bound: -m.Good.sign() * mostUnseen(cases, alpha),
	}, true
}
