package sequential

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// scipy 1.17.1: log(dirichlet_multinomial.pmf(c, a, n) / multinomial.pmf(c,
// n, a/sum(a))), c = [130, 62, 8], a = [60, 30, 10].
func TestLogEMultinomialReference(t *testing.T) {
	got := LogEMultinomial([]float64{130, 62, 8}, []float64{0.6, 0.3, 0.1}, 100)
	check(t, "log e", got, 2.212779672770097, 1e-10)
}

// The e-value is a product of predictions, one a unit, each against theta.
func TestLogEMultinomialIsProductOfPredictions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		theta := []float64{0.7, 0.2, 0.1}
		k := rapid.Float64Range(0.5, 500).Draw(t, "k")
		counts := make([]float64, 3)
		want := 0.0
		for i, arm := range rapid.SliceOfN(rapid.IntRange(0, 2), 1, 50).Draw(t, "units") {
			want += math.Log((k*theta[arm] + counts[arm]) / (k + float64(i)) / theta[arm])
			counts[arm]++
		}
		if got := LogEMultinomial(counts, theta, k); math.Abs(got-want) > 1e-9 {
			t.Fatalf("log e = %v, want %v", got, want)
		}
	})
}

// Under the null the e-value is 1 on average, here over all outcomes of 12
// units.
func TestMeanEIsOne(t *testing.T) {
	const n, share = 12, 0.3
	sum := 0.0
	ways := 1.0
	for below := 0.0; below <= n; below++ {
		p := ways * math.Pow(share, below) * math.Pow(1-share, n-below)
		sum += p * math.Exp(LogEMultinomial([]float64{below, n - below}, []float64{share, 1 - share}, 20))
		ways *= (n - below) / (below + 1)
	}
	check(t, "mean e-value", sum, 1, 1e-12)
}

// mpmath 1.3 with 40 digits: log-gamma sums for 95e6 + 1e4 units of 1e8.
func TestLogEMultinomialLarge(t *testing.T) {
	got := LogEMultinomial([]float64{95_010_000, 4_990_000}, []float64{95, 5}, 100)
	if math.Abs(got-3.609464188073545) > 2e-6 {
		t.Errorf("log e = %v, want 3.609464", got)
	}
}

func TestLogEMultinomialEdges(t *testing.T) {
	check(t, "no units", LogEMultinomial([]float64{0, 0}, []float64{0.5, 0.5}, 100), 0, 0)
	for _, v := range []float64{
		LogEMultinomial([]float64{1, 2}, []float64{1, 0}, 100),
		LogEMultinomial([]float64{1, 2}, []float64{1, 1}, 0),
		LogEMultinomial([]float64{-1, 2}, []float64{1, 1}, 1),
	} {
		if !math.IsNaN(v) {
			t.Errorf("got %v outside the domain", v)
		}
	}
}

func TestRunningP(t *testing.T) {
	got := RunningP([]float64{-1, math.Log(4), math.NaN(), math.Log(2), math.Log(100)})
	want := []float64{1, 0.25, 0.25, 0.25, 0.01}
	for i := range want {
		check(t, "running p", got[i], want[i], 1e-14)
	}
}
