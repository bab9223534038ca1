package dist

import "math"

// NoncentralTSurvival returns P(T > t) for T = (Z + delta) / sqrt(X/df), Z
// standard normal and X an independent chi-square with df degrees of freedom:
// the power of a t test; R: pt(t, df, delta, lower.tail = FALSE). The error is
// below 1e-12 absolutely, 1e-10 where |delta| exceeds 1e5 sqrt(df), and below one degree of
// freedom 1e-6 where it exceeds 1000. df is at least 0.1 and may be infinite.
func NoncentralTSurvival(t, df, delta float64) float64 {
	switch {
	case !(df >= 0.1) || math.IsNaN(t) || math.IsNaN(delta):
		return math.NaN()
	case math.IsInf(t, 0):
		return indicator(t < 0)
	case math.IsInf(df, 1):
		return NormalSurvival(t - delta)
	case remote(delta, df):
		return chiRatio(t, df, delta)
	}
	// P(T > t) is the mean of P(Z > t s - delta) over s = sqrt(X/df). On the scale
	// u = ln s the integrand is analytic and decays on both sides, so that the
	// trapezoidal rule converges geometrically. Its step follows the narrower
	// of the two factors: t s passes delta within some 1/delta of u.
	k := df / 2
	step := 1 / (16 + 4*(math.Sqrt(k)+math.Abs(delta)))
	weight := func(u float64) float64 { return math.Exp(-k * (math.Expm1(2*u) - 2*u)) }
	sum := 0.0
	for _, side := range []float64{-1, 1} {
		u := side * step / 2
		for w := weight(u); w > 1e-17; w = weight(u) {
			sum += w * NormalSurvival(t*math.Exp(u)-delta)
			u += side * step
		}
	}
	density := math.Sqrt(df/math.Pi) * math.Exp(-stirlingError(k)) // of u at 0
	return math.Min(1, sum*step*density)
}

// remote reports whether delta is so large that Z beside it changes nothing: the error, some
// df / delta^2, is then below what is promised.
func remote(delta, df float64) bool {
	return math.Abs(delta) > 1e5*math.Sqrt(df) || df < 1 && math.Abs(delta) > 1000
}

// chiRatio is P(delta / sqrt(X/df) > t).
func chiRatio(t, df, delta float64) float64 {
	if t == 0 || (t > 0) != (delta > 0) {
		return indicator(delta > 0)
	}
	r := delta / t
	above := ChiSquareSurvival(df*r*r, df) // P(sqrt(X/df) > delta/t)
	if delta > 0 {
		return 1 - above
	}
	return above
}
