package draw

import (
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze"
)

// TestDraw: drawn units have the pool's figures, up to chance, and moments add up as units do.
func TestDraw(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	m := Matrix{Width: 2}
	for range 2000 {
		x := r.ExpFloat64()
		m.Values = append(m.Values, x, 1e9+x+r.NormFloat64())
	}
	m.Values[0] = math.NaN() // the first unit has no value
	s := NewRows(Pool{m, m})
	sums := make([]float64, s.Stride())
	const n = 200_000
	s.Draw(r, n, sums)
	got, truth := s.Moments(sums, 1), m.Moments()
	if truth.N != 1999 || got.N >= n || got.N < n-300 {
		t.Errorf("%d units of the pool, %d of %d drawn have a value", truth.N, got.N, n)
	}
	for i := range truth.Mean {
		if se := math.Sqrt(truth.Var(i) / n); math.Abs(got.Mean[i]-truth.Mean[i]) > 5*se+1e-12 {
			t.Errorf("mean %d: %g, of the pool %g", i, got.Mean[i], truth.Mean[i])
		}
		for j := range i + 1 {
			if a, b := got.Cov(i, j), truth.Cov(i, j); math.Abs(a-b) > .05*math.Sqrt(truth.Var(i)*truth.Var(j))+1e-12 {
				t.Errorf("covariance %d, %d: %g, of the pool %g", i, j, a, b)
			}
		}
	}
}

// TestReassignment: the realised assignment gives the moments of its units; units of a drawn one
// are the same units, in shares of their strata.
func TestReassignment(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	strata := []analyze.Stratum{{Share: .2, Known: true}, {Share: .5, Known: true}}
	var u Units
	control, treated := Matrix{Width: 1}, Matrix{Width: 1}
	const n = 3000
	for i := range n {
		s := i / 1500
		u.Stratum, u.Hour = append(u.Stratum, s), append(u.Hour, int64(i/100))
		u.Treated = append(u.Treated, r.Float64() < strata[s].Share)
		x := r.NormFloat64()
		control.Values, treated.Values = append(control.Values, x), append(treated.Values, 2*x)
	}
	u.Vectors = [2]Pool{{control}, {treated}}
	again := NewReassignment(u, strata)
	cells, _ := again.Cells(u.Treated)
	for _, a := range analyze.Arms {
		own := u.Of(a)
		want := own.Vectors[a][0].Moments()
		got := analyze.Moments{}
		for _, c := range cells[0] {
			if c.Arm == a {
				got = got.Add(c.Moments)
			}
		}
		if got.N != want.N || math.Abs(got.Mean[0]-want.Mean[0]) > 1e-12 || math.Abs(got.Cross[0]/want.Cross[0]-1) > 1e-12 {
			t.Errorf("%v: %+v, want %+v", a, got, want)
		}
	}
	for i := 1; i < len(cells[0]); i++ {
		if cells[0][i].Hour < cells[0][i-1].Hour {
			t.Fatal("cells are not in order of hour")
		}
	}
	drawn := make([]bool, n)
	again.Draw(r, drawn)
	_, arrived := again.Cells(drawn)
	var sums [2]analyze.ByArm
	for _, a := range arrived {
		sums[a.Stratum].Control += a.Control
		sums[a.Stratum].Treatment += a.Treatment
	}
	for i, s := range sums {
		share := float64(s.Treatment) / 1500
		if s.Control+s.Treatment != 1500 || math.Abs(share-strata[i].Share) > .06 {
			t.Errorf("stratum %d: %+v", i, s)
		}
	}
}
