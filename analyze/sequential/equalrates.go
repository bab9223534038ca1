package sequential

import "math"

// Trials are how many of some units have a property.
type Trials struct{ Events, Units float64 }

// oddsRatios are the logarithms of the odds ratios between two arms that EqualRates bets on,
// in either direction.
var oddsRatios = [...]float64{.05, .1, .2, .4, .8, 1.6}

// EqualRates tests at every look whether two arms have a property at one rate, which may
// differ from block to block: blocks are hours of a stratum, added in their order. The
// zero value has seen none.
//
// With n_a and n_b units of a block, and rates bet on q_a and q_b, the block multiplies the
// e-value by
//
//	prod (q_a/q)^y ((1-q_a)/(1-q))^(1-y) of arm a, the same of arm b,  q = (n_a q_a + n_b q_b) / (n_a + n_b)
//
// whose mean under one rate p, any p, is at most 1 (Turner, Ly and Grunwald 2024, "Generic
// E-variables for exact sequential k-sample tests that allow for optional stopping", theorem 1):
// with t = (p-q)/(q(1-q)) it is (1 + t(q_a-q))^n_a (1 + t(q_b-q))^n_b, and its logarithm at
// most t (n_a (q_a-q) + n_b (q_b-q)) = 0. So the test is exact at any number of units. It
// bets on twelve odds ratios at once, around the rate of both arms in earlier blocks.
type EqualRates struct {
	logE    [2 * len(oddsRatios)]float64
	seen    Trials
	highest float64
}

// Add takes in a block. Blocks with units of one arm alone teach the rate.
func (e *EqualRates) Add(a, b Trials) {
	if n := a.Units + b.Units; a.Units > 0 && b.Units > 0 {
		rate := (e.seen.Events + .5) / (e.seen.Units + 1)
		logit := math.Log(rate / (1 - rate))
		for i, size := range oddsRatios {
			for j, bet := range [2]float64{size, -size} {
				qa, qb := expit(logit-bet*b.Units/n), expit(logit+bet*a.Units/n)
				q := (a.Units*qa + b.Units*qb) / n
				e.logE[2*i+j] += a.logRatio(qa, q) + b.logRatio(qb, q)
			}
		}
		e.highest = math.Max(e.highest, e.LogE())
	}
	e.seen.Events += a.Events + b.Events
	e.seen.Units += a.Units + b.Units
}

// LogE is the logarithm of the e-value now: of the mean over the bets.
func (e *EqualRates) LogE() float64 {
	most := math.Inf(-1)
	for _, x := range e.logE {
		most = math.Max(most, x)
	}
	sum := 0.0
	for _, x := range e.logE {
		sum += math.Exp(x - most)
	}
	return most + math.Log(sum/float64(len(e.logE)))
}

// P is the always-valid p-value: 1 over the largest e-value so far, at most 1.
func (e *EqualRates) P() float64 { return math.Exp(-e.highest) }

// logRatio is the log-likelihood of rate q over that of rate p.
func (t Trials) logRatio(q, p float64) float64 {
	return t.Events*math.Log(q/p) + (t.Units-t.Events)*math.Log((1-q)/(1-p))
}

// expit is the logistic function.
func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
