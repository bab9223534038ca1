package analyze

import (
	"math"
	"slices"

	"weir/analyze/cluster"
)

// Moments are the sufficient statistics of a vector measured on units: how
// many units, the mean of each component, and the sums of centred cross
// products. The zero value is no units of no components.
//
// Centred sums do not cancel: data at 1e9 with unit spread keep their
// variance.
type Moments struct {
	N    int64     `json:"n"`
	Mean []float64 `json:"mean"`
	// Cross is the lower triangle, row by row, of the matrix of sums over
	// units of (x_i - mean_i)(x_j - mean_j).
	Cross []float64 `json:"cross"`
}

// MomentsOf computes moments from one vector a unit, in two passes. All
// vectors must have the same length.
func MomentsOf(units ...[]float64) Moments {
	if len(units) == 0 {
		return Moments{}
	}
	p := len(units[0])
	m := Moments{N: int64(len(units)), Mean: make([]float64, p), Cross: make([]float64, p*(p+1)/2)}
	for _, u := range units {
		if len(u) != p {
			panic("analyze: units have vectors of different lengths")
		}
		for i, x := range u {
			m.Mean[i] += x / float64(len(units))
		}
	}
	m.recentre(units)
	for _, u := range units {
		for i := range p {
			for j := range i + 1 {
				m.Cross[triangle(i, j)] += (u[i] - m.Mean[i]) * (u[j] - m.Mean[j])
			}
		}
	}
	return m
}

// recentre takes the mean's own rounding out of it: a constant has no variance.
func (m Moments) recentre(units [][]float64) {
	off := make([]float64, len(m.Mean))
	for _, u := range units {
		for i, x := range u {
			off[i] += x - m.Mean[i]
		}
	}
	for i, x := range off {
		m.Mean[i] += x / float64(m.N)
	}
}

// Add returns the moments of two disjoint sets of units together (Chan, Golub
// and LeVeque 1983, eq. 2.1). Moments of no units are neutral.
func (m Moments) Add(o Moments) Moments {
	switch {
	case o.N == 0:
		return m
	case m.N == 0:
		return o
	case len(m.Mean) != len(o.Mean):
		panic("analyze: moments of different vectors do not add")
	}
	n := float64(m.N + o.N)
	sum := Moments{N: m.N + o.N, Mean: slices.Clone(m.Mean), Cross: slices.Clone(m.Cross)}
	for i := range m.Mean {
		di := o.Mean[i] - m.Mean[i]
		sum.Mean[i] += di * float64(o.N) / n
		for j := range i + 1 {
			dj := o.Mean[j] - m.Mean[j]
			sum.Cross[triangle(i, j)] += o.Cross[triangle(i, j)] + di*dj*float64(m.N)*float64(o.N)/n
		}
	}
	return sum
}

// gather adds to a sum of the caller's own, in place; the first to be gathered is copied.
func (m *Moments) gather(o Moments) {
	switch {
	case o.N == 0:
		return
	case m.N == 0:
		*m = Moments{N: o.N, Mean: slices.Clone(o.Mean), Cross: slices.Clone(o.Cross)}
		return
	case len(m.Mean) != len(o.Mean):
		panic("analyze: moments of different vectors do not add")
	}
	n := float64(m.N + o.N)
	for i := range m.Mean { // squares first, row by row: they are around the means of before
		di := o.Mean[i] - m.Mean[i]
		for j := range i + 1 {
			dj := o.Mean[j] - m.Mean[j]
			m.Cross[triangle(i, j)] += o.Cross[triangle(i, j)] + di*dj*float64(m.N)*float64(o.N)/n
		}
	}
	for i := range m.Mean {
		m.Mean[i] += (o.Mean[i] - m.Mean[i]) * float64(o.N) / n
	}
	m.N += o.N
}

// Var returns the variance of component i with n-1, 0 where it is no more than the rounding
// of the units' values; NaN below two units.
func (m Moments) Var(i int) float64 {
	if m.N < 2 {
		return math.NaN()
	}
	return m.square(i) / float64(m.N-1)
}

// Cov returns the covariance of components i and j with n-1; NaN below two
// units.
func (m Moments) Cov(i, j int) float64 {
	if m.N < 2 {
		return math.NaN()
	}
	return m.cross(i, j) / float64(m.N-1)
}

// cross returns the centred sum of products of components i and j.
func (m Moments) cross(i, j int) float64 {
	if j > i {
		i, j = j, i
	}
	return m.Cross[triangle(i, j)]
}

// square is the centred sum of squares of component i.
func (m Moments) square(i int) float64 {
	return m.spread(m.cross(i, i), math.Abs(m.Mean[i]))
}

// spread is a centred sum of squares, or 0 where units differ by no more than the rounding of
// values of that size.
func (m Moments) spread(square, size float64) float64 {
	if cluster.Settle(math.Sqrt(square/float64(m.N)), size) == 0 {
		return 0
	}
	return math.Max(square, 0)
}

// linear returns the mean of the combination sum of w_i x_i over units and its centred
// sum of squares; each is 0 where it is no more than the rounding of its terms.
func (m Moments) linear(w []float64) (mean, square float64) {
	if m.N == 0 {
		return math.NaN(), 0
	}
	size := 0.0
	for i, wi := range w {
		term := wi * m.Mean[i]
		mean += term
		size += math.Abs(term)
	}
	return cluster.Settle(mean, size), m.spread(math.Max(m.product(w, w), 0), size)
}

// product is the sum of centred cross products of two combinations of the vector, 0 where it is
// no more than the rounding of its terms.
func (m Moments) product(a, b []float64) float64 {
	sum, size := 0.0, 0.0
	for i, x := range a {
		for j, y := range b {
			term := x * y * m.cross(i, j)
			sum += term
			size += math.Abs(term)
		}
	}
	return cluster.Settle(sum, size)
}

// finite reports whether every moment is a number.
func (m Moments) finite() bool {
	for _, list := range [][]float64{m.Mean, m.Cross} {
		for _, x := range list {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return false
			}
		}
	}
	return true
}

func triangle(i, j int) int { return i*(i+1)/2 + j }
