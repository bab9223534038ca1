package fixed

import (
	"math"
	"slices"

	"weir/analyze/dist"
)

// A RankSum is the Mann-Whitney test of two independent samples. It compares
// distributions, not means. All of it is NaN where a sample is empty or holds
// a NaN.
type RankSum struct {
	// U counts the pairs in which b is above a, equal ones as a half.
	U float64
	// Superiority is U over the number of pairs: P(b > a) + P(b = a)/2.
	Superiority float64
	// TwoSided and Greater (b above a) are p-values of the normal
	// approximation with variance corrected for ties and with continuity
	// correction; Uncorrected is two-sided without the latter. With all
	// observations equal they are 1, 1 and NaN.
	TwoSided, Greater, Uncorrected float64
	// Exact is the two-sided p-value of the permutation distribution; NaN with
	// ties, or with more than MaxExactPairs pairs.
	Exact float64
}

// MaxExactPairs is the number of pairs of observations up to which rank
// statistics are taken from their permutation distribution.
const MaxExactPairs = 40_000

// MannWhitney tests whether b tends to be above or below a (Mann and Whitney
// 1947); R: wilcox.test(b, a), SciPy: mannwhitneyu(b, a).
func MannWhitney(a, b []float64) RankSum {
	m, n := float64(len(a)), float64(len(b))
	if m == 0 || n == 0 || hasNaN(a) || hasNaN(b) {
		nan := math.NaN()
		return RankSum{nan, nan, nan, nan, nan, nan}
	}
	ranks, ties := midranks(slices.Concat(b, a))
	u := -n * (n + 1) / 2
	for _, r := range ranks[:len(b)] {
		u += r
	}
	mean, total := m*n/2, m+n
	sd := math.Sqrt(m * n / 12 * (total + 1 - ties/(total*(total-1))))
	off := math.Abs(u - mean)
	r := RankSum{
		U:           u,
		Superiority: u / (m * n),
		TwoSided:    math.Min(1, 2*dist.NormalSurvival((off-0.5)/sd)),
		Greater:     dist.NormalSurvival((u - mean - 0.5) / sd),
		Uncorrected: dist.NormalTwoSided(off / sd),
		Exact:       math.NaN(),
	}
	if ties == 0 && m*n <= MaxExactPairs {
		tail := cumulative(rankSumProbs(len(a), len(b)), int(mean-off))
		r.Exact = math.Min(1, 2*tail)
	}
	return r
}

// rankSumProbs returns the probability of each U, from 0 to m n, when all
// orders of m + n different values are equally likely.
//
// The counts are the coefficients of the Gaussian binomial, the product over
// i = 1..m of (1 - q^(n+i)) / (1 - q^i). Each factor is scaled to
// i/(n+i) of it, so that the coefficients sum to one throughout.
func rankSumProbs(m, n int) []float64 {
	if m > n {
		m, n = n, m
	}
	p := make([]float64, m*n+1)
	p[0] = 1
	for i := 1; i <= m; i++ {
		top := i * n // degree of the product so far
		for u := top; u >= n+i; u-- {
			p[u] -= p[u-n-i]
		}
		for u := i; u <= top; u++ {
			p[u] += p[u-i]
		}
		for u := range top + 1 {
			p[u] *= float64(i) / float64(n+i)
		}
	}
	return p
}

func cumulative(p []float64, k int) float64 {
	sum := 0.0
	for _, v := range p[:k+1] {
		sum += v
	}
	return sum
}

// HodgesLehmann returns the median of all differences b - a, an estimate of
// the shift between two distributions of the same shape (Hodges and Lehmann
// 1963); NaN where a sample is empty or holds a NaN.
func HodgesLehmann(a, b []float64) float64 {
	d, ok := newDifferences(a, b)
	if !ok {
		return math.NaN()
	}
	n := d.count()
	return d.kth((n+1)/2)/2 + d.kth(n/2+1)/2
}

// HodgesLehmannInterval returns the exact interval of the shift: the
// differences b - a between which the Mann-Whitney test does not reject (Bauer
// 1972); R: wilcox.test(b, a, conf.int = TRUE, exact = TRUE). With few
// observations the level may be out of reach; the limits are then the extreme
// differences. NaN with ties between any two observations, or above
// MaxExactPairs.
func HodgesLehmannInterval(a, b []float64, alpha float64) (lower, upper float64) {
	d, ok := newDifferences(a, b)
	if _, ties := midranks(slices.Concat(a, b)); !ok || ties > 0 || d.count() > MaxExactPairs {
		return math.NaN(), math.NaN()
	}
	tail := 0.0
	k := 0 // the least U whose lower tail reaches alpha/2
	for _, p := range rankSumProbs(len(a), len(b)) {
		if tail += p; tail >= alpha/2*(1-1e-12) { // rounding aside
			break
		}
		k++
	}
	k = max(k, 1)
	return d.kth(k), d.kth(d.count() - k + 1)
}

// differences are all b - a of two sorted samples, without being listed.
type differences struct {
	a, b []float64
}

func newDifferences(a, b []float64) (d differences, ok bool) {
	if len(a) == 0 || len(b) == 0 || hasNaN(a) || hasNaN(b) {
		return d, false
	}
	d = differences{slices.Clone(a), slices.Clone(b)}
	slices.Sort(d.a)
	slices.Sort(d.b)
	return d, true
}

func (d differences) count() int { return len(d.a) * len(d.b) }

// kth returns the k-th smallest difference, from 1, by bisection over all
// float64 values.
func (d differences) kth(k int) float64 {
	lo := ordinal(d.b[0] - d.a[len(d.a)-1])
	hi := ordinal(d.b[len(d.b)-1] - d.a[0])
	for lo < hi {
		mid := lo>>1 + hi>>1 + lo&hi&1
		if d.upTo(fromOrdinal(mid)) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return fromOrdinal(lo)
}

// upTo counts the differences <= v: as b rises, fewer a are small enough.
func (d differences) upTo(v float64) int {
	count, i := 0, 0
	for _, y := range d.b {
		for i < len(d.a) && y-d.a[i] > v {
			i++
		}
		count += len(d.a) - i
	}
	return count
}

// ordinal numbers the float64 values in their order; fromOrdinal inverts it.
func ordinal(x float64) int64 {
	bits := int64(math.Float64bits(x))
	if bits < 0 {
		return math.MinInt64 - bits
	}
	return bits
}

func fromOrdinal(i int64) float64 {
	if i < 0 {
		i = math.MinInt64 - i
	}
	return math.Float64frombits(uint64(i))
}
