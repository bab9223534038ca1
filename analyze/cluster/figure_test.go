package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// Rows of [num, den, pre_num, pre_den], one a unit, for all references.
var (
	rowsA  = [][]float64{{12, 3, 10, 2}, {7, 2, 9, 3}, {20, 5, 14, 4}, {3, 1, 4, 1}, {15, 4, 16, 4}, {9, 2, 6, 2}, {11, 3, 13, 3}, {6, 2, 5, 2}}
	rowsB  = [][]float64{{16, 3, 9, 2}, {9, 2, 11, 3}, {25, 6, 15, 4}, {5, 1, 3, 1}, {14, 3, 12, 4}, {30, 5, 20, 5}}
	perRow = Ratio{Num: 0, Den: 1}
	before = Ratio{Num: 2, Den: 3}
)

func near(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

func check(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && !near(got, want, 1e-10) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

func checkEffect(t *testing.T, what string, got, want Effect) {
	t.Helper()
	check(t, what+" estimate", got.Estimate, want.Estimate)
	check(t, what+" standard error", got.StdErr, want.StdErr)
	check(t, what+" df", got.DF, want.DF)
	check(t, what+" lower", got.Lower, want.Lower)
	check(t, what+" upper", got.Upper, want.Upper)
	check(t, what+" p", got.P, want.P)
}

// scipy 1.17.1: ttest_ind(b, a, equal_var=False) and its
// confidence_interval(), on the first column, and on the residuals (num - R
// den) / mean(den) for the ratio.
func TestDifferenceReference(t *testing.T) {
	a, b := MomentsOf(rowsA), MomentsOf(rowsB)
	checkEffect(t, "mean", Difference(Mean(0).Figure(a), Mean(0).Figure(b), 0.05), Effect{
		Estimate: 6.125, StdErr: 6.125 / 1.4192865833676402, DF: 7.4123923709092185,
		Lower: -3.96567927278368, Upper: 16.21567927278368, P: 0.19647055572207336,
	})
	checkEffect(t, "ratio", Difference(perRow.Figure(a), perRow.Figure(b), 0.05), Effect{
		Estimate: 1.1772727272727272, StdErr: 0.4179514266810678, DF: 6.096548606683829,
		Lower: 0.15849556563455902, Upper: 2.1960498889108955, P: 0.029963781427467005,
	})
}

// The log interval by scipy's t.ppf; Fieller's by brentq on the squared z
// statistic of b - ratio a.
func TestLiftReference(t *testing.T) {
	a, b := perRow.Figure(MomentsOf(rowsA)), perRow.Figure(MomentsOf(rowsB))
	log, fieller := LogLift(a, b, 0.05), Fieller(a, b, 0.05)
	check(t, "lift", log.Estimate, 4.95/3.7727272727272727-1)
	check(t, "log lower", log.Lower, 0.06634182291903512)
	check(t, "log upper", log.Upper, 0.6143701983304612)
	check(t, "Fieller lower", fieller.Lower, 0.09285688833713235)
	check(t, "Fieller upper", fieller.Upper, 0.5434442917542903)
}

// numpy: theta = cov(y, x) / var(x) over both arms; the rest by ttest_ind on
// the adjusted values.
func TestCUPEDReference(t *testing.T) {
	a, b := MomentsOf(rowsA), MomentsOf(rowsB)
	c := CUPED(a, b, Mean(0), Mean(2))
	check(t, "theta", c.Theta, 1.3692551505546753)
	check(t, "a", c.A.Value, 11.573098256735342)
	check(t, "b", c.B.Value, 14.90253565768621)
	check(t, "p", Difference(c.A, c.B, 0.05).P, 0.12907742084962917)
	c = CUPED(a, b, perRow, before)
	check(t, "theta of ratios", c.Theta, 0.3855691469204001)
	check(t, "a", c.A.Value, 3.7759403489516097)
	check(t, "variance of a", c.A.Variance, 0.021309564134426664)
	check(t, "b", c.B.Value, 4.946448705225733)
	check(t, "variance of b", c.B.Variance, 0.13660539801215515)
}

// sumsOf returns the moments of rows by way of their raw sums.
func sumsOf(rows [][]float64) Moments {
	p := len(rows[0])
	sums, products := make([]float64, p), mat.NewSymDense(p, nil)
	for _, r := range rows {
		products.SymRankOne(products, 1, mat.NewVecDense(p, r))
		for j, x := range r {
			sums[j] += x
		}
	}
	return MomentsFromSums(float64(len(rows)), sums, products)
}

func TestMomentsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float64Range(-100, 100), 2, 2)
		x := rapid.SliceOfN(row, 2, 30).Draw(t, "x")
		y := rapid.SliceOfN(row, 2, 30).Draw(t, "y")
		together := MomentsOf(append(append([][]float64{}, x...), y...))
		for name, m := range map[string]Moments{"sums": sumsOf(append(append([][]float64{}, x...), y...)), "added": MomentsOf(x).Add(MomentsOf(y))} {
			for i := range 2 {
				if m.N != together.N || math.Abs(m.Mean[i]-together.Mean[i]) > 1e-11 {
					t.Fatalf("%s: mean %v, want %v", name, m.Mean, together.Mean)
				}
				for j := range 2 {
					if math.Abs(m.Cov.At(i, j)-together.Cov.At(i, j)) > 1e-9 {
						t.Fatalf("%s: covariance %v, want %v", name, m.Cov.At(i, j), together.Cov.At(i, j))
					}
				}
			}
		}
	})
}

