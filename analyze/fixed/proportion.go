package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A Proportion is a number of successes among independent trials. Both are
// counts; effective counts (fractions) are allowed.
type Proportion struct {
	Successes, Trials float64
}

// Rate returns the share of successes in [0, 1]; NaN without trials.
func (p Proportion) Rate() float64 { return p.Successes / p.Trials }

// errorVar returns the estimated variance of the rate.
func (p Proportion) errorVar() float64 {
	r := p.Rate()
	return r * (1 - r) / p.Trials
}

// plus returns p with successes and failures added.
func (p Proportion) plus(successes, failures float64) Proportion {
	return Proportion{p.Successes + successes, p.Trials + successes + failures}
}

// Wilson returns the score interval of the rate (Wilson 1927); R: prop.test(x,
// n, correct = FALSE). It begins at exactly 0 without a success.
func (p Proportion) Wilson(alpha float64) (lower, upper float64) {
	z := critical(alpha / 2)
	x, n := p.Successes, p.Trials
	upper = (x + z*z/2 + z*math.Sqrt(x*(n-x)/n+z*z/4)) / (n + z*z)
	// The product of both roots, since their difference cancels for few successes.
	lower = x / n * x / (n + z*z) / upper
	return lower, math.Min(1, upper)
}

// AgrestiCoull returns Wald's interval about Wilson's centre, cut to [0, 1]
// (Agresti and Coull 1998).
func (p Proportion) AgrestiCoull(alpha float64) (lower, upper float64) {
	z := critical(alpha / 2)
	q := p.plus(z*z/2, z*z/2)
	half := z * math.Sqrt(q.errorVar())
	return math.Max(0, q.Rate()-half), math.Min(1, q.Rate()+half)
}

// ClopperPearson returns the exact interval (Clopper and Pearson 1934),
// conservative; R: binom.test. Without trials it is [0, 1].
func (p Proportion) ClopperPearson(alpha float64) (lower, upper float64) {
	x, failures := p.Successes, p.Trials-p.Successes
	upper = 1
	if x > 0 {
		lower = dist.BetaQuantile(alpha/2, x, failures+1)
	}
	if failures > 0 {
		upper = dist.BetaQuantile(1-alpha/2, x+1, failures)
	}
	return lower, upper
}

// Jeffreys returns the central credible interval under the prior Beta(1/2,
// 1/2) (Brown, Cai and DasGupta 2001), without their changes at the ends.
func (p Proportion) Jeffreys(alpha float64) (lower, upper float64) {
	a, b := p.Successes+0.5, p.Trials-p.Successes+0.5
	return dist.BetaQuantile(alpha/2, a, b), dist.BetaQuantile(1-alpha/2, a, b)
}

// critical returns the normal quantile that leaves p above it.
func critical(p float64) float64 { return -dist.NormalQuantile(p) }
