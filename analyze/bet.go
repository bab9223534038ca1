package analyze

import (
	"math"

	"weir/analyze/betting"
)

// MostRare is below which rate at the margin, of events or of non-events, a margin is proven by betting.
const MostRare = .05

// A bet proves that a rare rate of units is within its margin: an e-process, exact at any number of
// units, in place of a sum that is normal only from some twenty events on ([betting.Rates]; Waudby-Smith and Ramdas
// 2024, arXiv 2010.09686). Of an hour's units the counts suffice.
type bet struct {
	rates         betting.Rates // of events that are bad
	inverted      bool          // bad is not to be one
	component     int
	logE, highest float64
}

// RareRate reports whether the margin of a rate of units is proven by betting rather than by the sum, and gives the level and the
// margin that are bet on, of events that are bad. It is where the rate at the margin, of events or of non-events, lies
// below 5 % of units that each do or do not. What was frozen before there were bets has none: a rule must not change while
// a release runs.
func (m Metric) RareRate(f Frozen, binary bool) (level, margin float64, rare bool) {
	if f.HarmUnits == 0 || !m.Rate || !binary || m.Tested.Den != Ones || m.Margin == nil || m.Margin.Relative || m.Tested.Covariate > 0 {
		return math.NaN(), math.NaN(), false
	}
	level = clampShare(float64(f.Level))
	margin = math.Abs(m.atMargin(float64(f.Level)) - level)
	if m.Good == Up {
		level = 1 - level
	}
	return level, margin, level+margin < MostRare && margin > 0
}

// bet gives the metric's; nil where the sum decides: of rates of rows, of rates that are not rare,
// and where shares are not known.
func (q sequencer) bet() *bet {
	level, margin, rare := q.metric.RareRate(q.frozen, q.binary)
	if !rare {
		return nil
	}
	shares := make([]float64, len(q.strata))
	for i, s := range q.strata {
		if !s.Known {
			return nil
		}
		shares[i] = s.Share
	}
	return &bet{rates: betting.NewRates(level, margin, shares), inverted: q.metric.Good == Up, component: q.metric.Tested.Num}
}

// take adds the units of one hour; only after all of them may the e-value be looked at.
func (b *bet) take(cells []Cell) {
	for _, c := range cells {
		if c.N == 0 {
			continue
		}
		units, events := b.counts(c)
		b.logE += b.rates.Log(c.Stratum, c.Arm == Treatment, units, events)
	}
}

// counts are a cell's units, and those of them that are bad.
func (b *bet) counts(c Cell) (units, events float64) {
	units = float64(c.N)
	events = math.Round(units * c.Mean[b.component])
	if b.inverted {
		events = units - events
	}
	return units, events
}

// look lets the e-value count.
func (b *bet) look() { b.highest = math.Max(b.highest, b.logE) }

// p is the always-valid p-value of "worse than the margin".
func (b *bet) p() float64 { return math.Exp(-b.highest) }

// bound is how much worse the treatment may be at most, at confidence 1-alpha and on the scale of the
// effect: the margin that the same bets, at the same looks, just prove. cells are in batches, and
// looks says of each whether the e-value counted after it.
func (b *bet) bound(all []batch, looks []bool, alpha float64) float64 {
	bound := b.rates.Bound(alpha, func(against betting.Rates) float64 {
		c := bet{rates: against, inverted: b.inverted, component: b.component}
		for i, batch := range all {
			c.take(batch.cells)
			if looks[i] {
				c.look()
			}
		}
		return c.highest
	})
	if b.inverted {
		return -bound
	}
	return bound
}
