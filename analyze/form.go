package analyze

import (
	"math"

	"weir/analyze/fixed"
)

// An Estimate is a figure with its standard error and the number of units it
// rests on. StdErr is NaN below two units; Value is NaN where there is none.
type Estimate struct {
	Value  float64
	StdErr float64
	Units  int64
}

// Estimate computes the figure from the moments of one set of units: a mean with
// s/sqrt(n), or a ratio of sums with the delta method (Deng, Knoblich and Lu
// 2018, eq. 4), so that rows of one unit count as one observation.
func (f Form) Estimate(m Moments) Estimate {
	e := Estimate{Value: math.NaN(), StdErr: math.NaN(), Units: m.N}
	if m.N == 0 {
		return e
	}
	e.Value = f.value(m)
	_, square := m.linear(f.score(m, e.Value))
	if m.N >= 2 {
		n := float64(m.N)
		e.StdErr = math.Sqrt(square/(n-1)/n) / math.Abs(f.scale(m))
	}
	return e
}

// Contrast is the treatment's figure less control's, of different units, with Welch's
// degrees of freedom: its Interval and its p-values hold at one look. NaN where an error is.
func Contrast(control, treatment Estimate) fixed.Difference {
	of := func(e Estimate) level {
		v := e.StdErr * e.StdErr
		return level{value: e.Value, variance: v, fourth: v * v / float64(e.Units-1)}
	}
	return of(treatment).minus(of(control))
}

// value is the mean, or the ratio of sums; NaN where the denominator is zero.
func (f Form) value(m Moments) float64 {
	if m.N == 0 {
		return math.NaN()
	}
	if f.Den == Ones {
		return m.Mean[f.Num]
	}
	if m.Mean[f.Den] == 0 {
		return math.NaN()
	}
	return m.Mean[f.Num] / m.Mean[f.Den]
}

// score gives the weights of the linearised figure: Num for a mean, Num -
// ratio x Den for a ratio, whose mean over units is zero where the ratio is theirs.
func (f Form) score(m Moments, ratio float64) []float64 {
	w := make([]float64, len(m.Mean))
	w[f.Num] = 1
	if f.Den != Ones {
		w[f.Den] -= ratio
	}
	return w
}

// scale is what a linearised figure is divided by to be on the figure's own
// scale: 1, or the mean denominator.
func (f Form) scale(m Moments) float64 {
	if f.Den == Ones {
		return 1
	}
	return m.Mean[f.Den]
}
