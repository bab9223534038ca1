// Package compat computes effects by the conventions of other programs, so
// that their figures can be set beside Weir's. Nothing else rests on it.
//
// It follows gbstats, the statistics of GrowthBook, at commit 8f1db44: lifts
// with symmetric delta limits and a p-value of their own, confidence
// sequences from standard errors, quantiles by Yao, Li and Lu, and
// post-stratification with cells that are too small merged into the largest.
// Where gbstats loses a p-value below 1e-16, this keeps it.
package compat
