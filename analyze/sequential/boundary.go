package sequential

import (
	"errors"
	"fmt"
	"math"
)

// A Boundary says when a group sequential test stops. The slices have an
// entry a look.
type Boundary struct {
	// Critical is the z statistic at which the look rejects; +infinity where
	// the look cannot.
	Critical []float64
	// Spent is the chance, under the null, of having rejected by that look.
	Spent []float64
}

// ErrLooks says that the looks of a group sequential test do not make a
// design.
var ErrLooks = errors.New("looks do not make a group sequential design")

// farthest is the largest critical value in use: beyond it, or with less
// error to spend than its tail, a look does not stop.
const (
	farthest   = 7.5
	leastError = 3.2e-14
)

// SpendingBoundary returns the boundary that spends error as given, for looks
// at increasing information (fractions of the planned information) in a test
// with one or two sides. A look that may spend nothing does not stop, and
// leaves its error to the next. The boundary does not bind beyond the looks
// given: they may be cut short, or their information chosen without knowing
// the effect. Two-sided tests stop at |z| and count the crossings of both
// sides.
//
// It integrates over the stopping times (Armitage, McPherson and Rowe 1969)
// to some ten digits. The error is ErrLooks, wrapped.
func SpendingBoundary(information []float64, spend Spending, sides int) (Boundary, error) {
	if err := checkLooks(information, sides); err != nil {
		return Boundary{}, err
	}
	w := walk{information: information, sides: sides}
	for _, t := range information {
		due := spend(t) - w.spent
		critical := math.Inf(1)
		if due > leastError && w.crossing(farthest) <= due {
			critical = bisect(func(z float64) float64 { return w.crossing(z) - due }, w.lowest(), farthest)
		}
		w.look(critical)
	}
	return w.boundary, nil
}

// OBrienFleming returns the boundary c / sqrt(t) whose error over the looks
// is alpha, both sides together (O'Brien and Fleming 1979; OF of rpact). The
// error is ErrLooks, wrapped.
func OBrienFleming(information []float64, alpha float64, sides int) (Boundary, error) {
	return shaped(information, alpha, sides, func(t float64) float64 { return 1 / math.Sqrt(t) })
}

// Pocock returns the boundary with one critical value whose error over the
// looks is alpha, both sides together (Pocock 1977; P of rpact). The error is
// ErrLooks, wrapped.
func Pocock(information []float64, alpha float64, sides int) (Boundary, error) {
	return shaped(information, alpha, sides, func(float64) float64 { return 1 })
}

// shaped scales a shape of critical values to spend alpha.
func shaped(information []float64, alpha float64, sides int, shape func(t float64) float64) (Boundary, error) {
	if err := checkLooks(information, sides); err != nil {
		return Boundary{}, err
	}
	scaled := func(c float64) walk {
		w := walk{information: information, sides: sides}
		for _, t := range information {
			critical := c * shape(t)
			if critical >= farthest {
				critical = math.Inf(1)
			}
			w.look(critical)
		}
		return w
	}
	c := bisect(func(c float64) float64 { return scaled(c).spent - alpha }, 0, 2*farthest)
	return scaled(c).boundary, nil
}

// leastIncrement is the smallest share of its information a look may add.
const leastIncrement = 1e-6

func checkLooks(information []float64, sides int) error {
	if sides != 1 && sides != 2 {
		return fmt.Errorf("%w: a test has 1 or 2 sides, not %d", ErrLooks, sides)
	}
	before := 0.0
	for i, t := range information {
		if !(t-before > leastIncrement*t) || math.IsInf(t, 0) {
			return fmt.Errorf("%w: information must increase from above 0, by at least a millionth, from look to look, but look %d has %g after %g",
				ErrLooks, i+1, t, before)
		}
		before = t
	}
	return nil
}
