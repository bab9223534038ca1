package cluster

import "math"

// A Figure is a number that describes one arm, with its error.
type Figure struct {
	Value float64
	// Variance is that of Value itself, the squared standard error; NaN below
	// two units.
	Variance float64
	// Units it rests on, for degrees of freedom; +infinity where Variance
	// counts as known and tests are by the normal.
	Units float64
}

// StdErr returns the standard error.
func (f Figure) StdErr() float64 { return math.Sqrt(f.Variance) }

// Ones stands for a denominator that is 1 for every unit.
const Ones = -1

// A Ratio is the figure sum of component Num over sum of component Den of the
// units' vectors; with Den = Ones it is the mean of Num.
type Ratio struct{ Num, Den int }

// Mean returns the Ratio that is the mean of a component.
func Mean(component int) Ratio { return Ratio{Num: component, Den: Ones} }

// Figure returns the ratio of one arm with its error by the delta method: the
// variance of (Num - ratio Den) / mean Den over units, so that however many
// rows a unit has, it is one observation (Deng, Knoblich and Lu 2018;
// svyratio of the R package survey with units as clusters). It is NaN without
// units, and where the denominators sum to 0.
func (r Ratio) Figure(m Moments) Figure {
	return figure(m, r.value(m), r.Gradient(m))
}

// figure completes a value of m's means with the delta method's variance.
func figure(m Moments, value float64, gradient []float64) Figure {
	f := Figure{Value: value, Variance: math.NaN(), Units: m.N}
	if m.N >= 2 {
		f.Variance = m.Covariance(gradient, gradient) / m.N
	}
	return f
}

func (r Ratio) value(m Moments) float64 {
	switch {
	case m.N == 0, r.Den != Ones && m.Mean[r.Den] == 0:
		return math.NaN()
	case r.Den == Ones:
		return m.Mean[r.Num]
	}
	return m.Mean[r.Num] / m.Mean[r.Den]
}

// Gradient returns the derivatives of the ratio in the means of the
// components.
func (r Ratio) Gradient(m Moments) []float64 {
	g := make([]float64, len(m.Mean))
	switch {
	case m.N == 0:
	case r.Den == Ones:
		g[r.Num] = 1
	default:
		g[r.Num] = 1 / m.Mean[r.Den]
		g[r.Den] = -r.value(m) / m.Mean[r.Den]
	}
	return g
}
