package sequential

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/integrate/quad"

	"weir/analyze/dist"
)

// A walk is a Brownian motion seen at the looks of a group sequential test
// and stopped at its boundary. It holds where the motion is after the last
// look, if not stopped, as a quadrature rule: masses at points.
type walk struct {
	information []float64
	sides       int

	boundary Boundary
	spent    float64
	points   []float64 // ascending
	masses   []float64
}

// edge is how far, in standard deviations, a normal density is followed.
const edge = 9

// at returns the information of the next look, and what it adds.
func (w *walk) at() (t, added float64) {
	k := len(w.boundary.Critical)
	t = w.information[k]
	if k == 0 {
		return t, t
	}
	return t, t - w.information[k-1]
}

// lowest is a critical value that every motion crosses.
func (w *walk) lowest() float64 {
	if w.sides == 2 {
		return 0
	}
	return -edge
}

// crossing returns the chance of arriving at the next look and exceeding z
// there, on either side if two-sided.
func (w *walk) crossing(z float64) float64 {
	t, added := w.at()
	sd := math.Sqrt(added)
	upper := w.expect(func(x float64) float64 { return dist.NormalSurvival((z*math.Sqrt(t) - x) / sd) })
	return upper * float64(w.sides) // by symmetry
}

// expect sums a function over where the motion may be; before the first look
// it is at 0.
func (w *walk) expect(f func(x float64) float64) float64 {
	if w.points == nil {
		return f(0)
	}
	sum := 0.0
	for i, x := range w.points {
		sum += w.masses[i] * f(x)
	}
	return sum
}

// look takes the next look with its critical value and moves on with what is
// not stopped.
func (w *walk) look(critical float64) {
	if !math.IsInf(critical, 1) {
		w.spent += w.crossing(critical)
	}
	points, masses := w.advance(critical)
	w.boundary.Critical = append(w.boundary.Critical, critical)
	w.boundary.Spent = append(w.boundary.Spent, w.spent)
	w.points, w.masses = points, masses
}

// advance returns the rule after the next look: Gauss-Legendre on panels that
// are narrow against the steps that come before and after.
func (w *walk) advance(critical float64) (points, masses []float64) {
	t, added := w.at()
	step := math.Sqrt(added)
	narrow := step
	if k := len(w.boundary.Critical); k+1 < len(w.information) {
		narrow = math.Min(step, math.Sqrt(w.information[k+1]-t))
	}
	high := math.Min(critical, edge) * math.Sqrt(t)
	low := -edge * math.Sqrt(t)
	if w.sides == 2 {
		low = -high
	}
	points, weights := panels(low, high, 3*narrow)
	masses = make([]float64, len(points))
	for i, y := range points {
		masses[i] = weights[i] * w.density(y, step)
	}
	return points, masses
}

// density is that of the motion after a step of the given standard deviation.
func (w *walk) density(y, sd float64) float64 {
	if w.points == nil {
		return dist.NormalDensity(y/sd) / sd
	}
	sum := 0.0
	for i := sort.SearchFloat64s(w.points, y-edge*sd); i < len(w.points) && w.points[i] < y+edge*sd; i++ {
		sum += w.masses[i] * dist.NormalDensity((y-w.points[i])/sd)
	}
	return sum / sd
}

// panels returns a quadrature rule on [low, high] made of panels of about the
// given width.
func panels(low, high, width float64) (points, weights []float64) {
	const order = 12
	n := math.Max(1, math.Ceil((high-low)/width))
	x, wx := make([]float64, order), make([]float64, order)
	for i := 0.0; i < n; i++ {
		quad.Legendre{}.FixedLocations(x, wx, low+(high-low)*i/n, low+(high-low)*(i+1)/n)
		points = append(points, x...)
		weights = append(weights, wx...)
	}
	return points, weights
}
