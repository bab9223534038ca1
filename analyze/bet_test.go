package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// rareBet is the bet of a rare rate at one share.
func rareBet(level, margin, share float64, good Good) *bet {
	m := rate(Guardrail, good, margin)
	return sequencer{metric: m, binary: true, frozen: Frozen{Level: Number(level), HarmUnits: HarmUnits}, strata: []Stratum{{Share: share, Known: true}}}.bet()
}

// Exactly at the margin the mean factor of a unit is 1, whatever control's rate is; so the e-value's mean is.
func TestBetIsFair(t *testing.T) {
	for _, share := range []float64{.05, .2, .5} {
		for _, level := range []float64{0, .002, .03} {
			b := rareBet(level, .01, share, Down)
			for _, control := range []float64{0, .001, .01, .2} {
				mean := 0.0
				for _, a := range Arms {
					weight, p := 1-share, control
					if a == Treatment {
						weight, p = share, control+.01
					}
					for y, chance := range []float64{1 - p, p} {
						factor := math.Exp(b.rates.Log(0, a == Treatment, 1, float64(y)))
						if !(factor > 0) {
							t.Fatalf("a unit loses all: %v", factor)
						}
						mean += weight * chance * factor
					}
				}
				if !near(mean, 1, 1e-12) {
					t.Errorf("share %v, level %v, control %v: mean factor %v", share, level, control, mean)
				}
			}
		}
	}
}

// Looked at after every hour, at most alpha of releases at the margin are ever proven within it.
func TestBetAtMargin(t *testing.T) {
	const runs = 4000
	for _, share := range []float64{.05, .5} {
		passed := 0
		for seed := range uint64(runs) {
			r := rand.New(rand.NewPCG(seed, 11))
			b := rareBet(.002, .01, share, Down)
			binomial := func(n, p float64) float64 { return distuv.Binomial{N: n, P: p, Src: r}.Rand() }
			for range 200 {
				treated := binomial(40, share)
				var cells []Cell
				for a, n := range []float64{40 - treated, treated} {
					if n > 0 {
						mean := binomial(n, []float64{.002, .012}[a]) / n
						cells = append(cells, Cell{Arm: Arm(a), Moments: Moments{N: int64(n), Mean: []float64{mean}}})
					}
				}
				b.take(cells)
				b.look()
			}
			if b.p() <= .05 {
				passed++
			}
		}
		if passed > upTo(.05, runs) || passed == 0 {
			t.Errorf("share %v: %d of %d releases at the margin pass", share, passed, runs)
		}
	}
}

// The bound is the margin that would just be proven; and what is proven within the margin has a bound on its good side.
func TestBetBound(t *testing.T) {
	for seed := range uint64(20) {
		for _, good := range []Good{Down, Up} {
			level := .004
			if good == Up {
				level = .996
			}
			cells, strata := simulate(8000+seed, stretch{.5, 40, 100, coin(level, level)})
			m := rate(Guardrail, good, .01)
			out := evaluateCells(m, cells, strata, level, .012)
			inside := math.Abs(float64(out.Margin.Bound)) < .01
			if passed := out.Margin.Check == CheckPassed; passed != inside {
				t.Errorf("%s: passed %t with a bound of %v (p %v)", good, passed, out.Margin.Bound, out.Margin.PValue)
			}
			if good.sign()*float64(out.Margin.Bound) > 0 {
				t.Errorf("%s: bound %v is on the good side of no difference", good, out.Margin.Bound)
			}
		}
	}
}

// What cannot be bet on is left to the sum.
func TestNoBet(t *testing.T) {
	m := rate(Guardrail, Down, .01)
	base := sequencer{metric: m, binary: true, frozen: Frozen{Level: .002, HarmUnits: HarmUnits}, strata: []Stratum{{Share: .5, Known: true}}}
	for name, change := range map[string]func(*sequencer){
		"not zeros and ones": func(q *sequencer) { q.binary = false },
		"not rare":           func(q *sequencer) { q.frozen.Level = .1 },
		"of rows":            func(q *sequencer) { q.metric.Tested.Den = 1 },
		"frozen before":      func(q *sequencer) { q.frozen.HarmUnits = 0 },
		"no margin":          func(q *sequencer) { q.metric.Margin = nil },
		"an unknown share":   func(q *sequencer) { q.strata = []Stratum{{Share: .5}} },
	} {
		q := base
		change(&q)
		if q.bet() != nil {
			t.Errorf("%s: it bets", name)
		}
	}
	if base.bet() == nil {
		t.Error("a rare rate is not bet on")
	}
}
