package preference

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSwap(t *testing.T) {
	a := []Verdict{First, First, First, Second, Tie, Tie, Invalid, Second}
	b := []Verdict{First, Second, Second, First, Tie, First, First, Second}
	s := NewSwap(a, b)
	if s.N != 7 || s.Invalid != 1 || s.ToFirst != 2 || s.ToSecond != 1 {
		t.Errorf("counts: %+v", s)
	}
	equal(t, "consistency", s.Consistency, 3./7, 1e-15)
	// Shown first: 1, 2, 2, 0, 1, 0.5 and 1 of two verdicts each.
	equal(t, "first shown", s.FirstShown, 7.5/14, 1e-15)
	equal(t, "order p", s.OrderP, 1, 1e-15) // 2 of 3
	equal(t, "half point", s.HalfPoint.Rate, (1+0.5+0.5+0.5+0.5+0.75+0)/7, 1e-15)
	equal(t, "consistent", s.Consistent, (1+0.5+0)/3, 1e-15)

	right := []Verdict{First, First, Invalid, First, Tie, First, First, Second}
	acc := NewAccuracy(right, a, b)
	if acc.N != 6 {
		t.Errorf("N = %d, want 6", acc.N)
	}
	equal(t, "order a", acc.OrderA, 4./6, 1e-15)
	equal(t, "order b", acc.OrderB, 5./6, 1e-15)
	equal(t, "both", acc.Both, 3./6, 1e-15)
}

func TestSwapAtTheEdges(t *testing.T) {
	for name, s := range map[string]Swap{
		"none": NewSwap(nil, nil), "none valid": NewSwap([]Verdict{Invalid}, []Verdict{First}),
	} {
		if s.N != 0 {
			t.Errorf("%s: N = %d", name, s.N)
		}
		for what, x := range map[string]float64{
			"consistency": s.Consistency, "kappa": s.Kappa.Value, "first shown": s.FirstShown,
			"half point": s.HalfPoint.Rate, "consistent": s.Consistent,
		} {
			if x == x {
				t.Errorf("%s: %s = %v, want NaN", name, what, x)
			}
		}
	}
	// A judge that always takes what is shown first.
	first := NewSwap([]Verdict{First, First, First, First, First}, []Verdict{Second, Second, Second, Second, Second})
	equal(t, "first shown", first.FirstShown, 1, 0)
	equal(t, "order p", first.OrderP, 0.0625, 1e-14) // binom.test(5, 5)
	equal(t, "half point", first.HalfPoint.Rate, 0.5, 0)
	equal(t, "consistency", first.Consistency, 0, 0)
}

// Naming the answers the other way round turns the rates and leaves what is
// said of the judge.
func TestSwapAnswersRenamed(t *testing.T) {
	other := map[Verdict]Verdict{First: Second, Second: First, Tie: Tie, Invalid: Invalid}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		a, b, otherA, otherB := make([]Verdict, n), make([]Verdict, n), make([]Verdict, n), make([]Verdict, n)
		for i := range n {
			a[i] = Verdict(rapid.IntRange(int(Invalid), int(Tie)).Draw(t, "a"))
			b[i] = Verdict(rapid.IntRange(int(Invalid), int(Tie)).Draw(t, "b"))
			otherA[i], otherB[i] = other[b[i]], other[a[i]]
		}
		s, o := NewSwap(a, b), NewSwap(otherA, otherB)
		equal(t, "half point", o.HalfPoint.Rate, 1-s.HalfPoint.Rate, 1e-12)
		equal(t, "consistent", o.Consistent, 1-s.Consistent, 1e-12)
		equal(t, "first shown", o.FirstShown, s.FirstShown, 1e-12)
		equal(t, "consistency", o.Consistency, s.Consistency, 0)
		equal(t, "kappa", o.Kappa.Value, s.Kappa.Value, 1e-12)
		if o.ToFirst != s.ToFirst || o.ToSecond != s.ToSecond || o.Invalid != s.Invalid {
			t.Errorf("%+v, want %+v", o, s)
		}
	})
}
