package sequential

import (
	"errors"
	"math"
	"testing"
)

// equal returns the information of k equally spaced looks.
func equal(k int) []float64 {
	information := make([]float64, k)
	for i := range information {
		information[i] = float64(i+1) / float64(k)
	}
	return information
}

// Jennison and Turnbull (2000), "Group Sequential Methods", tables 2.1 and
// 2.3: last critical value of two-sided tests at 0.05 with equal looks.
func TestClassicalBoundaries(t *testing.T) {
	for _, c := range []struct {
		looks          int
		pocock, obrien float64
	}{
		{1, 1.960, 1.960},
		{2, 2.178, 1.977},
		{3, 2.289, 2.004},
		{5, 2.413, 2.040},
		{10, 2.555, 2.087},
	} {
		for name, design := range map[string]struct {
			of   func([]float64, float64, int) (Boundary, error)
			want float64
		}{"pocock": {Pocock, c.pocock}, "obrien-fleming": {OBrienFleming, c.obrien}} {
			b, err := design.of(equal(c.looks), 0.05, 2)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Critical[c.looks-1]; math.Abs(got-design.want) > 0.0006 {
				t.Errorf("%s with %d looks: %v, want %v", name, c.looks, got, design.want)
			}
			check(t, name+" spent", b.Spent[c.looks-1], 0.05, 1e-9)
		}
	}
}

// Lan and DeMets' O'Brien-Fleming spending at two-sided 0.05 with five equal
// looks: 4.877, 3.357, 2.680, 2.290, 2.031 (R package ldbounds,
// bounds(1:5/5)).
func TestSpendingBoundary(t *testing.T) {
	b, err := SpendingBoundary(equal(5), OBrienFlemingSpending(0.05, 2), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{4.877, 3.357, 2.680, 2.290, 2.031} {
		if math.Abs(b.Critical[i]-want) > 0.0006 {
			t.Errorf("look %d: %v, want %v", i+1, b.Critical[i], want)
		}
	}
	for i, spent := range b.Spent {
		check(t, "spent", spent, OBrienFlemingSpending(0.05, 2)(float64(i+1)/5), 1e-9)
	}
}

// Armitage, McPherson and Rowe (1969), table 2: chance of ever rejecting at
// |z| > 1.96 in k equal looks.
func TestRepeatedLooks(t *testing.T) {
	for k, want := range map[int]float64{1: 0.050, 2: 0.083, 5: 0.142, 10: 0.193, 20: 0.248, 50: 0.320, 100: 0.374} {
		w := walk{information: equal(k), sides: 2}
		for range k {
			w.look(1.959964)
		}
		if math.Abs(w.spent-want) > 0.0011 {
			t.Errorf("%d looks: %v, want %v", k, w.spent, want)
		}
	}
}

// Nothing is lost on the way: what has stopped and what goes on add to one.
func TestWalkKeepsMass(t *testing.T) {
	for _, sides := range []int{1, 2} {
		w := walk{information: []float64{0.01, 0.05, 0.3, 0.30001, 1}, sides: sides}
		for _, critical := range []float64{math.Inf(1), 3, 2, 2.5, 1.9} {
			w.look(critical)
			on := w.expect(func(float64) float64 { return 1 })
			check(t, "mass", w.spent+on, 1, 1e-10)
		}
	}
}

func TestLooksWithoutError(t *testing.T) {
	// After 2 % of the information an O'Brien-Fleming look may spend some
	// 1e-56.
	b, err := SpendingBoundary([]float64{0.02, 0.5, 1}, OBrienFlemingSpending(0.05, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(b.Critical[0], 1) || b.Spent[0] != 0 {
		t.Errorf("first look stops at %v having spent %v", b.Critical[0], b.Spent[0])
	}
	check(t, "spent", b.Spent[2], 0.05, 1e-9)
	// Information beyond the plan spends no more than alpha.
	b, err = SpendingBoundary([]float64{0.5, 1, 1.4}, PocockSpending(0.05), 2)
	if err != nil {
		t.Fatal(err)
	}
	if !math.IsInf(b.Critical[2], 1) {
		t.Errorf("a look without error stops at %v", b.Critical[2])
	}
}

func TestRefusedLooks(t *testing.T) {
	for _, information := range [][]float64{{0, 1}, {-1}, {0.5, 0.5}, {0.5, 0.2}, {math.NaN()}, {math.Inf(1)}, {0.5, 0.5 + 1e-9}} {
		if _, err := Pocock(information, 0.05, 2); !errors.Is(err, ErrLooks) {
			t.Errorf("information %v: error %v", information, err)
		}
	}
	if _, err := SpendingBoundary([]float64{1}, PowerSpending(0.05, 2), 3); !errors.Is(err, ErrLooks) {
		t.Errorf("three sides: error %v", err)
	}
}
