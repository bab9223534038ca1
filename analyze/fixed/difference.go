package fixed

import (
	"math"

	"weir/analyze/dist"
)

// A Difference is an estimated effect whose error is Student's t: (estimate -
// truth) / StdErr has DF degrees of freedom. DF may be a fraction, or infinite
// for a normal. StdErr and DF are NaN where the error is unknown; then every
// p-value and limit is NaN.
type Difference struct {
	Value, StdErr, DF float64
}

// newDifference returns the difference of that error variance. A variance of
// zero tells nothing about the error: observations that do not vary have not
// shown how they vary.
func newDifference(value, variance, df float64) Difference {
	if !(variance > 0) {
		return Difference{Value: value, StdErr: math.NaN(), DF: math.NaN()}
	}
	return Difference{Value: value, StdErr: math.Sqrt(variance), DF: df}
}

// Welch returns mean(b) - mean(a) of independent samples with unequal
// variances and Satterthwaite's degrees of freedom (Welch 1947); R:
// t.test(b, a). One arm without variance is allowed, two are not; each needs
// two observations.
func Welch(a, b Sample) Difference {
	va, vb := a.errorVar(), b.errorVar()
	v := va + vb
	// Shares of v, so that tiny variances do not underflow.
	df := 1 / (va/v*va/v/(a.N-1) + vb/v*vb/v/(b.N-1))
	return newDifference(b.Mean-a.Mean, v, df)
}

// PairedMean returns the mean of paired differences, given their summary, with
// N - 1 degrees of freedom; R: t.test(b, a, paired = TRUE).
func PairedMean(differences Sample) Difference {
	return newDifference(differences.Mean, differences.errorVar(), differences.N-1)
}

// T returns the t statistic of the hypothesis that the truth is null.
func (d Difference) T(null float64) float64 { return (d.Value - null) / d.StdErr }

// TwoSided returns the p-value of truth = null.
func (d Difference) TwoSided(null float64) float64 { return dist.StudentTTwoSided(d.T(null), d.DF) }

// Greater returns the p-value of truth <= null: small where the truth is
// greater.
func (d Difference) Greater(null float64) float64 { return dist.StudentTSurvival(d.T(null), d.DF) }

// Less returns the p-value of truth >= null: small where the truth is less.
func (d Difference) Less(null float64) float64 { return dist.StudentTCDF(d.T(null), d.DF) }

// Equivalent returns the p-value of |truth| >= margin by two one-sided tests
// (Schuirmann 1987): small where the truth lies within the margin of zero.
func (d Difference) Equivalent(margin float64) float64 {
	return math.Max(d.Greater(-margin), d.Less(margin))
}

// Interval returns the two-sided confidence limits at level 1 - alpha.
func (d Difference) Interval(alpha float64) (lower, upper float64) {
	return d.LowerLimit(alpha / 2), d.UpperLimit(alpha / 2)
}

// LowerLimit returns the one-sided lower confidence limit at level 1 - alpha.
func (d Difference) LowerLimit(alpha float64) float64 {
	return d.Value + dist.StudentTQuantile(alpha, d.DF)*d.StdErr
}

// UpperLimit returns the one-sided upper confidence limit at level 1 - alpha.
func (d Difference) UpperLimit(alpha float64) float64 {
	return d.Value - dist.StudentTQuantile(alpha, d.DF)*d.StdErr
}
