// Package backtest lets the decision rule look at a past release hour by hour,
// as if it had been there: what it would have said, when it would have ended
// the release, and how far what it said was from the truth, where that is known.
//
// A look sees the units whose window had passed by then, as a real one does; what was
// frozen is what the release froze. What is not kept by hour (losses, served versions, values
// that are missing) is taken in proportion to the units seen; so the decisive look is one to
// confirm with weir analyze --as-of.
package backtest
