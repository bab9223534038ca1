package analyze

import (
	"math"
	"testing"
)

// The sums that are handed to a calculator have the figure as their mean and the delta
// method's error as their own, to the twelve digits that are written.
func TestSumsKeepFigureAndError(t *testing.T) {
	m := MomentsOf([]float64{1, 3}, []float64{0, 2}, []float64{4, 5}, []float64{2, 2})
	for _, f := range []Form{{Num: 0, Den: Ones}, {Num: 0, Den: 1}} {
		want, s := f.Estimate(m), f.sums(m)
		mean := s["sum"] / s["n"]
		stdErr := math.Sqrt((s["sum_squares"] - s["n"]*mean*mean) / (s["n"] - 1) / s["n"])
		if math.Abs(mean-want.Value) > 1e-11 || math.Abs(stdErr-want.StdErr) > 1e-11 {
			t.Errorf("form %v: %g ± %g, want %g ± %g", f, mean, stdErr, want.Value, want.StdErr)
		}
	}
}
