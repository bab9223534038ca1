package dist

import "math"

// BinomialProb returns P(X = k) for X ~ Binomial(n, p); 0 where k is no whole
// number in [0, n]; R: dbinom(k, n, p).
func BinomialProb(k, n, p float64) float64 {
	switch {
	case !validBinomial(n, p) || math.IsNaN(k):
		return math.NaN()
	case k < 0 || k > n || k != math.Floor(k):
		return 0
	}
	return binomialDensity(k, n, p, 1-p)
}

// BinomialCDF returns P(X <= k) for X ~ Binomial(n, p), n a whole number; R:
// pbinom(k, n, p).
func BinomialCDF(k, n, p float64) float64 {
	lower, _ := binomialTails(k, n, p)
	return lower
}

// BinomialSurvival returns P(X > k) for X ~ Binomial(n, p). P(X >= k), the
// one-sided p-value of a count, is BinomialSurvival(k-1, n, p).
func BinomialSurvival(k, n, p float64) float64 {
	_, upper := binomialTails(k, n, p)
	return upper
}

// binomialTails returns P(X <= k) and P(X > k).
func binomialTails(k, n, p float64) (lower, upper float64) {
	switch k = math.Floor(k); {
	case !validBinomial(n, p) || math.IsNaN(k):
		return math.NaN(), math.NaN()
	case k < 0:
		return 0, 1
	case k >= n:
		return 1, 0
	}
	// P(X > k) is the probability that the (k+1)-th of n uniforms is below p.
	upper, lower = betaTails(p, 1-p, k+1, n-k)
	return lower, upper
}

// BinomialTwoSided returns the exact two-sided p-value of k successes in n
// trials under p: the total probability of all counts that are no more
// probable than k; R: binom.test(k, n, p), SciPy: binomtest. Probabilities
// that differ by less than one part in 1e7 count as equal, as there.
func BinomialTwoSided(k, n, p float64) float64 {
	if !validBinomial(n, p) || !(k >= 0 && k <= n) || k != math.Floor(k) {
		return math.NaN()
	}
	mode := math.Min(n, math.Floor((n+1)*p))
	limit := BinomialProb(k, n, p) * (1 + tie)
	likely := func(x float64) bool { return BinomialProb(x, n, p) > limit }
	low := firstWhere(0, mode, likely)
	high := firstWhere(mode, n+1, func(x float64) bool { return !likely(x) })
	if low >= high { // k is the mode
		return 1
	}
	return math.Min(1, BinomialCDF(low-1, n, p)+BinomialSurvival(high-1, n, p))
}

// tie is the relative difference up to which two probabilities of an exact
// test count as equal: far above rounding, as in R.
const tie = 1e-7

// firstWhere returns the least whole number in [lo, hi) where f holds, f
// being false below and true from there on; hi where it never does.
func firstWhere(lo, hi float64, f func(float64) bool) float64 {
	for lo < hi {
		mid := math.Floor(lo + (hi-lo)/2)
		if f(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

func validBinomial(n, p float64) bool {
	return n >= 0 && n == math.Floor(n) && p >= 0 && p <= 1
}
