package cluster

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	outcome = []float64{3.1, 2.4, 5.5, 4.2, 3.9, 6.1, 5.2, 7.7, 6.4, 2.2, 5.9, 8.3}
	design  = [][]float64{
		{1, 0, 1}, {1, 0, 2}, {1, 0, 4}, {1, 0, 3}, {1, 0, 2}, {1, 0, 5},
		{1, 1, 1}, {1, 1, 4}, {1, 1, 3}, {1, 1, 0}, {1, 1, 2}, {1, 1, 5},
	}
	groups = []string{"a", "a", "b", "b", "b", "c", "d", "d", "e", "f", "f", "f"}
)

// statsmodels 0.15.0: OLS.fit() with cov_type HC0 to HC3, and cluster without
// and with use_correction; CR2 and its degrees of freedom with dense matrices
// in numpy after Pustejovsky and Tipton (2018).
func TestRobustReference(t *testing.T) {
	fit, err := OLS(design, outcome)
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{1.335, 2.0870588235294117, 1.0111764705882353} {
		check(t, "coefficient", fit.Coef[j], want)
	}
	hc := fit.HC(1)
	check(t, "HC0", hc.HC0, 0.3321989018395706)
	check(t, "HC1", hc.HC1, 0.3835902508031483)
	check(t, "HC2", hc.HC2, 0.3911152195533067)
	check(t, "HC3", hc.HC3, 0.4636104745494466)
	r := Clustered(fit, groups, 1)
	check(t, "CR0", r.CR0, 0.22680495090879876)
	check(t, "CR1", r.CR1, 0.2746744359720355)
	check(t, "CR2", r.CR2, 0.3044096685543185)
	check(t, "df", r.DF, 3.2013932561402334)
}

// Clusters of one row: CR0 is HC0, CR2 is HC2, and with two arms HC2 is
// Welch's standard error.
func TestSingletonClusters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SliceOfN(rapid.Float64Range(-10, 10), 3, 20)
		a, b := value.Draw(t, "a"), value.Draw(t, "b")
		offset := rapid.SampledFrom([]float64{0, 1e9}).Draw(t, "offset")
		var x, rowsA, rowsB [][]float64
		var y []float64
		var each []int
		for _, v := range a {
			x, y, rowsA = append(x, []float64{1, 0}), append(y, offset+v), append(rowsA, []float64{offset + v})
		}
		for _, v := range b {
			x, y, rowsB = append(x, []float64{1, 1}), append(y, offset+v), append(rowsB, []float64{offset + v})
		}
		for i := range y {
			each = append(each, i)
		}
		welch := Difference(Mean(0).Figure(MomentsOf(rowsA)), Mean(0).Figure(MomentsOf(rowsB)), 0.05)
		if !(welch.StdErr > 1e-3) {
			t.Skip("no spread")
		}
		fit, err := OLS(x, y)
		if err != nil {
			t.Fatal(err)
		}
		hc, robust := fit.HC(1), Clustered(fit, each, 1)
		for _, pair := range [][2]float64{
			{fit.Coef[1], welch.Estimate}, {hc.HC2, welch.StdErr}, {robust.CR0, hc.HC0}, {robust.CR1, hc.HC1}, {robust.CR2, hc.HC2},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-6 {
				t.Fatalf("%v, want %v", pair[0], pair[1])
			}
		}
	})
}

// Rows repeated within their cluster add no information.
func TestRepeatedRows(t *testing.T) {
	var x [][]float64
	var y []float64
	var labels []string
	for i := range outcome {
		for range 5 {
			x, y, labels = append(x, design[i]), append(y, outcome[i]), append(labels, groups[i])
		}
	}
	once, _ := OLS(design, outcome)
	often, _ := OLS(x, y)
	a, b := Clustered(once, groups, 1), Clustered(often, labels, 1)
	check(t, "CR0", b.CR0, a.CR0)
	check(t, "CR2", b.CR2, a.CR2)
	check(t, "df", b.DF, a.DF)
}

func TestNotEstimable(t *testing.T) {
	if _, err := OLS([][]float64{{1, 1}, {1, 1}, {1, 1}}, []float64{1, 2, 3}); !errors.Is(err, ErrSingular) {
		t.Errorf("everyone treated: %v", err)
	}
	if _, err := OLS(nil, nil); !errors.Is(err, ErrSingular) {
		t.Errorf("no rows: %v", err)
	}
	fit, err := OLS([][]float64{{1, 0}, {1, 0}, {1, 0}, {1, 1}, {1, 1}}, []float64{1, 2, 4, 3, 6})
	if err != nil {
		t.Fatal(err)
	}
	for name, labels := range map[string][]int{"one cluster": {1, 1, 1, 1, 1}, "one treated cluster": {1, 2, 3, 4, 4}} {
		if r := Clustered(fit, labels, 1); !math.IsNaN(r.CR0) || !math.IsNaN(r.CR1) || !math.IsNaN(r.CR2) || !math.IsNaN(r.DF) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	alone, err := OLS([][]float64{{1, 0}, {1, 0}, {1, 1}}, []float64{1, 2, 5})
	if err != nil {
		t.Fatal(err)
	}
	if hc := alone.HC(1); !math.IsNaN(hc.HC2) || !math.IsNaN(hc.HC3) {
		t.Errorf("one treated row: %+v", hc)
	}
	// Arms without spread leave residuals of rounding only: none.
	flat, err := OLS([][]float64{{1, 0}, {1, 0}, {1, 0}, {1, 1}, {1, 1}}, []float64{0.1, 0.1, 0.1, 0.7, 0.7})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "standard error without spread", flat.HC(1).HC1, 0)
}

// The unit of a column changes its own coefficient and error only.
func TestUnitOfColumn(t *testing.T) {
	for _, unit := range []float64{1e-9, 1e9} {
		var x [][]float64
		for _, row := range design {
			x = append(x, []float64{row[0], row[1], unit * row[2]})
		}
		given, _ := OLS(design, outcome)
		scaled, err := OLS(x, outcome)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "covariate", scaled.Coef[2], given.Coef[2]/unit)
		check(t, "its error", scaled.HC(2).HC3, given.HC(2).HC3/unit)
		check(t, "treatment", scaled.Coef[1], given.Coef[1])
		a, b := Clustered(given, groups, 1), Clustered(scaled, groups, 1)
		check(t, "CR2", b.CR2, a.CR2)
		check(t, "df", b.DF, a.DF)
	}
}
