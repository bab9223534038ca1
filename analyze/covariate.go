package analyze

import (
	"math"
	"slices"
)

// A covariate of a walk is what earlier hours say of the slope of outcomes on it. Taking
// theta x out of an outcome narrows its variance by 1 - rho^2 and changes no effect,
// whatever theta is, as long as theta is known before the unit and x is older than its
// assignment (Deng, Xu, Kohavi and Walker 2013; with theta from the past alone the
// terms of the sequence stay what its validity asks for).
type covariate struct {
	component int
	past      [][2]Moments // by stratum and arm
	overall   [2]Moments
}

// minSlope is the number of units from which on a slope is used; before, nothing is adjusted.
const minSlope = 100

func newCovariate(component, strata int) *covariate {
	return &covariate{component: component, past: make([][2]Moments, strata)}
}

// learn takes in an hour that is over.
func (c *covariate) learn(cells []Cell) {
	for _, x := range cells {
		if x.N > 0 {
			c.past[x.Stratum][x.Arm] = c.past[x.Stratum][x.Arm].Add(x.Moments)
			c.overall[x.Arm] = c.overall[x.Arm].Add(x.Moments)
		}
	}
}

// line is that of outcomes, with these weights on a unit's vector, on x: its slope, and the mean of x,
// from earlier hours of the stratum, or of all where those are few; zeros where all are.
func (c *covariate) line(weights []float64, stratum int) (theta, centre float64) {
	arms := c.past[stratum]
	if arms[Control].N+arms[Treatment].N < minSlope {
		arms = c.overall
	}
	if arms[Control].N+arms[Treatment].N < minSlope {
		return 0, 0
	}
	var r regression
	units := 0.0
	for _, m := range arms {
		if m.N == 0 {
			continue
		}
		r.add(m, weights, c.component)
		units += float64(m.N)
		centre += float64(m.N) * m.Mean[c.component]
	}
	return r.slope(), centre / units
}

// adjust takes theta (x - centre) out of an outcome. The amount is the same in both arms, and is multiplied
// neither with k nor with the size of a ratio's denominators: so what the mean of x is cancels.
func (c *covariate) adjust(y linear, theta, centre float64) linear {
	y.constant = slices.Clone(y.constant)
	y.constant[c.component] -= theta
	y.shift[0] += theta * centre
	return y
}

// A regression holds the sums of centred products of outcomes y and a covariate x within arms.
type regression struct{ xy, xx, yy float64 }

// add takes in the units of one arm; y is a combination of their vector.
func (r *regression) add(m Moments, y []float64, x int) {
	if m.N < 2 || m.square(x) == 0 {
		return
	}
	for i, w := range y {
		if w != 0 {
			r.xy += w * m.cross(i, x)
		}
	}
	_, square := m.linear(y)
	r.yy += square
	r.xx += m.square(x)
}

// slope of y on x; 0 where x does not vary.
func (r regression) slope() float64 {
	if !(r.xx > 0) {
		return 0
	}
	return r.xy / r.xx
}

// regress takes a figure's linearised values within each of some sets of units.
func regress(f Form, arms ...Moments) (r regression) {
	for _, m := range arms {
		if m.N > 0 {
			r.add(m, f.score(m, f.value(m)), f.Covariate)
		}
	}
	return r
}

// An Adjustment says what a covariate from before the release took out of a metric's effects.
type Adjustment struct {
	By string `json:"by"` // past: the same metric of the unit's user before the release
	// Slope is theta, and Correlation rho, within arms over all units of the test: intervals are
	// narrower by the factor sqrt(1 - rho^2).
	Slope       Number `json:"slope"`
	Correlation Number `json:"correlation"`
}

// adjustment fills in what was adjusted by, and warns where nothing could be.
func (e *evaluator) adjustment(arms [2]Moments) {
	f := e.in.Metric.Tested
	if f.Covariate == 0 {
		return
	}
	r := regress(f, arms[:]...)
	if !(r.xx > 0 && r.yy > 0) {
		e.warn("not adjusted: no user of these units has a past before the release that tells them apart")
		return
	}
	e.out.Adjustment = &Adjustment{By: "past", Slope: Number(r.slope()), Correlation: Number(r.xy / math.Sqrt(r.xx*r.yy))}
}
