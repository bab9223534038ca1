package agreement

import (
	"math"

	"weir/analyze/dist"
)

// A Weighting says how much two of k ordered categories, numbered from 0,
// agree: 1 on the diagonal, less the farther apart they are.
type Weighting func(i, j, k int) float64

// Unweighted counts identical categories only.
func Unweighted(i, j, _ int) float64 {
	if i == j {
		return 1
	}
	return 0
}

// Linear falls in proportion to the distance (Cicchetti and Allison 1971).
func Linear(i, j, k int) float64 { return 1 - distance(i, j, k) }

// Quadratic falls with the squared distance (Fleiss and Cohen 1973).
func Quadratic(i, j, k int) float64 { return 1 - distance(i, j, k)*distance(i, j, k) }

// distance is that of two categories as a share of the largest one.
func distance(i, j, k int) float64 {
	if i == j {
		return 0
	}
	return math.Abs(float64(i-j)) / float64(k-1)
}

// Kappa is the agreement of two raters beyond chance: 1 is perfect, 0 what
// chance gives, negative below chance.
type Kappa struct {
	Value float64
	// StdErr holds whatever kappa is; StdErrNull holds if there is no
	// agreement beyond chance, and serves the test of that.
	StdErr, StdErrNull float64
	// Observed and Expected are the weighted shares of agreement, in [0, 1].
	Observed, Expected float64
	N                  float64 // items rated by both
}

// CI returns the 1-alpha normal interval. It is not cut at 1. At perfect
// agreement it is the point 1, which says nothing about the next item.
func (k Kappa) CI(alpha float64) (low, high float64) {
	half := -dist.NormalQuantile(alpha/2) * k.StdErr
	return k.Value - half, k.Value + half
}

// CohenKappa compares two raters of the same items. table[i][j] counts the
// items that the first put into category i and the second into j; it is
// square.
//
//	kappa = (po - pe) / (1 - pe),  po = sum w_ij p_ij,  pe = sum w_ij r_i c_j
//
// with the standard errors of Fleiss, Cohen and Everitt (1969): those of the
// mean of w_ij - (1 - kappa)(u_i + v_j), where u_i = sum_j w_ij c_j and
// v_j = sum_i w_ij r_i, under p_ij and, for StdErrNull with kappa = 0, under
// r_i c_j. Python: statsmodels cohens_kappa; R: irr::kappa2, psych::cohen.kappa.
//
// All is NaN for an empty table; kappa and its errors are NaN where chance
// alone agrees always, as when both raters use one and the same category.
// CohenKappa panics if the table is not square.
func CohenKappa(table [][]float64, weight Weighting) Kappa {
	m := newMargins(table)
	u, v := m.chanceAgreement(weight)
	k := Kappa{N: m.n}
	m.each(func(i, j int) {
		k.Observed += weight(i, j, len(table)) * table[i][j]
		k.Expected += weight(i, j, len(table)) * m.row[i] * m.col[j]
	})
	k.Observed /= m.n
	k.Expected /= m.n * m.n
	k.Value = (k.Observed - k.Expected) / (1 - k.Expected)

	influence := func(value float64) func(i, j int) float64 {
		return func(i, j int) float64 { return weight(i, j, len(table)) - (1-value)*(u[i]+v[j]) }
	}
	observed := func(i, j int) float64 { return table[i][j] / m.n }
	chance := func(i, j int) float64 { return m.row[i] / m.n * m.col[j] / m.n }
	k.StdErr = math.Sqrt(m.variance(influence(k.Value), observed)/m.n) / (1 - k.Expected)
	k.StdErrNull = math.Sqrt(m.variance(influence(0), chance)/m.n) / (1 - k.Expected)
	return k
}

// margins are the row and column sums of a square table and its total.
type margins struct {
	row, col []float64
	n        float64
}

func newMargins(table [][]float64) margins {
	m := margins{row: make([]float64, len(table)), col: make([]float64, len(table))}
	for i, counts := range table {
		if len(counts) != len(table) {
			panic("agreement: the table is not square")
		}
		for j, count := range counts {
			m.row[i] += count
			m.col[j] += count
			m.n += count
		}
	}
	return m
}

// each visits all cells.
func (m margins) each(visit func(i, j int)) {
	for i := range m.row {
		for j := range m.col {
			visit(i, j)
		}
	}
}

// chanceAgreement returns, for each category of the first rater and of the
// second, the weighted agreement to expect with a random item of the other.
func (m margins) chanceAgreement(weight Weighting) (u, v []float64) {
	u, v = make([]float64, len(m.row)), make([]float64, len(m.col))
	m.each(func(i, j int) {
		u[i] += weight(i, j, len(m.row)) * m.col[j] / m.n
		v[j] += weight(i, j, len(m.row)) * m.row[i] / m.n
	})
	return u, v
}

// variance is that of f over the cells under the given probabilities, in two
// passes.
func (m margins) variance(f, prob func(i, j int) float64) float64 {
	mean, variance, size := 0.0, 0.0, 0.0
	m.each(func(i, j int) { mean += prob(i, j) * f(i, j) })
	m.each(func(i, j int) {
		d := f(i, j) - mean
		variance += prob(i, j) * d * d
		size += prob(i, j) * f(i, j) * f(i, j)
	})
	if variance <= 1e-28*size { // all alike but for rounding
		return 0
	}
	return variance
}

// Table counts how two raters put the same items into k categories, numbered
// from 0. An item that either put elsewhere, such as -1 for an answer that
// could not be read, counts as missing. Table panics if the raters differ in
// length.
func Table(a, b []int, k int) (table [][]float64, missing int) {
	if len(a) != len(b) {
		panic("agreement: the raters rated different numbers of items")
	}
	table = make([][]float64, k)
	for i := range table {
		table[i] = make([]float64, k)
	}
	for i := range a {
		if a[i] < 0 || a[i] >= k || b[i] < 0 || b[i] >= k {
			missing++
			continue
		}
		table[a[i]][b[i]]++
	}
	return table, missing
}
