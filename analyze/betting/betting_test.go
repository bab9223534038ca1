package betting

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/internal/numbertest"
)

var equal = numbertest.Equal

var scores = []float64{1, 0.5, 1, 0, 1, 1, 0.75, 1, 1, 0.5, 1, 1, 1, 0.25, 1, 1, 1, 1, 0.5, 1}

// Source: confseq (commit 70b1ef3) predmix_empbern_twosided_cs,
// predmix_hoeffding_cs and hedged_cs with running_intersection=False, and
// hedged_cs with N=30, all at alpha=0.1, after 5 and 20 scores.
func TestSequences(t *testing.T) {
	for _, c := range []struct {
		name      string
		got       Sequence
		low, high [2]float64
	}{
		{"empirical Bernstein", EmpiricalBernstein(scores, 0.1), [2]float64{0, 0.46363886115773906}, [2]float64{1, 1}},
		{"Hoeffding", Hoeffding(scores, 0.1), [2]float64{0, 0.5366474703367268}, [2]float64{1, 1}},
		{"hedged", Hedged(scores, 0.1), [2]float64{0.204, 0.591}, [2]float64{1, 0.954}},
		{"hedged, finite", HedgedFinite(scores, 30, 0.1).Running(), [2]float64{0.229, 0.675}, [2]float64{0.95, 0.8833333333333333}},
	} {
		for i, at := range []int{4, 19} {
			equal(t, c.name+" low", c.got.Low[at], c.low[i], 1e-12)
			equal(t, c.name+" high", c.got.High[at], c.high[i], 1e-12)
		}
	}
}

// Source: confseq betting_mart with lambda_predmix_eb, alpha=0.1, m=0.5,
// theta 1 and 0, after 1, 5 and 20 scores.
func TestAgainst(t *testing.T) {
	e := Against(scores, 0.5, 0.1, 0.5)
	for i, at := range []int{0, 4, 19} {
		equal(t, "greater", e.Greater[at], []float64{0.4054651081081644, 0.5232481437645479, 4.878405509621707}[i], 1e-12)
		equal(t, "less", e.Less[at], []float64{-0.6931471805599453, -1.6739764335716716, -9.246657295220253}[i], 1e-12)
	}
	// exp(2.3026) is 10.
	first := FirstReach(e.Greater, 10)
	if first == 0 || e.Greater[first-1] < math.Log(10) || first > 1 && e.Greater[first-2] >= math.Log(10) {
		t.Errorf("first reached 10 after %d scores", first)
	}
	if never := FirstReach(e.Less, 10); never != 0 {
		t.Errorf("reached 10 after %d scores", never)
	}
}

// Under the null the expected capital is 1, exactly: summed over all
// sequences of zeros and ones.
func TestAgainstIsAMartingale(t *testing.T) {
	const n = 10
	for _, mean := range []float64{0.5, 0.2, 0.9} {
		greater, less := 0.0, 0.0
		for bits := range 1 << n {
			x, prob := make([]float64, n), 1.0
			for i := range x {
				x[i] = float64(bits >> i & 1)
				prob *= x[i]*mean + (1-x[i])*(1-mean)
			}
			e := Against(x, mean, 0.05, 0.5)
			greater += prob * math.Exp(e.Greater[n-1])
			less += prob * math.Exp(e.Less[n-1])
		}
		equal(t, "greater", greater, 1, 1e-12)
		equal(t, "less", less, 1, 1e-12)
	}
}

func TestAgainstAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		name          string
		x             []float64
		mean          float64
		greater, less float64
	}{
		{"mean 0, only zeros", []float64{0, 0}, 0, 0, 0},
		{"mean 1, only ones", []float64{1, 1}, 1, 0, 0},
	} {
		e := Against(c.x, c.mean, 0.05, 0.5)
		equal(t, c.name, e.Greater[1], c.greater, 0)
		equal(t, c.name, e.Less[1], c.less, 0)
	}
	ruin := Against([]float64{0}, 0.5, 0.05, 1)
	if !math.IsInf(ruin.Greater[0], -1) {
		t.Errorf("all money on the wrong side: %v", ruin.Greater[0])
	}
}

func drawScores(t *rapid.T) []float64 {
	return rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 40).Draw(t, "x")
}

