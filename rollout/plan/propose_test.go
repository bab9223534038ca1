package plan

import "testing"

// TestPropose: steps rise, get their units within three days, and the last is one half.
func TestPropose(t *testing.T) {
	for perDay, first := range map[float64]float64{20: .5, 60: .2, 250: .05, 2000: .05, 20_000: .01} {
		steps := Propose(perDay)
		if steps[0].Share != first || steps[len(steps)-1].Share != .5 {
			t.Errorf("%g a day: %+v, want to begin with %g", perDay, steps, first)
		}
		for i, s := range steps[:len(steps)-1] {
			if days := float64(s.Units)/(s.Share*perDay) + 1; days > 3 || s.Units < 20 || s.Share >= steps[i+1].Share {
				t.Errorf("%g a day: step %d of %+v takes %.1f days", perDay, i, steps, days)
			}
		}
	}
}
