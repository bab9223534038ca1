package analyze

import (
	"math"

	"weir/analyze/fixed"
)

// minStratumUnits is the number of units each arm needs in a stratum for the
// stratum to enter the estimate, where there are several. The test keeps every
// unit.
const minStratumUnits = 10

// A stratumPair is both arms' moments of one stratum.
type stratumPair struct {
	stratum int
	arms    [2]Moments
}

// units counts both arms.
func (p stratumPair) units() int64 { return p.arms[Control].N + p.arms[Treatment].N }

// byStratum adds up a metric's cells over hours. Strata without any unit are left out.
func byStratum(cells []Cell, strata int) []stratumPair {
	pairs := make([]stratumPair, strata)
	for i := range pairs {
		pairs[i].stratum = i
	}
	for _, c := range cells {
		pairs[c.Stratum].arms[c.Arm].gather(c.Moments)
	}
	kept := pairs[:0]
	for _, p := range pairs {
		if p.units() > 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// pooled adds up both arms over all strata.
func pooled(pairs []stratumPair) (arms [2]Moments) {
	for _, p := range pairs {
		for _, a := range Arms {
			arms[a] = arms[a].Add(p.arms[a])
		}
	}
	return arms
}

// estimable returns the strata that enter the estimate.
func estimable(pairs []stratumPair) []stratumPair {
	least := int64(2)
	if len(pairs) > 1 {
		least = minStratumUnits
	}
	var kept []stratumPair
	for _, p := range pairs {
		if min(p.arms[Control].N, p.arms[Treatment].N) >= least {
			kept = append(kept, p)
		}
	}
	return kept
}

// trafficWeights weight strata by their share of the units of both arms.
func trafficWeights(pairs []stratumPair) []float64 {
	return normalised(pairs, func(p stratumPair) float64 { return float64(p.units()) })
}

// overlapWeights weight strata by units x share x (1 - share): close to
// inverse variance, yet no function of outcomes.
func overlapWeights(pairs []stratumPair, strata []Stratum) []float64 {
	return normalised(pairs, func(p stratumPair) float64 {
		share := strata[p.stratum].Share
		return float64(p.units()) * share * (1 - share)
	})
}

func normalised(pairs []stratumPair, weight func(stratumPair) float64) []float64 {
	w := make([]float64, len(pairs))
	total := 0.0
	for i, p := range pairs {
		w[i] = weight(p)
		total += w[i]
	}
	for i := range w {
		w[i] /= total
	}
	return w
}

// A level is a figure of one arm combined over strata, with what Student's t needs:
// its degrees of freedom by Satterthwaite.
type level struct {
	value, variance float64
	// fourth sums (w^2 v)^2 / (n - 1) over strata.
	fourth float64
}

// levelOf combines an arm's figure over strata with fixed weights. With one
// stratum it is the arm's own figure. No stratum gives NaN.
func levelOf(f Form, pairs []stratumPair, weights []float64, a Arm) level {
	if len(pairs) == 0 {
		return level{value: math.NaN(), variance: math.NaN()}
	}
	var l level
	for i, p := range pairs {
		e := f.Estimate(p.arms[a])
		v := weights[i] * weights[i] * e.StdErr * e.StdErr
		l.value += weights[i] * e.Value
		l.variance += v
		l.fourth += v * v / float64(e.Units-1)
	}
	return l
}

// adjusted takes the part out of both levels that their strata's covariates explain, each
// stratum's slope over the units of both arms together, centred at the stratum's mean (Deng, Xu, Kohavi and Walker 2013).
func adjusted(f Form, pairs []stratumPair, weights []float64, levels [2]level) [2]level {
	if f.Covariate == 0 || len(pairs) == 0 {
		return levels
	}
	var out [2]level
	for i, p := range pairs {
		both := p.arms[Control].Add(p.arms[Treatment])
		theta := regress(f, both).slope() / f.scale(both) // on the figure's scale
		for _, a := range Arms {
			m := p.arms[a]
			e := f.Estimate(m)
			score := f.score(m, e.Value)
			score[f.Covariate] -= theta * f.scale(m)
			_, square := m.linear(score)
			n := float64(m.N)
			v := weights[i] * weights[i] * square / (n - 1) / n / (f.scale(m) * f.scale(m))
			out[a].value += weights[i] * (e.Value - theta*(m.Mean[f.Covariate]-both.Mean[f.Covariate]))
			out[a].variance += v
			out[a].fourth += v * v / (n - 1)
		}
	}
	return out
}

// stdErr is the standard error of the level.
func (l level) stdErr() float64 { return math.Sqrt(l.variance) }

// times scales a level by a constant.
func (l level) times(k float64) level {
	return level{value: k * l.value, variance: k * k * l.variance, fourth: k * k * k * k * l.fourth}
}

// minus returns l minus o, two independent levels, with Welch's degrees of freedom.
func (l level) minus(o level) fixed.Difference {
	variance := l.variance + o.variance
	return fixed.Difference{Value: l.value - o.value, StdErr: math.Sqrt(variance), DF: variance * variance / (l.fourth + o.fourth)}
}
