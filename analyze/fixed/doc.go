// Package fixed holds tests and intervals for one look at the data: means,
// rates, ranks, paired outcomes, several p-values at once, planning, and two
// posteriors for display. A test of this package that is looked at repeatedly
// does not keep its level; that is what package sequential is for.
//
// An effect is treatment (b) minus control (a), or treatment over control.
// Units are independent and one observation each: what has clusters belongs
// to package cluster.
//
// What cannot be computed (one observation, no variance, an empty arm) is NaN,
// in an interval too; a result is never significant because its variance is
// unknown. alpha is two-sided unless a function says otherwise.
package fixed
