package fixed

import "math"

// MaxExactFlips is the number of differences up to which SignFlip goes through all signs: of
// half of them at a time, so that 2^13 sums are kept.
const MaxExactFlips = 26

// A SignFlip is the randomisation test of paired differences: each keeps its size and could
// have had either sign (Fisher 1935, The Design of Experiments, section 21).
type SignFlip struct {
	// TwoSided is the share of all 2^n assignments of signs whose sum is at least as far from zero,
	// Greater and Less of those whose sum is at least as large, and as small.
	TwoSided, Greater, Less float64
}

// NewSignFlip tests whether differences lie symmetrically about zero, exactly at any number of
// them: SciPy's permutation_test(permutation_type="samples") of their mean, with all permutations.
// P-values are NaN for no difference, for more than MaxExactFlips, and where one is NaN.
func NewSignFlip(differences []float64) SignFlip {
	n := len(differences)
	if n == 0 || n > MaxExactFlips || hasNaN(differences) {
		return SignFlip{math.NaN(), math.NaN(), math.NaN()}
	}
	s := newSigns(differences, 0)
	far := math.Abs(s.sum)
	return SignFlip{math.Min(1, s.atLeast(far)+s.atMost(-far)), s.atLeast(s.sum), s.atMost(s.sum)}
}

// SignFlipInterval returns the limits of a shift of symmetric differences: the shifts that the
// one-sided tests at alpha/2 do not refuse. A limit is infinite where even all signs alike
// would not refuse one, and where NewSignFlip gives NaN.
func SignFlipInterval(differences []float64, alpha float64) (lower, upper float64) {
	return SignFlipLower(differences, alpha/2), SignFlipUpper(differences, alpha/2)
}

// SignFlipUpper returns the one-sided upper limit of the shift at confidence 1-alpha.
func SignFlipUpper(differences []float64, alpha float64) float64 {
	negated := make([]float64, len(differences))
	for i, d := range differences {
		negated[i] = -d
	}
	return -SignFlipLower(negated, alpha)
}

// SignFlipLower returns the one-sided lower limit of the shift at confidence 1-alpha, to a
// millionth of the range of the differences.
func SignFlipLower(differences []float64, alpha float64) float64 {
	n := len(differences)
	if n == 0 || n > MaxExactFlips || hasNaN(differences) || math.Exp2(-float64(n)) > alpha {
		return math.Inf(-1)
	}
	low, high := differences[0], differences[0]
	for _, d := range differences {
		low, high = math.Min(low, d), math.Max(high, d)
	}
	for range 20 { // low is refused, or the least; high is not
		mid := (low + high) / 2
		if s := newSigns(differences, mid); s.atLeast(s.sum) > alpha {
			high = mid
		} else {
			low = mid
		}
	}
	return low
}

// signs are the sums of all assignments of signs to each half of some differences, in order.
type signs struct {
	first, second []float64
	sum           float64 // with the signs that they have
	slack         float64 // below which sums are the same but for rounding
}

// newSigns prepares differences less a shift.
func newSigns(differences []float64, shift float64) signs {
	var s signs
	half := len(differences) / 2
	s.first, s.second = sums(differences[:half], shift), sums(differences[half:], shift)
	for _, d := range differences {
		s.sum += d - shift
		s.slack += math.Abs(d-shift) * 1e-12
	}
	return s
}

// sums gives, in order, the sums of all assignments of signs.
func sums(differences []float64, shift float64) []float64 {
	n := 1 << len(differences)
	out, next := make([]float64, 1, n), make([]float64, n)
	for _, d := range differences {
		size := math.Abs(d - shift)
		next = next[:2*len(out)]
		i := 0
		for j, x := range out { // out less size, and out plus size, merged
			for ; i < len(out) && out[i]-size <= x+size; i++ {
				next[i+j] = out[i] - size
			}
			next[i+j] = x + size
		}
		out, next = next, out[:cap(out)]
	}
	return out
}

// atLeast is the share of assignments whose sum is at least so large.
func (s signs) atLeast(x float64) float64 {
	count, j := 0.0, len(s.second)
	for _, a := range s.first {
		for j > 0 && a+s.second[j-1] >= x-s.slack {
			j--
		}
		count += float64(len(s.second) - j)
	}
	return count / (float64(len(s.first)) * float64(len(s.second)))
}

// atMost is the share whose sum is at most so large: signs turned, as many are at least -x.
func (s signs) atMost(x float64) float64 { return s.atLeast(-x) }
