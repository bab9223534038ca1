// Package plan says beforehand whether, and when, a release can be decided: it
// lets the decision rule run on simulated releases whose truth is known.
//
// Units are drawn from pools: the vectors of units of a lake, or of units that
// a stated baseline makes up. Drawn units become moments by hour of assignment,
// and these go through the same [analyze.Evaluate] and [rollout.Decide] as those
// of a real lake, so that what is planned with is the rule itself and no
// approximation of it. Single metrics have, beside, the power of their tests by
// formula and by the sums that the tests are of.
//
// Everything is seeded: the same plan, pools and seed give the same forecast.
package plan
