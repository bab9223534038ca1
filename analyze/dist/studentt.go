package dist

import "math"

// StudentTSurvival returns P(T > t) for Student's t with df > 0 degrees of
// freedom, which may be a fraction or infinite (the normal); R: pt(t, df,
// lower.tail = FALSE). Beyond t = 1e150 it is 0.
func StudentTSurvival(t, df float64) float64 {
	if t < 0 {
		return 1 - StudentTSurvival(-t, df)
	}
	return StudentTTwoSided(t, df) / 2
}

// StudentTCDF returns P(T <= t).
func StudentTCDF(t, df float64) float64 { return StudentTSurvival(-t, df) }

// StudentTTwoSided returns P(|T| > |t|), the two-sided p-value of a t
// statistic.
func StudentTTwoSided(t, df float64) float64 {
	switch {
	case !(df > 0) || math.IsNaN(t):
		return math.NaN()
	case math.IsInf(df, 1):
		return NormalTwoSided(t)
	case math.IsInf(t, 0):
		return 0
	}
	x, y := studentTBeta(t, df)
	_, upper := betaTails(x, y, 0.5, df/2)
	return upper
}

// studentTBeta returns x = t^2 / (df + t^2), at which T^2 / (df + T^2), a
// Beta(1/2, df/2), passes t, and y = 1 - x. It goes by r = df / t^2, which
// does not overflow where t^2 does.
func studentTBeta(t, df float64) (x, y float64) {
	r := df / t / t
	return 1 / (1 + r), 1 / (1 + 1/r)
}

// StudentTQuantile returns t with StudentTCDF(t, df) = p; R: qt(p, df). It is
// -infinity at 0 and +infinity at 1, else at most 1e150 in size. For a small
// upper tail q use -StudentTQuantile(q, df).
func StudentTQuantile(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1 && df > 0):
		return math.NaN()
	case math.IsInf(df, 1) || p == 0 || p == 1:
		return NormalQuantile(p)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -StudentTQuantile(1-p, df)
	}
	// -ln P(T > t) is solved for on the scale of ln t.
	f := func(u float64) (value, slope float64) {
		t := math.Exp(u)
		tail := StudentTSurvival(t, df)
		x, y := studentTBeta(t, df)
		return -math.Log(tail / p), betaKernel(x, y, 0.5, df/2) / tail
	}
	return -math.Exp(invert(f, -345, 345, math.Log(-NormalQuantile(p))))
}
