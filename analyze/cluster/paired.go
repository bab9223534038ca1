package cluster

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// A Paired is an evaluation of the same cases on two versions, a and b, each
// run several times. A case counts once, by the mean of its trials.
type Paired struct {
	MeanA, MeanB float64
	Difference   float64 // mean over cases of b - a
	// Case is the test that takes cases as independent; a paired t-test.
	Case Effect
	// Robust are the standard errors that sum over clusters of cases. CR0 is
	// the formula of Miller (2024, arXiv 2411.00640); CR2 and its DF are for
	// fewer than 50 clusters.
	Robust Robust
	// Clustered is the test by CR2.
	Clustered Effect
	// UnpairedStdErr ignores the pairing, which is wrong here: it shows what
	// pairing gains.
	UnpairedStdErr float64
	Correlation    float64 // Pearson's, of the case means
	// TrialVariance is the part of the variance of a case's difference that
	// more trials would take away: the mean over cases of s_a^2/k_a +
	// s_b^2/k_b. NaN where a case has fewer than two trials of a version.
	TrialVariance float64
}

// PairedTrials compares two versions on the same cases: a and b hold a list
// of outcomes a case, of one or more trials, and clusters the group of each
// case. It panics if their lengths differ. All is NaN without cases, or where
// a case has no trial.
func PairedTrials[L comparable](a, b [][]float64, clusters []L, alpha float64) Paired {
	if len(a) != len(b) {
		panic("cluster: the versions have different numbers of cases")
	}
	n := len(a)
	meansA, meansB, differences := make([]float64, n), make([]float64, n), make([]float64, n)
	both, ones := table(n, 2), table(n, 1)
	trials := 0.0
	for i := range a {
		meansA[i], meansB[i] = stat.Mean(a[i], nil), stat.Mean(b[i], nil)
		differences[i] = meansB[i] - meansA[i]
		trials += variance(a[i])/float64(len(a[i])) + variance(b[i])/float64(len(b[i]))
		both[i][0], both[i][1] = meansA[i], meansB[i]
		ones[i][0] = 1
	}
	level(differences, meansA, meansB)
	p := Paired{
		MeanA: stat.Mean(meansA, nil), MeanB: stat.Mean(meansB, nil),
		Difference:     stat.Mean(differences, nil),
		UnpairedStdErr: math.Sqrt((variance(meansA) + variance(meansB)) / float64(n)),
		Correlation:    MomentsOf(both).correlation(0, 1),
		TrialVariance:  trials / float64(n),
	}
	p.Case = newEffect(p.Difference, math.Sqrt(variance(differences)/float64(n)), float64(n-1), alpha)
	p.Robust = Robust{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	if fit, err := OLS(ones, differences); err == nil {
		p.Robust = Clustered(fit, clusters, 0)
	}
	p.Clustered = newEffect(p.Difference, p.Robust.CR2, p.Robust.DF, alpha)
	return p
}

// level makes differences equal that vary by the rounding of meansA and
// meansB alone: cases that all gained the same show no spread.
func level(differences, meansA, meansB []float64) {
	mean := stat.Mean(differences, nil)
	least := noise * math.Max(largest(meansA), largest(meansB))
	for _, d := range differences {
		if !(math.Abs(d-mean) <= least) {
			return
		}
	}
	for i := range differences {
		differences[i] = mean
	}
}

// variance is the sample variance with n-1; NaN below two values, 0 for a
// constant.
func variance(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	rows := make([][]float64, len(x))
	for i := range x {
		rows[i] = x[i : i+1]
	}
	return MomentsOf(rows).Cov.At(0, 0)
}
