package betting

import "math"

// halfBet keeps half of the money out of every bet, so that no single score
// ruins a gambler.
const halfBet = 0.5

// A gambler bets on more and on less than a claimed mean, on two accounts.
// The zero value has one unit of money on each.
type gambler struct {
	greater, less float64 // log capital
}

// bet settles score x against the claimed mean, with bets of lambda cut to
// share/mean and share/(1-mean). A claim outside [0, 1] is impossible: both
// accounts become infinite and stay so.
func (g *gambler) bet(x, mean, lambda, share float64) {
	if mean < 0 || mean > 1 {
		g.greater, g.less = math.Inf(1), math.Inf(1)
		return
	}
	g.greater += math.Log1p(math.Min(lambda, share/mean) * (x - mean))
	g.less += math.Log1p(-math.Min(lambda, share/(1-mean)) * (x - mean))
}

// best is the larger account.
func (g *gambler) best() float64 { return math.Max(g.greater, g.less) }

// An EProcess is evidence against a fixed mean, after each score, as the
// logarithm of a gambler's capital that started at 1. Under the null it
// reaches 1/alpha at any time with probability alpha at most (Ville).
type EProcess struct {
	Greater []float64 // for a mean above the null
	Less    []float64 // for a mean below
}

// Against returns the one-sided e-processes against the given mean in [0, 1],
// tuned for level alpha. share in (0, 1] is the largest part of the money in
// any one bet; 0.5 is usual, and 1 risks ruin, which is -infinity.
func Against(x []float64, mean, alpha, share float64) EProcess {
	check(x, alpha)
	if !(mean >= 0 && mean <= 1) || !(share > 0 && share <= 1) {
		panic("betting: the mean or the share of a bet is out of range")
	}
	e := EProcess{Greater: make([]float64, len(x)), Less: make([]float64, len(x))}
	var g gambler
	for i, lambda := range bets(x, alpha) {
		g.bet(x[i], mean, lambda, share)
		e.Greater[i], e.Less[i] = g.greater, g.less
	}
	return e
}

// FirstReach returns after how many scores the capital, given as logarithms,
// first reaches the level, or 0 if it never does.
func FirstReach(logCapital []float64, level float64) int {
	for i, c := range logCapital {
		if c >= math.Log(level) {
			return i + 1
		}
	}
	return 0
}
