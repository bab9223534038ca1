package preference

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// LengthData are pairs of answers, a row each, with their lengths in any one
// unit.
type LengthData struct {
	Y          []float64 // preferences for the treatment, in [0, 1]
	Control    []float64 // lengths of the control's answers
	Treatment  []float64 // lengths of the treatment's answers
	Difficulty []float64 // a covariate of the question; nil for none
	Scale      float64   // see FitLength; 0 for the standard deviation of the differences
	Cluster    []int     // rows of equal number are dependent; nil for none
}

// LengthControl is a win rate at equal length.
//
//	logit E[y] = Intercept + Length tanh((control - treatment) / scale) + Difficulty difficulty
type LengthControl struct {
	Intercept, Length, Difficulty Coefficient // Difficulty is NaN where there is none
	// Raw is the mean preference.
	Raw float64
	// Rate is the mean predicted preference with the length term at 0, and
	// StdErr its standard error, the fit's uncertainty included.
	Rate, StdErr float64
}

// A Coefficient is an estimate in log odds.
type Coefficient struct {
	Value float64
	// ModelStdErr is from the inverse Fisher information, SandwichStdErr holds
	// for fractional outcomes and clusters. See Logistic.
	ModelStdErr, SandwichStdErr float64
}

// FitLength fits the length-controlled preference of AlpacaEval 2 (Dubois et
// al. 2024, arXiv 2404.04475) without penalty and without its reference
// models. A difference of Scale counts as 76 % of the largest: differences
// beyond it matter ever less.
//
// Length is partly quality: show the raw rate first. It returns
// ErrNotEstimable where the differences hardly vary, and ErrSeparated, with
// NaN in all but Raw. It panics if the columns differ in length.
func FitLength(d LengthData) (LengthControl, error) {
	out := LengthControl{Raw: math.NaN(), Rate: math.NaN(), StdErr: math.NaN()}
	out.Intercept, out.Length, out.Difficulty = noCoefficient, noCoefficient, noCoefficient
	if len(d.Y) == 0 {
		return out, ErrNotEstimable
	}
	out.Raw = stat.Mean(d.Y, nil)
	x := d.columns()
	if floats.HasNaN(x.RawMatrix().Data) {
		return out, ErrNotEstimable
	}
	fit, err := FitLogistic(x, d.Y, nil)
	if err != nil {
		return out, err
	}
	coef := fit.coefficients(d.Cluster)
	out.Intercept, out.Length = coef[0], coef[1]
	if d.Difficulty != nil {
		out.Difficulty = coef[2]
	}
	var equal mat.Dense
	equal.CloneFrom(x)
	for i := range d.Y {
		equal.Set(i, 1, 0)
	}
	out.Rate, out.StdErr = fit.averagePrediction(&equal, d.Cluster)
	return out, nil
}

// columns are the intercept, the length term and, if any, the difficulty.
func (d LengthData) columns() *mat.Dense {
	gap := make([]float64, len(d.Control))
	floats.SubTo(gap, d.Control, d.Treatment)
	scale := d.Scale
	if scale == 0 {
		scale = stat.StdDev(gap, nil)
	}
	k := 2 + indicator(d.Difficulty != nil)
	x := mat.NewDense(len(d.Y), k, nil)
	for i := range d.Y {
		x.Set(i, 0, 1)
		x.Set(i, 1, math.Tanh(gap[i]/scale))
	}
	if d.Difficulty != nil {
		x.SetCol(2, d.Difficulty)
	}
	return x
}

var noCoefficient = Coefficient{Value: math.NaN(), ModelStdErr: math.NaN(), SandwichStdErr: math.NaN()}

func (l Logistic) coefficients(cluster []int) []Coefficient {
	model, sandwich := l.ModelStdErr(), l.SandwichStdErr(cluster)
	out := make([]Coefficient, len(l.Coef))
	for j := range out {
		out[j] = Coefficient{Value: l.Coef[j], ModelStdErr: model[j], SandwichStdErr: sandwich[j]}
	}
	return out
}

// averagePrediction returns the mean prediction over the rows of x, which may
// be the fitted rows changed, and its standard error by the delta method: a
// row counts by its own prediction and by how it moves the coefficients.
func (l Logistic) averagePrediction(x *mat.Dense, cluster []int) (mean, stdErr float64) {
	n, k := x.Dims()
	p := make([]float64, n)
	slope := mat.NewVecDense(k, nil) // of the mean, in the coefficients
	for i := range p {
		eta := mat.Dot(x.RowView(i), mat.NewVecDense(k, l.Coef))
		p[i] = sigmoid(eta)
		slope.AddScaledVec(slope, sigmoid(eta)*sigmoid(-eta)/float64(n), x.RowView(i))
	}
	mean = stat.Mean(p, nil)
	var move mat.VecDense
	move.MulVec(l.influence(), slope)
	influence := mat.NewDense(n, 1, nil)
	for i := range p {
		influence.Set(i, 0, (p[i]-mean)/float64(n)+move.AtVec(i))
	}
	return mean, columnNorms(clusterSums(influence, cluster))[0]
}

// PredictLength returns the win rate at equal length that published
// coefficients imply, the mean of sigmoid(intercept + slope difficulty), and
// the standard error that AlpacaEval publishes beside it: of that mean over
// the questions alone. It leaves out the uncertainty of the coefficients and
// is far too small to decide by. Of two models against one baseline, subtract
// the coefficients first.
func PredictLength(intercept, slope float64, difficulty []float64) (rate, stdErr float64) {
	p := make([]float64, len(difficulty))
	for i, d := range difficulty {
		p[i] = sigmoid(intercept + slope*d)
	}
	return meanStdErr(p)
}
