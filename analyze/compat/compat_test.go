package compat

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"weir/analyze/cluster"
)

// Rows of [num, den, pre_num, pre_den], one a unit. All reference values are
// those of gbstats at commit 8f1db44 with scipy 1.17.1 on these rows.
var (
	rowsA = [][]float64{{12, 3, 10, 2}, {7, 2, 9, 3}, {20, 5, 14, 4}, {3, 1, 4, 1}, {15, 4, 16, 4}, {9, 2, 6, 2}, {11, 3, 13, 3}, {6, 2, 5, 2}}
	rowsB = [][]float64{{16, 3, 9, 2}, {9, 2, 11, 3}, {25, 6, 15, 4}, {5, 1, 3, 1}, {14, 3, 12, 4}, {30, 5, 20, 5}}
)

// column returns the moments of some columns.
func columns(rows [][]float64, indices ...int) cluster.Moments {
	var picked [][]float64
	for _, r := range rows {
		var p []float64
		for _, i := range indices {
			p = append(p, r[i])
		}
		picked = append(picked, p)
	}
	return cluster.MomentsOf(picked)
}

func check(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-10*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

func checkTest(t *testing.T, what string, e Effect, err error, estimate, stdErr, lower, upper, p float64) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	test := e.T(0.05)
	check(t, what+" estimate", e.Estimate, estimate)
	check(t, what+" error", e.StdErr, stdErr)
	check(t, what+" lower", test.Lower, lower)
	check(t, what+" upper", test.Upper, upper)
	check(t, what+" p", test.P, p)
}

func TestEffects(t *testing.T) {
	a, b := figure(columns(rowsA, 0)), figure(columns(rowsB, 0))
	e, err := Absolute(a, b)
	checkTest(t, "absolute", e, err, 6.125, 4.315548439460891, -3.96567927278368, 16.21567927278368, 0.1964705557220734)
	e, err = Relative(a, b)
	checkTest(t, "relative", e, err, 0.5903614457831325, 0.4740697430415563, -0.5181154481897936, 1.6988383397560587, 0.2509437564346655)
}

func TestCUPED(t *testing.T) {
	c, err := MeanCUPED(columns(rowsA, 0, 2), columns(rowsB, 0, 2))
	check(t, "theta", c.Theta, 1.3692551505546753)
	checkTest(t, "absolute", c.Absolute, err, 3.329437400950873, 1.99816257996625, -1.1716665843682579, 7.830541386270004, 0.12907742084962903)
	checkTest(t, "relative", c.Relative, err, 0.32090962900731307, 0.22456139893573537, -0.18494220598979222, 0.8267614640044183, 0.18585389019335086)

	c, err = RatioCUPED(cluster.MomentsOf(rowsA), cluster.MomentsOf(rowsB))
	check(t, "theta", c.Theta, 0.34734947782549525)
	checkTest(t, "absolute", c.Absolute, err, 1.1711788767845608, 0.39767655028626553, 0.2146489232622415, 2.1277088303068803, 0.02364366328102485)
	checkTest(t, "relative", c.Relative, err, 0.3104329552922932, 0.10895049572130545, 0.04837472597624298, 0.5724911846083434, 0.02693928268726542)
}

func TestSequence(t *testing.T) {
	e, err := Absolute(figure(columns(rowsA, 0)), figure(columns(rowsB, 0)))
	if err != nil {
		t.Fatal(err)
	}
	s := e.Sequence(0.05, 100)
	check(t, "half-width", s.HalfWidth, 15.442016188990134)
	check(t, "lower", s.Lower, -9.317016188990134)
	check(t, "upper", s.Upper, 21.567016188990134)
	check(t, "p", s.P, 0.8551384753943031)
	check(t, "one-sided lower", s.LowerOneSided, -8.4794388158318)
	check(t, "one-sided rho", s.RhoOneSided, 0.2515722481772629)
}

