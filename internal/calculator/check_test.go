package calculator

import "testing"

// A truth that the input does not determine must lie within the sequence at every time.
func TestTruthsAreHeld(t *testing.T) {
	sequence := map[string]any{"low": []any{0.0, .1, .2}, "high": []any{1.0, .6, .4}}
	for _, test := range []struct {
		name   string
		got    any
		truth  any
		failed bool
	}{
		{"inside", sequence, .3, false},
		{"at the edge", sequence, .4, false},
		{"above", sequence, .41, true},
		{"below", sequence, .19, true},
		{"no sequence", nil, .3, true},
		{"no times", map[string]any{"low": []any{}, "high": []any{}}, .3, true},
		{"no number", sequence, "x", true},
		{"limits are null", map[string]any{"low": []any{nil}, "high": []any{nil}}, .3, true},
	} {
		c := Check{Method: "judge-confseq-finite-population"}
		c.compare(vectorCase{Name: test.name}, "", map[string]any{"hedged_grid1000": test.got}, map[string]any{"population_mean": test.truth})
		if got := len(c.Failed) > 0; got != test.failed {
			t.Errorf("%s: failed %t, want %t", test.name, got, test.failed)
		}
	}
}
