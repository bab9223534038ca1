package cluster

// Adjusted is a pair of arms after regression on a covariate from before the
// experiment.
type Adjusted struct {
	Theta float64 // slope; 0 where the covariate does not vary
	A, B  Figure  // on the scale of the outcome
}

// CUPED subtracts theta (x - pooled x) from an outcome y in both arms, with
// theta = cov(y, x) / var(x) over the units of both arms together (Deng, Xu,
// Kohavi and Walker 2013). y and x are means or ratios of the same vectors;
// theta of a ratio comes from its linearised values. The covariate must have
// been fixed before assignment.
//
// For a lift, divide by the unadjusted mean of a or by A.Value, which is
// adjusted; they differ by noise.
func CUPED(a, b Moments, y, x Ratio) Adjusted {
	pooled := a.Add(b)
	gy, gx := y.Gradient(pooled), x.Gradient(pooled)
	theta := 0.0
	if pooled.N >= 2 {
		if variance := pooled.Covariance(gx, gx); variance != 0 {
			theta = pooled.Covariance(gy, gx) / variance
		}
	}
	centre := x.value(pooled)
	return Adjusted{theta, adjust(a, y, x, theta, centre), adjust(b, y, x, theta, centre)}
}

// adjust returns the figure y - theta (x - centre) of one arm.
func adjust(m Moments, y, x Ratio, theta, centre float64) Figure {
	if theta == 0 {
		return y.Figure(m)
	}
	g := y.Gradient(m)
	for i, slope := range x.Gradient(m) {
		g[i] -= theta * slope
	}
	return figure(m, y.value(m)-theta*(x.value(m)-centre), g)
}
