package calibration

import (
	"math"
	"math/rand/v2"
	"testing"
)

// verdicts draws n people's verdicts with rate p, and a judge right in 85 of 100.
func verdicts(r *rand.Rand, n int, p float64) (y, f []float64) {
	for range n {
		truth, said := 0., 0.
		if r.Float64() < p {
			truth = 1
		}
		if said = truth; r.Float64() >= .85 {
			said = 1 - truth
		}
		y, f = append(y, truth), append(f, said)
	}
	return y, f
}

// The cross-fitted interval covers at its rate from fifty labels on, and better than
// the plain one below; it is not off the truth on average.
func TestCrossFittedCovers(t *testing.T) {
	const times, p = 4000, .7
	for _, labels := range []int{30, 50, 100} {
		r := rand.New(rand.NewPCG(uint64(labels), 3))
		covered, plain, off := 0., 0., 0.
		for range times {
			y, f := verdicts(r, labels, p)
			_, rest := verdicts(r, 1000, p)
			in := func(e Estimate) float64 {
				if low, high := e.CI(.05); low <= p && p <= high {
					return 1. / times
				}
				return 0
			}
			e := CrossFitted(y, f, rest)
			covered, plain, off = covered+in(e), plain+in(Tuned(y, f, rest)), off+(e.Value-p)/times
		}
		t.Logf("%d labels: cross-fitted %.4f, tuned %.4f, off by %.4f", labels, covered, plain, off)
		const mc = .0035                                                // sqrt(.95 .05 / 4,000)
		if labels >= 50 && (covered < .95-3*mc || covered > .95+3*mc) { // what the analysis wants at least
			t.Errorf("%d labels: covers %.4f", labels, covered)
		}
		if covered < plain {
			t.Errorf("%d labels: covers %.4f, the plain one %.4f", labels, covered, plain)
		}
		if math.Abs(off) > .004 {
			t.Errorf("%d labels: off by %.4f", labels, off)
		}
	}
}

// Looked at as labels arrive (30 to 300 by 10, 2,000 unlabelled an arm, a judge right
// in 85 of 100), equal versions are called different by a z-interval a quarter of the
// time: that is why corrected scores go through the sequence.
func TestPeekingAtTuned(t *testing.T) {
	const runs, p = 1000, .7
	r := rand.New(rand.NewPCG(5, 8))
	differ := 0
	for range runs {
		var y, f, rest [2][]float64
		for arm := range 2 {
			y[arm], f[arm] = verdicts(r, 300, p)
			_, rest[arm] = verdicts(r, 2000, p)
		}
		for n := 30; n <= 300; n += 10 {
			d := Difference(Tuned(y[0][:n], f[0][:n], rest[0]), Tuned(y[1][:n], f[1][:n], rest[1]))
			if math.Abs(d.Value) > 1.96*d.StdErr {
				differ++
				break
			}
		}
	}
	t.Logf("%d of %d releases with equal versions are called different at some look", differ, runs)
	if share := float64(differ) / runs; share < .20 || share > .36 {
		t.Errorf("%.3f of releases with equal versions are called different, expected .28", share)
	}
}

// Judging a finite log to its end and calling that decided: two equal versions differ
// unless they have exactly as many good dialogues, which they have in 1 of 36.
func TestCensusDiffers(t *testing.T) {
	const n, p = 500, .7
	ways := make([]float64, n+1)
	for k := range ways {
		a, _ := math.Lgamma(n + 1)
		b, _ := math.Lgamma(float64(k) + 1)
		c, _ := math.Lgamma(float64(n-k) + 1)
		ways[k] = math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
	}
	equal := 0.
	for _, w := range ways {
		equal += w * w
	}
	if differ := 1 - equal; math.Abs(differ-.9725) > 5e-4 {
		t.Errorf("they differ in %.4f", differ)
	}
}
