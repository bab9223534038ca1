package sequential

import "math"

// A Sum is a stream of terms x_1, ..., x_t in their order of assignment,
// known by its running sums only. It gives the asymptotic confidence sequence
// of the terms' mean, in the form for variances that change over time
// (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central
// limit theory and asymptotic confidence sequences", arXiv 2103.06476).
//
// Its methods take r = rho^2, the tuning: Tuning(v, alpha) of an intrinsic
// time v planned before the first look, and kept. Validity is asymptotic: it
// begins where means are near normal, some hundred units of the smaller arm.
//
// With fewer than two terms there is no limit and no evidence: the limits are
// infinite, a log e-value is 0, a p-value 1.
type Sum struct {
	Terms float64 // t, the number of terms
	Total float64 // S, their sum
	Time  float64 // V >= 0, intrinsic time: the sum of their squared deviations
}

// Mean returns S/t; NaN for no terms.
func (s Sum) Mean() float64 { return s.Total / s.Terms }

// Interval returns the two-sided limits of the mean at confidence 1-alpha:
// S/t -+ Radius(V, r, alpha)/t.
func (s Sum) Interval(r, alpha float64) (lower, upper float64) {
	if s.Terms < 2 {
		return math.Inf(-1), math.Inf(1)
	}
	half := Radius(s.Time, r, alpha) / s.Terms
	return s.Mean() - half, s.Mean() + half
}

// Lower returns the one-sided lower limit of the mean at confidence 1-alpha.
// r is best tuned at 2 alpha.
func (s Sum) Lower(r, alpha float64) float64 {
	if s.Terms < 2 {
		return math.Inf(-1)
	}
	return s.Mean() - RadiusOneSided(s.Time, r, alpha)/s.Terms
}

// Upper returns the one-sided upper limit of the mean at confidence 1-alpha.
// r is best tuned at 2 alpha.
func (s Sum) Upper(r, alpha float64) float64 { return -s.negated().Lower(r, alpha) }

// LogE returns the logarithm of the e-value against the terms having the
// given mean, whose two-sided p-value at this look is PTwoSided.
func (s Sum) LogE(mean, r float64) float64 {
	if s.Terms < 2 {
		return 0
	}
	return logE(s.deviation(mean), s.Time, r)
}

// PTwoSided returns the always-valid p-value of the terms having the given
// mean: min(1, 1/E), which is at most alpha where Interval excludes the mean.
func (s Sum) PTwoSided(mean, r float64) float64 {
	return math.Min(1, math.Exp(-s.LogE(mean, r)))
}

// PGreater returns the always-valid p-value of the null hypothesis that the
// mean is at most the given one: the level alpha at which Lower reaches it.
// Where the stream lies on the side of the null it is 1.
//
// It is 1/E for the lower bound E >= 2 (exp(x) - 1) / sqrt(1 + rV) of the
// half-normal mixture, x = r S^2 / (2 (1 + rV)).
func (s Sum) PGreater(mean, r float64) float64 {
	if s.Terms < 2 {
		return 1
	}
	total := s.deviation(mean)
	if total <= 0 {
		return 1
	}
	spread := 1 + r*s.Time
	x := r * total * total / (2 * spread)
	// ln(exp(x) - 1) = x + ln(1 - exp(-x))
	logE := math.Ln2 + x + math.Log(-math.Expm1(-x)) - math.Log(spread)/2
	return math.Min(1, math.Exp(-logE))
}

// PLess returns the always-valid p-value of the null hypothesis that the mean
// is at least the given one.
func (s Sum) PLess(mean, r float64) float64 { return s.negated().PGreater(-mean, r) }

// deviation is the sum of the terms less their sum under the null.
func (s Sum) deviation(mean float64) float64 { return s.Total - s.Terms*mean }

// negated is the sum of the terms with their signs turned.
func (s Sum) negated() Sum { return Sum{s.Terms, -s.Total, s.Time} }

// logE is the log of Robbins' normal mixture for a sum at intrinsic time v.
func logE(total, v, r float64) float64 {
	return r*total*total/(2*(1+r*v)) - math.Log1p(r*v)/2
}
