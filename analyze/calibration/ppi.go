package calibration

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"weir/analyze/dist"
)

// Estimate is a mean that people would give, or a difference of such.
type Estimate struct {
	// Lambda is the weight given to the judge: 0 for labels alone, 1 for plain
	// prediction-powered inference. NaN for a difference, which has one an arm.
	Lambda float64
	Value  float64
	// StdErr divides variances by n, not n-1, as the references do. It is NaN
	// with fewer than two labels, or fewer than two unlabelled items where
	// these count, and 0 where neither labels nor errors vary.
	StdErr float64
}

// CI returns the 1-alpha normal interval. It is too narrow for much fewer
// than 50 labels.
func (e Estimate) CI(alpha float64) (low, high float64) {
	half := -dist.NormalQuantile(alpha/2) * e.StdErr
	return e.Value - half, e.Value + half
}

// P returns the two-sided p-value of the given value; NaN where the standard
// error is 0 or unknown.
func (e Estimate) P(null float64) float64 {
	if e.StdErr == 0 {
		return math.NaN()
	}
	return dist.NormalTwoSided((e.Value - null) / e.StdErr)
}

// Classical is the mean of the labels y alone.
func Classical(y []float64) Estimate {
	return Estimate{Value: stat.Mean(y, nil), StdErr: math.Sqrt(squaredStdErr(y))}
}

// Mean is the prediction-powered mean (Angelopoulos et al. 2023, arXiv
// 2301.09633) of n items with labels y and judge scores f, and N items with
// judge scores only, unlabelled:
//
//	theta = lambda mean(unlabelled) + mean(y - lambda f)
//	se^2  = var(lambda unlabelled)/N + var(y - lambda f)/n
//
// The labelled items must be a random part of all. Python: ppi_py.ppi_mean_ci
// with lam. With lambda 0 it is Classical, whatever the judge says; else NaN
// without unlabelled items. It panics if y and f differ in length.
func Mean(y, f, unlabelled []float64, lambda float64) Estimate {
	if len(y) != len(f) {
		panic("calibration: labels and judge scores of the labelled items differ in number")
	}
	if lambda == 0 {
		return Classical(y)
	}
	rest := make([]float64, len(y))
	for i := range y {
		rest[i] = y[i] - lambda*f[i]
	}
	return Estimate{
		Lambda: lambda,
		Value:  lambda*stat.Mean(unlabelled, nil) + stat.Mean(rest, nil),
		StdErr: math.Sqrt(lambda*lambda*squaredStdErr(unlabelled) + squaredStdErr(rest)),
	}
}

// Tuned is Mean with Lambda, PPI++ (Angelopoulos, Duchi and Zrnic 2023, arXiv
// 2311.01453): in large samples never worse than the labels alone. Python:
// ppi_py.ppi_mean_ci without lam.
func Tuned(y, f, unlabelled []float64) Estimate {
	return Mean(y, f, unlabelled, Lambda(y, f, unlabelled))
}

// Lambda returns the weight of the judge that makes the standard error least,
// as ppi_py estimates it:
//
//	cov(y, f) / ((1 + n/N) var(f and unlabelled)), cut to [0, 1]
//
// the covariance divided by n, the variance by n+N-1. It is 0 where the judge
// can add nothing: without unlabelled items, or with the same score for all.
// With fewer than two labels it is NaN. It panics if y and f differ in length.
func Lambda(y, f, unlabelled []float64) float64 {
	n, rest := float64(len(y)), float64(len(unlabelled))
	all := slices.Concat(f, unlabelled)
	if rest == 0 || slices.Min(all) == slices.Max(all) {
		return 0
	}
	covariance := stat.Covariance(y, f, nil) * (n - 1) / n
	lambda := covariance / ((1 + n/rest) * stat.Variance(all, nil))
	return math.Max(0, math.Min(1, lambda))
}

// Difference returns the treatment's estimate less the control's, of
// independent arms.
func Difference(control, treatment Estimate) Estimate {
	return Estimate{
		Lambda: math.NaN(),
		Value:  treatment.Value - control.Value,
		StdErr: math.Hypot(control.StdErr, treatment.StdErr),
	}
}

// squaredStdErr is the squared standard error of the mean of y, its variance
// divided by n; NaN with fewer than two values.
func squaredStdErr(y []float64) float64 {
	n := float64(len(y))
	if n < 2 {
		return math.NaN()
	}
	return stat.PopVariance(y, nil) / n
}
