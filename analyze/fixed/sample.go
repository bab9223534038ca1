package fixed

import "math"

// A Sample is the summary of independent observations that tests of means
// need. N counts observations, Var is their variance with N - 1. Mean is NaN
// for N = 0, Var for N < 2.
type Sample struct {
	N, Mean, Var float64
}

// Summarize returns the summary of x. It makes two passes, so that data at 1e9
// with unit spread keep their variance (Chan, Golub and LeVeque 1983, eq.
// 1.7). Equal observations have a variance of exactly zero.
func Summarize(x []float64) Sample {
	s := Sample{N: float64(len(x)), Mean: math.NaN(), Var: math.NaN()}
	if len(x) == 0 {
		return s
	}
	s.Mean = sum(x) / s.N
	if len(x) == 1 {
		return s
	}
	var off, squares float64
	varies := false
	for _, v := range x {
		off += v - s.Mean // zero but for the rounding of the mean
		squares += (v - s.Mean) * (v - s.Mean)
		varies = varies || v != x[0]
	}
	if s.Var = 0; varies {
		s.Var = math.Max(0, squares-off*off/s.N) / (s.N - 1)
	}
	return s
}

// errorVar returns the variance of the mean.
func (s Sample) errorVar() float64 { return s.Var / s.N }

// sum adds in pairs, whose rounding error grows with the logarithm of the
// length (Higham 1993): blocks of 128 by eight running sums, as NumPy does, so
// that means agree with its to the last digit.
func sum(x []float64) float64 {
	const lanes, block = 8, 128
	if len(x) > block {
		half := len(x) / 2
		half -= half % lanes
		return sum(x[:half]) + sum(x[half:])
	}
	total := 0.0
	if len(x) >= lanes {
		r := [lanes]float64(x)
		x = x[lanes:]
		for ; len(x) >= lanes; x = x[lanes:] {
			for i := range r {
				r[i] += x[i]
			}
		}
		total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	}
	for _, v := range x {
		total += v
	}
	return total
}
