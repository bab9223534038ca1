package agreement

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/numbertest"
)

var equal = numbertest.Equal

// Source: statsmodels 0.14 cohens_kappa(table, wt=None, "linear", "quadratic"):
// kappa, std_kappa, std_kappa0.
func TestCohenKappa(t *testing.T) {
	table := [][]float64{{22, 3, 1}, {4, 17, 5}, {2, 6, 30}}
	for _, c := range []struct {
		name                   string
		weight                 Weighting
		kappa, stdErr, stdNull float64
	}{
		{"unweighted", Unweighted, 0.6452702702702704, 0.06734972910421017, 0.07487812002838419},
		{"linear", Linear, 0.705240174672489, 0.061106917750319845, 0.08496258869980176},
		{"quadratic", Quadratic, 0.7616525423728814, 0.0612671992549234, 0.10525773987276044},
	} {
		k := CohenKappa(table, c.weight)
		equal(t, c.name, k.Value, c.kappa, 1e-13)
		equal(t, c.name+" error", k.StdErr, c.stdErr, 1e-13)
		equal(t, c.name+" error under the null", k.StdErrNull, c.stdNull, 1e-13)
		equal(t, c.name+" n", k.N, 90, 0)
	}
	low, high := Kappa{Value: 0.5, StdErr: 0.1}.CI(0.05)
	equal(t, "low", low, 0.5-0.1959963984540054, 1e-14)
	equal(t, "high", high, 0.5+0.1959963984540054, 1e-14)
}

func TestCohenKappaAtTheEdges(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name          string
		table         [][]float64
		kappa, stdErr float64
	}{
		{"perfect", [][]float64{{7, 0, 0}, {0, 11, 0}, {0, 0, 5}}, 1, 0},
		{"opposed", [][]float64{{0, 10}, {10, 0}}, -1, 0},
		{"one category only", [][]float64{{9, 0}, {0, 0}}, nan, nan},
		{"one category", [][]float64{{9}}, nan, nan},
		{"empty", [][]float64{{0, 0}, {0, 0}}, nan, nan},
		{"no categories", nil, nan, nan},
		{"one rater constant", [][]float64{{5, 0}, {5, 0}}, 0, 0},
	} {
		for _, weight := range []Weighting{Unweighted, Linear, Quadratic} {
			k := CohenKappa(c.table, weight)
			equal(t, c.name, k.Value, c.kappa, 1e-14)
			equal(t, c.name+" error", k.StdErr, c.stdErr, 1e-14)
		}
	}
}

func TestCohenKappaLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 5).Draw(t, "categories")
		table, turned, doubled := newTable(k), newTable(k), newTable(k)
		for i := range k {
			for j := range k {
				table[i][j] = float64(rapid.IntRange(1, 30).Draw(t, "count"))
				turned[j][i] = table[i][j]
				doubled[i][j] = 4 * table[i][j]
			}
		}
		for _, weight := range []Weighting{Unweighted, Linear, Quadratic} {
			a := CohenKappa(table, weight)
			b := CohenKappa(turned, weight)
			equal(t, "raters swapped", b.Value, a.Value, 1e-12)
			equal(t, "raters swapped, error", b.StdErr, a.StdErr, 1e-9)
			c := CohenKappa(doubled, weight)
			equal(t, "four times the items", c.Value, a.Value, 1e-12)
			equal(t, "four times the items, error", c.StdErr, a.StdErr/2, 1e-9)
			if a.Value > 1 || a.Observed > 1 || a.Expected > 1 {
				t.Errorf("out of range: %+v", a)
			}
		}
	})
}

func newTable(k int) [][]float64 {
	table := make([][]float64, k)
	for i := range table {
		table[i] = make([]float64, k)
	}
	return table
}

// Two raters that agree at random but for a known share of common answers:
// kappa is that share, and 95 % intervals hold it about 95 times in 100.
func TestCohenKappaCoverage(t *testing.T) {
	const repeats, items, truth = 1000, 200, 0.4
	rng := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range repeats {
		table := newTable(3)
		for range items {
			a, b := rng.IntN(3), rng.IntN(3)
			if rng.Float64() < truth {
				b = a
			}
			table[a][b]++
		}
		if low, high := CohenKappa(table, Unweighted).CI(0.05); low <= truth && truth <= high {
			hits++
		}
	}
	// Four standard deviations of the number of hits are 28.
	if hits < 922 || hits > 978 {
		t.Errorf("%d of %d intervals hold the truth", hits, repeats)
	}
}

func TestTable(t *testing.T) {
	table, missing := Table([]int{0, 1, 1, -1, 2, 0}, []int{0, 1, 0, 1, 1, 2}, 2)
	if missing != 3 {
		t.Errorf("missing = %d, want 3", missing)
	}
	for i, want := range [][]float64{{1, 0}, {1, 1}} {
		for j := range want {
			equal(t, "count", table[i][j], want[j], 0)
		}
	}
}

func TestPanics(t *testing.T) {
	panics := func(name string, f func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s: no panic", name)
			}
		}()
		f()
	}
	panics("not square", func() { CohenKappa([][]float64{{1, 2}}, Unweighted) })
	panics("lengths", func() { Table([]int{1}, nil, 2) })
	panics("units", func() { Krippendorff([][]float64{{1, 2}, {1}}, Nominal) })
	panics("level", func() { Krippendorff([][]float64{{1, 2}, {1, 1}}, Ratio+1) })
}

// A rater who always says the same has a kappa of 0 without spread: an error of exactly 0, not one of
// rounding, which would pass for certainty.
func TestKappaOfOneColumn(t *testing.T) {
	for _, table := range [][][]float64{{{10, 0}, {5, 0}}, {{7, 0, 0}, {3, 0, 0}, {9, 0, 0}}} {
		if k := CohenKappa(table, Unweighted); k.Value != 0 || k.StdErr != 0 {
			t.Errorf("%v: %g, error %g", table, k.Value, k.StdErr)
		}
	}
}
