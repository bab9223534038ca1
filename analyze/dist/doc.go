// Package dist holds the tails and quantiles that tests and intervals lean on.
//
// A survival function is an upper tail, P(X > x), computed as such and never
// as one minus a cumulative probability: a tail of 1e-300 keeps its digits.
// Relative errors are below 1e-11 unless a function says otherwise, for
// degrees of freedom and sample sizes up to 1e10 too.
//
// Outside its domain, and for NaN, a function returns NaN, as package math
// does.
package dist
