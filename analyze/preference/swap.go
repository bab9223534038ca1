package preference

import (
	"math"

	"weir/analyze/agreement"
	"weir/analyze/dist"
)

// A Verdict names the better of two answers by content, not by the place
// where it was shown.
type Verdict int

const (
	// Invalid is a reply without a usable verdict; it is the zero value.
	Invalid Verdict = iota
	First           // the first answer of the pair is better
	Second          // the second answer is better
	Tie
)

// VerdictOf reads the first answer's share of a win: above a half the first is
// better, below it the second; NaN is no verdict.
func VerdictOf(share float64) Verdict {
	switch {
	case math.IsNaN(share):
		return Invalid
	case share > .5:
		return First
	case share < .5:
		return Second
	}
	return Tie
}

// score is the share of a win that the first answer gets.
func (v Verdict) score() float64 {
	switch v {
	case First:
		return 1
	case Second:
		return 0
	default:
		return 0.5
	}
}

// Swap tells how a judge fares on the same pairs in both presentation orders.
// Shares are in [0, 1], and NaN where they have no denominator.
type Swap struct {
	N       int // pairs with a verdict in both orders
	Invalid int // pairs without

	Consistency float64         // share of pairs with the same verdict in both orders
	Kappa       agreement.Kappa // of the verdicts of the two orders

	// FirstShown is the share of the 2N verdicts for the answer that was shown
	// first, ties counting half. It is 0.5 for a judge without a favourite place.
	FirstShown float64
	// ToFirst and ToSecond count the pairs won in both orders by whichever
	// answer was shown first, or second.
	ToFirst, ToSecond int
	// OrderP is the exact two-sided p-value (McNemar) that both are equally
	// likely; 1 where there are none.
	OrderP float64

	// HalfPoint is the first answer's win rate where contradictory verdicts
	// score 0.5, with a standard error over pairs: the one to decide by.
	HalfPoint WinRate
	// Consistent is its win rate among the consistent pairs.
	Consistent float64
}

// NewSwap compares the verdicts on the same pairs, given with the first answer
// shown first (a) and with the second shown first (b), after Zheng et al.
// 2023 (arXiv 2306.05685). Pairs with an invalid verdict are left out and
// counted. It panics if the lengths differ.
func NewSwap(a, b []Verdict) Swap {
	var y, consistent []float64
	var s Swap
	shown := 0.0
	for i := range both(a, b) {
		if a[i] == Invalid || b[i] == Invalid {
			s.Invalid++
			continue
		}
		y = append(y, (a[i].score()+b[i].score())/2)
		shown += a[i].score() + 1 - b[i].score()
		switch {
		case a[i] == b[i]:
			consistent = append(consistent, a[i].score())
		case a[i] == First && b[i] == Second:
			s.ToFirst++
		case a[i] == Second && b[i] == First:
			s.ToSecond++
		}
	}
	s.N = len(y)
	s.Consistency = float64(len(consistent)) / float64(s.N)
	s.Kappa = orderKappa(a, b)
	s.FirstShown = shown / float64(2*s.N)
	s.OrderP = dist.BinomialTwoSided(float64(s.ToFirst), float64(s.ToFirst+s.ToSecond), 0.5)
	s.HalfPoint = NewWinRate(y)
	s.Consistent, _ = meanStdErr(consistent)
	return s
}

// orderKappa is the agreement of the two orders over First, Second and Tie.
func orderKappa(a, b []Verdict) agreement.Kappa {
	category := func(verdicts []Verdict) []int {
		out := make([]int, len(verdicts))
		for i, v := range verdicts {
			out[i] = int(v) - 1
		}
		return out
	}
	table, _ := agreement.Table(category(a), category(b), int(Tie))
	return agreement.CohenKappa(table, agreement.Unweighted)
}

// Accuracy is how often a judge's verdicts are right, over the pairs with a
// valid verdict in both orders and a known right one.
type Accuracy struct {
	OrderA, OrderB float64 // share right with the first answer shown first, and last
	Both           float64 // share right in both orders
	N              int
}

// NewAccuracy compares verdicts in both orders, as in NewSwap, with the right
// ones.
func NewAccuracy(right, a, b []Verdict) Accuracy {
	var inA, inB, inBoth int
	var acc Accuracy
	both(right, a)
	for i := range both(a, b) {
		if a[i] == Invalid || b[i] == Invalid || right[i] == Invalid {
			continue
		}
		acc.N++
		inA += indicator(a[i] == right[i])
		inB += indicator(b[i] == right[i])
		inBoth += indicator(a[i] == right[i] && b[i] == right[i])
	}
	n := float64(acc.N)
	acc.OrderA, acc.OrderB, acc.Both = float64(inA)/n, float64(inB)/n, float64(inBoth)/n
	return acc
}

// both returns the common length of two lists of verdicts.
func both(a, b []Verdict) int {
	if len(a) != len(b) {
		panic("preference: the lists of verdicts differ in length")
	}
	return len(a)
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}
