package app

import (
	"testing"

	"weir/rollout/spec"
)

// TestExample: for any traffic the example is a valid spec with that traffic.
func TestExample(t *testing.T) {
	for _, perDay := range []float64{0, 20, 500, 2000, 1e6} {
		r, err := spec.Parse("weir.yaml", Example(perDay))
		if err != nil {
			t.Errorf("%g a day: %v", perDay, err)
			continue
		}
		want := perDay
		if perDay == 0 {
			want = 2000
		}
		if r.Planning.SessionsPerDay != want || r.Ramp.Steps[len(r.Ramp.Steps)-1].To != .5 {
			t.Errorf("%g a day: %+v, %+v", perDay, r.Planning, r.Ramp.Steps)
		}
	}
}
