package cluster

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Fit is a linear regression by ordinary least squares, with what standard
// errors need that do not trust its residuals to be alike or independent.
type Fit struct {
	Coef []float64

	x         *mat.Dense
	residuals []float64
	bread     *mat.SymDense // (X'X)^-1
}

// ErrSingular says that a design does not identify its coefficients: a column
// is a combination of others, or there are fewer rows than columns.
var ErrSingular = errors.New("design is singular")

// OLS regresses y on the columns of x, a row an observation; a constant is a
// column of ones. Centre columns that are far from zero against their spread.
// It keeps neither x nor y. Residuals that are no more than rounding are 0.
// The error is ErrSingular, wrapped. It panics if the lengths differ.
func OLS(x [][]float64, y []float64) (*Fit, error) {
	if len(x) != len(y) {
		panic("cluster: design and outcome differ in length")
	}
	if len(x) == 0 || len(x) < len(x[0]) {
		return nil, fmt.Errorf("%w: %d rows", ErrSingular, len(x))
	}
	n, p := len(x), len(x[0])
	f := &Fit{x: mat.NewDense(n, p, nil), residuals: make([]float64, n), bread: mat.NewSymDense(p, nil), Coef: make([]float64, p)}
	for i, row := range x {
		f.x.SetRow(i, row)
	}
	if !f.invert() {
		return nil, fmt.Errorf("%w: its columns are dependent", ErrSingular)
	}
	copy(f.residuals, y)
	for range 3 { // the first step solves, the others remove its rounding
		f.improve()
	}
	if largest(f.residuals) <= noise*largest(y) {
		clear(f.residuals)
	}
	return f, nil
}

// invert fills in the bread; false where the columns are dependent. It works
// on columns of length one, so that their units do not matter.
func (f *Fit) invert() bool {
	var gram mat.SymDense
	gram.SymOuterK(1, f.x.T())
	p := gram.SymmetricDim()
	length := make([]float64, p)
	for j := range p {
		length[j] = math.Sqrt(gram.At(j, j))
	}
	rescale := func(m *mat.SymDense) {
		for i := range p {
			for j := range i + 1 {
				m.SetSym(i, j, m.At(i, j)/(length[i]*length[j]))
			}
		}
	}
	rescale(&gram)
	var factor mat.Cholesky
	if !factor.Factorize(&gram) || factor.Cond() > 1e12 {
		return false
	}
	if factor.InverseTo(f.bread) != nil {
		return false
	}
	rescale(f.bread)
	return true
}

func largest(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

// improve moves the coefficients by the regression of the residuals.
func (f *Fit) improve() {
	n, p := f.x.Dims()
	residuals := mat.NewVecDense(n, f.residuals)
	var score, step, fitted mat.VecDense
	score.MulVec(f.x.T(), residuals)
	step.MulVec(f.bread, &score)
	fitted.MulVec(f.x, &step)
	residuals.SubVec(residuals, &fitted)
	for j := range p {
		f.Coef[j] += step.AtVec(j)
	}
}

// An HC is the standard errors of one coefficient that allow for unequal
// variances of independent rows (MacKinnon and White 1985; sandwich::vcovHC
// in R). HC1 scales HC0 by n/(n-p); HC2 and HC3 divide squared residuals by
// (1-h) and (1-h)^2, h the leverage, and are NaN where a row determines its
// own fit.
type HC struct{ HC0, HC1, HC2, HC3 float64 }

// HC returns the standard errors of coefficient j.
func (f *Fit) HC(j int) HC {
	n, p := f.x.Dims()
	contrast := column(f.bread, j)
	var hc0, hc2, hc3 float64
	for i, e := range f.residuals {
		row := f.x.RowView(i)
		influence := mat.Dot(contrast, row)
		square := influence * influence * e * e
		spare := 1 - mat.Inner(row, f.bread, row)
		if spare < saturated {
			spare = math.NaN()
		}
		hc0 += square
		hc2 += square / spare
		hc3 += square / (spare * spare)
	}
	scale := float64(n) / float64(n-p)
	return HC{math.Sqrt(hc0), math.Sqrt(hc0 * scale), math.Sqrt(hc2), math.Sqrt(hc3)}
}

// saturated is the part of a row or cluster not determined by the fit below
// which it counts as none.
const saturated = 1e-10

// column copies a column of a symmetric matrix.
func column(m *mat.SymDense, j int) *mat.VecDense {
	v := mat.NewVecDense(m.SymmetricDim(), nil)
	for i := range m.SymmetricDim() {
		v.SetVec(i, m.At(i, j))
	}
	return v
}
