package analyze

import (
	"math"

	"weir/analyze/cluster"
	"weir/analyze/dist"
	"weir/analyze/fixed"
)

// A pairing compares arms that ran the same cases: control's vector of a case
// followed by treatment's, so that what a case is like cancels. Trials of a
// case are averaged, not counted (Miller 2024, arXiv 2411.00640).
type pairing struct {
	metric  Metric
	form    Form
	moments Moments
	alpha   float64
	// exact: each case ran once and gave zero or one, so that McNemar's exact
	// test applies.
	exact bool
	// cases are the figures of few cases; nil where there are more, and where it is no mean.
	cases [][2]float64
}

// arm gives the moments of one arm's vector.
func (p pairing) arm(a Arm) Moments {
	size := len(p.moments.Mean) / 2
	at := int(a) * size
	m := Moments{N: p.moments.N, Mean: p.moments.Mean[at : at+size]}
	for i := range size {
		for j := range i + 1 {
			m.Cross = append(m.Cross, p.moments.cross(at+i, at+j))
		}
	}
	return m
}

// levels gives both arms' figures and the variances and covariance of them.
func (p pairing) levels() (values [2]float64, variance [2]float64, covariance float64) {
	size := len(p.moments.Mean) / 2
	var scores [2][]float64
	for _, a := range Arms {
		m := p.arm(a)
		values[a] = p.form.value(m)
		score := make([]float64, 2*size)
		for i, w := range p.form.score(m, values[a]) {
			score[int(a)*size+i] = w / p.form.scale(m)
		}
		scores[a] = score
	}
	divisor := float64(p.moments.N) * float64(p.moments.N-1)
	for _, a := range Arms {
		_, square := p.moments.linear(scores[a])
		variance[a] = square / divisor
	}
	return values, variance, p.moments.product(scores[Control], scores[Treatment]) / divisor
}

// horizon compares treatment with control over cases by Student's t with
// cases - 1 degrees of freedom; the p-value of single zeros and ones is
// McNemar's exact one.
func (p pairing) horizon() horizon {
	values, variance, covariance := p.levels()
	h := student(p.difference(values, variance, covariance, 1, 0), p.alpha, "paired t over cases")
	q := dist.StudentTQuantile(1-p.alpha/2, h.absolute.DF)
	h.relative = lift(values[Control], values[Treatment], variance[Control], variance[Treatment], covariance, q)
	if p.cases != nil {
		p.flip(&h)
	}
	if p.exact {
		onlyControl, onlyTreatment := p.discordant()
		h.p = fixed.McNemar(onlyControl, onlyTreatment).Exact
		h.method = "paired t interval, exact McNemar test"
		if p.cases != nil {
			h.method = "sign-flip interval over cases, exact McNemar test"
		}
	}
	if p.metric.Margin != nil {
		p.againstMargin(&h, values, variance, covariance)
	}
	return h
}

// flip replaces the interval and p-value of t by the exact ones of the sign-flip test: versions that
// do not differ could have changed places in every case.
func (p pairing) flip(h *horizon) {
	d := p.differences(1, 0)
	h.p, h.method = fixed.NewSignFlip(d).TwoSided, "exact sign-flip test over cases"
	h.lower, h.upper = fixed.SignFlipInterval(d, p.alpha)
}

// differences are each case's treatment less k times control and shift.
func (p pairing) differences(k, shift float64) []float64 {
	d := make([]float64, len(p.cases))
	for i, c := range p.cases {
		d[i] = c[Treatment] - k*c[Control] - shift
	}
	return d
}

// cautious takes, of few cases, the larger p-value and the farther limit of t and the sign-flip test: at
// a margin neither is exact where differences are skewed.
func (p pairing) cautious(h *horizon, k, shift float64) {
	good := p.metric.Good
	test := fixed.NewSignFlip(p.differences(k, shift))
	passP, harmP := test.Greater, test.Less
	if good == Down {
		passP, harmP = harmP, passP
	}
	h.passP, h.harmP = math.Max(h.passP, passP), math.Max(h.harmP, harmP)
	if p.metric.Margin.Relative {
		return
	}
	if d := p.differences(1, 0); good == Up {
		h.bound = math.Min(h.bound, fixed.SignFlipLower(d, p.alpha))
	} else {
		h.bound = math.Max(h.bound, fixed.SignFlipUpper(d, p.alpha))
	}
}

// difference is the treatment less k times control and shift. Cases that all differ alike leave no
// variance but rounding, which is none.
func (p pairing) difference(values, variance [2]float64, covariance, k, shift float64) fixed.Difference {
	own, shared := variance[Treatment]+k*k*variance[Control], 2*k*covariance
	v := cluster.Settle(own-shared, own+math.Abs(shared))
	return fixed.Difference{
		Value:  values[Treatment] - k*values[Control] - shift,
		StdErr: math.Sqrt(math.Max(v, 0)),
		DF:     float64(p.moments.N - 1),
	}
}

// discordant counts the cases that only control, and only treatment, has as one.
func (p pairing) discordant() (onlyControl, onlyTreatment float64) {
	size := len(p.moments.Mean) / 2
	i, j := p.form.Num, size+p.form.Num
	n := float64(p.moments.N)
	both := p.moments.cross(i, j) + n*p.moments.Mean[i]*p.moments.Mean[j]
	return math.Round(n*p.moments.Mean[i] - both), math.Round(n*p.moments.Mean[j] - both)
}

// againstMargin fills in the one-sided statements.
func (p pairing) againstMargin(h *horizon, values, variance [2]float64, covariance float64) {
	k, shift := p.metric.null()
	good := p.metric.Good
	h.passP, h.harmP = oneSided(p.difference(values, variance, covariance, k, shift), good)
	if p.cases != nil {
		defer p.cautious(h, k, shift)
	}
	if !p.metric.Margin.Relative {
		h.bound = badLimit(h.absolute, good, p.alpha)
		return
	}
	q := dist.StudentTQuantile(1-p.alpha, h.absolute.DF)
	limits := lift(values[Control], values[Treatment], variance[Control], variance[Treatment], covariance, q)
	h.bound = pick(good)(float64(limits.Lower), float64(limits.Upper))
}
