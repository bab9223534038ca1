package dist

import "math"

// A Hypergeometric is the number of marked ones among Draws drawn without
// replacement from Marked marked and Plain plain ones. All are whole numbers
// >= 0, Draws <= Marked + Plain.
type Hypergeometric struct {
	Marked, Plain, Draws float64
}

// Prob returns P(X = k); R: dhyper(k, Marked, Plain, Draws).
func (h Hypergeometric) Prob(k float64) float64 {
	switch {
	case !h.valid() || math.IsNaN(k):
		return math.NaN()
	case k < h.least() || k > h.most() || k != math.Floor(k):
		return 0
	}
	total := h.Marked + h.Plain
	if total == 0 {
		return 1
	}
	// Loader (2000), section 3: three binomials with a common p.
	p, q := h.Draws/total, (total-h.Draws)/total
	return binomialDensity(k, h.Marked, p, q) *
		binomialDensity(h.Draws-k, h.Plain, p, q) /
		binomialDensity(h.Draws, total, p, q)
}

// CDF returns P(X <= k); R: phyper(k, Marked, Plain, Draws).
func (h Hypergeometric) CDF(k float64) float64 {
	k = math.Floor(k)
	if k > h.mode() {
		return 1 - h.Survival(k)
	}
	return math.Min(1, h.sum(k, -1))
}

// Survival returns P(X > k).
func (h Hypergeometric) Survival(k float64) float64 {
	k = math.Floor(k)
	if k < h.mode() {
		return 1 - h.CDF(k)
	}
	return math.Min(1, h.sum(k+1, +1))
}

// TwoSided returns the exact two-sided p-value of k: the total probability of
// all values no more probable than k, where probabilities within one part in
// 1e7 count as equal; R: fisher.test.
func (h Hypergeometric) TwoSided(k float64) float64 {
	if !h.valid() || !(k >= h.least() && k <= h.most()) || k != math.Floor(k) {
		return math.NaN()
	}
	limit := h.Prob(k) * (1 + tie)
	likely := func(x float64) bool { return h.Prob(x) > limit }
	low := firstWhere(h.least(), h.mode(), likely)
	high := firstWhere(h.mode(), h.most()+1, func(x float64) bool { return !likely(x) })
	if low >= high { // k is the mode
		return 1
	}
	return math.Min(1, h.sum(low-1, -1)+h.sum(high, +1))
}

// sum adds the probabilities from k outwards, away from the mode, by the ratio
// of neighbours, until they no longer count: some standard deviations' worth
// of steps.
func (h Hypergeometric) sum(k, step float64) float64 {
	term := h.Prob(k)
	total := term
	for x := k; term > 1e-17*total; x += step {
		term *= h.ratio(x, step)
		total += term
	}
	return total
}

// ratio returns P(X = x + step) / P(X = x), step being 1 or -1.
func (h Hypergeometric) ratio(x, step float64) float64 {
	if step < 0 {
		return x * (h.Plain - h.Draws + x) / ((h.Marked - x + 1) * (h.Draws - x + 1))
	}
	return (h.Marked - x) * (h.Draws - x) / ((x + 1) * (h.Plain - h.Draws + x + 1))
}

func (h Hypergeometric) least() float64 { return math.Max(0, h.Draws-h.Plain) }
func (h Hypergeometric) most() float64  { return math.Min(h.Draws, h.Marked) }
func (h Hypergeometric) mode() float64 {
	return math.Floor((h.Draws + 1) * (h.Marked + 1) / (h.Marked + h.Plain + 2))
}

func (h Hypergeometric) valid() bool {
	for _, n := range []float64{h.Marked, h.Plain, h.Draws} {
		if !(n >= 0 && n == math.Floor(n)) {
			return false
		}
	}
	return h.Draws <= h.Marked+h.Plain
}
