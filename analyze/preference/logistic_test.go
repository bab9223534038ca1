package preference

import (
	"errors"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// line is a design of an intercept and one column.
func line(x ...float64) *mat.Dense {
	out := mat.NewDense(len(x), 2, nil)
	for i, v := range x {
		out.SetRow(i, []float64{1, v})
	}
	return out
}

// Source: statsmodels 0.14 GLM(y, add_constant(x), Binomial()), with
// var_weights, with cov_type HC0, and with cov_type cluster of two successive
// rows each, use_correction=False.
func TestFitLogistic(t *testing.T) {
	x := line(-2, -1.5, -1, -.5, 0, .5, 1, 1.5, 2, 2.5)
	y := []float64{0, 0.2, 0, 0.5, 0.3, 0.6, 0.5, 1, 0.8, 1}
	weighted := mustFit(t, x, y, []float64{1, 2, 1, 3, 1, 2, 4, 1, 2, 1})
	same(t, "weighted", weighted.Coef, -0.301659576121401, 0.9383203797179291)
	same(t, "weighted error", weighted.ModelStdErr(), 0.569746801875044, 0.4943226533761603)
	plain := mustFit(t, x, y, nil)
	same(t, "plain", plain.Coef, -0.3891121539094923, 1.2791630722717624)
	same(t, "model error", plain.ModelStdErr(), 0.8612637263659417, 0.759042791736729)
	same(t, "sandwich error", plain.SandwichStdErr(nil), 0.32275682847061915, 0.2829891820274433)
	same(t, "clustered error", plain.SandwichStdErr([]int{5, 5, 1, 1, 2, 2, 3, 3, 4, 4}), 0.09946795683944527, 0.06974074486167325)
}

func mustFit(t interface{ Fatal(...any) }, x *mat.Dense, y, weight []float64) Logistic {
	fit, err := FitLogistic(x, y, weight)
	if err != nil {
		t.Fatal(err)
	}
	return fit
}

func same(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got []float64, want ...float64) {
	t.Helper()
	for j := range want {
		equal(t, what, got[j], want[j], 1e-9)
	}
}

func TestFitLogisticRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		x    *mat.Dense
		y    []float64
		want error
	}{
		{"separated", line(-2, -1, 1, 2), []float64{0, 0, 1, 1}, ErrSeparated},
		{"separated but for the middle", line(-2, -1, 0, 0, 1, 2), []float64{0, 0, 0, 1, 1, 1}, ErrSeparated},
		{"all won", line(-2, -1, 1, 2), []float64{1, 1, 1, 1}, ErrSeparated},
		{"constant column", line(3, 3, 3, 3), []float64{0, 1, 0, 1}, ErrNotEstimable},
		{"column of zeros", line(0, 0, 0), []float64{0, 1, 0}, ErrNotEstimable},
		{"fewer rows than columns", line(3), []float64{0.5}, ErrNotEstimable},
	} {
		if _, err := FitLogistic(c.x, c.y, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Rare events and large numbers are no separation.
func TestFitLogisticFarOut(t *testing.T) {
	fit := mustFit(t, line(0, 0, 1, 1), []float64{0, 1, 0, 1}, []float64{1e8, 1, 1e8, 50})
	same(t, "log odds", fit.Coef, -18.420680743952367, 3.912023005428146) // ln 1e-8, ln 50
}

func TestFitLogisticLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(5, 25).Draw(t, "n")
		column := rapid.SliceOfNDistinct(rapid.Float64Range(-3, 3), n, n, func(x float64) float64 { return float64(int(x * 10)) }).Draw(t, "x")
		y := rapid.SliceOfN(rapid.Float64Range(0.01, 0.99), n, n).Draw(t, "y")
		fit := mustFit(t, line(column...), y, nil)
		for j := range 2 {
			equal(t, "gradient", mat.Sum(fit.scores.ColView(j)), 0, 1e-7)
		}
		lost := mustFit(t, line(column...), turned(y), nil)
		same(t, "turned", lost.Coef, -fit.Coef[0], -fit.Coef[1])
		same(t, "turned error", lost.SandwichStdErr(nil), fit.SandwichStdErr(nil)...)

		scaled := make([]float64, n)
		singles, weight := make([]int, n), make([]float64, n)
		for i, x := range column {
			scaled[i], singles[i], weight[i] = 1e6*x, i, 9
		}
		far := mustFit(t, line(scaled...), y, nil)
		equal(t, "rescaled", 1e6*far.Coef[1], fit.Coef[1], 1e-7)
		same(t, "clusters of one", fit.SandwichStdErr(singles), fit.SandwichStdErr(nil)...)
		nine := mustFit(t, line(column...), y, weight)
		same(t, "nine of each", nine.Coef, fit.Coef...)
		equal(t, "nine of each, error", 3*nine.ModelStdErr()[1], fit.ModelStdErr()[1], 1e-7)
	})
}
