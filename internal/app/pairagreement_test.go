package app

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/judge"
)

// A verdictLaw is how likely each share of treatment's win is: 0, one half, 1.
type verdictLaw [3]float64

var shares = [3]float64{0, .5, 1}

func (l verdictLaw) draw(r *rand.Rand) float64 {
	u := r.Float64()
	for i, p := range l {
		if u -= p; u < 0 {
			return shares[i]
		}
	}
	return 1
}

func (l verdictLaw) mean() float64 { return l[1]/2 + l[2] }

// A pairWorld is cases of known truth, and people and a judge who err in known ways.
type pairWorld struct {
	truth  verdictLaw
	people [3]verdictLaw    // by truth
	judge  [2][3]verdictLaw // by order, control first, and truth
}

// The judge favours the first shown, and treatment.
var world = pairWorld{
	truth:  verdictLaw{.35, .2, .45},
	people: [3]verdictLaw{{.85, .1, .05}, {.15, .7, .15}, {.05, .1, .85}},
	judge: [2][3]verdictLaw{
		{{.85, .05, .10}, {.40, .30, .30}, {.25, .05, .70}},
		{{.60, .05, .35}, {.15, .30, .55}, {.04, .01, .95}},
	},
}

// winRate is people's, over all cases.
func (w pairWorld) winRate() (m float64) {
	for i, p := range w.truth {
		m += p * w.people[i].mean()
	}
	return m
}

// kappa is of all cases, of the judge in one order, or in both where order is -1.
func (w pairWorld) kappa(order int) float64 {
	var joint [3][3]float64
	for t, p := range w.truth {
		said := verdictLaw{}
		if order >= 0 {
			said = w.judge[order][t]
		} else {
			for i, a := range w.judge[0][t] {
				for k, b := range w.judge[1][t] {
					said[verdictIndex((shares[i]+shares[k])/2)] += a * b
				}
			}
		}
		for i, a := range said {
			for k, b := range w.people[t] {
				joint[i][k] += p * a * b
			}
		}
	}
	observed, expected := 0., 0.
	for i := range 3 {
		observed += joint[i][i]
		row, column := 0., 0.
		for k := range 3 {
			row, column = row+joint[i][k], column+joint[k][i]
		}
		expected += row * column
	}
	return (observed - expected) / (1 - expected)
}

func verdictIndex(share float64) int {
	switch {
	case share < .5:
		return 0
	case share > .5:
		return 2
	}
	return 1
}

// draw makes cases that the judge saw in both orders, of which people label the first.
func (w pairWorld) draw(r *rand.Rand, cases, labels int) (map[pair]*pairOpinion, map[pair]*judgedPair) {
	people, said := map[pair]*pairOpinion{}, map[pair]*judgedPair{}
	for n := range cases {
		p := pair{"r1", fmt.Sprint("case-", n, "-", r.Uint32()), 1}
		t := verdictIndex(w.truth.draw(r))
		said[p] = &judgedPair{score: [2]float64{w.judge[0][t].draw(r), w.judge[1][t].draw(r)}, put: [2]bool{true, true}}
		if n < labels {
			people[p] = &pairOpinion{probability: .2, position: []judge.Order{judge.ControlFirst, judge.TreatmentFirst}[n%2],
				opinion: opinion{drawn: true, labels: map[string]float64{"ann": w.people[t].draw(r)}, latest: map[string]time.Time{}}}
		}
	}
	return people, said
}

// A case whose trials are labelled counts once, and labels of two people on a pair are one; what
// is drawn more rarely stands for more.
func TestPairsWeigh(t *testing.T) {
	say := func(p float64, by ...float64) *pairOpinion {
		o := &pairOpinion{probability: p, stated: p < 1, opinion: opinion{labels: map[string]float64{}, latest: map[string]time.Time{}}}
		for i, share := range by {
			o.labels[fmt.Sprint("person-", i)] = share
		}
		return o
	}
	c := pairCriterion("c", map[pair]*pairOpinion{
		{"r1", "a", 1}: say(.5, 1), {"r1", "a", 2}: say(.5, 0), {"r1", "b", 1}: say(.5, 1, .5), {"r1", "c", 1}: say(.25, 0),
	}, nil)
	// Hajek: (2 (1+0)/2 + 2 (.75) + 4 (0)) / (2 + 2 + 4)
	if want := (1 + 1.5) / 8.; math.Abs(float64(c.WinRate.Value)-want) > 1e-12 || c.Wins != 2 || c.Losses != 2 || c.Doubled != 1 || c.Labelers != 2 {
		t.Errorf("%+v, want a win rate of %v", c, want)
	}
	c = pairCriterion("c", map[pair]*pairOpinion{{"r1", "a", 1}: say(.5, 1), {"r1", "b", 1}: say(1, 0)}, nil)
	if !strings.Contains(strings.Join(c.Notes, "\n"), "some labels do not say with which probability") {
		t.Errorf("of labels without a probability it says %q", c.Notes)
	}
}

