package plan

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
	"weir/analyze/betting"
)

// By says what a test at every look is made of.
type By string

// The tests: a confidence sequence of sums, or, for rare rates of units, bets.
const (
	Sums By = "sums"
	Bets By = "bets"
)

// A wager is the test of a rare rate's margin by betting, at the ramp's shares. Its course is that of the
// analysis: after each mature hour the capital is multiplied by what the hour's units give. What is simulated is
// the number of an hour's events, Poisson's with the mean that the pools' rates and the expected units give it: rare events
// among units that arrive at random are. That the units themselves are expected and not drawn matters little, as a unit without
// an event moves the capital by a hundredth of what one with an event does; releases of drawn units say the same.
type wager struct {
	metric        Metric
	level, margin float64    // of events that are bad
	rates         [2]float64 // of events that are bad, in truth
	shares        []float64  // by step
}

// wager gives the metric's; false where the sum decides.
func (m Metric) wager(p Plan) (wager, bool) {
	level, margin, rare := m.RareRate(m.Frozen, m.binary())
	if !rare {
		return wager{}, false
	}
	w := wager{metric: m, level: level, margin: margin}
	for a, pool := range []analyze.Moments{m.Control.Moments(), m.Treatment.Moments()} {
		w.rates[a] = pool.Mean[m.Tested.Num]
		if m.Good == analyze.Up {
			w.rates[a] = 1 - w.rates[a]
		}
	}
	for _, s := range p.Steps {
		_, propensity := p.inTest(s)
		w.shares = append(w.shares, propensity)
	}
	return w, true
}

// An outcome is what the units that mature in one hour are: their step, and how many of each arm.
type outcome struct {
	step  int
	units [2]float64
}

// matured gives the units that mature in each hour, and the first hour after which the test may speak.
func (w wager) matured(hours []scheduled) (out []outcome, from int) {
	wait := int(math.Ceil(w.metric.window().Hours()))
	from = len(hours)
	var sum [2]float64
	for h := range hours {
		o := outcome{}
		if ripe := h - wait; ripe >= 0 {
			s := hours[ripe]
			o = outcome{s.step, [2]float64{s.units * (1 - s.propensity), s.units * s.propensity}}
		}
		out = append(out, o)
		for a := range sum {
			sum[a] += o.units[a]
		}
		if from == len(hours) && math.Min(sum[0], sum[1]) >= float64(w.metric.Minimum) {
			from = h
		}
	}
	return out, from
}

// events draws, for so many releases, how many units of each hour and arm are bad.
func (w wager) events(matured []outcome, rates [2]float64, r *rand.Rand) [][][2]float32 {
	out := make([][][2]float32, paths)
	for i := range out {
		out[i] = make([][2]float32, len(matured))
		for h, o := range matured {
			for a, n := range o.units {
				if n > 0 && rates[a] > 0 {
					out[i][h][a] = float32(distuv.Poisson{Lambda: n * rates[a], Src: r}.Rand())
				}
			}
		}
	}
	return out
}

// proven gives the hours, sorted, after which releases of such events are proven within a margin.
func (w wager) proven(matured []outcome, from int, events [][][2]float32, margin, alpha float64) []float64 {
	bets := betting.NewRates(w.level, margin, w.shares)
	base := make([]float64, len(matured)) // what an hour without events adds
	more := make([][2]float64, len(matured))
	for h, o := range matured {
		for a, n := range o.units {
			good := bets.Log(o.step, a == int(analyze.Treatment), 1, 0)
			base[h] += n * good
			more[h][a] = bets.Log(o.step, a == int(analyze.Treatment), 1, 1) - good
		}
	}
	var at []float64
	enough := -math.Log(alpha)
	for _, path := range events {
		capital := 0.0
		for h, e := range path {
			capital += base[h] + more[h][0]*float64(e[0]) + more[h][1]*float64(e[1])
			if h >= from && capital > enough {
				at = append(at, float64(h+1))
				break
			}
		}
	}
	slices.Sort(at)
	return at
}

// curve is the power by betting, looked at every hour.
func (w wager) curve(hours []scheduled, alpha float64, r *rand.Rand) Curve {
	matured, from := w.matured(hours)
	events := w.events(matured, w.rates, r)
	out := byHour(w.proven(matured, from, events, w.margin, alpha), len(hours))
	if w.rates[0] != w.rates[1] {
		events = w.events(matured, [2]float64{w.rates[0], w.rates[0]}, r)
	}
	out.Detectable = w.detectable(func(margin float64) bool {
		return float64(len(w.proven(matured, from, events, margin, alpha))) >= wanted*paths
	})
	return out
}

// detectable is the margin from which on enough releases without an effect are proven, as long as the rate there is rare; NaN where it is not.
func (w wager) detectable(enough func(margin float64) bool) analyze.Number {
	low, high := 0.0, analyze.MostRare-w.level
	if !(high > 0) || !enough(high) {
		return analyze.Unknown
	}
	for range 12 {
		if mid := (low + high) / 2; mid > 0 && enough(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return analyze.Number(high)
}
