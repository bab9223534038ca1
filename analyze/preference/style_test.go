package preference

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// styled answers with a length and two counts of markup; preferences follow
// the gap in the relative length alone.
func styled(n int) (y []float64, treatment, control [][]float64) {
	rng := rand.New(rand.NewPCG(13, 14))
	answer := func(length float64) []float64 {
		return []float64{math.Round(length), float64(rng.IntN(9)), float64(rng.IntN(4))}
	}
	for range n {
		a, b := answer(300+300*rng.Float64()), answer(200+200*rng.Float64())
		y = append(y, sigmoid(4*(a[0]-b[0])/(a[0]+b[0])))
		treatment, control = append(treatment, a), append(control, b)
	}
	return y, treatment, control
}

func TestFitStyle(t *testing.T) {
	y, treatment, control := styled(200)
	fit, err := FitStyle(y, treatment, control)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "equal style", fit.EqualStyle, 0.5, 1e-8)
	equal(t, "slope of the length", fit.Slope[0], 4*fit.StdDev[0], 1e-8)
	equal(t, "slope of the markup", fit.Slope[1], 0, 1e-8)
	equal(t, "average style", fit.AverageStyle, sigmoid(4*fit.Mean[0]), 1e-8)

	other, err := FitStyle(turned(y), control, treatment)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "arms swapped, mean", other.Mean[0], -fit.Mean[0], 1e-12)
	equal(t, "arms swapped, average", other.AverageStyle, 1-fit.AverageStyle, 1e-9)
}

func TestFitStyleFeatures(t *testing.T) {
	a, b := []float64{300, 6}, []float64{100, 4}
	equal(t, "length", styleFeature(a, b, 0), 0.5, 1e-15)
	da, db := 6./301, 4./101
	equal(t, "markup", styleFeature(a, b, 1), (da-db)/(da+db+1), 1e-15)
}

// A markup that nobody uses changes nothing and has no slope; one that cannot
// be told from the intercept makes the rate unknown.
func TestFitStyleConstantFeatures(t *testing.T) {
	y, treatment, control := styled(60)
	with := func(rows [][]float64, count float64) [][]float64 {
		out := make([][]float64, len(rows))
		for i, r := range rows {
			out[i] = []float64{r[0], r[1], r[2], count * (r[0] + 1)}
		}
		return out
	}
	plain, err := FitStyle(y, treatment, control)
	if err != nil {
		t.Fatal(err)
	}
	unused, err := FitStyle(y, with(treatment, 0), with(control, 0))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "equal style", unused.EqualStyle, plain.EqualStyle, 1e-12)
	equal(t, "slope of what nobody uses", unused.Slope[3], math.NaN(), 0)

	constant, err := FitStyle(y, with(treatment, 0.5), with(control, 0.25))
	if !errors.Is(err, ErrNotEstimable) {
		t.Errorf("constant gap: %v", err)
	}
	equal(t, "constant gap", constant.EqualStyle, math.NaN(), 0)
	none, err := FitStyle(nil, nil, nil)
	if !errors.Is(err, ErrNotEstimable) {
		t.Errorf("no pairs: %v", err)
	}
	equal(t, "no pairs", none.Raw, math.NaN(), 0)
}
