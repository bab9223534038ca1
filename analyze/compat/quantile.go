package compat

import (
	"math"

	"weir/analyze/cluster"
	"weir/analyze/dist"
)

// A Quantile is what gbstats knows of a quantile of one arm's rows.
type Quantile struct {
	N float64 // rows
	// NStar is the number of rows that Lower and Upper are for: the order
	// statistics at Nu -+ 1.96 sqrt(Nu (1-Nu) / NStar).
	NStar               float64
	Nu                  float64 // the quantile's level
	Value, Lower, Upper float64
}

// quantileZ is fixed, whatever the level of the test.
var quantileZ = -dist.NormalQuantile(0.025)

// RowVariance returns the variance of the quantile times N, for independent
// rows.
func (q Quantile) RowVariance() float64 {
	if q.N <= 1 {
		return 0
	}
	width := (q.Upper - q.Lower) / (2 * quantileZ)
	return q.NStar / q.N * (q.N - 1) * width * width
}

// Clustered returns the variance of the quantile times N where rows cluster:
// that of independent rows times the variance of the share of rows below the
// quantile over its value for independent rows (Deng, Knoblich and Lu 2018;
// Yao, Li and Lu 2024). below are moments of the clusters' rows below
// (component 0) and rows (component 1).
func (q Quantile) Clustered(below cluster.Moments) float64 {
	if q.N <= 1 || below.N <= 1 || below.Mean[1] <= 0 {
		return 0
	}
	share := cluster.Ratio{Num: 0, Den: 1}.Figure(below)
	return q.RowVariance() * share.Variance * q.N / (q.Nu * (1 - q.Nu))
}

// leastVariance is the floor of the variance from 100 rows on.
const leastVariance = 1e-5

// PerRow returns the variance that the test uses, a RowVariance or a
// Clustered one with its floor.
func (q Quantile) PerRow(variance float64) float64 {
	if q.N < 100 {
		return variance
	}
	return math.Max(variance, leastVariance)
}

// Figure returns the quantile with the given variance times N, or
// ErrZeroVariance where its limits would lie beyond the data or the variance
// is not positive.
func (q Quantile) Figure(variance float64) (cluster.Figure, error) {
	reach := quantileZ * quantileZ
	if q.N <= reach*q.Nu/(1-q.Nu) || q.N <= reach*(1-q.Nu)/q.Nu || !(variance > 0) {
		return cluster.Figure{}, ErrZeroVariance
	}
	return cluster.Figure{Value: q.Value, Variance: q.PerRow(variance) / q.N, Units: q.N}, nil
}