func mirror(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = 1 - v
	}
	return out
}

func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawScores(t)
		alpha := rapid.Float64Range(0.01, 0.5).Draw(t, "alpha")
		for name, method := range map[string]func([]float64, float64) Sequence{
			"empirical Bernstein": EmpiricalBernstein, "Hoeffding": Hoeffding, "hedged": Hedged,
			"hedged, finite": func(x []float64, alpha float64) Sequence { return HedgedFinite(x, 50, alpha) },
		} {
			s, mirrored := method(x, alpha), method(mirror(x), alpha)
			running := s.Running()
			for i := range x {
				equal(t, name+" mirrored", mirrored.High[i], 1-s.Low[i], 1e-9)
				if s.Low[i] < 0 || s.High[i] > 1 || s.Low[i] > s.High[i] {
					t.Errorf("%s: [%v, %v]", name, s.Low[i], s.High[i])
				}
				if i > 0 && (running.Low[i] < running.Low[i-1] || running.High[i] > running.High[i-1]) {
					t.Errorf("%s: the running intersection widens", name)
				}
			}
			// What is said now does not change with what comes.
			half := method(x[:(len(x)+1)/2], alpha)
			equal(t, name+" earlier", half.Low[len(half.Low)-1], s.Low[len(half.Low)-1], 0)
		}
		mean := rapid.Float64Range(0, 1).Draw(t, "mean")
		a, b := Against(x, mean, alpha, 0.5), Against(mirror(x), 1-mean, alpha, 0.5)
		equal(t, "mirrored e-process", b.Less[len(x)-1], a.Greater[len(x)-1], 1e-9)
	})
}

// All means are contained at all times at once in 80 of 100 runs or more.
func TestCoverageAtAllTimes(t *testing.T) {
	const repeats, n, mean, alpha = 100, 60, 0.3, 0.2
	rng := rand.New(rand.NewPCG(1, 2))
	population := make([]float64, 2*n)
	for i := range population {
		population[i] = float64(indicator(i < int(mean*2*n)))
	}
	missed := map[string]int{}
	for range repeats {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(indicator(rng.Float64() < mean))
		}
		rng.Shuffle(len(population), func(i, j int) { population[i], population[j] = population[j], population[i] })
		for name, s := range map[string]Sequence{
			"empirical Bernstein": EmpiricalBernstein(x, alpha), "Hoeffding": Hoeffding(x, alpha), "hedged": Hedged(x, alpha),
			"hedged, finite": HedgedFinite(population[:n], 2*n, alpha),
		} {
			last := s.Running()
			missed[name] += indicator(last.Low[n-1] > mean || last.High[n-1] < mean)
		}
	}
	for name, m := range missed {
		// 20 are allowed for, and four standard deviations more are 36.
		if m > 36 {
			t.Errorf("%s missed in %d of %d runs", name, m, repeats)
		}
	}
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}

// After the last item the mean is known, also where it is between two means of
// the grid.
func TestCensus(t *testing.T) {
	for _, x := range [][]float64{scores, {0, 0, 1, 0, 1, 0, 0}, {1, 1, 1}, {0}} {
		s := HedgedFinite(x, len(x), 0.05)
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		last, mean := len(x)-1, sum/float64(len(x))
		equal(t, "low", s.Low[last], mean, 1e-12)
		equal(t, "high", s.High[last], mean, 1e-12)
	}
}

func TestNoScores(t *testing.T) {
	for _, s := range []Sequence{EmpiricalBernstein(nil, 0.05), Hoeffding(nil, 0.05), Hedged(nil, 0.05)} {
		if len(s.Low) != 0 || len(s.High) != 0 {
			t.Errorf("bounds without scores: %v", s)
		}
	}
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"score above 1": func() { Hedged([]float64{0.5, 1.1}, 0.05) },
		"score unknown": func() { Hoeffding([]float64{math.NaN()}, 0.05) },
		"level":         func() { EmpiricalBernstein(nil, 1) },
		"population":    func() { HedgedFinite([]float64{0, 1}, 1, 0.05) },
		"mean":          func() { Against(nil, 1.5, 0.05, 0.5) },
		"share":         func() { Against(nil, 0.5, 0.05, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
