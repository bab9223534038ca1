package plan

import (
	"fmt"
	"math"
	"math/rand/v2"

	"weir/analyze"
)

// A Matrix holds one metric's vector of every unit of a pool, row by row. A
// unit without a value has NaN in its row.
type Matrix struct {
	Width  int
	Values []float64
}

// Units is the number of rows.
func (m Matrix) Units() int {
	if m.Width == 0 {
		return 0
	}
	return len(m.Values) / m.Width
}

// row is the vector of unit i.
func (m Matrix) row(i int) []float64 { return m.Values[i*m.Width : (i+1)*m.Width] }

// has reports whether unit i has a value.
func (m Matrix) has(i int) bool {
	for _, x := range m.row(i) {
		if math.IsNaN(x) {
			return false
		}
	}
	return true
}

// Moments are those of the units that have a value: the truth of the pool.
func (m Matrix) Moments() analyze.Moments {
	out := analyze.Moments{Mean: make([]float64, m.Width), Cross: make([]float64, m.Width*(m.Width+1)/2)}
	for i := range m.Units() {
		if m.has(i) {
			out.N++
			for j, x := range m.row(i) {
				out.Mean[j] += x
			}
		}
	}
	if out.N == 0 {
		return analyze.Moments{}
	}
	for j := range out.Mean {
		out.Mean[j] /= float64(out.N)
	}
	for i := range m.Units() {
		if !m.has(i) {
			continue
		}
		row, at := m.row(i), 0
		for j := range row {
			for k := range j + 1 {
				out.Cross[at] += (row[j] - out.Mean[j]) * (row[k] - out.Mean[k])
				at++
			}
		}
	}
	return out
}

// A Pool stands for all units that an arm could get: a matrix for each metric,
// whose rows of one number are of the same unit. Units are drawn from it with
// replacement, so its own figures are the truth of what is drawn.
type Pool []Matrix

// A sampler draws units from a pool and sums them up. A unit's row holds, for each metric,
// one if it has a value, its deviations from the pool's mean, and their products.
type sampler struct {
	units, stride int
	rows          []float64
	centres       [][]float64
	offsets       []int
}

// newSampler prepares a pool. Pools of no units, or of matrices of different length, are the
// caller's fault.
func newSampler(p Pool) *sampler {
	s := &sampler{units: p[0].Units()}
	for _, m := range p {
		if m.Units() != s.units || s.units == 0 {
			panic(fmt.Sprintf("plan: a pool of %d units has a metric of %d", s.units, m.Units()))
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
				fill(s.rows[i*s.stride+s.offsets[j]:], m.row(i), s.centres[j])
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

// draw adds n units, drawn with replacement, to sums.
func (s *sampler) draw(r *rand.Rand, n int, sums []float64) {
	clear(sums)
	for range n {
		i := r.IntN(s.units) * s.stride
		for j, x := range s.rows[i : i+s.stride] {
			sums[j] += x
		}
	}
}

// moments are those of a metric over the units summed up.
func (s *sampler) moments(sums []float64, metric int) analyze.Moments {
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
