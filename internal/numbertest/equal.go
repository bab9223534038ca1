// Package numbertest compares numbers in tests.
package numbertest

import (
	"math"

	"gonum.org/v1/gonum/floats/scalar"
)

// Equal reports an error unless got and want differ by at most tolerance,
// absolutely or of the larger, or are both NaN. T is a [testing.T] or one of rapid.
func Equal(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) && math.IsNaN(want) {
		return
	}
	if !scalar.EqualWithinAbsOrRel(got, want, tolerance, tolerance) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
