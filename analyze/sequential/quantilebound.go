package sequential

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// DoubleStitching returns the half-width, in counts (divide by t for shares),
// of a confidence sequence for the p-quantile that holds over all times t and
// all p at once (Howard and Ramdas 2022, theorem 3; double_stitching_bound of
// the package confseq with delta 0.5, s 1.4, eta 2). It starts at time start,
// 1 or more, and is tightest after it.
func DoubleStitching(p, t, alpha, start float64) float64 {
	const delta, s, eta = 0.5, 1.4, 2.0
	if !(p > 0 && p < 1 && t > 0 && alpha > 0 && alpha < 1 && start > 0) {
		return math.NaN()
	}
	k1 := (math.Pow(eta, 0.25) + math.Pow(eta, -0.25)) / math.Sqrt2
	k2 := (math.Sqrt(eta) + 1) / 2
	zeta := mathext.Zeta(s, 1)

	time := math.Max(t, start)
	logit := math.Log(p / (1 - p))
	r := p
	if p < 0.5 {
		r = math.Min(0.5, 1/(1+math.Exp(-logit-2*delta*math.Sqrt(start*eta/time))))
	}
	variance := r * (1 - r)
	grid := math.Sqrt(time/start)*math.Abs(logit)/(2*delta) + 1
	l := s*math.Log(math.Log(eta*time/start)) + s*math.Log(grid) +
		math.Log(2*zeta*(2*zeta+1)/(alpha*math.Pow(math.Log(eta), s)))
	skew := k2 * (1 - 2*p) / 3 * l
	return delta*math.Sqrt(eta*time*variance/start) + math.Sqrt(k1*k1*variance*time*l+skew*skew) + skew
}

// EmpiricalCDFRadius returns the half-width, on the scale of probabilities,
// of a confidence sequence around the empirical distribution function that
// holds over all times t >= start and all values at once (Howard and Ramdas
// 2022, theorem 2; empirical_process_lil_bound of the package confseq with A
// 0.85). It is +infinity before start, which is 1 or more.
func EmpiricalCDFRadius(t, alpha, start float64) float64 {
	if !(t > 0 && alpha > 0 && alpha < 1 && start >= 1) {
		return math.NaN()
	}
	if t < start {
		return math.Inf(1)
	}
	return lilA * math.Sqrt((math.Log1p(math.Log(t/start))+lilC(alpha))/t)
}

const lilA = 0.85

// lilC finds the C at which the error of the bound, minimised over the
// spacing eta of the epochs, is alpha.
func lilC(alpha float64) float64 {
	error := func(c float64) float64 {
		f := func(eta float64) float64 { return lilError(c, eta) }
		return f(minimum(f, 1, widestEpoch(c)))
	}
	high := 1.0
	for error(high) > alpha && high < 1e4 {
		high *= 2
	}
	return bisect(func(c float64) float64 { return error(c) - alpha }, 0, high)
}

// lilError bounds the chance of ever leaving the bound (theorem 2).
func lilError(c, eta float64) float64 {
	slack := lilA - math.Sqrt(2*(eta-1)/c)
	gamma := 2 / eta * slack * slack
	if gamma <= 1 {
		return math.Inf(1)
	}
	return 4 * math.Exp(-gamma*c) * (1 + 1/((gamma-1)*math.Log(eta)))
}

// widestEpoch is the eta at which lilError ceases to be finite.
func widestEpoch(c float64) float64 {
	return bisect(func(eta float64) float64 {
		return lilA - math.Sqrt(eta/2) - math.Sqrt(2*(eta-1)/c)
	}, 1, 2*lilA*lilA)
}

// bisect returns the root of the decreasing f in [lo, hi], or the end nearest
// to it.
func bisect(f func(float64) float64, lo, hi float64) float64 {
	for range 200 {
		mid := (lo + hi) / 2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}
