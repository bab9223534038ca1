package analyze

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The crossing is the one that sixty plain halvings find, to the last digit, on either side, for streams of any
// size, and takes a quarter of the evaluations.
func TestCrossingIsThatOfHalvings(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	asked, trials := 0, 0
	for range 2000 {
		n := math.Exp(4 + 10*random.Float64())
		level, lift, spread := random.Float64(), .5*random.NormFloat64(), random.Float64()
		q := sequencer{
			metric: Metric{Good: Up, Rate: random.IntN(2) == 0, Margin: &Margin{Value: .1, Relative: true}}, alpha: .05, binary: true,
			frozen: Frozen{Level: Number(level), Spread: Number(spread), PlanUnits: Number(n), PlanShare: .5},
		}
		s := &stream{
			sum: [2]float64{n * level * (1 + lift) / 4, -n * level / 4}, units: n, weight: n / 4, scaleSum: 1, scaleWeight: 1,
			exposure: [2]float64{n / 8, n / 8},
		}
		square := n / 8 * (spread + level*level)
		s.squares = [3]float64{square * (1 + lift) * (1 + lift), 0, square}
		beyond := func(k float64) float64 { return q.beyond(s, k) }
		inside := -s.sum[0] / s.sum[1]
		for _, outside := range []float64{0, inside + 10} {
			gap := beyond
			if outside > inside {
				gap = func(k float64) float64 { sum, _ := q.at(s, k); return beyond(k) - 2*sum } // the other side's
			}
			if inside <= 0 || !(gap(inside) < 0) || gap(outside) < 0 {
				continue
			}
			want := halved(gap, inside, outside)
			got := crossing(func(k float64) float64 { asked++; return gap(k) }, inside, outside)
			trials++
			if got != want {
				t.Errorf("level %g, lift %g, n %g: crossing at %.17g, halvings find %.17g", level, lift, n, got, want)
			}
		}
	}
	if trials < 1000 {
		t.Fatalf("only %d streams have a crossing", trials)
	}
	if mean := float64(asked) / float64(trials); mean > halvings/3 {
		t.Errorf("a crossing takes %.1f evaluations", mean)
	} else {
		t.Logf("a crossing takes %.1f evaluations", mean)
	}
}

// Where the root finder is no help, all halvings are computed.
func TestCrossingWithoutSlope(t *testing.T) {
	for name, gap := range map[string]func(float64) float64{
		"a step":    func(x float64) float64 { return math.Copysign(1, x-.3) },
		"infinite":  func(x float64) float64 { return math.Inf(int(math.Copysign(1, x-.3))) },
		"very flat": func(x float64) float64 { return math.Pow(x-.3, 9) },
	} {
		for _, outside := range []float64{1, 4} {
			if got, want := crossing(gap, -.5, outside), halved(gap, -.5, outside); got != want {
				t.Errorf("%s: crossing at %.17g, halvings find %.17g", name, got, want)
			}
		}
	}
}

func halved(gap func(float64) float64, inside, outside float64) float64 {
	for range halvings {
		if mid := (inside + outside) / 2; gap(mid) < 0 {
			inside = mid
		} else {
			outside = mid
		}
	}
	return inside
}
