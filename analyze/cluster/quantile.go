package cluster

import (
	"math"
	"slices"

	"weir/analyze/dist"
)

// Quantile returns the p-quantile of ascending values by linear interpolation
// between order statistics, type 7 of Hyndman and Fan (1996): the default of
// numpy and R, and DuckDB's quantile_cont. NaN for no values, and for p
// outside [0, 1].
func Quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	last := float64(len(sorted) - 1)
	at := p * last
	// An index that is whole but for rounding means that order statistic.
	if whole := math.Round(at); math.Abs(at-whole) <= 4*rounding*last {
		at = whole
	}
	low := math.Floor(at)
	x := sorted[int(low)]
	if at == low {
		return x
	}
	return x + (at-low)*(sorted[int(low)+1]-x)
}

// A ClusteredQuantile is a quantile of the rows of one arm with limits that
// respect the dependence of rows of one cluster.
type ClusteredQuantile struct {
	Value float64
	Below Figure // the share of rows at or below Value
	// Lower and Upper are the limits at confidence 1-alpha; one is NaN where
	// the data do not reach that far into the tail.
	Lower, Upper float64

	z float64
}

// Woodruff returns the p-quantile of values with the limits of Woodruff
// (1952): the quantiles at the limits of the share of rows below it, Below -+
// z StdErr over clusters (svyquantile of the R package survey with
// interval.type "mean", qrule "hf7" and df Inf; the outer interval of Deng,
// Knoblich and Lu 2018). clusters labels the values. A quantile whose share
// has no spread, as that of constant values or of one cluster, has no limits.
// A NaN among the values makes all NaN. It panics if the lengths differ.
func Woodruff[L comparable](values []float64, clusters []L, p, alpha float64) ClusteredQuantile {
	q := ClusteredQuantile{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), z: -dist.NormalQuantile(alpha / 2)}
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) > 0 && !math.IsNaN(sorted[0]) { // NaN sorts first
		q.Value = Quantile(sorted, p)
	}
	q.Below = shareBelow(values, clusters, q.Value)
	if half := q.z * q.Below.StdErr(); half > 0 {
		q.Lower, q.Upper = Quantile(sorted, q.Below.Value-half), Quantile(sorted, q.Below.Value+half)
	}
	return q
}

// shareBelow returns the share of values at or below x; NaN where x is NaN.
func shareBelow[L comparable](values []float64, clusters []L, x float64) Figure {
	labels, groups := number(clusters, len(values))
	rows := table(groups, 2)
	for i, v := range values {
		row := rows[labels[i]]
		switch {
		case math.IsNaN(x):
			row[0] = math.NaN()
		case v <= x:
			row[0]++
		}
		row[1]++
	}
	return Ratio{Num: 0, Den: 1}.Figure(MomentsOf(rows))
}

// Figure returns the quantile with the variance that its limits imply,
// ((Upper - Lower) / 2z)^2, to be compared with that of another arm by
// Difference, which then uses the normal.
func (q ClusteredQuantile) Figure() Figure {
	stdErr := (q.Upper - q.Lower) / (2 * q.z)
	return Figure{Value: q.Value, Variance: stdErr * stdErr, Units: math.Inf(1)}
}
