package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A SignedRank is the Wilcoxon test of paired differences.
type SignedRank struct {
	// W is the smaller of the rank sums of positive and of negative
	// differences.
	W float64
	// P is the two-sided p-value.
	P float64
	// Exact says that P is from the distribution over all signs, else from the
	// normal approximation.
	Exact bool
}

// MaxExactSigns is the number of differences up to which Wilcoxon's test is
// exact.
const MaxExactSigns = 1000

// Wilcoxon tests whether differences lie symmetrically about zero (Wilcoxon
// 1945); R: wilcox.test(d). Zero differences are left out. It is exact where
// no difference is zero, no two are equal in size, and there are at most
// MaxExactSigns; else it is the normal approximation with the variance
// corrected for ties and without continuity correction (SciPy: wilcoxon,
// method approx). W and P are NaN where no difference is left or one is NaN.
func Wilcoxon(differences []float64) SignedRank {
	var sizes []float64
	var positive []bool
	for _, d := range differences {
		if d != 0 {
			sizes = append(sizes, math.Abs(d))
			positive = append(positive, d > 0)
		}
	}
	if len(sizes) == 0 || hasNaN(sizes) {
		return SignedRank{W: math.NaN(), P: math.NaN()}
	}
	ranks, ties := midranks(sizes)
	n := float64(len(sizes))
	sum := 0.0
	for i, r := range ranks {
		if positive[i] {
			sum += r
		}
	}
	w := math.Min(sum, n*(n+1)/2-sum)
	if len(sizes) == len(differences) && ties == 0 && len(sizes) <= MaxExactSigns {
		tail := cumulative(signedRankProbs(len(sizes)), int(w))
		return SignedRank{W: w, P: math.Min(1, 2*tail), Exact: true}
	}
	sd := math.Sqrt((n*(n+1)*(2*n+1) - ties/2) / 24)
	return SignedRank{W: w, P: dist.NormalTwoSided((w - n*(n+1)/4) / sd)}
}

// signedRankProbs returns the probability of each sum of positive ranks, up to
// the middle one, when each of n ranks has either sign with probability 1/2.
func signedRankProbs(n int) []float64 {
	p := make([]float64, n*(n+1)/4+1)
	p[0] = 1
	for rank := 1; rank <= n; rank++ {
		for w := len(p) - 1; w >= 0; w-- {
			p[w] /= 2
			if w >= rank {
				p[w] += p[w-rank] / 2
			}
		}
	}
	return p
}
