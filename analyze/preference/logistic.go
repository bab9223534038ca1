package preference

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

var (
	// ErrSeparated says that no finite coefficients are most likely: some
	// combination of the columns tells wins from losses without error.
	ErrSeparated = errors.New("the outcomes are separated: no finite estimate exists")
	// ErrNotEstimable says that the columns do not determine the coefficients:
	// there are too few rows, or a column is a combination of others.
	ErrNotEstimable = errors.New("the data do not determine the coefficients")
)

// Logistic is a fitted logistic regression of fractional outcomes,
//
//	logit E[y_i] = sum_j x_ij Coef_j.
type Logistic struct {
	Coef []float64
	// scores holds the rows' contributions to the gradient of the log
	// likelihood, zero in sum.
	scores *mat.Dense
	// bread is the inverse of the Fisher information.
	bread *mat.Dense
}

// FitLogistic maximises sum_i w_i [y_i log p_i + (1-y_i) log(1-p_i)] over the
// coefficients, for outcomes y in [0, 1], by Newton's method with halved
// steps (McCullagh and Nelder 1989, ch. 4; R: glm(family = quasibinomial);
// statsmodels: GLM(Binomial)). The rows of x are observations; nil weights are
// ones. There is no penalty and no intercept but what x holds.
//
// It returns ErrSeparated or ErrNotEstimable, and panics if the numbers of rows
// differ or an outcome is outside [0, 1].
func FitLogistic(x *mat.Dense, y, weight []float64) (Logistic, error) {
	n, k := x.Dims()
	if len(y) != n || weight != nil && len(weight) != n {
		panic("preference: rows, outcomes and weights differ in number")
	}
	for _, v := range y {
		if !(v >= 0 && v <= 1) {
			panic("preference: an outcome is not in [0, 1]")
		}
	}
	if weight == nil {
		weight = make([]float64, n)
		floats.AddConst(1, weight)
	}
	s := newtonState{x: x, y: y, weight: weight}
	s.move(make([]float64, k))
	bread, ok := s.inverseInformation()
	if !ok { // where all p are 1/2, it is for the columns alone
		return Logistic{}, ErrNotEstimable
	}
	for range mostSteps {
		change := s.advance(bread)
		if bread, ok = s.inverseInformation(); !ok {
			break
		}
		if change <= etaTolerance {
			return Logistic{Coef: s.coef, scores: s.scores(), bread: bread}, nil
		}
	}
	return Logistic{}, ErrSeparated
}

const (
	// mostSteps is far above the dozen that finite estimates take. Under
	// separation the linear predictor grows by about one a step, forever.
	mostSteps = 100
	// etaTolerance is the change of the linear predictor in a last step.
	// Newton's error is of the order of its square.
	etaTolerance = 1e-8
	// worstCondition is the largest condition number of the information,
	// columns brought to one scale, that counts as regular.
	worstCondition = 1e12
)

// newtonState is a point of the search.
type newtonState struct {
	x         *mat.Dense
	y, weight []float64

	coef     []float64
	eta      *mat.VecDense
	deviance float64 // half of it
}

// move goes to the given coefficients.
func (s *newtonState) move(coef []float64) {
	s.coef = coef
	s.eta = new(mat.VecDense)
	s.eta.MulVec(s.x, mat.NewVecDense(len(coef), coef))
	s.deviance = 0
	for i, y := range s.y {
		e := s.eta.AtVec(i)
		s.deviance += s.weight[i] * (y*softplus(-e) + (1-y)*softplus(e))
	}
}

// advance goes Newton's step, which the inverse information times the gradient
// gives, halved until the fit does not get worse. It returns the largest change
// of the linear predictor.
func (s *newtonState) advance(inverse *mat.Dense) (change float64) {
	var influence mat.Dense
	influence.Mul(s.scores(), inverse)
	step := make([]float64, len(s.coef))
	for j := range step {
		step[j] = mat.Sum(influence.ColView(j))
	}
	from := *s
	for scale := 1.0; ; scale /= 2 {
		coef := make([]float64, len(step))
		floats.AddScaledTo(coef, from.coef, scale, step)
		s.move(coef)
		const rounding = 1e-12
		if s.deviance <= from.deviance*(1+rounding) || scale < rounding {
			break
		}
	}
	for i := range s.y {
		change = math.Max(change, math.Abs(s.eta.AtVec(i)-from.eta.AtVec(i)))
	}
	return change
}

