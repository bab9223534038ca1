package analyze

import "math"

// halvings of an interval until its ends are neighbours, or as good as.
const halvings = 60

// crossing returns where gap turns from negative, at inside, to not negative, at outside: the last
// negative point of 60 halvings. gap must turn once. Halvings are computed only between two points
// that a root finder has closed in on; what the others would find is known.
func crossing(gap func(float64) float64, inside, outside float64) float64 {
	near, far := around(gap, falsePosition(gap, inside, outside), inside, outside)
	side := math.Copysign(1, outside-inside)
	for range halvings {
		mid := (inside + outside) / 2
		if mid == inside || mid == outside {
			break
		}
		negative := (mid-near)*side <= 0
		if !negative && (mid-far)*side < 0 {
			negative = gap(mid) < 0
		}
		if negative {
			inside = mid
		} else {
			outside = mid
		}
	}
	return inside
}

// falsePosition approximates the root of f between a and b, where it has opposite signs, by the line
// through both ends; where one end stays its value is halved (the Illinois algorithm; Dowell and
// Jarratt 1971).
func falsePosition(f func(float64) float64, a, b float64) float64 {
	x, fa, fb := a, f(a), f(b)
	for range halvings {
		before := x
		x = (a*fb - b*fa) / (fb - fa)
		fx := f(x)
		if !(math.Abs(x-before) > 1e-15*math.Abs(x)) || fx == 0 {
			return x
		}
		if (fx < 0) != (fb < 0) {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = x, fx
	}
	return x
}

// around returns the closest two points around x, between inside and outside, of which it can tell that gap
// is negative at the one and not at the other: these two themselves where x, such as NaN, is no help.
func around(gap func(float64) float64, x, inside, outside float64) (negative, other float64) {
	side := math.Copysign(1, outside-inside)
	within := func(y float64) bool { return (y-inside)*side > 0 && (outside-y)*side > 0 }
	for slack := 8e-15 * math.Abs(x); ; slack *= 32 {
		near, far := x-side*slack, x+side*slack
		if !within(near) || !within(far) {
			return inside, outside
		}
		if gap(near) < 0 && !(gap(far) < 0) {
			return near, far
		}
	}
}
