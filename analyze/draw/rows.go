package draw

import (
	"fmt"
	"math"
	"math/rand/v2"

	"weir/analyze"
)

// Rows are the units of a pool as they are summed up: for each metric one if
// the unit has a value, its deviations from the pool's mean, and their products.
type Rows struct {
	units, stride int
	rows          []float64
	centres       [][]float64
	offsets       []int
}

// NewRows prepares a pool. A pool of no units, or of matrices of different length, is the
// caller's fault.
func NewRows(p Pool) *Rows {
	s := &Rows{units: p[0].Units()}
	for _, m := range p {
		if m.Units() != s.units || s.units == 0 {
			panic(fmt.Sprintf("draw: a pool of %d units has a metric of %d", s.units, m.Units()))
		}
		s.offsets = append(s.offsets, s.stride)
		s.stride += 1 + m.Width + m.Width*(m.Width+1)/2
		centre := m.Moments().Mean
		if centre == nil {
			centre = make([]float64, m.Width)
		}
		s.centres = append(s.centres, centre)
	}
	s.rows = make([]float64, s.units*s.stride)
	for i := range s.units {
		for j, m := range p {
			if m.has(i) {
				fill(s.rows[i*s.stride+s.offsets[j]:], m.Row(i), s.centres[j])
			}
		}
	}
	return s
}

// fill writes what one unit adds to a metric's sums.
func fill(to, row, centre []float64) {
	to[0] = 1
	at := 1 + len(row)
	for j, x := range row {
		to[1+j] = x - centre[j]
		for k := range j + 1 {
			to[at] = (x - centre[j]) * (row[k] - centre[k])
			at++
		}
	}
}

// Stride is the length of sums.
func (s *Rows) Stride() int { return s.stride }

// Add adds unit i to sums.
func (s *Rows) Add(i int, sums []float64) {
	for j, x := range s.rows[i*s.stride : (i+1)*s.stride] {
		sums[j] += x
	}
}

// Draw replaces sums by those of n units, drawn with replacement.
func (s *Rows) Draw(r *rand.Rand, n int, sums []float64) {
	clear(sums)
	for range n {
		s.Add(r.IntN(s.units), sums)
	}
}

// Moments are those of a metric over the units summed up; units without a value are not
// among them.
func (s *Rows) Moments(sums []float64, metric int) analyze.Moments {
	centre := s.centres[metric]
	p := len(centre)
	part := sums[s.offsets[metric]:]
	n := part[0]
	if n == 0 {
		return analyze.Moments{}
	}
	m := analyze.Moments{N: int64(n), Mean: make([]float64, p), Cross: make([]float64, 0, p*(p+1)/2)}
	for j := range p {
		m.Mean[j] = centre[j] + part[1+j]/n
		for k := range j + 1 {
			c := part[1+p+len(m.Cross)] - part[1+j]*part[1+k]/n
			if j == k {
				c = math.Max(c, 0)
			}
			m.Cross = append(m.Cross, c)
		}
	}
	return m
}
