package fixed

import (
	"math"
)

// PooledZ returns the z statistic of equal rates with the variance of the
// pooled rate: the square root of Pearson's chi-square; NaN where all trials
// of both arms agree.
func PooledZ(a, b Proportion) float64 {
	n := a.Trials + b.Trials
	pooled := (a.Successes + b.Successes) / n
	return (b.Rate() - a.Rate()) / math.Sqrt(pooled*(1-pooled)*(1/a.Trials+1/b.Trials))
}

// Wald returns rate(b) - rate(a) with each arm's own variance and a normal
// error. It is poor below some 10 successes and 10 failures an arm.
func Wald(a, b Proportion) Difference {
	return newDifference(b.Rate()-a.Rate(), a.errorVar()+b.errorVar(), math.Inf(1))
}

// AgrestiCaffo returns Wald's difference after adding one success and one
// failure to each arm (Agresti and Caffo 2000).
func AgrestiCaffo(a, b Proportion) Difference {
	return Wald(a.plus(1, 1), b.plus(1, 1))
}

// Newcombe returns the hybrid score interval of rate(b) - rate(a) from the
// Wilson limits of each arm (Newcombe 1998, method 10).
func Newcombe(a, b Proportion, alpha float64) (lower, upper float64) {
	pa, pb := a.Rate(), b.Rate()
	la, ua := a.Wilson(alpha)
	lb, ub := b.Wilson(alpha)
	d := pb - pa
	return d - math.Hypot(pb-lb, ua-pa), d + math.Hypot(ub-pb, pa-la)
}

// MiettinenNurminenZ returns the score statistic of rate(b) - rate(a) = null,
// with the variance at the maximum likelihood under the null times n/(n-1)
// (Miettinen and Nurminen 1985, eq. 8). It falls in null; it is NaN where
// that variance is zero, as for null = 0 with no success in either arm.
func MiettinenNurminenZ(a, b Proportion, null float64) float64 {
	pa := restrictedRate(a, b, null)
	pb := pa + null
	n := a.Trials + b.Trials
	v := (pa*(1-pa)/a.Trials + pb*(1-pb)/b.Trials) * n / (n - 1)
	return (b.Rate() - a.Rate() - null) / math.Sqrt(v)
}

// MiettinenNurminen returns the interval of rate(b) - rate(a) that the score
// test does not reject.
func MiettinenNurminen(a, b Proportion, alpha float64) (lower, upper float64) {
	d := b.Rate() - a.Rate()
	if math.IsNaN(d) {
		return math.NaN(), math.NaN()
	}
	z := critical(alpha / 2)
	lower = bisect(-1, d, func(null float64) bool { return MiettinenNurminenZ(a, b, null) < z })
	upper = bisect(d, 1, func(null float64) bool { return MiettinenNurminenZ(a, b, null) < -z })
	return lower, upper
}

// restrictedRate returns the maximum likelihood estimate of a's rate p where
// b's is p + d. The likelihood is concave, so its slope changes sign at most
// once.
func restrictedRate(a, b Proportion, d float64) float64 {
	if d == 0 {
		return (a.Successes + b.Successes) / (a.Trials + b.Trials)
	}
	slope := func(arm Proportion, p float64) float64 {
		return over(arm.Successes, p) - over(arm.Trials-arm.Successes, 1-p)
	}
	return bisect(math.Max(0, -d), math.Min(1, 1-d), func(p float64) bool {
		return slope(a, p)+slope(b, p+d) < 0
	})
}

// over returns count/p, zero where the count is.
func over(count, p float64) float64 {
	if count == 0 {
		return 0
	}
	return count / p
}