func TestQuantile(t *testing.T) {
	a := Quantile{N: 500, NStar: 500, Nu: 0.9, Value: 20, Lower: 18.5, Upper: 22}
	b := Quantile{N: 300, NStar: 300, Nu: 0.9, Value: 23, Lower: 21, Upper: 25.5}
	belowA := cluster.MomentsFromSums(100, []float64{450, 500}, mat.NewSymDense(2, []float64{2400, 2620, 2620, 2900}))
	belowB := cluster.MomentsFromSums(60, []float64{270, 300}, mat.NewSymDense(2, []float64{1500, 1630, 1630, 1800}))
	check(t, "variance", a.PerRow(a.Clustered(belowA)), 294.67730713203423)

	effect := func(varianceA, varianceB float64) (Effect, error) {
		fa, errA := a.Figure(varianceA)
		fb, errB := b.Figure(varianceB)
		if err := errors.Join(errA, errB); err != nil {
			return Effect{}, err
		}
		return Absolute(fa, fb)
	}
	e, err := effect(a.Clustered(belowA), b.Clustered(belowB))
	checkTest(t, "clustered", e, err, 3, 1.332917245300868, 0.38209888887216614, 5.617901111127834, 0.024775980230077765)
	e, err = effect(a.RowVariance(), b.RowVariance())
	checkTest(t, "independent", e, err, 3, 1.4522722147455691, 0.14813721186922013, 5.85186278813078, 0.039261174923462594)

	few := Quantile{N: 30, NStar: 30, Nu: 0.9, Value: 20, Lower: 18, Upper: 23}
	if _, err := few.Figure(few.RowVariance()); !errors.Is(err, ErrZeroVariance) {
		t.Errorf("p90 of 30 rows: %v", err)
	}
	check(t, "floor", a.PerRow(0), 1e-5)
	check(t, "one cluster", a.Clustered(cluster.MomentsFromSums(1, []float64{4, 5}, mat.NewSymDense(2, []float64{16, 20, 20, 25}))), 0)
}

func TestPostStratified(t *testing.T) {
	cells := []Cell{
		{columns(rowsA[:5], 0), columns(rowsB[:3], 0)},
		{columns(rowsA[5:], 0), columns(rowsB[3:], 0)},
	}
	absolute, relative, err := PostStratified(cells)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "absolute", absolute.Estimate, 6.295238095238095)
	check(t, "its error", absolute.StdErr, 4.4944597504407255)
	check(t, "relative", relative.Estimate, 0.6154562383612663)
	check(t, "its error", relative.StdErr, 0.4953535476560911)

	// A cell with one treated unit is joined with the largest: nothing is
	// left to stratify.
	cells = []Cell{{columns(rowsA[:5], 0), columns(rowsB[:5], 0)}, {columns(rowsA[5:], 0), columns(rowsB[5:], 0)}}
	joined, _, err := PostStratified(cells)
	want, errWant := Absolute(figure(columns(rowsA, 0)), figure(columns(rowsB, 0)))
	if err != nil || errWant != nil {
		t.Fatal(err, errWant)
	}
	check(t, "joined", joined.Estimate, want.Estimate)
	check(t, "its error", joined.StdErr, want.StdErr)
}

func TestRefusals(t *testing.T) {
	varies, constant := cluster.Figure{Value: 2, Variance: 0.1, Units: 9}, cluster.Figure{Value: 2, Variance: 0, Units: 9}
	zero := cluster.Figure{Value: 0, Variance: 0.1, Units: 9}
	one := cluster.Figure{Value: 2, Variance: math.NaN(), Units: 1}
	for name, c := range map[string]struct {
		a, b           cluster.Figure
		absolute, want error
	}{
		"constant control":   {constant, varies, ErrZeroVariance, ErrZeroVariance},
		"constant treatment": {varies, constant, ErrZeroVariance, ErrZeroVariance},
		"one unit":           {varies, one, ErrZeroVariance, ErrZeroVariance},
		"zero baseline":      {zero, varies, ErrZeroBaseline, ErrZeroVariance},
	} {
		if _, err := Absolute(c.a, c.b); !errors.Is(err, c.absolute) {
			t.Errorf("%s, absolute: %v", name, err)
		}
		if _, err := Relative(c.a, c.b); !errors.Is(err, c.want) {
			t.Errorf("%s, relative: %v", name, err)
		}
	}
	if _, _, err := PostStratified(nil); !errors.Is(err, ErrZeroVariance) {
		t.Errorf("no cells: %v", err)
	}
	p := Proportion(cluster.MomentsOf([][]float64{{0}, {1}, {1}, {1}}))
	check(t, "proportion's variance", p.Variance, 0.75*0.25/4)
}
