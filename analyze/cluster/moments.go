package cluster

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Moments are the sufficient statistics of a vector measured on units.
type Moments struct {
	N    float64       // units
	Mean []float64     // of each component; nil for no units
	Cov  *mat.SymDense // covariances with n-1, NaN for one unit; nil for none
}

// MomentsOf computes moments in two passes from one row a unit. All rows must
// have the same length.
func MomentsOf(units [][]float64) Moments {
	if len(units) == 0 {
		return Moments{}
	}
	p := len(units[0])
	m := Moments{N: float64(len(units)), Mean: make([]float64, p)}
	m.shift(units) // a first mean, and
	m.shift(units) // its rounding error: a constant has no variance
	cross := make([]float64, p*p)
	for _, u := range units {
		for i := range p {
			for j := range i + 1 {
				cross[j*p+i] += (u[i] - m.Mean[i]) * (u[j] - m.Mean[j])
			}
		}
	}
	for i := range cross {
		cross[i] /= m.N - 1
	}
	m.Cov = mat.NewSymDense(p, cross)
	return m
}

// shift moves the mean by the mean deviation of the units from it.
func (m Moments) shift(units [][]float64) {
	deviation := make([]float64, len(m.Mean))
	for _, u := range units {
		if len(u) != len(m.Mean) {
			panic("cluster: units have rows of different lengths")
		}
		for j, x := range u {
			deviation[j] += x - m.Mean[j]
		}
	}
	for j, d := range deviation {
		m.Mean[j] += d / m.N
	}
}

// MomentsFromSums computes moments from n units' sums and the sums of
// products of their components. The products are centred without further
// loss; a variance that the rounding of its sum of squares alone could have
// made is 0.
func MomentsFromSums(n float64, sums []float64, products *mat.SymDense) Moments {
	if n == 0 {
		return Moments{}
	}
	p := len(sums)
	m := Moments{N: n, Mean: make([]float64, p), Cov: mat.NewSymDense(p, nil)}
	for i, s := range sums {
		m.Mean[i] = s / n
		for j := range i + 1 {
			c := centred(products.At(i, j), s, sums[j], n)
			if i == j {
				c = math.Max(Settle(c, products.At(i, i)), 0)
			}
			m.Cov.SetSym(i, j, c/(n-1))
		}
	}
	return m
}

// rounding is the relative error of one floating-point operation, noise that
// of a sum of many.
const (
	rounding = 0x1p-52
	noise    = 64 * rounding
)

// Settle returns a sum, or 0 where it is no more than the rounding of terms
// whose absolute values add up to size: a difference of equals is not a small
// number.
func Settle(sum, size float64) float64 {
	if math.Abs(sum) <= noise*size && !math.IsInf(size, 1) {
		return 0
	}
	return sum
}

// centred returns sumXY - sumX sumY / n, rounded only at the end.
func centred(sumXY, sumX, sumY, n float64) float64 {
	product := sumX * sumY
	rest := math.FMA(sumX, sumY, -product)
	quotient := product / n
	rest += math.FMA(-quotient, n, product)
	return sumXY - quotient - rest/n
}

// Add returns the moments of two disjoint sets of units together (Chan, Golub
// and LeVeque 1983, eq. 2.1).
func (m Moments) Add(o Moments) Moments {
	switch {
	case o.N == 0:
		return m
	case m.N == 0:
		return o
	case len(m.Mean) != len(o.Mean):
		panic("cluster: moments of different vectors do not add")
	}
	p := len(m.Mean)
	sum := Moments{N: m.N + o.N, Mean: make([]float64, p), Cov: mat.NewSymDense(p, nil)}
	for i := range p {
		di := o.Mean[i] - m.Mean[i]
		sum.Mean[i] = m.Mean[i] + di*o.N/sum.N
		for j := range i + 1 {
			between := di * (o.Mean[j] - m.Mean[j]) * m.N * o.N / sum.N
			sum.Cov.SetSym(i, j, (m.cross(i, j)+o.cross(i, j)+between)/(sum.N-1))
		}
	}
	return sum
}

// cross is the centred sum of products, which is 0 for one unit.
func (m Moments) cross(i, j int) float64 {
	if m.N == 1 {
		return 0
	}
	return m.Cov.At(i, j) * (m.N - 1)
}

// Covariance returns that of two linear combinations of a unit's components,
// u' Cov v, or 0 where it is no more than the rounding of its terms.
func (m Moments) Covariance(u, v []float64) float64 {
	sum, size := 0.0, 0.0
	for i, ui := range u {
		for j, vj := range v {
			term := ui * m.Cov.At(i, j) * vj
			sum += term
			size += math.Abs(term)
		}
	}
	return Settle(sum, size)
}

// correlation is Pearson's; NaN where a component does not vary.
func (m Moments) correlation(i, j int) float64 {
	if m.N < 2 || m.Cov.At(i, i) == 0 || m.Cov.At(j, j) == 0 {
		return math.NaN()
	}
	return m.Cov.At(i, j) / math.Sqrt(m.Cov.At(i, i)*m.Cov.At(j, j))
}
