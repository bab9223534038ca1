package calibration

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/numbertest"
)

var equal = numbertest.Equal

// Source: ppi_python 0.2.3 ppi_mean_pointestimate, ppi_mean_ci, ppi_mean_pval
// (null=0.5) and classical_mean_ci at alpha=0.1.
func TestPredictionPoweredMean(t *testing.T) {
	y := []float64{1, 0, 1, 1, 0, 1, 0, 0, 1, 1}
	f := []float64{.9, .2, .7, .8, .4, .6, .1, .3, .9, .5}
	u := []float64{.8, .1, .6, .9, .3, .7, .2, .5, .9, .4, .8, .6, .1, .7, .95, .35}
	for _, c := range []struct {
		name             string
		got              Estimate
		value, low, high float64
	}{
		{"plain", Mean(y, f, u, 1), 0.6162499999999999, 0.42826274992373914, 0.8042372500762606},
		{"tuned", Tuned(y, f, u), 0.6146464646464647, 0.426739880787265, 0.8025530485056643},
		{"classical", Classical(y), 0.6, 0.3451803718347232, 0.8548196281652767},
	} {
		low, high := c.got.CI(0.1)
		equal(t, c.name, c.got.Value, c.value, 1e-12)
		equal(t, c.name+" low", low, c.low, 1e-12)
		equal(t, c.name+" high", high, c.high, 1e-12)
	}
	equal(t, "p", Tuned(y, f, u).P(0.5), 0.3155878638683113, 1e-12)
}

func TestPredictionPoweredMeanAtTheEdges(t *testing.T) {
	nan := math.NaN()
	y, f, u := []float64{1, 0, 1, 1}, []float64{0.9, 0.2, 0.8, 0.7}, []float64{0.5, 0.6, 0.1}
	for _, c := range []struct {
		name                  string
		got                   Estimate
		lambda, value, stdErr float64
	}{
		{"constant judge", Tuned(y, []float64{.3, .3, .3, .3}, []float64{.3, .3, .3}), 0, 0.75, math.Sqrt(0.1875 / 4)},
		{"nothing unlabelled", Tuned(y, f, nil), 0, 0.75, math.Sqrt(0.1875 / 4)},
		{"nothing unlabelled, judge trusted", Mean(y, f, nil, 1), 1, nan, nan},
		{"one label", Mean(y[:1], f[:1], u, 1), 1, 0.4 + 0.1, nan},
		{"one label, tuned", Tuned(y[:1], f[:1], u), nan, nan, nan},
		{"no labels", Tuned(nil, nil, u), nan, nan, nan},
		{"nothing", Classical(nil), 0, nan, nan},
		{"all alike", Classical([]float64{1, 1}), 0, 1, 0},
		{"judge opposed", Tuned(y, []float64{0, 1, 0, 0}, u), 0, 0.75, math.Sqrt(0.1875 / 4)},
	} {
		equal(t, c.name+" lambda", c.got.Lambda, c.lambda, 1e-14)
		equal(t, c.name, c.got.Value, c.value, 1e-14)
		equal(t, c.name+" error", c.got.StdErr, c.stdErr, 1e-14)
	}
	equal(t, "p without an error", Classical([]float64{1, 1}).P(0.5), nan, 0)
}

func TestPredictionPoweredMeanLaws(t *testing.T) {
	share := rapid.Float64Range(0, 1)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		y, f := rapid.SliceOfN(share, n, n).Draw(t, "y"), rapid.SliceOfN(share, n, n).Draw(t, "f")
		u := rapid.SliceOfN(share, 2, 30).Draw(t, "unlabelled")
		move := func(x []float64, scale, shift float64) []float64 {
			out := make([]float64, len(x))
			for i, v := range x {
				out[i] = scale*v + shift
			}
			return out
		}
		plain, biased := Mean(y, f, u, 1), Mean(y, move(f, 1, 0.3), move(u, 1, 0.3), 1)
		equal(t, "judge always 0.3 higher", biased.Value, plain.Value, 1e-9)
		equal(t, "judge always 0.3 higher, error", biased.StdErr, plain.StdErr, 1e-7)

		tuned := Tuned(y, f, u)
		if !(tuned.Lambda >= 0 && tuned.Lambda <= 1) {
			t.Errorf("lambda = %v", tuned.Lambda)
		}
		scaled := Tuned(move(y, 5, 2), move(f, 5, 2), move(u, 5, 2))
		equal(t, "rescaled", scaled.Value, 5*tuned.Value+2, 1e-6)
		equal(t, "rescaled, error", scaled.StdErr, 5*tuned.StdErr, 1e-6)

		there, back := Difference(plain, tuned), Difference(tuned, plain)
		equal(t, "arms swapped", back.Value, -there.Value, 1e-14)
		equal(t, "arms swapped, error", back.StdErr, there.StdErr, 1e-14)
	})
}

// A judge that scores too high: its own mean misses the truth, the corrected
// intervals hold it about 95 times in 100, and are narrower than those of the
// labels alone.
func TestPredictionPoweredCoverage(t *testing.T) {
	const repeats, n, rest, truth = 1000, 150, 600, 0.6
	rng := rand.New(rand.NewPCG(3, 4))
	item := func() (label, score float64) {
		if rng.Float64() < truth {
			label = 1
		}
		return label, math.Min(1, 0.6*label+0.3+0.2*rng.Float64())
	}
	hits, tunedWidth, classicalWidth := 0, 0.0, 0.0
	for range repeats {
		y, f, u := make([]float64, n), make([]float64, n), make([]float64, rest)
		for i := range y {
			y[i], f[i] = item()
		}
		for i := range u {
			_, u[i] = item()
		}
		tuned := Tuned(y, f, u)
		if low, high := tuned.CI(0.05); low <= truth && truth <= high {
			hits++
		}
		tunedWidth += tuned.StdErr
		classicalWidth += Classical(y).StdErr
	}
	// Four standard deviations of the number of hits are 28.
	if hits < 922 || hits > 978 {
		t.Errorf("%d of %d intervals hold the truth", hits, repeats)
	}
	if tunedWidth > 0.7*classicalWidth {
		t.Errorf("errors of %v against %v: the judge did not help", tunedWidth, classicalWidth)
	}
}
