package plan

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/trials"
)

// A Share is a part of simulated releases, with its Monte-Carlo error.
type Share struct {
	Value  float64 `json:"value"`
	StdErr float64 `json:"std_err"`
}

// shareOf is k of n.
func shareOf(k, n int) Share {
	value, stdErr := trials.Share(k, n)
	return Share{value, stdErr}
}

// A Forecast is how many simulated releases of a plan ended, and when.
type Forecast struct {
	Releases int   `json:"releases"`
	Days     int   `json:"days"` // simulated at the most
	Promote  Share `json:"promote"`
	Rollback Share `json:"rollback"`
	Invalid  Share `json:"invalid"`
	// Hold are those that no look ended.
	Hold Share `json:"hold"`
	// MedianDays and Days80 are when half, and 80 %, of all releases were
	// promoted; infinite where fewer are.
	MedianDays analyze.Number `json:"median_days"`
	Days80     analyze.Number `json:"days_80"`
	// ByDay holds the part of all releases promoted, and rolled back, by the end
	// of each day.
	PromotedByDay   []float64 `json:"promoted_by_day"`
	RolledBackByDay []float64 `json:"rolled_back_by_day"`

	Ends []Release `json:"-"`
}

// Simulate forecasts a plan from so many releases over at most so many days. Each release has
// its own stream of chance, so the forecast does not depend on how many run at a time. done,
// where it is not nil, is told after each release how many are through. It ends with the
// context's error.
func (p Plan) Simulate(ctx context.Context, seed uint64, releases, days int, done func(int)) (Forecast, error) {
	if err := p.check(); err != nil {
		return Forecast{}, err
	}
	samplers := p.samplers()
	ends, err := trials.Run(ctx, releases, func(i int) Release { return p.run(ctx, samplers, rand.New(rand.NewPCG(seed, uint64(i)+1)), days) }, done)
	if err != nil {
		return Forecast{}, err
	}
	return forecastOf(ends, days), nil
}

// forecastOf counts how releases ended.
func forecastOf(ends []Release, days int) Forecast {
	counts := map[rollout.Verdict]int{}
	var promoted []float64
	f := Forecast{Releases: len(ends), Days: days, Ends: ends, PromotedByDay: make([]float64, days), RolledBackByDay: make([]float64, days)}
	for _, e := range ends {
		counts[e.Verdict]++
		by := f.PromotedByDay
		switch e.Verdict {
		case rollout.Promote:
			promoted = append(promoted, e.Days())
		case rollout.Rollback:
			by = f.RolledBackByDay
		default:
			continue
		}
		for d := (e.Hours - 1) / 24; d < days; d++ {
			by[d] += 1 / float64(len(ends))
		}
	}
	n := len(ends)
	f.Promote, f.Rollback = shareOf(counts[rollout.Promote], n), shareOf(counts[rollout.Rollback], n)
	f.Invalid, f.Hold = shareOf(counts[rollout.Invalid], n), shareOf(counts[rollout.Hold], n)
	slices.Sort(promoted)
	f.MedianDays, f.Days80 = analyze.Number(reached(promoted, n, .5)), analyze.Number(reached(promoted, n, wanted))
	return f
}

// reached is when a share of n has happened, of which the sorted times are those that did.
func reached(times []float64, n int, share float64) float64 {
	k := int(math.Ceil(share*float64(n))) - 1
	if k >= len(times) {
		return never
	}
	return times[max(k, 0)]
}
