package survey

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"weir/internal/numbertest"
)

var equal = numbertest.Equal

// Source: Cochran 1977, Sampling Techniques, ch. 5, without the finite
// population factor: sum W_h ybar_h, and sum W_h^2 s_h^2 / n_h.
func TestStratifiedMean(t *testing.T) {
	size := []float64{600, 300, 100}
	drawn := [][]float64{{3, 5, 4, 8, 6}, {10, 12, 9}, {20, 31}}
	var s Sample
	mean, variance := 0.0, 0.0
	for h, y := range drawn {
		share, n := size[h]/1000, float64(len(y))
		m, v := stat.MeanVariance(y, nil)
		mean += share * m
		variance += share * share * v / n
		for _, v := range y {
			s.Y, s.Stratum, s.Weight = append(s.Y, v), append(s.Stratum, h), append(s.Weight, size[h]/n)
		}
	}
	e := Mean(s)
	equal(t, "mean", e.Value, mean, 1e-14)
	equal(t, "error", e.StdErr, math.Sqrt(variance), 1e-14)
	equal(t, "degrees of freedom", e.DF, 7, 0)
	total := Total(s)
	equal(t, "total", total.Value, 1000*mean, 1e-14)
	equal(t, "error of the total", total.StdErr, 1000*math.Sqrt(variance), 1e-14)
	low, high := e.NormalCI(0.05)
	equal(t, "low", low, mean-1.959963984540054*e.StdErr, 1e-14)
	equal(t, "high", high, mean+1.959963984540054*e.StdErr, 1e-14)
	low, _ = e.StudentCI(0.05)
	equal(t, "Student's low", low, mean-2.3646242515927866*e.StdErr, 1e-12) // R: qt(.975, 7)
}

func TestAtTheEdges(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name              string
		got               Estimate
		value, stdErr, df float64
	}{
		{"empty", Mean(Sample{}), nan, nan, 0},
		{"empty total", Total(Sample{}), nan, nan, 0},
		{"one row", Mean(Sample{Y: []float64{3}}), 3, nan, 0},
		{"one cluster", Mean(Sample{Y: []float64{3, 5}, Cluster: []int{1, 1}}), 4, nan, 0},
		{"a stratum of one row", Mean(Sample{Y: []float64{3, 5, 7}, Stratum: []int{1, 1, 2}}), 5, nan, 1},
		{"all alike", Mean(Sample{Y: []float64{3, 3, 3}}), 3, 0, 2},
		{"far from zero", Mean(Sample{Y: []float64{1e12, 1e12 + 1, 1e12 + 2}}), 1e12 + 1, math.Sqrt(1. / 3), 2},
		{"equal numbers in two strata", Mean(Sample{Y: []float64{1, 2, 3, 4}, Stratum: []int{0, 0, 1, 1}, Cluster: []int{0, 1, 0, 1}}), 2.5, 0.25 * math.Sqrt2, 2},
	} {
		equal(t, c.name, c.got.Value, c.value, 1e-15)
		equal(t, c.name+" error", c.got.StdErr, c.stdErr, 1e-14)
		equal(t, c.name+" degrees of freedom", c.got.DF, c.df, 0)
	}
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		s := Sample{
			Y:      rapid.SliceOfN(rapid.Float64Range(-5, 5), n, n).Draw(t, "y"),
			Weight: rapid.SliceOfN(rapid.Float64Range(0.1, 9), n, n).Draw(t, "weight"),
		}
		scaled := Sample{Y: make([]float64, n), Weight: make([]float64, n)}
		var twice Sample
		for i := range n {
			scaled.Y[i], scaled.Weight[i] = 3*s.Y[i]-7, 10*s.Weight[i]
			for range 2 { // a cluster of two equal rows is one row
				twice.Y, twice.Weight = append(twice.Y, s.Y[i]), append(twice.Weight, s.Weight[i])
				twice.Cluster = append(twice.Cluster, i)
			}
		}
		a, b, c := Mean(s), Mean(scaled), Mean(twice)
		equal(t, "rescaled", b.Value, 3*a.Value-7, 1e-9)
		equal(t, "rescaled, error", b.StdErr, 3*a.StdErr, 1e-9)
		equal(t, "every row twice", c.Value, a.Value, 1e-12)
		equal(t, "every row twice, error", c.StdErr, a.StdErr, 1e-9)
		equal(t, "total", Total(twice).StdErr, 2*Total(s).StdErr, 1e-9)
		for i := range s.Weight {
			s.Weight[i] = 1
		}
		plain, sd := Mean(s), stat.StdDev(s.Y, nil)
		equal(t, "equal weights", plain.StdErr, sd/math.Sqrt(float64(n)), 1e-9)
	})
}

// Conversations of several turns with a common part: intervals over turns
// would hold the mean far too rarely.
func TestClusterCoverage(t *testing.T) {
	const repeats, conversations, turns, truth = 1000, 40, 5, 2.0
	rng := rand.New(rand.NewPCG(7, 8))
	hits, naive := 0, 0
	for range repeats {
		var s Sample
		for c := range conversations {
			common := truth + rng.NormFloat64()
			for range turns {
				s.Y, s.Cluster = append(s.Y, common+0.3*rng.NormFloat64()), append(s.Cluster, c)
			}
		}
		if low, high := Mean(s).StudentCI(0.05); low <= truth && truth <= high {
			hits++
		}
		if low, high := Mean(Sample{Y: s.Y}).StudentCI(0.05); low <= truth && truth <= high {
			naive++
		}
	}
	// Four standard deviations of the number of hits are 28.
	if hits < 922 || hits > 978 || naive > 800 {
		t.Errorf("%d of %d intervals hold the truth, %d without clusters", hits, repeats, naive)
	}
}

func TestColumnsOfDifferentLength(t *testing.T) {
	for _, s := range []Sample{
		{Y: []float64{1, 2}, Weight: []float64{1}}, {Y: []float64{1}, Stratum: []int{}}, {Y: nil, Cluster: []int{1}},
	} {
		for _, estimate := range []func(Sample) Estimate{Mean, Total} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%+v: no panic", s)
					}
				}()
				estimate(s)
			}()
		}
	}
}
