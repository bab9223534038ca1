package calibration

import (
	"math"

	"weir/analyze/dist"
)

// Counts are yes-no verdicts of a judge: on the items of interest, and on
// items that people have labelled.
type Counts struct {
	// Of Judged items the judge called Positive positive.
	Positive, Judged float64
	// Of Negatives that people called negative, so did the judge of TrueNegative.
	TrueNegative, Negatives float64
	// Of Positives that people called positive, so did the judge of TruePositive.
	TruePositive, Positives float64
}

// Prevalence is the share of positive items corrected for the judge's errors.
type Prevalence struct {
	Apparent                 float64 // share that the judge calls positive
	Specificity, Sensitivity float64 // of the judge
	// Informative says that the judge does better than chance: specificity
	// plus sensitivity above 1. Where it does not, or this is unknown, nothing
	// below can be had and all is NaN.
	Informative bool
	// Unclipped may leave [0, 1]; Value is cut to it.
	Unclipped, Value float64
	// StdErr is that of Unclipped by the delta method, all three shares being
	// estimates; 0 where all three are 0 or 1.
	StdErr float64

	counts Counts
}

// RoganGladen corrects the judge's share of positives p by its specificity q0
// and sensitivity q1 (Rogan and Gladen 1978):
//
//	theta = (p + q0 - 1) / (q0 + q1 - 1)
func RoganGladen(c Counts) Prevalence {
	r := rates{
		p: c.Positive / c.Judged, q0: c.TrueNegative / c.Negatives, q1: c.TruePositive / c.Positives,
		n: c.Judged, m0: c.Negatives, m1: c.Positives,
	}
	out := Prevalence{
		Apparent: r.p, Specificity: r.q0, Sensitivity: r.q1, Informative: r.q0+r.q1 > 1,
		Unclipped: math.NaN(), Value: math.NaN(), StdErr: math.NaN(), counts: c,
	}
	if out.Informative {
		out.Unclipped = r.theta()
		out.Value = clip(out.Unclipped)
		out.StdErr = r.stdErr()
	}
	return out
}

// WaldCI returns the 1-alpha interval by the delta method, around Unclipped
// and not cut to [0, 1].
func (p Prevalence) WaldCI(alpha float64) (low, high float64) {
	half := -dist.NormalQuantile(alpha/2) * p.StdErr
	return p.Unclipped - half, p.Unclipped + half
}

// AdjustedCI returns the 1-alpha interval of Lee et al. (2025, arXiv
// 2511.21140), which holds for small samples and shares near 0 or 1 too, cut
// to [0, 1]. The shares are drawn to the middle, p by z^2 pseudo-items
// (Agresti and Coull), the error rates by two, and the centre is shifted for
// the skew. It is NaN where the judge is not informative, before or after.
func (p Prevalence) AdjustedCI(alpha float64) (low, high float64) {
	z := -dist.NormalQuantile(alpha / 2)
	c := p.counts
	r := rates{
		p: (c.Positive + z*z/2) / (c.Judged + z*z), n: c.Judged + z*z,
		q0: (c.TrueNegative + 1) / (c.Negatives + 2), m0: c.Negatives + 2,
		q1: (c.TruePositive + 1) / (c.Positives + 2), m1: c.Positives + 2,
	}
	if !p.Informative || r.q0+r.q1 <= 1 {
		return math.NaN(), math.NaN()
	}
	theta := r.theta()
	centre := theta + 2*z*z*(theta*r.q1*(1-r.q1)/r.m1-(1-theta)*r.q0*(1-r.q0)/r.m0)
	half := z * r.stdErr()
	return clip(centre - half), clip(centre + half)
}

// rates are the three shares and the numbers of items they stem from.
type rates struct {
	p, q0, q1 float64
	n, m0, m1 float64
}

func (r rates) theta() float64 { return (r.p + r.q0 - 1) / (r.q0 + r.q1 - 1) }

// stdErr is the delta method's; q0 + q1 must be above 1.
func (r rates) stdErr() float64 {
	theta := r.theta()
	variance := r.p*(1-r.p)/r.n +
		(1-theta)*(1-theta)*r.q0*(1-r.q0)/r.m0 +
		theta*theta*r.q1*(1-r.q1)/r.m1
	return math.Sqrt(variance) / (r.q0 + r.q1 - 1)
}

func clip(x float64) float64 { return math.Max(0, math.Min(1, x)) }
