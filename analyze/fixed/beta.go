package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A Beta is a belief about a rate: Beta(Alpha, Beta), both positive.
type Beta struct {
	Alpha, Beta float64
}

// Update returns the posterior after trials.
func (prior Beta) Update(p Proportion) Beta {
	return Beta{prior.Alpha + p.Successes, prior.Beta + p.Trials - p.Successes}
}

// A BetaContrast compares two independent beliefs about rates. Like
// Posterior, it is for display.
type BetaContrast struct {
	Above float64 // P(b > a)
	Below float64 // P(b < a)
	Gain  float64 // E[max(b - a, 0)]: what keeping a forgoes, where more is better
	Loss  float64 // E[max(a - b, 0)]: what shipping b costs, where more is better
}

// CompareBetas integrates over the narrower of the two beliefs, to a relative
// error of 1e-7 up to 1e8 trials. NaN where a parameter is not positive.
func CompareBetas(a, b Beta) BetaContrast {
	switch {
	case !(min(a.Alpha, a.Beta, b.Alpha, b.Beta) > 0):
		nan := math.NaN()
		return BetaContrast{nan, nan, nan, nan}
	case a.spread() < b.spread():
		c := CompareBetas(b, a)
		return BetaContrast{Above: c.Below, Below: c.Above, Gain: c.Loss, Loss: c.Gain}
	}
	// On the log-odds scale b's density is analytic with exponential tails,
	// where the trapezoidal rule converges geometrically.
	var c BetaContrast
	step := b.spread() / 8
	mode := math.Log(b.Alpha / b.Beta)
	for _, side := range []float64{-1, 1} {
		for u := mode + side*step/2; math.Abs(u) < 700; u += side * step {
			density, _, _ := dist.BetaLogOdds(u, b.Alpha, b.Beta)
			if density < 1e-300 {
				break
			}
			c.add(density*step, u, a)
		}
	}
	return c
}

// add adds what b, being at log odds u with probability w, contributes.
func (c *BetaContrast) add(w, u float64, a Beta) {
	rate, mean := 1/(1+math.Exp(-u)), a.Alpha/(a.Alpha+a.Beta)
	_, lower, upper := dist.BetaLogOdds(u, a.Alpha, a.Beta)
	// E[X; X < r] is mean times the tail of Beta(Alpha + 1, Beta).
	_, lower1, upper1 := dist.BetaLogOdds(u, a.Alpha+1, a.Beta)
	c.Above += w * lower
	c.Below += w * upper
	c.Gain += w * math.Max(0, rate*lower-mean*lower1)
	c.Loss += w * math.Max(0, mean*upper1-rate*upper)
}

// spread is roughly the standard deviation of the log odds.
func (p Beta) spread() float64 { return math.Sqrt(1/p.Alpha + 1/p.Beta) }
