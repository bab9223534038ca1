package betting

import "math"

// A Rates bets on the difference of two rates in a stream of units, of which each is given the
// treatment with the share of its stratum and does, or does not. The claim is that the treatment's rate lies a
// margin or more above control's, in every stratum and at every time. With p the share, m a level fixed before and y a
// unit's zero or one, a unit adds x = (1-p)(y-m) if treated, -p(y-m) if control, whose mean is p(1-p) times the
// difference, and multiplies the capital by
//
//	1 - lambda (x - p(1-p) M)
//
// with the lambda, by share, under which it grows fastest where the treatment is a quarter of the margin worse.
// Under the claim the capital reaches 1/alpha at any time with probability alpha at most. Units whose sum is all that is
// known may be settled together, if the capital is looked at after all of them alone.
type Rates struct {
	level, margin float64
	shares        []float64
	lambdas       []float64
}

// Slack is how far towards the margin the treatment is taken to be where bets are tuned, so that a
// level that was fixed too low does not make them reckless.
const Slack = .25

// NewRates tunes the bets. level is control's rate in [0, 1), margin above 0 and up to 1, shares, of the treatment by
// stratum, in (0, 1); anything else is the caller's bug.
func NewRates(level, margin float64, shares []float64) Rates {
	if !(level >= 0 && level < 1) || !(margin > 0 && margin <= 1) {
		panic("betting: the level or the margin of rates is out of range")
	}
	r := Rates{level: level, margin: margin, shares: shares}
	for _, p := range shares {
		if !(p > 0 && p < 1) {
			panic("betting: a share is not in (0, 1)")
		}
		r.lambdas = append(r.lambdas, r.tuned(p))
	}
	return r
}

// Lambda is the bet of a stratum.
func (r Rates) Lambda(stratum int) float64 { return r.lambdas[stratum] }

// term is what one unit adds to the sum, less its mean under the margin.
func (r Rates) term(share, y float64, treated bool) float64 {
	x := -share * (y - r.level)
	if treated {
		x = (1 - share) * (y - r.level)
	}
	return x - share*(1-share)*r.margin
}

// tuned is the lambda of fastest growth, by golden section: growth is concave in it.
func (r Rates) tuned(share float64) float64 {
	growth := func(lambda float64) (sum float64) {
		for _, treated := range []bool{false, true} {
			weight, rate := 1-share, r.level
			if treated {
				weight, rate = share, r.level+Slack*r.margin
			}
			sum += weight * (rate*math.Log1p(-lambda*r.term(share, 1, treated)) + (1-rate)*math.Log1p(-lambda*r.term(share, 0, treated)))
		}
		return sum
	}
	const golden = .6180339887498949
	low, high := 0.0, .95/r.term(share, 1, true)
	for range 40 {
		if x, y := high-golden*(high-low), low+golden*(high-low); growth(x) < growth(y) {
			low = x
		} else {
			high = y
		}
	}
	return low
}

// Log is what so many units of one stratum and arm, of which so many do, add to the logarithm of the capital.
func (r Rates) Log(stratum int, treated bool, units, events float64) float64 {
	share, lambda := r.shares[stratum], r.lambdas[stratum]
	return events*math.Log1p(-lambda*r.term(share, 1, treated)) + (units-events)*math.Log1p(-lambda*r.term(share, 0, treated))
}

// Against is the same bets against another margin; false where one unit could lose more than all.
func (r Rates) Against(margin float64) (Rates, bool) {
	r.margin = margin
	for i, share := range r.shares {
		if r.lambdas[i]*r.term(share, 1, true) >= 1 {
			return r, false
		}
	}
	return r, true
}

// Bound is the largest difference that so many looks leave possible at confidence 1-alpha: the margin that
// the bets, proven by whatever capital gives, just prove. capital is the highest of the looks, as a
// logarithm, of the bets it is given.
func (r Rates) Bound(alpha float64, capital func(Rates) float64) float64 {
	low, high := -r.level, 1.0
	for range 30 {
		mid := (low + high) / 2
		if against, ok := r.Against(mid); ok && math.Exp(-capital(against)) <= alpha {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}
