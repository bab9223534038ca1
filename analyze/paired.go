package analyze

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
	e.test = h.method
	if degenerate(h.absolute.StdErr) {
		e.warn("not estimable: no case differs between the versions, so there is no error to test against")
		return
	}
	if e.tooFew(n, n, minCases, "shared cases", test) {
		return
	}
	if m.Kind == KindQuantile {
		h = e.pairedThresholds(h.bound)
	}
	e.take(h)
}

// pairing compares one form of the metric over cases.
func (e *evaluator) pairing(f Form) pairing {
	return pairing{metric: e.in.Metric, form: f, moments: *e.in.Pairs, alpha: e.data.Design.Alpha,
		exact: e.in.Binary && e.in.SingleTrial && f.Den == Ones}
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
	h := comparison{metric: m, control: levels[Control], treatment: levels[Treatment], alpha: e.data.Design.Alpha}.horizon()
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
