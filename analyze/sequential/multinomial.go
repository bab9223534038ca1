package sequential

import "math"

// LogEMultinomial returns the log e-value against units being split in the
// proportions theta, from the counts of units so far: the anytime-valid test
// of sample ratio mismatch (Lindon and Malek 2022, "Anytime-valid inference
// for multinomial count data"; Multinomial of the Python package savvi). The
// alternative is a Dirichlet mixture with parameters k theta: the larger k,
// the smaller the deviation it is made for. 100 is usual.
//
// theta are positive weights, normalised here. Where the split changes,
// e-values of separate stretches multiply: add the logs. Counts of 1e8 leave
// an absolute error near 1e-6. It panics if the lengths differ.
func LogEMultinomial(counts, theta []float64, k float64) float64 {
	if len(counts) != len(theta) {
		panic("sequential: counts and theta differ in length")
	}
	total, weight := 0.0, 0.0
	for i, n := range counts {
		if !(n >= 0 && theta[i] > 0) {
			return math.NaN()
		}
		total += n
		weight += theta[i]
	}
	e := logRising(k, total)
	for i, n := range counts {
		share := theta[i] / weight
		e += -logRising(k*share, n) + n*math.Log(share)
	}
	return -e
}

// logRising returns ln(Γ(a+n) / Γ(a)).
func logRising(a, n float64) float64 {
	if !(a > 0) {
		return math.NaN()
	}
	above, _ := math.Lgamma(a + n)
	below, _ := math.Lgamma(a)
	return above - below
}

// RunningP turns the log e-values of successive looks at one process into
// always-valid p-values: the smallest min(1, 1/E) so far. A NaN is passed
// over.
func RunningP(logE []float64) []float64 {
	p := make([]float64, len(logE))
	least := 1.0
	for i, e := range logE {
		if now := math.Exp(-e); now < least {
			least = now
		}
		p[i] = least
	}
	return p
}
