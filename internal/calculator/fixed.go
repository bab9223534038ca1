package calculator

import (
	"fmt"
	"math"

	"weir/analyze/fixed"
)

// fixedMethods are the tests and intervals for one look, and the tails under
// all of them.
var fixedMethods = map[string]Method{
	"stats-bayes-beta-binomial": betaBinomial,
	"stats-bayes-gaussian":      bayesGaussian,
	"stats-distribution-tails":  distributionTails,
	"stats-fisher-exact":        fisherExact,
	"stats-mann-whitney":        mannWhitney,
	"stats-mcnemar":             mcNemar,
	"stats-multiple-testing":    multipleTesting,
	"stats-non-inferiority":     nonInferiority,
	"stats-paired-t-wilcoxon":   pairedTests,
	"stats-power":               power,
	"stats-proportion-ci":       proportionCI,
	"stats-relative-risk":       relativeRisk,
	"stats-srm-chi2":            sampleRatio,
	"stats-two-proportion":      twoProportion,
	"stats-welch-t":             welchT,
}

// level is an optional significance level; absent it is 0.05.
type level struct {
	Alpha *float64 `json:"alpha"`
}

// value returns the level, or ErrInput, wrapped, outside (0, 1).
func (l level) value() (float64, error) {
	if l.Alpha == nil {
		return 0.05, nil
	}
	if !(*l.Alpha > 0 && *l.Alpha < 1) {
		return 0, fmt.Errorf("%w: alpha is %g; it must lie between 0 and 1", ErrInput, *l.Alpha)
	}
	return *l.Alpha, nil
}

// counts checks that every number is a whole one, not negative.
func counts(names string, values ...float64) error {
	for _, v := range values {
		if !(v >= 0) || v != math.Floor(v) {
			return fmt.Errorf("%w: %s must be whole numbers >= 0, one is %g", ErrInput, names, v)
		}
	}
	return nil
}

// twoRates are successes and trials of both arms.
type twoRates struct {
	XA float64 `json:"x_a"`
	NA float64 `json:"n_a"`
	XB float64 `json:"x_b"`
	NB float64 `json:"n_b"`
}

// arms returns both proportions, or ErrInput, wrapped, where they are no counts.
func (r twoRates) arms() (a, b fixed.Proportion, err error) {
	if err := counts("x_a, n_a, x_b, n_b", r.XA, r.NA, r.XB, r.NB); err != nil {
		return a, b, err
	}
	if r.XA > r.NA || r.XB > r.NB {
		return a, b, fmt.Errorf("%w: more successes than trials", ErrInput)
	}
	return fixed.Proportion{Successes: r.XA, Trials: r.NA}, fixed.Proportion{Successes: r.XB, Trials: r.NB}, nil
}

// pair is an interval as a list; nil, which is null, where a limit is NaN.
func pair(lower, upper float64) any {
	if math.IsNaN(lower) || math.IsNaN(upper) {
		return nil
	}
	return []float64{lower, upper}
}
