// Package analyze turns moments into statements about a release: estimates
// with intervals, tests that may be looked at all the time, margins, and the
// health of the comparison.
//
// It is pure: Evaluate reads one Data, a value, and returns one Result, a value. No
// file, database, clock or random source is touched, so that a stored Data
// gives the same Result to the last digit.
//
// The path of a number:
//
//	Metric  declares, by Needs, which numbers a unit must be summed up to
//	Cell    holds their Moments for one arm, stratum and hour of assignment
//	Form    turns moments into an Estimate (a mean, or a ratio of sums)
//	effect  weights strata by traffic: what the treatment would do to today's traffic
//	stream  walks the cells in order of assignment, weighted by overlap: what verdicts cite
//
// Moments add over disjoint sets of units, so hours, strata and shards are one
// code, and any engine that can compute moments can feed it. The unit of
// everything is the assignment unit; many requests of one session are one
// observation.
//
// The subpackages hold the statistics themselves, usable alone: dist (tails
// and quantiles), fixed (tests at one look), sequential (tests at every
// look), cluster (what respects clusters), agreement and its neighbours
// (judges and people).
package analyze