// Intervals hold the truth of simulated worlds at their rate: the judge's agreement with people in
// each order and over both, people's win rate, alone and with the judge's help, and the share of the
// first shown.
func TestPairIntervalsCover(t *testing.T) {
	const runs = 2000
	w := world
	r := rand.New(rand.NewPCG(7, 7))
	held := map[string]int{}
	widths := map[string]float64{}
	note := func(name string, i analyze.Interval, truth float64) {
		if float64(i.Lower) <= truth && truth <= float64(i.Upper) {
			held[name]++
		}
		widths[name] += float64(i.Upper-i.Lower) / runs
	}
	for range runs {
		people, said := w.draw(r, 600, 120)
		c := pairCriterion("c", people, said)
		note("win rate", c.WinRate, w.winRate())
		note("corrected", c.Corrected, w.winRate())
		note("first shown", c.FirstShown, .5)
		for n, order := range []int{-1, 0, 1} {
			note("kappa "+c.Judge[n].Order, c.Judge[n].Kappa, w.kappa(order))
		}
	}
	for name, n := range held {
		cover := float64(n) / runs
		t.Logf("%-22s %.4f, mean width %.3f", name, cover, widths[name])
		if math.Abs(cover-.95) > 3.3*math.Sqrt(.95*.05/runs) {
			t.Errorf("%s covers %.4f of .95", name, cover)
		}
	}
	if widths["corrected"] > .95*widths["win rate"] {
		t.Errorf("the judge narrows the win rate from %.3f to %.3f only", widths["win rate"], widths["corrected"])
	}
}

// What cannot be said is not said, and why stands beside it.
func TestPairsUnknown(t *testing.T) {
	w := world
	w.people = [3]verdictLaw{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	r := rand.New(rand.NewPCG(3, 3))
	open := func(i analyze.Interval) bool { return !i.Lower.Known() && !i.Upper.Known() }
	for _, c := range []struct {
		name  string
		make  func() (map[pair]*pairOpinion, map[pair]*judgedPair)
		holds func(PairCriterion) bool
		note  string
	}{
		{"nothing", func() (map[pair]*pairOpinion, map[pair]*judgedPair) { return nil, nil },
			func(c PairCriterion) bool {
				return !c.WinRate.Value.Known() && len(c.Judge) == 0 && c.Labelled == 0
			}, ""},
		{"few labels", func() (map[pair]*pairOpinion, map[pair]*judgedPair) { return w.draw(r, 200, 19) },
			func(c PairCriterion) bool {
				return c.WinRate.Value.Known() && open(c.WinRate) && open(c.FirstShown) && !c.Corrected.Value.Known()
			}, "labelled cases: 19, of at least 20"},
		{"too few to correct", func() (map[pair]*pairOpinion, map[pair]*judgedPair) { return w.draw(r, 200, 49) },
			func(c PairCriterion) bool { return !open(c.WinRate) && !c.Corrected.Value.Known() }, "labels: 49, of at least 50"},
		{"no judge", func() (map[pair]*pairOpinion, map[pair]*judgedPair) {
			people, _ := w.draw(r, 60, 60)
			return people, nil
		}, func(c PairCriterion) bool { return !open(c.WinRate) && len(c.Judge) == 0 }, "no judge has compared these pairs"},
		{"all alike", func() (map[pair]*pairOpinion, map[pair]*judgedPair) {
			sure := w
			sure.truth = verdictLaw{0, 0, 1}
			return sure.draw(r, 60, 60)
		}, func(c PairCriterion) bool {
			return c.WinRate.Value == 1 && open(c.WinRate) && c.Wins == 60 && open(c.Judge[0].Kappa)
		}, "all labels say the same"},
		{"an order that the judge did not answer", func() (map[pair]*pairOpinion, map[pair]*judgedPair) {
			people, said := w.draw(r, 60, 60)
			for _, j := range said {
				j.score[1] = math.NaN()
			}
			return people, said
		}, func(c PairCriterion) bool {
			return c.Judge[0].Missing == 60 && c.Judge[1].Compared == 60 && c.Judge[2].Missing == 60 && !c.Judge[0].Kappa.Value.Known()
		}, ""},
		{"two trials of a case", func() (map[pair]*pairOpinion, map[pair]*judgedPair) {
			people, said := w.draw(r, 60, 60)
			for p, o := range people {
				people[pair{p.release, p.caseID, 2}], said[pair{p.release, p.caseID, 2}] = o, said[p]
				break
			}
			return people, said
		}, func(c PairCriterion) bool {
			return c.Labelled == 61 && !open(c.WinRate) && open(c.Judge[0].Kappa) && open(c.Judge[0].Same) && c.Judge[0].Kappa.Value.Known()
		}, "several trials of a case are labelled"},
	} {
		people, said := c.make()
		got := pairCriterion("c", people, said)
		if notes := strings.Join(got.Notes, "\n"); !c.holds(got) || c.note != "" && !strings.Contains(notes, c.note) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if _, err := json.Marshal(got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
