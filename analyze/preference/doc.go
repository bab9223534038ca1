// Package preference turns verdicts on pairs of answers into win rates, and
// guards them against what a judge likes beside quality: the position, the
// length, the markup.
//
// A preference y is the share of a win that the treatment gets from one pair:
// 1 won, 0.5 tie or contradictory verdicts, 0 lost, or a probability between;
// NaN is no verdict. The pair is the unit: its two presentation orders are one
// observation, not two.
//
//	WinRate    the raw rate, always to be shown first
//	Swap       both presentation orders: consistency, pull of the position
//	FitLength  the rate at equal length
//	FitStyle   the rate at equal length and markup
//	FitBradleyTerry  three versions and more on one scale
//
// The fits share Logistic, a logistic regression of fractional outcomes.
package preference