// Data at 1e12 with unit spread keep their variance, and constants have none.
func TestMomentsDoNotCancel(t *testing.T) {
	far := MomentsOf([][]float64{{1e12 + 1}, {1e12 + 2}, {1e12 + 3}, {1e12 + 6}})
	check(t, "variance", far.Cov.At(0, 0), 14.0/3)
	for _, constant := range []float64{0.1, 1.0 / 3, -2.7e9} {
		rows := make([][]float64, 17)
		for i := range rows {
			rows[i] = []float64{constant}
		}
		check(t, "variance of a constant", MomentsOf(rows).Cov.At(0, 0), 0)
		check(t, "variance of a constant from sums", sumsOf(rows).Cov.At(0, 0), 0)
	}
	// 1e8 units of mean 50, with 1e8 as their centred sum of squares.
	m := MomentsFromSums(1e8, []float64{5e9}, mat.NewSymDense(1, []float64{2.5e11 + 1e8}))
	check(t, "variance of 1e8 units", m.Cov.At(0, 0), 1e8/(1e8-1))
}

func TestDifferenceLaws(t *testing.T) {
	figure := rapid.Custom(func(t *rapid.T) Figure {
		return Figure{
			Value:    rapid.Float64Range(0.5, 10).Draw(t, "value"),
			Variance: rapid.Float64Range(1e-4, 0.01).Draw(t, "variance"),
			Units:    float64(rapid.IntRange(20, 1000).Draw(t, "units")),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := figure.Draw(t, "a"), figure.Draw(t, "b")
		alpha := rapid.Float64Range(0.001, 0.3).Draw(t, "alpha")
		ab, ba := Difference(a, b, alpha), Difference(b, a, alpha)
		if ab.Estimate != -ba.Estimate || !near(ab.Lower, -ba.Upper, 1e-12) || ab.P != ba.P {
			t.Fatalf("swapped arms: %+v and %+v", ab, ba)
		}
		if !(ab.P >= 0 && ab.P <= 1) {
			t.Fatalf("p = %v", ab.P)
		}
		if outside := ab.Lower > 0 || ab.Upper < 0; outside != (ab.P < alpha) && math.Abs(ab.P-alpha) > 1e-9 {
			t.Fatalf("interval [%v, %v] and p = %v disagree at %v", ab.Lower, ab.Upper, ab.P, alpha)
		}
		// A lift turned round is its inverse; a change of unit changes
		// nothing.
		for name, lift := range map[string]func(a, b Figure, alpha float64) Lift{"log": LogLift, "Fieller": Fieller} {
			l, inverse := lift(a, b, alpha), lift(b, a, alpha)
			if !math.IsInf(l.Lower, 0) && !math.IsInf(inverse.Lower, 0) && l.Lower > -1 && inverse.Lower > -1 &&
				(!near((1+l.Lower)*(1+inverse.Upper), 1, 1e-9) || !near((1+l.Upper)*(1+inverse.Lower), 1, 1e-9)) {
				t.Fatalf("%s: %+v and turned round %+v", name, l, inverse)
			}
			scale := func(f Figure) Figure { return Figure{8 * f.Value, 64 * f.Variance, f.Units} }
			if scaled := lift(scale(a), scale(b), alpha); !near(scaled.Lower, l.Lower, 1e-9) || !near(scaled.Upper, l.Upper, 1e-9) {
				t.Fatalf("%s: %+v in another unit %+v", name, l, scaled)
			}
		}
	})
}

func TestFiellerOfNoisyBaseline(t *testing.T) {
	l := Fieller(Figure{0.1, 1, 50}, Figure{2, 1, 50}, 0.05)
	if !math.IsInf(l.Lower, -1) || !math.IsInf(l.Upper, 1) {
		t.Errorf("a baseline of 0.1 standard errors bounds the lift: %+v", l)
	}
	negative := Fieller(Figure{-5, 0.01, 50}, Figure{-4, 0.01, 50}, 0.05)
	if !(negative.Lower < -0.2 && -0.2 < negative.Upper) {
		t.Errorf("negative baseline: %+v does not hold -0.2", negative)
	}
}

func TestDegenerateFigures(t *testing.T) {
	nan := math.NaN()
	constant, other := Figure{3, 0, 10}, Figure{4, 0, 10}
	e := Difference(constant, other, 0.05)
	checkEffect(t, "two constants", e, Effect{1, 0, nan, nan, nan, nan})
	for name, l := range map[string]Lift{
		"log of constants": LogLift(constant, other, 0.05), "Fieller of constants": Fieller(constant, other, 0.05),
		"opposite signs": LogLift(Figure{-1, 1, 9}, Figure{1, 1, 9}, 0.05), "one unit": Fieller(Figure{1, nan, 1}, other, 0.05),
	} {
		if !math.IsNaN(l.Lower) || !math.IsNaN(l.Upper) {
			t.Errorf("%s: %+v", name, l)
		}
	}
	one := MomentsOf([][]float64{{4, 2}})
	check(t, "ratio of one unit", perRow.Figure(one).Value, 2)
	check(t, "variance from one unit", perRow.Figure(one).Variance, nan)
	check(t, "ratio of none", perRow.Figure(Moments{}).Value, nan)
	check(t, "ratio over zero", perRow.Figure(MomentsOf([][]float64{{1, 0}, {2, 0}})).Value, nan)
	// Rows that all have the same ratio have no spread around it.
	check(t, "constant ratio", perRow.Figure(MomentsOf([][]float64{{0.3, 3}, {0.7, 7}, {0.1, 1}})).Variance, 0)
	if c := CUPED(Moments{}, MomentsOf(rowsB), Mean(0), Mean(2)); !math.IsNaN(c.A.Value) {
		t.Errorf("CUPED of an empty arm: %+v", c.A)
	}
}

// With a denominator of one the ratio is the mean; with a covariate that does
// not vary CUPED changes nothing; with the outcome itself as covariate, all
// is explained.
func TestSpecialCases(t *testing.T) {
	withOnes := func(rows [][]float64) Moments {
		var out [][]float64
		for _, r := range rows {
			out = append(out, []float64{r[0], 1, 7, r[0]})
		}
		return MomentsOf(out)
	}
	a, b := withOnes(rowsA), withOnes(rowsB)
	checkEffect(t, "ratio to one", Difference(perRow.Figure(a), perRow.Figure(b), 0.05),
		Difference(Mean(0).Figure(a), Mean(0).Figure(b), 0.05))
	c := CUPED(a, b, Mean(0), Mean(2))
	check(t, "theta of a constant", c.Theta, 0)
	check(t, "unadjusted", c.B.Variance, Mean(0).Figure(b).Variance)
	c = CUPED(a, b, Mean(0), Mean(3))
	check(t, "theta of itself", c.Theta, 1)
	check(t, "nothing left", c.B.Variance, 0)
	ratios := CUPED(a, b, perRow, Mean(2))
	check(t, "ratio adjusted by a constant", ratios.A.Value, perRow.Figure(a).Value)
}

// Sessions with a few to many rows each: the interval of the difference of
// ratios covers the truth as it promises.
func TestRatioCoverage(t *testing.T) {
	const runs, alpha = 1000, 0.1
	random := rand.New(rand.NewPCG(5, 6))
	arm := func(n int, level float64) Figure {
		rows := make([][]float64, n)
		for i := range rows {
			requests := float64(1 + random.IntN(8))
			rows[i] = []float64{requests * (level + 0.5*random.NormFloat64()), requests}
		}
		return perRow.Figure(MomentsOf(rows))
	}
	covered := 0
	for range runs {
		e := Difference(arm(200, 2), arm(40, 2.3), alpha)
		if e.Lower <= 0.3 && 0.3 <= e.Upper {
			covered++
		}
	}
	// 0.9 less three standard errors, and 0.01 for the normal approximation
	if share := float64(covered) / runs; share < 0.86 || share > 0.94 {
		t.Errorf("coverage %v, want 0.9", share)
	}
}