// scores are the rows' weight_i (y_i - p_i) x_i. The residual is formed so
// that it keeps its digits where p is within rounding of 0 or 1.
func (s *newtonState) scores() *mat.Dense {
	n, k := s.x.Dims()
	out := mat.NewDense(n, k, nil)
	for i, y := range s.y {
		e := s.eta.AtVec(i)
		residual := s.weight[i] * (y*sigmoid(-e) - (1-y)*sigmoid(e))
		for j := range k {
			out.Set(i, j, residual*s.x.At(i, j))
		}
	}
	return out
}

// inverseInformation inverts sum_i weight_i p_i (1-p_i) x_i x_i', columns
// brought to one scale; not ok where it is singular.
func (s *newtonState) inverseInformation() (inverse *mat.Dense, ok bool) {
	n, k := s.x.Dims()
	root := mat.NewDense(n, k, nil)
	for i := range n {
		e := s.eta.AtVec(i)
		w := math.Sqrt(s.weight[i] * sigmoid(e) * sigmoid(-e))
		for j := range k {
			root.Set(i, j, w*s.x.At(i, j))
		}
	}
	scale := columnNorms(root)
	root.Apply(func(_, j int, v float64) float64 { return v / scale[j] }, root)
	var information, inverted mat.SymDense
	information.SymOuterK(1, root.T())
	var chol mat.Cholesky
	if !chol.Factorize(&information) || !(chol.Cond() < worstCondition) || chol.InverseTo(&inverted) != nil {
		return nil, false
	}
	inverse = mat.NewDense(k, k, nil)
	inverse.Apply(func(i, j int, v float64) float64 { return v / scale[i] / scale[j] }, &inverted)
	return inverse, true
}

// ModelStdErr returns the standard errors of the coefficients from the inverse
// Fisher information. They hold for whole wins and losses, independent, with
// the weights as numbers of trials; for fractions they are too wide.
func (l Logistic) ModelStdErr() []float64 { return rootDiagonal(l.bread) }

// SandwichStdErr returns standard errors that hold for any outcomes in [0, 1]:
// HC0 where cluster is nil, else with the rows of equal cluster number
// dependent (Liang and Zeger 1986), neither corrected for small numbers.
// It panics if cluster has another length than the data.
func (l Logistic) SandwichStdErr(cluster []int) []float64 {
	return columnNorms(clusterSums(l.influence(), cluster))
}

// influence is by how much each row moves each coefficient.
func (l Logistic) influence() *mat.Dense {
	var out mat.Dense
	out.Mul(l.scores, l.bread)
	return &out
}

// clusterSums adds up the rows of one cluster; nil leaves each row by itself.
func clusterSums(rows *mat.Dense, cluster []int) *mat.Dense {
	if cluster == nil {
		return rows
	}
	n, k := rows.Dims()
	if len(cluster) != n {
		panic("preference: clusters and rows differ in number")
	}
	place := make(map[int]int)
	for _, c := range cluster {
		if _, ok := place[c]; !ok {
			place[c] = len(place)
		}
	}
	out := mat.NewDense(len(place), k, nil)
	for i, c := range cluster {
		for j := range k {
			out.Set(place[c], j, out.At(place[c], j)+rows.At(i, j))
		}
	}
	return out
}

func columnNorms(m *mat.Dense) []float64 {
	_, k := m.Dims()
	out := make([]float64, k)
	for j := range out {
		out[j] = mat.Norm(m.ColView(j), 2)
	}
	return out
}

func rootDiagonal(m *mat.Dense) []float64 {
	_, k := m.Dims()
	out := make([]float64, k)
	for j := range out {
		out[j] = math.Sqrt(m.At(j, j))
	}
	return out
}

// sigmoid is 1 / (1 + exp(-x)), to full relative precision at both ends.
func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// softplus is log(1 + exp(x)).
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}
