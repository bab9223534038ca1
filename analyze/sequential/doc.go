// Package sequential holds tests and intervals that keep their error rate
// when the data are looked at again and again.
//
// Most are valid at every look, planned or not: a Sum gives the asymptotic
// confidence sequence of a stream of terms and its e-value; LogEMultinomial
// tests the split of an experiment; QuantileP compares a quantile of two
// samples; LogET makes a t statistic anytime-valid. An e-value E is evidence
// against a null hypothesis: under the null the chance that it ever reaches
// 1/alpha is at most alpha, so 1/E, and its running minimum over the looks,
// is a p-value. It is handled as its logarithm, which neither over- nor
// underflows.
//
// Group sequential boundaries (SpendingBoundary, OBrienFleming, Pocock) are
// narrower, but hold only for looks at planned fractions of a planned
// information.
//
// The terms of a stream must be independent units in their order of
// assignment: what one unit did many times is one term. Outside its domain a
// function returns NaN.
package sequential
