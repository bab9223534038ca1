package calculator

import (
	"math"

	"weir/analyze/dist"
	"weir/analyze/fixed"
)

// Here stands what statsmodels, a reference of the vectors, does and the
// library does not: a formula with a slip, and a root finder that stops early.
// A calculator answers as its reference does; Weir's own analyses use the
// library.

// statsmodelsScore is the Miettinen-Nurminen z statistic as statsmodels
// computes it (test_proportions_2indep, method score; 0.13 to 0.15): in the
// cubic for the restricted rate, the coefficient that reads n_a d in
// Miettinen and Nurminen (1985) has x_a d. It is NaN where the ratio or the odds
// ratio of b against a is not finite.
func statsmodelsScore(a, b fixed.Proportion, d float64) float64 {
	if refused(a, b) {
		return math.NaN()
	}
	n, x := a.Trials+b.Trials, a.Successes+b.Successes
	pa := x / n
	if d != 0 {
		l2 := ((b.Trials+2*a.Trials)*d - n - x) / (3 * n)
		l1 := (a.Successes*d-n-2*a.Successes)*d + x
		l0 := a.Successes * d * (1 - d)
		q := l2*l2*l2 - l1*l2/(2*n) + l0/(2*n)
		p := math.Copysign(math.Sqrt(l2*l2-l1/(3*n)), q)
		pa = 2*p*math.Cos((math.Pi+math.Acos(q/(p*p*p)))/3) - l2
	}
	pb := pa + d
	v := (pb*(1-pb)/b.Trials + pa*(1-pa)/a.Trials) * n / (n - 1)
	return (b.Rate() - a.Rate() - d) / math.Sqrt(v)
}

// statsmodelsScoreInterval inverts statsmodelsScore between brackets about
// Wald's interval; null where a limit lies outside its bracket.
func statsmodelsScoreInterval(a, b fixed.Proportion, alpha float64) any {
	if refused(a, b) {
		return nil
	}
	wald := fixed.Wald(a, b)
	lower, upper := wald.Interval(alpha)
	excess := func(d float64) float64 { return dist.NormalTwoSided(statsmodelsScore(a, b, d)) - alpha }
	return pair(
		brent(excess, lower-0.25*math.Abs(lower), wald.Value, 2e-12),
		brent(excess, wald.Value, math.Min(upper+0.5*math.Abs(upper), 0.99999), 2e-12),
	)
}

// statsmodelsEffect is the effect that statsmodels' solve_power reports: its
// root finder stops within 1e-5 of Plan.Detectable.
func statsmodelsEffect(p fixed.Plan, n, power float64) float64 {
	sign, lo, hi := 1.0, -1.0, 1.0
	switch p.Alternative {
	case fixed.TwoSided:
		lo = 1e-8
	case fixed.Smaller:
		sign = -1
	}
	short := func(d float64) float64 { return p.Power(sign*d, n) - power }
	for short(hi) < 0 && hi < 1e100 {
		lo, hi = hi, 10*hi
	}
	return sign * brent(short, lo, hi, 1e-5)
}

// brent returns a root of f between lo and hi, to within tolerance, by Brent's
// method (1973) with the interpolation and stopping rule of SciPy's brentq;
// NaN where f has the same sign at both ends.
func brent(f func(float64) float64, lo, hi, tolerance float64) float64 {
	const relative = 4 * 0x1p-52
	before, x := lo, hi
	fBefore, fx := f(before), f(x)
	if !(fBefore*fx <= 0) {
		return math.NaN()
	}
	other, fOther := before, fBefore // on the other side of the root
	last, step := x-before, x-before
	for range 100 {
		if fBefore != 0 && fx != 0 && math.Signbit(fBefore) != math.Signbit(fx) {
			other, fOther = before, fBefore
			last, step = x-before, x-before
		}
		if math.Abs(fOther) < math.Abs(fx) {
			before, x, other = x, other, x
			fBefore, fx, fOther = fx, fOther, fx
		}
		delta := (tolerance + relative*math.Abs(x)) / 2
		half := (other - x) / 2
		if fx == 0 || math.Abs(half) < delta {
			break
		}
		try := math.Inf(1)
		if math.Abs(last) > delta && math.Abs(fx) < math.Abs(fBefore) {
			if before == other {
				try = -fx * (x - before) / (fx - fBefore)
			} else {
				slopeB := (fBefore - fx) / (before - x)
				slopeO := (fOther - fx) / (other - x)
				try = -fx * (fOther*slopeO - fBefore*slopeB) / (slopeO * slopeB * (fOther - fBefore))
			}
		}
		if 2*math.Abs(try) < math.Min(math.Abs(last), 3*math.Abs(half)-delta) {
			last, step = step, try
		} else {
			last, step = half, half
		}
		before, fBefore = x, fx
		if math.Abs(step) > delta {
			x += step
		} else {
			x += math.Copysign(delta, half)
		}
		fx = f(x)
	}
	return x
}
