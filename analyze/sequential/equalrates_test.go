package sequential

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"weir/analyze/dist"
)

// Under one rate of both arms the mean e-value over all outcomes of two blocks is at most 1,
// whatever the rates of the blocks are.
func TestMeanEOfEqualRates(t *testing.T) {
	binomial := func(k, n int, p float64) float64 {
		above, _ := math.Lgamma(float64(n + 1))
		x, _ := math.Lgamma(float64(k + 1))
		y, _ := math.Lgamma(float64(n - k + 1))
		return math.Exp(above - x - y + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	rapid.Check(t, func(t *rapid.T) {
		var n [4]int // arm a, arm b of the first block; of the second
		for i := range n {
			n[i] = rapid.IntRange(1, 6).Draw(t, "units")
		}
		first, second := rapid.Float64Range(.01, .99).Draw(t, "first rate"), rapid.Float64Range(.01, .99).Draw(t, "second rate")
		mean := 0.0
		var k [4]int
		for k[0] = range n[0] + 1 {
			for k[1] = range n[1] + 1 {
				for k[2] = range n[2] + 1 {
					for k[3] = range n[3] + 1 {
						var e EqualRates
						e.Add(Trials{float64(k[0]), float64(n[0])}, Trials{float64(k[1]), float64(n[1])})
						e.Add(Trials{float64(k[2]), float64(n[2])}, Trials{float64(k[3]), float64(n[3])})
						mean += math.Exp(e.LogE()) * binomial(k[0], n[0], first) * binomial(k[1], n[1], first) * binomial(k[2], n[2], second) * binomial(k[3], n[3], second)
					}
				}
			}
		}
		if mean > 1+1e-9 {
			t.Fatalf("mean e-value %v", mean)
		}
	})
}

// Arms may be swapped, and a block of one arm says nothing of the other.
func TestEqualRatesLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var e, swapped EqualRates
		for range rapid.IntRange(1, 8).Draw(t, "blocks") {
			trials := func(name string) Trials {
				n := rapid.IntRange(0, 40).Draw(t, name)
				return Trials{float64(rapid.IntRange(0, n).Draw(t, name+" events")), float64(n)}
			}
			a, b := trials("a"), trials("b")
			e.Add(a, b)
			swapped.Add(b, a)
		}
		if math.Abs(e.LogE()-swapped.LogE()) > 1e-9 {
			t.Fatalf("log e %v, of swapped arms %v", e.LogE(), swapped.LogE())
		}
		if !(e.P() <= 1 && e.P() >= 0) {
			t.Fatalf("p = %v", e.P())
		}
	})
	var alone EqualRates
	alone.Add(Trials{30, 30}, Trials{})
	if p := alone.P(); p != 1 {
		t.Errorf("p of one arm alone: %v", p)
	}
}

// scipy 1.17.1: the e-value of one block of 12 and 8 units, 3 and 6 events, is the mean over
// the twelve bets of the ratio of binom.pmf at the bet rates to binom.pmf at their mean.
func TestEqualRatesReference(t *testing.T) {
	var e EqualRates
	e.Add(Trials{3, 12}, Trials{6, 8})
	check(t, "log e", e.LogE(), 0.6944048301657775, 1e-12)
}

// What it takes to find a difference is near what a mixture must pay: where z of the final
// 2x2 table is 6, the p-value is below 1e-5.
func TestEqualRatesPower(t *testing.T) {
	found := 0
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 7))
		var e EqualRates
		const n, blocks, level, z = 100, 60, .7, 6
		shift := z * math.Sqrt(level*(1-level)/(n*blocks/4.)) / 2
		for range blocks {
			draw := func(p float64) (k float64) {
				for range n / 2 {
					if r.Float64() < p {
						k++
					}
				}
				return k
			}
			e.Add(Trials{draw(level - shift), n / 2}, Trials{draw(level + shift), n / 2})
		}
		if e.P() < dist.NormalTwoSided(4.4) {
			found++
		}
	}
	if found < 40 {
		t.Errorf("a difference of 6 standard errors is found in %d of 50 runs", found)
	}
}
