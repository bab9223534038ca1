package dist

import "math"

// BetaCDF returns P(X <= x) for X ~ Beta(a, b), a, b > 0: the regularised
// incomplete beta function; R: pbeta(x, a, b).
func BetaCDF(x, a, b float64) float64 {
	lower, _ := betaTails(x, 1-x, a, b)
	return lower
}

// BetaSurvival returns P(X > x) for X ~ Beta(a, b), a, b > 0.
func BetaSurvival(x, a, b float64) float64 {
	_, upper := betaTails(x, 1-x, a, b)
	return upper
}

// BetaQuantile returns x with BetaCDF(x, a, b) = p; R: qbeta(p, a, b).
func BetaQuantile(p, a, b float64) float64 {
	switch {
	case !(p >= 0 && p <= 1 && a > 0 && b > 0):
		return math.NaN()
	case p == 0 || p == 1:
		return p
	}
	// The log of the smaller tail is solved for on the log-odds scale, where
	// both ends of the unit interval keep their digits.
	f := func(u float64) (value, slope float64) {
		density, lower, upper := BetaLogOdds(u, a, b)
		if p <= 0.5 {
			return math.Log(lower / p), density / lower
		}
		return -math.Log(upper / (1 - p)), density / upper
	}
	return logistic(invert(f, -700, 700, math.Log(a/b)))
}

// BetaLogOdds returns density and tails at u of the log odds ln(X/(1-X)) of X
// ~ Beta(a, b), for |u| <= 700. Unlike x itself, u keeps its digits at both
// ends of the unit interval.
func BetaLogOdds(u, a, b float64) (density, lower, upper float64) {
	x, y := logistic(u), logistic(-u)
	lower, upper = betaTails(x, y, a, b)
	return betaKernel(x, y, a, b), lower, upper
}

func logistic(u float64) float64 { return 1 / (1 + math.Exp(-u)) }

// betaTails returns both tails of Beta(a, b) at x, where y = 1 - x is given
// apart so that neither loses its digits.
func betaTails(x, y, a, b float64) (lower, upper float64) {
	switch {
	case !(a > 0 && b > 0 && x >= 0 && y >= 0):
		return math.NaN(), math.NaN()
	case x == 0:
		return 0, 1
	case y == 0:
		return 1, 0
	case x*(a+b) <= a:
		lower = betaFraction(x, y, a, b)
		return lower, 1 - lower
	}
	upper = betaFraction(y, x, b, a)
	return 1 - upper, upper
}

// betaKernel returns x^a y^b / B(a, b): the beta density times x y.
func betaKernel(x, y, a, b float64) float64 {
	return binomialDensity(a, a+b, x, y) * a * b / (a + b)
}

// betaFraction returns the lower tail of Beta(a, b) at x, on the lower side of
// the mean, by the continued fraction of DiDonato and Morris (1992), TOMS
// algorithm 708, eq. 9. It takes some sqrt(max(a, b)) steps at worst.
func betaFraction(x, y, a, b float64) float64 {
	const maxSteps = 10_000_000
	kernel := betaKernel(x, y, a, b)
	if kernel == 0 {
		return 0
	}
	lambda := a - (a+b)*x // from the smaller parameter, where less cancels
	if a > b {
		lambda = (a+b)*y - b
	}
	c := 1 + lambda
	c1 := 1 + 1/a
	var before, after [2]float64 // successive convergents: numerator, denominator
	before, after = [2]float64{0, 1}, [2]float64{1, c / c1}
	r := c1 / c
	p, s := 1.0, a+1
	for n := 1.0; n < maxSteps; n++ {
		t := n / a
		w := n * (b - n) * x
		e := a / s
		alpha := p * (p + b/a) * e * e * w * x
		beta := n + w/s + (1+t)/(c1+2*t)*(c+n*(1+y))
		p, s = 1+t, s+2

		num := alpha*before[0] + beta*after[0]
		den := alpha*before[1] + beta*after[1]
		last := r
		r = num / den
		if math.Abs(r-last) <= 1e-15*r {
			return kernel * r
		}
		before = [2]float64{after[0] / den, after[1] / den}
		after = [2]float64{r, 1}
	}
	return math.NaN()
}
