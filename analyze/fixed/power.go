package fixed

import (
	"math"

	"weir/analyze/dist"
)

// An Alternative says on which side of zero an effect counts.
type Alternative int

const (
	TwoSided Alternative = iota // either side; both tails count as power
	Larger                      // b above a
	Smaller                     // b below a
)

// A Plan is the design of a comparison of two means with a common standard
// deviation. Effects are in its unit (Cohen's d).
type Plan struct {
	Ratio       float64 // units of b per unit of a
	Alpha       float64
	Alternative Alternative
	// Normal plans a z test with known standard deviation; otherwise Student's
	// t test with pooled variance.
	Normal bool
}

// Power returns the probability of rejecting with n units of a when the
// effect is d; NaN where the t test has fewer than 0.1 degrees of freedom. R:
// power.t.test(strict = TRUE), statsmodels: TTestIndPower, NormalIndPower.
func (p Plan) Power(d, n float64) float64 {
	shift := d * math.Sqrt(n*p.Ratio/(1+p.Ratio))
	switch p.Alternative {
	case Larger:
		return p.upperTail(shift, n, p.Alpha)
	case Smaller:
		return p.upperTail(-shift, n, p.Alpha)
	}
	return p.upperTail(shift, n, p.Alpha/2) + p.upperTail(-shift, n, p.Alpha/2)
}

// upperTail returns the probability that the statistic, shifted by its
// expectation in standard errors, exceeds the critical value of level alpha.
func (p Plan) upperTail(shift, n, alpha float64) float64 {
	df := math.Inf(1)
	if !p.Normal {
		df = n*(1+p.Ratio) - 2
	}
	return dist.NoncentralTSurvival(-dist.StudentTQuantile(alpha, df), df, shift)
}

// SampleSize returns the units of a, as a fraction, at which the power for
// effect d is reached; b has Ratio times as many. NaN where no size reaches it: an
// effect of zero or on the side that does not count.
func (p Plan) SampleSize(d, power float64) float64 {
	least := 0.0
	if !p.Normal {
		least = 2.1 / (1 + p.Ratio) // 0.1 degrees of freedom
	}
	return firstReaching(least, power, func(n float64) float64 { return p.Power(d, n) })
}

// Detectable returns the effect that n units of a detect with that power:
// positive, or negative where the alternative is Smaller. It is NaN for a
// power not above that of no effect.
func (p Plan) Detectable(n, power float64) float64 {
	sign := 1.0
	if p.Alternative == Smaller {
		sign = -1
	}
	return sign * firstReaching(0, power, func(d float64) float64 { return p.Power(sign*d, n) })
}

// firstReaching returns the point above least at which a rising power is
// reached; NaN where it is not reached by 1e15, or already at least.
func firstReaching(least, power float64, at func(float64) float64) float64 {
	hi := math.Max(1, 2*least)
	for !(at(hi) >= power) {
		if hi *= 2; hi > 1e15 {
			return math.NaN()
		}
	}
	if at(least) >= power {
		return math.NaN()
	}
	return bisect(least, hi, func(x float64) bool { return at(x) >= power })
}

// RateSampleSize returns the units per arm, as a fraction, at which a z test of two
// equally large arms detects rates pa and pb with that power: variance pooled
// under the null, unpooled under the alternative, one tail counted; R:
// power.prop.test. It is +infinity for equal rates.
func RateSampleSize(pa, pb, alpha, power float64) float64 {
	pooled := (pa + pb) / 2
	null := math.Sqrt(2 * pooled * (1 - pooled))
	alternative := math.Sqrt(pa*(1-pa) + pb*(1-pb))
	root := (critical(alpha/2)*null + critical(1-power)*alternative) / (pb - pa)
	return root * root
}

// CohenH returns the difference of two rates on the arcsine scale, positive
// where pb is above pa (Cohen 1988).
func CohenH(pa, pb float64) float64 {
	return 2*math.Asin(math.Sqrt(pb)) - 2*math.Asin(math.Sqrt(pa))
}
