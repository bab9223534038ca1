package analyze

import "math"

// rareRate is below which rate at the margin, of events or of non-events, a margin is proven by betting.
const rareRate = .05

// betSlack is how far towards the margin the treatment is taken to be where bets are tuned, so that a
// level that was frozen too low does not make them reckless.
const betSlack = .25

// A bet proves that a rare rate of units is within its margin: an e-process, exact at any number of
// units, in place of a sum that is normal only from some twenty events on. With p the share, m control's frozen level
// and y a unit's zero or one, a unit adds x = (1-p)(y-m) if treated, -p(y-m) if control, whose mean is p(1-p)
// times the effect; against "at least the margin M worse" it multiplies the e-value by
//
//	1 - lambda (x - p(1-p) M)
//
// (Waudby-Smith and Ramdas 2024, arXiv 2010.09686), with the lambda under which it grows fastest where the treatment is a
// quarter of the margin worse. Of an hour's units the counts suffice.
type bet struct {
	level, margin float64 // of events that are bad
	inverted      bool    // bad is not to be one
	component     int
	lambdas       []float64
	strata        []Stratum
	logE, highest float64
}

// bet gives the metric's; nil where the sum decides: of rates of rows, of rates that are not rare,
// where shares are not known, and where what is frozen is older than bets: a rule must not change while a release runs.
func (q sequencer) bet() *bet {
	if q.frozen.HarmUnits == 0 || !q.isRate() || q.metric.Tested.Den != Ones || q.metric.Margin == nil || q.metric.Margin.Relative || q.metric.Tested.Covariate > 0 {
		return nil
	}
	level, atMargin := q.rates()
	b := &bet{level: level, margin: math.Abs(atMargin - level), inverted: q.metric.Good == Up, strata: q.strata, component: q.metric.Tested.Num}
	if b.inverted {
		b.level = 1 - level
	}
	if !(b.level+b.margin < rareRate && b.margin > 0) {
		return nil
	}
	for _, s := range q.strata {
		if !s.Known {
			return nil
		}
		b.lambdas = append(b.lambdas, b.tuned(s.Share))
	}
	return b
}

// term is what one unit adds to the sum, less its mean under the margin.
func (b *bet) term(share, y float64, a Arm) float64 {
	x := -share * (y - b.level)
	if a == Treatment {
		x = (1 - share) * (y - b.level)
	}
	return x - share*(1-share)*b.margin
}

// tuned is the lambda of fastest growth, by golden section: growth is concave in it.
func (b *bet) tuned(share float64) float64 {
	growth := func(lambda float64) (sum float64) {
		for _, a := range Arms {
			weight, rate := 1-share, b.level
			if a == Treatment {
				weight, rate = share, b.level+betSlack*b.margin
			}
			sum += weight * (rate*math.Log1p(-lambda*b.term(share, 1, a)) + (1-rate)*math.Log1p(-lambda*b.term(share, 0, a)))
		}
		return sum
	}
	const golden = .6180339887498949
	low, high := 0.0, .95/b.term(share, 1, Treatment)
	for range 40 {
		if x, y := high-golden*(high-low), low+golden*(high-low); growth(x) < growth(y) {
			low = x
		} else {
			high = y
		}
	}
	return low
}

// take adds the units of one hour; only after all of them may the e-value be looked at.
func (b *bet) take(cells []Cell) {
	for _, c := range cells {
		if c.N == 0 {
			continue
		}
		n := float64(c.N)
		events := math.Round(n * c.Mean[b.component])
		if b.inverted {
			events = n - events
		}
		share, lambda := b.strata[c.Stratum].Share, b.lambdas[c.Stratum]
		b.logE += events*math.Log1p(-lambda*b.term(share, 1, c.Arm)) + (n-events)*math.Log1p(-lambda*b.term(share, 0, c.Arm))
	}
}

// look lets the e-value count.
func (b *bet) look() { b.highest = math.Max(b.highest, b.logE) }

// p is the always-valid p-value of "worse than the margin".
func (b *bet) p() float64 { return math.Exp(-b.highest) }

// bound is how much worse the treatment may be at most, at confidence 1-alpha and on the scale of the
// effect: the margin that the same bets, at the same looks, just prove. cells are in batches, and
// looks says of each whether the e-value counted after it.
func (b *bet) bound(all []batch, looks []bool, alpha float64) float64 {
	proves := func(margin float64) bool {
		c := *b
		c.margin, c.logE, c.highest = margin, 0, 0
		for i, batch := range all {
			c.take(batch.cells)
			if looks[i] {
				c.look()
			}
		}
		return c.p() <= alpha
	}
	low, high := -b.level, 1.0
	for range 30 {
		if mid := (low + high) / 2; b.payable(mid) && proves(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	if b.inverted {
		return -high
	}
	return high
}

// payable reports whether no unit can lose more than all at a margin.
func (b *bet) payable(margin float64) bool {
	c := *b
	c.margin = margin
	for i, s := range b.strata {
		if b.lambdas[i]*c.term(s.Share, 1, Treatment) >= 1 {
			return false
		}
	}
	return true
}
