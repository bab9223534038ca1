package betting

import "math"

// Hedged tries the means 0, 0.001, ..., 1, and rounds its bounds outwards by
// one step.
const (
	step  = 0.001
	steps = 1000
)

// Hedged returns the hedged capital sequence at level 1-alpha: a mean m is kept
// as long as neither of two gamblers, each with half the money, has made
// 1/alpha of the whole by betting on more or less than m. Where no m of the
// grid is left, which takes a mean pinned down between two of its points, the
// interval is [0, 1]. The cost is 2,000 logarithms a score. Python:
// confseq.betting.hedged_cs.
func Hedged(x []float64, alpha float64) Sequence {
	check(x, alpha)
	return hedged(x, alpha, func(m float64, _ int, _ float64) float64 { return m })
}

// HedgedFinite is Hedged for scores drawn in random order, without
// replacement, from a population of the given size: its mean is what is to be
// known, and after the last item it is known. It describes those items, not
// what comes after them. It panics if there are more scores than items.
func HedgedFinite(x []float64, population int, alpha float64) Sequence {
	check(x, alpha)
	if len(x) > population {
		panic("betting: more scores than items in the population")
	}
	size := float64(population)
	s := hedged(x, alpha, func(m float64, t int, sum float64) float64 {
		return (size*m - sum) / (size - float64(t))
	})
	sum := 0.0
	for i, v := range x {
		sum += v
		s.Low[i] = math.Max(s.Low[i], sum/size)
		s.High[i] = math.Min(s.High[i], 1-(float64(i+1)-sum)/size)
	}
	return s
}

// hedged inverts the two gamblers' capital over a grid of means m. expect
// gives the mean of the next score under m, after t scores of the given sum.
func hedged(x []float64, alpha float64, expect func(m float64, t int, sum float64) float64) Sequence {
	lambda := bets(x, alpha/2)
	gamblers := make([]gambler, steps+1)
	s := newSequence(len(x))
	most := math.Log(2 / alpha)
	sum := 0.0
	for i, v := range x {
		first, last := steps+1, -1
		for g := range gamblers {
			mean := expect(float64(g)*step, i, sum)
			gamblers[g].bet(v, mean, lambda[i], halfBet)
			if gamblers[g].best() <= most {
				first, last = min(first, g), g
			}
		}
		if last < 0 {
			first, last = 0, steps
		}
		s.Low[i] = math.Max(0, float64(first-1)*step)
		s.High[i] = math.Min(1, float64(last+1)*step)
		sum += v
	}
	return s
}
