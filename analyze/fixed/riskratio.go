package fixed

import "math"

// RiskRatio returns rate(b) / rate(a).
func RiskRatio(a, b Proportion) float64 { return b.Rate() / a.Rate() }

// KatzRatio returns the interval of rate(b) / rate(a) that is Wald's on the
// log scale (Katz et al. 1978); NaN without a success in either arm.
func KatzRatio(a, b Proportion, alpha float64) (lower, upper float64) {
	log := math.Log(RiskRatio(a, b))
	half := critical(alpha/2) * math.Sqrt(1/a.Successes-1/a.Trials+1/b.Successes-1/b.Trials)
	return math.Exp(log - half), math.Exp(log + half)
}

// WalterRatio returns KatzRatio after adding half a success to each arm
// (Walter 1975).
func WalterRatio(a, b Proportion, alpha float64) (lower, upper float64) {
	return KatzRatio(a.plus(0.5, 0), b.plus(0.5, 0), alpha)
}

// ScoreRatio returns the interval of rate(b) / rate(a) that the score test
// does not reject, with the variance times n/(n-1) (Miettinen and Nurminen
// 1985, eq. 10; without that factor Koopman 1984). It begins at 0 without a success
// in b and is unbounded without one in a.
func ScoreRatio(a, b Proportion, alpha float64) (lower, upper float64) {
	if a.Trials == 0 || b.Trials == 0 {
		return math.NaN(), math.NaN()
	}
	z := critical(alpha / 2)
	const widest = 700 // of the log of the ratio
	centre := math.Max(-widest, math.Min(widest, math.Log(over(b.Rate(), a.Rate()))))
	lower, upper = 0, math.Inf(1)
	if b.Successes > 0 {
		lower = math.Exp(bisect(-widest, centre, func(log float64) bool { return scoreRatioZ(a, b, math.Exp(log)) < z }))
	}
	if a.Successes > 0 {
		upper = math.Exp(bisect(centre, widest, func(log float64) bool { return scoreRatioZ(a, b, math.Exp(log)) < -z }))
	}
	return lower, upper
}

// scoreRatioZ returns the score statistic of rate(b) / rate(a) = ratio.
func scoreRatioZ(a, b Proportion, ratio float64) float64 {
	n := a.Trials + b.Trials
	half := (b.Trials*ratio + b.Successes + a.Trials + a.Successes*ratio) / 2
	total := a.Successes + b.Successes
	pa := total / (half + math.Sqrt(half*half-n*ratio*total))
	pb := pa * ratio
	v := (pb*(1-pb)/b.Trials + ratio*ratio*pa*(1-pa)/a.Trials) * n / (n - 1)
	return (b.Rate() - ratio*a.Rate()) / math.Sqrt(v)
}
