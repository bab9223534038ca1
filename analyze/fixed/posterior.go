package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A Posterior is a normal belief about an effect. It is for display: a
// release stopped when the chance to win looks high errs far more often than
// the chance says.
type Posterior struct {
	Mean, SD float64
}

// Update returns the posterior of an effect from its estimate and error
// variance and a normal prior belief; a prior with infinite SD is flat. NaN
// where the variance is not positive.
func (prior Posterior) Update(estimate, variance float64) Posterior {
	if !(variance > 0) {
		return Posterior{math.NaN(), math.NaN()}
	}
	data, before := 1/variance, 1/(prior.SD*prior.SD)
	precision := data + before
	mean := estimate
	if before > 0 {
		mean = (estimate*data + prior.Mean*before) / precision
	}
	return Posterior{Mean: mean, SD: math.Sqrt(1 / precision)}
}

// Above returns the probability that the effect is positive.
func (p Posterior) Above() float64 { return dist.NormalCDF(p.Mean / p.SD) }

// Below returns the probability that the effect is negative.
func (p Posterior) Below() float64 { return dist.NormalSurvival(p.Mean / p.SD) }

// Gain returns the expectation of the effect's positive part: what keeping
// the control forgoes where more is better.
func (p Posterior) Gain() float64 {
	z := p.Mean / p.SD
	return p.SD * math.Max(0, dist.NormalDensity(z)+z*dist.NormalCDF(z))
}

// Loss returns the expectation of the effect's negative part, as a positive
// number: what shipping the treatment costs where more is better.
func (p Posterior) Loss() float64 { return Posterior{-p.Mean, p.SD}.Gain() }

// Interval returns the central credible limits of probability 1 - alpha.
func (p Posterior) Interval(alpha float64) (lower, upper float64) {
	half := critical(alpha/2) * p.SD
	return p.Mean - half, p.Mean + half
}

// LiftVariance returns the variance of mean(b)/mean(a) - 1 by the delta
// method.
func LiftVariance(a, b Sample) float64 {
	r := b.Mean / a.Mean
	return (b.errorVar() + r*r*a.errorVar()) / (a.Mean * a.Mean)
}
