package analyze

import (
	"math"
	"math/rand/v2"
)

// A stretch is simulated traffic of constant allocation, by batches that stand for hours.
type stretch struct {
	share   float64
	batches int
	size    int // units a batch
	// draw gives a unit's vector.
	draw func(r *rand.Rand, treated bool) []float64
}

// simulate gives the cells of a metric under stretches of allocation, one a
// stratum.
func simulate(seed uint64, stretches ...stretch) (cells []Cell, strata []Stratum) {
	r := rand.New(rand.NewPCG(seed, 1))
	hour := int64(480_000)
	for i, s := range stretches {
		strata = append(strata, Stratum{Share: s.share, Known: true})
		for range s.batches {
			var units [2][][]float64
			for range s.size {
				treated := r.Float64() < s.share
				arm := Control
				if treated {
					arm = Treatment
				}
				units[arm] = append(units[arm], s.draw(r, treated))
			}
			for _, a := range Arms {
				if len(units[a]) > 0 {
					cells = append(cells, Cell{Stratum: i, Hour: hour, Arm: a, Moments: MomentsOf(units[a]...)})
				}
			}
			hour++
		}
	}
	return cells, strata
}

// coin draws a unit that is one with a probability for each arm.
func coin(control, treatment float64) func(*rand.Rand, bool) []float64 {
	return func(r *rand.Rand, treated bool) []float64 {
		p := control
		if treated {
			p = treatment
		}
		if r.Float64() < p {
			return []float64{1}
		}
		return []float64{0}
	}
}

var mean = Form{Num: 0, Den: Ones}

// rate is a metric of zeros and ones.
func rate(role Role, good Good, margin float64) Metric {
	return Metric{Name: "rate", Role: role, Kind: KindMean, Good: good, Unit: "share", Rate: true, Minimum: 100,
		Margin: &Margin{Value: margin}, Columns: []Column{{}}, Shown: mean, Tested: mean, Margined: mean}
}

// evaluateCells evaluates one metric under a sequential method tuned to all of its units.
func evaluateCells(m Metric, cells []Cell, strata []Stratum, level, spread float64) MetricResult {
	return Evaluate(dataOfCells(m, cells, strata, level, spread)).Metrics[0]
}

// dataOfCells is a release of one metric whose sequence is tuned to all of its units.
func dataOfCells(m Metric, cells []Cell, strata []Stratum, level, spread float64) Data {
	units := int64(0)
	for _, c := range cells {
		units += c.N
	}
	kind := Independent
	if len(strata) > 1 {
		kind = Stratified
	}
	binary := m.Rate && m.Tested.Den == Ones
	return Data{
		Control: "v1", Treatment: "v2",
		Design: Design{Unit: "session", Kind: kind, Strata: len(strata), Method: Sequential, Alpha: .05, Randomized: true},
		Strata: strata,
		Metrics: []MetricData{{Metric: m, Cells: cells, Binary: binary, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: Number(level), Spread: Number(spread),
			PlanUnits: Number(units), PlanShare: Number(strata[len(strata)-1].Share), HarmUnits: HarmUnits,
		}}},
	}
}

// upTo is the largest count of runs, of those at a true rate p, that chance explains: three
// standard errors above.
func upTo(p float64, runs int) int {
	n := float64(runs)
	return int(math.Floor(n*p + 3*math.Sqrt(n*p*(1-p))))
}
