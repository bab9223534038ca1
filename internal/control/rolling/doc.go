// Package rolling computes how the traffic of the last minutes went, by version,
// in memory that does not grow with the traffic.
//
// Time is cut into slots of ten seconds. A slot counts requests and failures,
// sorts durations into buckets whose ends are 2.2 % apart, and sums the tokens of
// conversations; the last five minutes are thirty slots together, and a point of
// a series the six that end with it. So a quantile is within 1.1 % of the one of
// the sorted values, counts are exact, and tokens a conversation are exact until
// there are more conversations than a slot remembers: from then on they are
// those of a sample that a hash draws.
//
// The clock is an argument. What nobody has seen is null, and never 0.
package rolling
