package draw

import (
	"math"

	"weir/analyze"
)

// A Matrix holds one metric's vector of every unit, row by row. A unit without
// a value has NaN in its row.
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

// Row is the vector of unit i; it is not copied.
func (m Matrix) Row(i int) []float64 { return m.Values[i*m.Width : (i+1)*m.Width] }

// has reports whether unit i has a value.
func (m Matrix) has(i int) bool {
	for _, x := range m.Row(i) {
		if math.IsNaN(x) {
			return false
		}
	}
	return true
}

// Moments are those of the units that have a value.
func (m Matrix) Moments() analyze.Moments {
	out := analyze.Moments{Mean: make([]float64, m.Width), Cross: make([]float64, m.Width*(m.Width+1)/2)}
	for i := range m.Units() {
		if m.has(i) {
			out.N++
			for j, x := range m.Row(i) {
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
		row, at := m.Row(i), 0
		for j := range row {
			for k := range j + 1 {
				out.Cross[at] += (row[j] - out.Mean[j]) * (row[k] - out.Mean[k])
				at++
			}
		}
	}
	return out
}

// A Pool is units with their vectors of every metric: rows of one number are of the same unit.
type Pool []Matrix
