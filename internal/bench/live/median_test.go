package main

import "testing"

// The ranks are those of R's binom.test and of Conover's table A3.
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		n         int
		low, high float64
		ok        bool
	}{
		{0, 0, 0, false}, {4, 0, 0, false}, {5, 1, 5, true}, {7, 1, 7, true}, {8, 2, 7, true}, {10, 2, 9, true}, {20, 6, 15, true},
	} {
		of := make([]float64, c.n)
		for i := range of {
			of[i] = float64(c.n - i)
		}
		if low, high, ok := interval(of); low != c.low || high != c.high || ok != c.ok {
			t.Errorf("of 1 to %d the median is in %v to %v (%v), not in %v to %v (%v)", c.n, low, high, ok, c.low, c.high, c.ok)
		}
	}
}

func TestPercent(t *testing.T) {
	for shown, of := range map[string][]float64{
		"+10 %":              {1, 1.1, 1.2},
		"+10 % (-10 to +50)": {1.5, 1, 1.1, .9, 1.2},
	} {
		if got := percent(of); got != shown {
			t.Errorf("%v: %q, not %q", of, got, shown)
		}
	}
}
