// Package betting holds statements about the mean of scores in [0, 1] that
// stay true however often one looks: confidence sequences, and e-processes for
// tests against a fixed mean (Waudby-Smith and Ramdas 2024, JRSS B 86(1),
// arXiv 2010.09686).
//
// The scores must come in an order fixed before they are seen, each with the
// same mean given the past: dialogues judged in random order, pairs as they
// arrive. No distribution is assumed. A gambler who bets on the mean being
// higher or lower than claimed cannot get rich if the claim is true; a claim
// under which somebody got rich by 1/alpha is dropped.
//
// Hedged is the tightest of the sequences, EmpiricalBernstein needs no grid,
// Hoeffding is the baseline that ignores the variance. Scores outside [0, 1],
// NaN among them, are a caller's bug and panic, as is a level outside (0, 1).
package betting
