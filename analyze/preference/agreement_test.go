package preference

import (
	"math"
	"testing"
)

// The table, its kappa and its error by hand: po = 14/20, rows 10 4 6, columns 9 5 6, so that
// pe = (90 + 20 + 36) / 400 and kappa = (.7 - .365) / .635. One pair has no verdict of the judge.
func TestAgreement(t *testing.T) {
	var a, b []Verdict
	add := func(n int, x, y Verdict) {
		for range n {
			a, b = append(a, x), append(b, y)
		}
	}
	add(8, First, First)
	add(1, First, Tie)
	add(1, First, Second)
	add(2, Tie, Tie)
	add(1, Tie, First)
	add(1, Tie, Second)
	add(4, Second, Second)
	add(2, Second, Tie)
	add(1, Invalid, First)
	g := NewAgreement(a, b)
	if g.N != 20 || g.Missing != 1 || g.Same != 14 || g.Decided != 13 || g.SameWinner != 12 {
		t.Errorf("%+v", g)
	}
	if want := [3][3]int{{4, 2, 0}, {1, 2, 1}, {1, 1, 8}}; g.Table != want {
		t.Errorf("the table is %v, want %v", g.Table, want)
	}
	if want := (.7 - .365) / .635; math.Abs(g.Kappa.Value-want) > 1e-12 || !(g.Kappa.StdErr > .1 && g.Kappa.StdErr < .2) {
		t.Errorf("kappa is %+v, want %v", g.Kappa, want)
	}
	swapped := NewAgreement(b, a)
	if swapped.Kappa.Value != g.Kappa.Value || swapped.Same != g.Same || swapped.Table[0][1] != g.Table[1][0] {
		t.Errorf("who is first matters: %+v and %+v", swapped, g)
	}
	if none := NewAgreement(nil, nil); none.N != 0 || !math.IsNaN(none.Kappa.Value) {
		t.Errorf("of nothing: %+v", none)
	}
}
