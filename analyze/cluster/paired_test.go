package cluster

import (
	"math"
	"testing"
)

var (
	trialsA = [][]float64{{1, 0, 1}, {0, 0, 1}, {1, 1, 1}, {0, 1, 0}, {1, 0, 0}, {0, 0, 0}, {1, 1, 0}}
	trialsB = [][]float64{{1, 1, 1}, {1, 0, 1}, {1, 1, 1}, {1, 1, 0}, {0, 0, 1}, {1, 0, 0}, {1, 1, 1}}
	family  = []int{1, 1, 2, 2, 3, 3, 3}
)

// scipy 1.17.1 ttest_rel and corrcoef on the case means; statsmodels 0.15.0
// OLS(d, 1) clustered without and with correction; CR2 and its degrees of
// freedom with dense matrices in numpy.
func TestPairedReference(t *testing.T) {
	p := PairedTrials(trialsA, trialsB, family, 0.05)
	check(t, "a", p.MeanA, 0.4761904761904762)
	check(t, "b", p.MeanB, 0.7142857142857143)
	check(t, "difference", p.Difference, 0.23809523809523808)
	check(t, "case error", p.Case.StdErr, 0.061475926130276456)
	check(t, "case p", p.Case.P, 0.008237354145108098)
	check(t, "correlation", p.Correlation, 0.8677218312746245)
	check(t, "unpaired error", p.UnpairedStdErr, 0.16723259925163078)
	check(t, "trial variance", p.TrialVariance, 0.14285714285714285)
	if math.Abs(p.Robust.CR0-0.03468721) > 5e-9 || math.Abs(p.Robust.CR1-0.04248298) > 5e-9 {
		t.Errorf("CR0, CR1 = %v, %v", p.Robust.CR0, p.Robust.CR1)
	}
	check(t, "CR2", p.Clustered.StdErr, 0.04123930494211613)
	check(t, "df", p.Clustered.DF, 1.9230769230769231)
	check(t, "p", p.Clustered.P, 0.03138994129331587)
}

func TestPairedDegenerate(t *testing.T) {
	swapped, given := PairedTrials(trialsB, trialsA, family, 0.05), PairedTrials(trialsA, trialsB, family, 0.05)
	check(t, "swapped", swapped.Difference, -given.Difference)
	check(t, "swapped p", swapped.Clustered.P, given.Clustered.P)

	same := PairedTrials(trialsA, trialsA, family, 0.05)
	check(t, "no difference", same.Difference, 0)
	check(t, "its p", same.Case.P, math.NaN())
	check(t, "its clustered p", same.Clustered.P, math.NaN())

	// Every case gains 0.1, up to rounding: no spread, no test.
	a, b := [][]float64{{0.1}, {0.2}, {0.7}, {1.3}}, [][]float64{{0.2}, {0.3}, {0.8}, {1.4}}
	even := PairedTrials(a, b, []int{1, 2, 3, 4}, 0.05)
	check(t, "equal gains", even.Case.P, math.NaN())
	check(t, "equal gains, clustered", even.Clustered.P, math.NaN())

	for name, p := range map[string]Paired{
		"no case":     PairedTrials(nil, nil, []int{}, 0.05),
		"one case":    PairedTrials([][]float64{{1}}, [][]float64{{0}}, []int{1}, 0.05),
		"one cluster": PairedTrials(trialsA, trialsB, make([]int, 7), 0.05),
		"no trial":    PairedTrials([][]float64{{1}, {}, {0}}, [][]float64{{0}, {1}, {1}}, []int{1, 2, 3}, 0.05),
	} {
		if !math.IsNaN(p.Clustered.P) || !math.IsNaN(p.Robust.DF) && name != "no trial" {
			t.Errorf("%s: %+v", name, p.Clustered)
		}
	}
	check(t, "one trial each", even.TrialVariance, math.NaN())
}
