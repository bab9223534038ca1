package plan

import (
	"math/rand/v2"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
)

// A Traffic is a simulated release whose share somebody else sets, hour by hour:
// who steers it may be tried on it. The plan's steps do not count.
type Traffic struct {
	run      *run
	samplers [2]*draw.Rows
	plan     Plan
	rand     *rand.Rand
	share    float64
	idle     int // hours before the first share above 0
}

// Samplers are what several [Traffic]s of one plan draw from.
type Samplers [2]*draw.Rows

// Samplers prepares what units are drawn from.
func (p Plan) Samplers() Samplers { return p.samplers() }

// NewTraffic begins with nobody on the treatment.
func (p Plan) NewTraffic(s Samplers, r *rand.Rand) *Traffic {
	return &Traffic{samplers: s, plan: p, rand: r}
}

// Set gives the treatment a share, in [0, 1), from now on: an epoch of its own.
func (t *Traffic) Set(share float64, epoch int64) {
	if t.share = share; share == 0 {
		return
	}
	step := Step{Share: share}
	if t.run == nil {
		t.plan.Steps = []Step{step}
		t.run = t.plan.newRun(t.samplers, t.rand)
	} else {
		t.run.plan.Steps = append(t.run.plan.Steps[:len(t.run.plan.Steps):len(t.run.plan.Steps)], step)
		t.run.climb()
	}
	t.run.strata[len(t.run.strata)-1].Epoch = &epoch
}

// Pass lets an hour pass.
func (t *Traffic) Pass() {
	switch {
	case t.run == nil:
		t.idle++
	case t.share == 0:
		t.run.rest()
	default:
		t.run.pass()
	}
}

// rest is an hour in which no unit is drawn.
func (r *run) rest() {
	r.arrived = append(r.arrived, analyze.Arrival{Stratum: r.step, Hour: int64(firstHour + r.hour)})
	for i := range r.cells {
		r.cellsUpTo[i] = append(r.cellsUpTo[i], len(r.cells[i]))
	}
	r.units, r.treated = append(r.units, r.units[r.hour-1]), append(r.treated, 0)
	r.hour++
}

// Now is the time of the release's clock.
func (t *Traffic) Now() time.Time { return start.Add(time.Duration(t.Hours()) * time.Hour) }

// Hours is how many hours have passed since the first share above 0.
func (t *Traffic) Hours() int {
	if t.run == nil {
		return 0
	}
	return t.run.hour
}

// Data is what a look after so many hours, at least one, reads.
func (t *Traffic) Data(hours int) analyze.Data { return t.run.data(hours) }

// Treated counts the treatment's units of the first hours.
func (t *Traffic) Treated(hours int) int64 { return t.run.units[hours-1][analyze.Treatment] }
