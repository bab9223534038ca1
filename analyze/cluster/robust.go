package cluster

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Robust is the standard errors of one coefficient that allow for
// dependence within clusters. All are NaN with fewer than two clusters, and
// where one cluster alone determines a coefficient, as a single treated
// cluster does.
type Robust struct {
	CR0 float64 // no correction (Liang and Zeger 1986)
	CR1 float64 // CR0 times sqrt(G/(G-1) (N-1)/(N-p))
	// CR2 removes the bias under independent errors of equal variance (Bell
	// and McCaffrey 2002); with few clusters use it, and Student's t with DF.
	CR2 float64
	// DF are Satterthwaite's degrees of freedom of CR2 under the same errors
	// (Pustejovsky and Tipton 2018). They may be near 1 with hundreds of
	// clusters, where few of them are treated.
	DF float64
}

// Clustered returns the standard errors of coefficient j; clusters labels the
// rows. It equals clubSandwich::coef_test in R. It panics if the lengths
// differ.
func Clustered[L comparable](f *Fit, clusters []L, j int) Robust {
	n, p := f.x.Dims()
	labels, groups := number(clusters, n)
	none := Robust{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	if groups < 2 {
		return none
	}
	var factor mat.Cholesky
	factor.Factorize(f.bread)
	var root mat.TriDense
	factor.LTo(&root)

	contrast := column(f.bread, j)
	used := mat.NewSymDense(p, nil) // sum of u u' over clusters
	var cr0, cr2, trace, squares float64
	for _, part := range f.parts(labels, groups) {
		adjusted, w, ok := part.adjust(contrast, &root)
		if !ok {
			return none
		}
		cr0 += square(mat.Dot(contrast, part.score))
		cr2 += square(mat.Dot(contrast, adjusted))
		// The errors' weights in CR2 are X w less its fit on all rows. Their
		// products over clusters make a matrix diag(w' gram w) - u' bread u.
		var u mat.VecDense
		u.MulVec(part.gram, w)
		own, fitted := mat.Dot(w, &u), mat.Inner(&u, f.bread, &u)
		trace += own - fitted
		squares += own * (own - 2*fitted)
		used.SymRankOne(used, 1, &u)
	}
	var product mat.Dense
	product.Mul(f.bread, used)
	product.Mul(&product, &product)
	g := float64(groups)
	return Robust{
		CR0: math.Sqrt(cr0),
		CR1: math.Sqrt(cr0 * g / (g - 1) * float64(n-1) / float64(n-p)),
		CR2: math.Sqrt(cr2),
		DF:  trace * trace / (squares + mat.Trace(&product)),
	}
}

// A part is what one cluster adds to X'X and to X'e.
type part struct {
	gram  *mat.SymDense
	score *mat.VecDense
}

func (f *Fit) parts(labels []int, groups int) []part {
	_, p := f.x.Dims()
	parts := make([]part, groups)
	for g := range parts {
		parts[g] = part{mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)}
	}
	for i, g := range labels {
		row := f.x.RowView(i)
		parts[g].gram.SymRankOne(parts[g].gram, 1, row)
		parts[g].score.AddScaledVec(parts[g].score, f.residuals[i], row)
	}
	return parts
}

// adjust applies the cluster's CR2 adjustment A = (I - X bread X')^(-1/2) = I
// + X K X' to its residuals and to the contrast: it returns X' A e, and w
// with A X contrast = X w. It is false where the fit determines a direction
// of the cluster.
func (c part) adjust(contrast *mat.VecDense, root *mat.TriDense) (score, w *mat.VecDense, ok bool) {
	k, ok := c.adjustment(root)
	if !ok {
		return nil, nil, false
	}
	var gramK mat.Dense
	gramK.Mul(c.gram, k)
	score, w = new(mat.VecDense), new(mat.VecDense)
	score.MulVec(&gramK, c.score)
	score.AddVec(score, c.score)
	w.MulVec(gramK.T(), contrast)
	w.AddVec(w, contrast)
	return score, w, true
}

// adjustment returns the K of a cluster's CR2 adjustment, where root root' is
// the bread; false where the fit determines a direction of the cluster. The
// inverse square root acts on the columns of X only, so a p x p eigenproblem
// is enough, however many rows the cluster has.
func (c part) adjustment(root *mat.TriDense) (*mat.Dense, bool) {
	p := c.gram.SymmetricDim()
	var half, hat mat.Dense
	half.Mul(c.gram, root)
	hat.Mul(root.T(), &half)
	symmetric := mat.NewSymDense(p, nil)
	for i := range p {
		for j := range i + 1 {
			symmetric.SetSym(i, j, (hat.At(i, j)+hat.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, true) {
		return nil, false
	}
	scale := make([]float64, p)
	for i, leverage := range eigen.Values(nil) {
		spare := 1 - leverage
		if spare < saturated {
			return nil, false
		}
		// (1/sqrt(spare) - 1) / leverage, also at leverage 0
		scale[i] = 1 / (math.Sqrt(spare) * (1 + math.Sqrt(spare)))
	}
	var vectors, turned, k mat.Dense
	eigen.VectorsTo(&vectors)
	turned.Mul(root, &vectors)
	k.Mul(&turned, mat.NewDiagDense(p, scale))
	k.Mul(&k, turned.T())
	return &k, true
}

func square(x float64) float64 { return x * x }
