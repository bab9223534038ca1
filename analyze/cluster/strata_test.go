package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

var assigned = []Assigned[int]{
	{1, 0.2, false, 5}, {1, 0.2, false, 6}, {2, 0.2, true, 7}, {3, 0.2, false, 4}, {4, 0.2, false, 6.5}, {4, 0.2, false, 5.5},
	{5, 0.5, true, 9}, {5, 0.5, true, 8}, {6, 0.5, false, 7}, {7, 0.5, true, 10}, {8, 0.5, false, 7.5}, {8, 0.5, false, 8.5}, {9, 0.5, false, 6},
}

// numpy: weighted least squares on treatment (statsmodels 0.15.0 WLS) with
// the sandwich of cluster sums times G/(G-1).
func TestHajekReference(t *testing.T) {
	w := Hajek(assigned)
	if math.Abs(w.A.Value-6.43859649) > 5e-9 || math.Abs(w.Difference.Value-1.6523126) > 5e-8 {
		t.Errorf("mean a %v, difference %v", w.A.Value, w.Difference.Value)
	}
	check(t, "error", w.Difference.StdErr(), 0.8677903904379641)
	if empty := Hajek[int](nil); !math.IsNaN(empty.Difference.Value) {
		t.Errorf("no rows: %+v", empty)
	}
	if oneArm := Hajek(assigned[3:6]); !math.IsNaN(oneArm.Difference.Value) {
		t.Errorf("control only: %+v", oneArm)
	}
}

// drawStrata makes units of one row each in strata of constant share, and
// their moments.
func drawStrata(t *rapid.T) (rows []Assigned[int], strata []Stratum) {
	for e := range rapid.IntRange(1, 4).Draw(t, "strata") {
		share := rapid.Float64Range(0.05, 0.95).Draw(t, "share")
		s := Stratum{Share: share}
		for treated, f := range []*Figure{&s.A, &s.B} {
			var values [][]float64
			for range rapid.IntRange(2, 9).Draw(t, "units") {
				y := float64(e) + rapid.Float64Range(-1, 1).Draw(t, "y")
				values = append(values, []float64{y})
				rows = append(rows, Assigned[int]{len(rows), share, treated == 1, y})
			}
			*f = Mean(0).Figure(MomentsOf(values))
		}
		strata = append(strata, s)
	}
	return rows, strata
}

func TestHajekStrataIsHajek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, strata := drawStrata(t)
		byRow, byStratum := Hajek(rows).Difference, HajekStrata(strata).Difference
		n := byStratum.Units
		if math.Abs(byRow.Value-byStratum.Value) > 1e-10 || math.Abs(byRow.Variance-byStratum.Variance*n/(n-1)) > 1e-10 {
			t.Fatalf("by row %+v, by stratum %+v", byRow, byStratum)
		}
	})
}

func TestFixedWeightsLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, strata := drawStrata(t)
		ones, sevens := make([]float64, len(strata)), make([]float64, len(strata))
		mean := 0.0
		for i, s := range strata {
			ones[i], sevens[i] = 1, 7
			mean += s.Difference().Value / float64(len(strata))
		}
		one, seven := FixedWeights(strata, ones), FixedWeights(strata, sevens)
		if math.Abs(one.Value-mean) > 1e-12 || one != seven && math.Abs(one.Value-seven.Value) > 1e-12 {
			t.Fatalf("equal weights give %v and %v, want %v", one.Value, seven.Value, mean)
		}
		if best := InverseVariance(strata); best.Variance > one.Variance*(1+1e-9) {
			t.Fatalf("inverse variance has variance %v, equal weights %v", best.Variance, one.Variance)
		}
		if len(strata) == 1 && math.Abs(Pooled(strata)-one.Value) > 1e-12 {
			t.Fatalf("one stratum: pooled %v, stratified %v", Pooled(strata), one.Value)
		}
	})
}

// Share and level change together: pooling reverses the sign, strata do not.
func TestSimpson(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	rate := func(n int, p float64) Figure {
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = []float64{0}
			if random.Float64() < p {
				rows[i][0] = 1
			}
		}
		return Mean(0).Figure(MomentsOf(rows))
	}
	strata := []Stratum{
		{0.05, rate(19_000, 0.70), rate(1_000, 0.75)},
		{0.20, rate(16_000, 0.60), rate(4_000, 0.65)},
		{0.50, rate(10_000, 0.50), rate(10_000, 0.55)},
	}
	fixed := FixedWeights(strata, []float64{1, 1, 1})
	if Pooled(strata) > 0 || math.Abs(fixed.Value-0.05) > 4*fixed.StdErr() || fixed.StdErr() > 0.01 {
		t.Errorf("pooled %v, stratified %v with error %v, truth 0.05", Pooled(strata), fixed.Value, fixed.StdErr())
	}
	if hajek := HajekStrata(strata).Difference; math.Abs(hajek.Value-0.05) > 4*hajek.StdErr() {
		t.Errorf("Hajek %v with error %v, truth 0.05", hajek.Value, hajek.StdErr())
	}
}

func TestEmptyStrata(t *testing.T) {
	some := Stratum{0.5, Figure{1, 0.1, 10}, Figure{2, 0.1, 10}}
	empty := Stratum{0.5, Figure{math.NaN(), math.NaN(), 0}, Figure{2, 0.1, 10}}
	strata := []Stratum{some, empty}
	if f := FixedWeights(strata, []float64{1, 1}); !math.IsNaN(f.Value) {
		t.Errorf("an empty arm is estimated: %+v", f)
	}
	check(t, "pooled", Pooled(strata), 1)
	check(t, "Hajek", HajekStrata(strata).Difference.Value, 1)
}

// statsmodels 0.15.0: StratifiedTable.riskratio_pooled, oddsratio_pooled,
// test_null_odds(correction=False).
func TestMantelHaenszelReference(t *testing.T) {
	tables := []Table{
		{SuccessB: 30, B: 100, SuccessA: 20, A: 100},
		{SuccessB: 9, B: 12, SuccessA: 40, A: 88},
	}
	m := CochranMantelHaenszel(tables)
	check(t, "risk ratio", m.RiskRatio, 1.5486486486486486)
	check(t, "odds ratio", m.OddsRatio, 1.9902439024390246)
	check(t, "chi-square", m.ChiSquare, 5.4546640335397765)
	check(t, "p", m.P, 0.019516156585031474)
	with := CochranMantelHaenszel(append(tables, Table{SuccessA: 5, A: 9}))
	if with != m {
		t.Errorf("an empty arm changes %+v to %+v", m, with)
	}
	if none := CochranMantelHaenszel([]Table{{0, 10, 0, 10}}); !math.IsNaN(none.P) || !math.IsNaN(none.ChiSquare) {
		t.Errorf("no success anywhere: %+v", none)
	}
}
