// Package cluster estimates effects from units that were randomised whole,
// each with many rows: sessions with requests, cases with trials.
//
// The way of most of it is to sum rows up to units first. Moments hold what
// means, ratios of sums and covariates need; a Ratio turns them into a Figure
// of one arm; Difference, LogLift and Fieller compare the figures of a
// control arm a and a treatment arm b, always b against a. Where rows must be
// kept, for quantiles, regression and weights, standard errors sum over the
// cluster before they square.
//
// What cannot be estimated is NaN: a variance from fewer than two units, a
// test whose standard error is zero. An estimate stays where only its error
// is unknown.
package cluster
