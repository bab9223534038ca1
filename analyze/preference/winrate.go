package preference

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// WinRate is the mean preference over pairs.
type WinRate struct {
	Rate   float64 // in [0, 1]; NaN without pairs
	StdErr float64 // of Rate; NaN with fewer than two pairs
	// Wins, Losses and Draws count preferences above, below and at 0.5.
	Wins, Losses, Draws int
	// Discrete counts a preference as whichever it is nearer to, a draw as
	// half a win.
	Discrete float64
	N        int // pairs with a verdict
	Missing  int // pairs without: NaN or outside [0, 1]
}

// NewWinRate sums up preferences; pairs without a verdict are left out and
// counted. Independent pairs are assumed: where several pairs belong to one
// user or conversation, use survey.Mean with clusters.
func NewWinRate(y []float64) WinRate {
	var w WinRate
	var given []float64
	for _, p := range y {
		switch {
		case !(p >= 0 && p <= 1):
			w.Missing++
			continue
		case p > 0.5:
			w.Wins++
		case p < 0.5:
			w.Losses++
		default:
			w.Draws++
		}
		given = append(given, p)
	}
	w.N = len(given)
	w.Rate, w.StdErr = meanStdErr(given)
	w.Discrete = (float64(w.Wins) + float64(w.Draws)/2) / float64(w.N)
	return w
}

// meanStdErr returns the mean and its standard error; NaN where there are too
// few values.
func meanStdErr(y []float64) (mean, stdErr float64) {
	if len(y) == 0 {
		return math.NaN(), math.NaN()
	}
	mean, sd := stat.MeanStdDev(y, nil)
	return mean, sd / math.Sqrt(float64(len(y)))
}
