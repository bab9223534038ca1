package analyze

import (
	"math"

	"weir/analyze/fixed"
)

// A Belief is the Bayesian view of the relative effect, for display only: it does not
// control errors under repeated looks, and no verdict cites it. It is null
// where control is not clearly above zero.
type Belief struct {
	// ChanceBetter is the probability that the treatment is better than control.
	ChanceBetter Number `json:"chance_better"`
	// ExpectedLoss is what shipping the treatment costs on average, where it is worse: a share of
	// control's level, not negative.
	ExpectedLoss Number  `json:"expected_loss"`
	Lower        Number  `json:"lower"` // central credible limits of the relative effect
	Upper        Number  `json:"upper"`
	PriorSD      float64 `json:"prior_sd"`
}

// priorSD is that of the belief before the data: a relative effect of zero, give or take 30 %.
const priorSD = .3

// believe updates a normal belief N(0, .3^2) about the relative effect by its estimate;
// nil where that has no error, or control is within two of its standard errors of zero.
func believe(good Good, control, treatment ArmResult, alpha float64) *Belief {
	a, b := float64(control.Value), float64(treatment.Value)
	sa, sb := float64(control.StdErr), float64(treatment.StdErr)
	if !(a > 2*sa) || degenerate(math.Hypot(sa, sb)) {
		return nil
	}
	r := b / a
	variance := (sb*sb + r*r*sa*sa) / (a * a)
	post := fixed.Posterior{SD: priorSD}.Update(r-1, variance)
	out := Belief{ChanceBetter: Number(post.Above()), ExpectedLoss: Number(post.Loss()), PriorSD: priorSD}
	if good == Down {
		out.ChanceBetter, out.ExpectedLoss = Number(post.Below()), Number(post.Gain())
	}
	lower, upper := post.Interval(alpha)
	out.Lower, out.Upper = Number(lower), Number(upper)
	return &out
}
