package sequential

import "math"

// LogET returns the log e-value of a squared t statistic of a linear model's
// coefficient, on df residual degrees of freedom with n observations: it may
// be computed after every observation (Lindon, Ham, Tingley and Bojinov,
// arXiv 2210.08589; log_G_t of the R package avlm). g > 0 is the precision of
// the mixture, in observations: about 1/d^2 to be most sensitive to a
// standardised coefficient of d.
func LogET(tSquared, df, n, g float64) float64 {
	if !(tSquared >= 0 && df > 0 && n > 0 && g > 0) {
		return math.NaN()
	}
	r := g / (g + n)
	return math.Log(r)/2 + (df+1)/2*(math.Log1p(tSquared/df)-math.Log1p(r*tSquared/df))
}

// TRadius returns the half-width, in standard errors, of the confidence
// sequence of that coefficient. It is +infinity while n and df are too small
// for alpha.
func TRadius(df, n, g, alpha float64) float64 {
	if !(df > 0 && n > 0 && g > 0 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	r := g / (g + n)
	shortfall := -math.Expm1(math.Log(r*alpha*alpha) / (df + 1)) // 1 - (r alpha^2)^(1/(df+1))
	excess := n/(g+n) - shortfall
	if excess <= 0 {
		return math.Inf(1)
	}
	return math.Sqrt(df * shortfall / excess)
}

// ZRadius returns the limit of TRadius for a known variance, sqrt((n+g)/n
// ln((n+g)/(g alpha^2))).
func ZRadius(n, g, alpha float64) float64 {
	if !(n > 0 && g > 0 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	return math.Sqrt((n + g) / n * (math.Log((n+g)/g) - 2*math.Log(alpha)))
}
