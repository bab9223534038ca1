package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"weir/analyze"
)

// An epoch is simulated traffic of constant share, by batches that stand for hours.
type epoch struct {
	share   float64
	batches int
	size    int     // units a batch
	a, b    float64 // rates of the arms
}

func binomial(r *rand.Rand, n int, p float64) int {
	switch {
	case n == 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	}
	return int(distuv.Binomial{N: float64(n), P: p, Src: r}.Rand())
}

// zeroOne are the moments of n units of which k are ones.
func zeroOne(k, n int) analyze.Moments {
	m := float64(k) / float64(n)
	return analyze.Moments{N: int64(n), Mean: []float64{m}, Cross: []float64{float64(n) * m * (1 - m)}}
}

const firstHour = 490_896

// coins gives the cells of units that do or do not, a stratum an epoch.
func coins(r *rand.Rand, epochs ...epoch) (cells []analyze.Cell, strata []analyze.Stratum) {
	hour := int64(firstHour)
	for i, e := range epochs {
		strata = append(strata, analyze.Stratum{Share: e.share, Known: true})
		for range e.batches {
			treated := binomial(r, e.size, e.share)
			for arm, n := range []int{e.size - treated, treated} {
				if n > 0 {
					cells = append(cells, analyze.Cell{Stratum: i, Hour: hour, Arm: analyze.Arm(arm), Moments: zeroOne(binomial(r, n, []float64{e.a, e.b}[arm]), n)})
				}
			}
			hour++
		}
	}
	return cells, strata
}

// units gives the cells of units drawn one by one: draw gives a unit's vector, nil
// where it has no value.
func units(r *rand.Rand, draw func(batch int, treated bool) []float64, epochs ...epoch) (cells []analyze.Cell, strata []analyze.Stratum) {
	hour, batch := int64(firstHour), 0
	for i, e := range epochs {
		strata = append(strata, analyze.Stratum{Share: e.share, Known: true})
		for range e.batches {
			var arms [2][][]float64
			for range e.size {
				arm := 0
				if r.Float64() < e.share {
					arm = 1
				}
				if v := draw(batch, arm == 1); v != nil {
					arms[arm] = append(arms[arm], v)
				}
			}
			for arm, vectors := range arms {
				if len(vectors) > 0 {
					cells = append(cells, analyze.Cell{Stratum: i, Hour: hour, Arm: analyze.Arm(arm), Moments: analyze.MomentsOf(vectors...)})
				}
			}
			hour++
			batch++
		}
	}
	return cells, strata
}

var (
	mean  = analyze.Form{Num: 0, Den: analyze.Ones}
	ratio = analyze.Form{Num: 0, Den: 1}
)

// rateMetric is a metric of units that do or do not.
func rateMetric(role analyze.Role, good analyze.Good, margin float64) analyze.Metric {
	return analyze.Metric{Name: "rate", Role: role, Kind: analyze.KindMean, Good: good, Unit: "share", Rate: true, Minimum: 100,
		Margin: &analyze.Margin{Value: margin}, Columns: []analyze.Column{{}}, Shown: mean, Tested: mean, Margined: mean}
}

// ratioMetric is a metric of a sum over a sum.
func ratioMetric(minimum int64) analyze.Metric {
	return analyze.Metric{Name: "ratio", Role: analyze.Guardrail, Kind: analyze.KindRatio, Good: analyze.Down, Minimum: minimum,
		Margin: &analyze.Margin{Value: .1, Relative: true}, Columns: []analyze.Column{{}, {Count: true}}, Shown: ratio, Tested: ratio, Margined: ratio}
}

// meanMetric is a metric of a unit's number.
func meanMetric(minimum int64) analyze.Metric {
	return analyze.Metric{Name: "mean", Role: analyze.Guardrail, Kind: analyze.KindMean, Good: analyze.Down, Minimum: minimum,
		Margin: &analyze.Margin{Value: .15, Relative: true}, Columns: []analyze.Column{{}}, Shown: mean, Tested: mean, Margined: mean}
}

// evaluate is what Weir says of one metric, its sequence tuned for all of its units.
func evaluate(m analyze.Metric, cells []analyze.Cell, strata []analyze.Stratum, level, spread float64, method analyze.Method) analyze.MetricResult {
	n := int64(0)
	for _, c := range cells {
		n += c.N
	}
	d := comparison(m, cells, strata, level, spread, float64(n), strata[len(strata)-1].Share)
	d.Design.Method = method
	return analyze.Evaluate(d).Metrics[0]
}

// evaluatePlanned is what Weir says of one metric whose sequence is tuned for so many units at such a share.
func evaluatePlanned(m analyze.Metric, cells []analyze.Cell, strata []analyze.Stratum, level, spread, units, share float64) analyze.MetricResult {
	return analyze.Evaluate(comparison(m, cells, strata, level, spread, units, share)).Metrics[0]
}

// comparison is a release of one metric.
func comparison(m analyze.Metric, cells []analyze.Cell, strata []analyze.Stratum, level, spread, units, share float64) analyze.Data {
	kind := analyze.Independent
	if len(strata) > 1 {
		kind = analyze.Stratified
	}
	return analyze.Data{
		Control: "v1", Treatment: "v2",
		Design: analyze.Design{Unit: "session", Kind: kind, Strata: len(strata), Method: analyze.Sequential, Alpha: alpha, Randomized: true},
		Strata: strata,
		Metrics: []analyze.MetricData{{Metric: m, Cells: cells, Binary: m.Rate && m.Tested.Den == analyze.Ones, Frozen: analyze.Frozen{
			Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Number(level), Spread: analyze.Number(spread),
			PlanUnits: analyze.Number(units), PlanShare: analyze.Number(share), HarmUnits: analyze.HarmUnits,
		}}},
	}
}

const alpha = .05

// differs reports whether the test found a difference.
func differs(m analyze.MetricResult) bool {
	return m.Test.PValue.Known() && float64(m.Test.PValue) < alpha
}

// each runs a simulation so many times, each with its own stream of chance, on all processors.
func each(runs int, seed uint64, run func(i int, r *rand.Rand)) {
	var workers sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				run(i, rand.New(rand.NewPCG(seed, uint64(i))))
			}
		})
	}
	for i := range runs {
		next <- i
	}
	close(next)
	workers.Wait()
}

// count runs a simulation so many times and counts what it reports true of.
func count(runs int, seed uint64, run func(r *rand.Rand) []bool) []int {
	var counts []int
	var lock sync.Mutex
	each(runs, seed, func(_ int, r *rand.Rand) {
		said := run(r)
		lock.Lock()
		defer lock.Unlock()
		if counts == nil {
			counts = make([]int, len(said))
		}
		for j, b := range said {
			if b {
				counts[j]++
			}
		}
	})
	return counts
}

// lognormal has mean 1 and this standard deviation of its logarithm.
func lognormal(r *rand.Rand, sigma float64) float64 {
	return math.Exp(sigma*r.NormFloat64() - sigma*sigma/2)
}
