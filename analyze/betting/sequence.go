package betting

import "math"

// A Sequence holds an interval for the mean after each score: with
// probability 1-alpha or more, all of them contain it at once.
type Sequence struct {
	Low, High []float64
}

// Running returns the running intersection, which is valid too: an interval
// never widens again.
func (s Sequence) Running() Sequence {
	out := newSequence(len(s.Low))
	low, high := 0.0, 1.0
	for i := range s.Low {
		low, high = math.Max(low, s.Low[i]), math.Min(high, s.High[i])
		out.Low[i], out.High[i] = low, high
	}
	return out
}

func newSequence(n int) Sequence {
	return Sequence{Low: make([]float64, n), High: make([]float64, n)}
}

// EmpiricalBernstein returns the predictable plug-in empirical-Bernstein
// sequence at level 1-alpha (PrPl-EB in the paper), with bets cut at 1/2.
// Python: confseq.predmix.predmix_empbern_twosided_cs.
func EmpiricalBernstein(x []float64, alpha float64) Sequence {
	return mixture(x, alpha, func(x []float64, a float64) (lambda, psi []float64) {
		lambda, psi = bets(x, a), make([]float64, len(x))
		mean := 0.0
		for i, v := range x {
			lambda[i] = math.Min(0.5, lambda[i])
			psi[i] = (v - mean) * (v - mean) * (-math.Log1p(-lambda[i]) - lambda[i])
			mean += (v - mean) / float64(i+1)
		}
		return lambda, psi
	})
}

// Hoeffding returns the predictable plug-in Hoeffding sequence at level
// 1-alpha (PrPl-H in the paper), with bets cut at 1. It does not learn the
// variance. Python: confseq.predmix.predmix_hoeffding_cs.
func Hoeffding(x []float64, alpha float64) Sequence {
	return mixture(x, alpha, func(x []float64, a float64) (lambda, psi []float64) {
		lambda, psi = make([]float64, len(x)), make([]float64, len(x))
		for i := range x {
			t := float64(i + 1)
			lambda[i] = math.Min(1, math.Sqrt(8*math.Log(1/a)/(t*math.Log1p(t))))
			psi[i] = lambda[i] * lambda[i] / 8
		}
		return lambda, psi
	})
}

// mixture returns the two-sided sequence of a method that gives, at a level,
// its bets lambda and what each of them costs, psi. The upper bound is the lower
// one of 1-x.
func mixture(x []float64, alpha float64, method func(x []float64, a float64) (lambda, psi []float64)) Sequence {
	check(x, alpha)
	mirrored := make([]float64, len(x))
	for i, v := range x {
		mirrored[i] = 1 - v
	}
	lower := func(x []float64) []float64 {
		lambda, psi := method(x, alpha/2)
		return lowerBound(x, lambda, psi, alpha/2)
	}
	s := Sequence{Low: lower(x), High: lower(mirrored)}
	for i, v := range s.High {
		s.High[i] = 1 - v
	}
	return s
}

// lowerBound is (sum lambda x - ln(1/a) - sum psi) / sum lambda, at least 0.
func lowerBound(x, lambda, psi []float64, a float64) []float64 {
	out := make([]float64, len(x))
	gain, bet := -math.Log(1/a), 0.0
	for i, v := range x {
		gain += lambda[i]*v - psi[i]
		bet += lambda[i]
		out[i] = math.Max(0, gain/bet)
	}
	return out
}
