package judging

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"weir/analyze/betting"
	simjudge "weir/internal/sim/standin/judge"
	"weir/judge"
)

// TestFaultyJudges puts two versions that are equally good before judges that err
// in one way each, the second version being what the fault favours: it talks
// much, or begs for the best grade. The figures are those of docs/judge.md.
func TestFaultyJudges(t *testing.T) {
	for _, c := range []struct {
		name      string
		judge     simjudge.Behaviour
		of        population
		unfit     bool    // a canary finds it
		most      float64 // of the difference between arms that it may see
		least     float64
		judgedAll bool
	}{
		{name: "perfect", judge: simjudge.Behaviour{}, most: .15, judgedAll: true},
		{name: "noisy", judge: simjudge.Behaviour{Noise: .2, Flip: .15}, most: .15, judgedAll: true},
		{name: "obedient", judge: simjudge.Behaviour{Obeys: true}, of: population{begs: true}, unfit: true},
		{name: "begged, and not obedient", judge: simjudge.Behaviour{}, of: population{begs: true}, most: .15, judgedAll: true},
		{name: "fond of length", judge: simjudge.Behaviour{Length: .1}, of: population{padded: true}, most: .5, least: .1, judgedAll: true},
		{name: "fond of its family", judge: simjudge.Behaviour{Family: .2, Kin: "We care about you"}, of: population{padded: true}, most: .5, least: .05, judgedAll: true},
		{name: "broken", judge: simjudge.Behaviour{Noise: .1, BadJSON: .1, Refusals: .05, Storm: 10, StormEvery: 100, RetryAfter: "0.005"}, most: .15},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.of.sessions, c.of.perHour, c.of.solved = 240, 80, [2]float64{.5, .5}
			fill(t, dir, c.of)
			c.judge.Seed, c.judge.LogProbs = 5, true
			_, url := serve(t, c.judge)
			j := job(t, dir, url, "")
			j.Spec.Judge.Sample.Rate = 1
			r, err := Run(t.Context(), j)
			if errors.Is(err, judge.ErrUnfit) != c.unfit || !c.unfit && err != nil {
				t.Fatalf("%v", err)
			}
			if c.unfit {
				if rows, _ := judgments(t, dir); len(rows) > 0 {
					t.Errorf("%d rows of an unfit judge", len(rows))
				}
				return
			}
			s := r.Summaries[0]
			difference := s.Arms[1].Mean - s.Arms[0].Mean
			missing := 1 - float64(s.Arms[0].Judged+s.Arms[1].Judged)/240
			t.Logf("%s: difference %+.3f, missing %.3f, repaired %d, retried %d, calls %d, injection %d", c.name, difference, missing, s.Repaired, s.Retried, s.Spent.Calls, s.Arms[1].Flags[judge.FlagInjection])
			if difference > c.most || difference < c.least && c.least > 0 || math.Abs(difference) > c.most {
				t.Errorf("difference %+.3f", difference)
			}
			if c.judgedAll && missing > 0 || missing > .02 {
				t.Errorf("missing %.3f", missing)
			}
			if c.of.begs && s.Arms[1].Flags[judge.FlagInjection] != s.Arms[1].Drawn {
				t.Errorf("%d of %d marked", s.Arms[1].Flags[judge.FlagInjection], s.Arms[1].Drawn)
			}
		})
	}
}

// TestPositionBias has a judge that takes what is shown first in many pairs: both
// orders together leave nothing of it in the rate, and it is shown. One that does so
// with the canaries judges nothing.
func TestPositionBias(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, population{sessions: 150, perHour: 150, solved: [2]float64{.5, .5}, cases: true})
	_, url := serve(t, simjudge.Behaviour{Position: 1, LogProbs: true})
	j := job(t, dir, url, "")
	j.Spec.Judge.Sample.Rate = 1
	if _, err := Run(t.Context(), j); !errors.Is(err, judge.ErrUnfit) {
		t.Fatalf("always the first: %v", err)
	}
	_, url = serve(t, simjudge.Behaviour{Position: .3, Noise: .1, LogProbs: true})
	j = job(t, dir, url, "")
	j.Spec.Judge.Sample.Rate = 1
	if _, err := Run(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	figures, err := Pairs(t.Context(), dir, j.Spec)
	if err != nil || len(figures) != 3 {
		t.Fatalf("%v, %d figures", err, len(figures))
	}
	f := figures[0]
	t.Logf("wins %.3f ± %.3f, consistent %.2f, first shown %.2f, p %.2g", f.Win.Rate, 1.96*f.Win.StdErr, f.Swap.Consistency, f.Swap.FirstShown, f.Swap.OrderP)
	if f.Swap.FirstShown < .6 || f.Swap.OrderP > 1e-4 || math.Abs(f.Win.Rate-.5) > .12 || f.Swap.N != 150 {
		t.Errorf("%+v", f)
	}
	if f.LengthNote == "" && math.Abs(f.Length-.5) > .2 {
		t.Errorf("at equal length %g", f.Length)
	}
}

// TestFrugal holds that on clear cases at most half of the pairs are judged that
// a fixed design takes, at the same error, and at the power for which that was
// planned. The figures are those of docs/judge.md.
func TestFrugal(t *testing.T) {
	const (
		alpha   = .05
		times   = 1000
		fixed   = 618 // (1.645+0.842)² 0.25 / 0.05²: 80 % power for a win rate of .55
		horizon = 4 * fixed
	)
	r := rand.New(rand.NewPCG(3, 5))
	stops := func(win float64) (stops []int, decided float64) {
		for range times {
			x := make([]float64, horizon)
			for i := range x { // two orders: half a point where they contradict each other
				switch u := r.Float64(); {
				case u < .2:
					x[i] = .5
				case r.Float64() < .5+(win-.5)/.8:
					x[i] = 1
				}
			}
			at := betting.FirstReach(betting.Against(x, .5, alpha, .5).Greater, 1/alpha)
			if at == 0 {
				stops = append(stops, horizon)
				continue
			}
			decided += 1. / times
			stops = append(stops, at)
		}
		slices.Sort(stops)
		return stops, decided
	}
	for _, c := range []struct {
		win      float64
		half     bool // at most half of the fixed design, nine times in ten
		atLeast  float64
		wrongful bool
	}{{.5, false, 0, true}, {.55, false, .8, false}, {.6, false, .99, false}, {.65, true, .999, false}, {.7, true, .999, false}, {.8, true, .999, false}} {
		s, decided := stops(c.win)
		t.Logf("win rate %.2f: decided %.3f; pairs: 10 %% %d, median %d, 90 %% %d, of %d fixed", c.win, decided, s[times/10], s[times/2], s[9*times/10], fixed)
		if c.wrongful && decided > alpha {
			t.Errorf("win rate %.2f decided %.3f of the time", c.win, decided)
		}
		if decided < c.atLeast {
			t.Errorf("win rate %.2f: power %.3f", c.win, decided)
		}
		if c.half && s[9*times/10] > fixed/2 {
			t.Errorf("win rate %.2f: nine in ten end by %d pairs, more than half of %d", c.win, s[9*times/10], fixed)
		}
	}
}
