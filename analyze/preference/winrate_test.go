package preference

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/numbertest"
)

var equal = numbertest.Equal

func TestWinRate(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		y    []float64
		want WinRate
	}{
		{"mixed", []float64{1, 0, 0.5, 0.75, nan, -1, 1.5},
			WinRate{Rate: 0.5625, StdErr: math.Sqrt(0.546875/3) / 2, Wins: 2, Losses: 1, Draws: 1, Discrete: 0.625, N: 4, Missing: 3}},
		{"one", []float64{0.7}, WinRate{Rate: 0.7, StdErr: nan, Wins: 1, Discrete: 1, N: 1}},
		{"all won", []float64{1, 1}, WinRate{Rate: 1, StdErr: 0, Wins: 2, Discrete: 1, N: 2}},
		{"none", nil, WinRate{Rate: nan, StdErr: nan, Discrete: nan}},
		{"none valid", []float64{nan}, WinRate{Rate: nan, StdErr: nan, Discrete: nan, Missing: 1}},
	} {
		got := NewWinRate(c.y)
		equal(t, c.name+" rate", got.Rate, c.want.Rate, 1e-15)
		equal(t, c.name+" error", got.StdErr, c.want.StdErr, 1e-15)
		equal(t, c.name+" discrete", got.Discrete, c.want.Discrete, 1e-15)
		got.Rate, got.StdErr, got.Discrete = 0, 0, 0
		c.want.Rate, c.want.StdErr, c.want.Discrete = 0, 0, 0
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func drawShares(t *rapid.T, n int) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0, 1), n, n).Draw(t, "y")
}

func TestWinRateArmsSwapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := drawShares(t, rapid.IntRange(2, 30).Draw(t, "n"))
		a, b := NewWinRate(y), NewWinRate(turned(y))
		equal(t, "rate", b.Rate, 1-a.Rate, 1e-12)
		equal(t, "error", b.StdErr, a.StdErr, 1e-9)
		equal(t, "discrete", b.Discrete, 1-a.Discrete, 1e-12)
	})
}

// turned are the preferences for the other version.
func turned(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, p := range y {
		out[i] = 1 - p
	}
	return out
}
