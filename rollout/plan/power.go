package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
	"weir/analyze/dist"
	"weir/analyze/sequential"
)

// A Question is what a test of a metric is to prove.
type Question string

// The questions: better than no difference, on the good side of a two-sided test; within the
// margin, by a one-sided one.
const (
	Better Question = "better"
	Within Question = "within margin"
)

// A Curve is the power of one test against the days since the start.
type Curve struct {
	ByDay []float64 `json:"by_day"` // after 1, 2, ... days
	// Days80 is when the power reaches 80 %, to the hour; infinite where it does
	// not.
	Days80 analyze.Number `json:"days_80"`
	// Detectable is the effect (of better), or the margin at no effect (of
	// within margin), that so many days prove with a power of 80 %: points of a
	// rate, a share of the level of anything else, or the margin's own unit; NaN where that cannot
	// be said.
	Detectable analyze.Number `json:"detectable"`
}

// A Power is what one test of one metric can prove by itself, at alpha.
type Power struct {
	Metric     string   `json:"metric"`
	Question   Question `json:"question"`
	By         By       `json:"by"`         // what the test at every look is made of
	Fixed      Curve    `json:"fixed"`      // one look, after so many days
	Sequential Curve    `json:"sequential"` // a look every hour
	// StdErr is the Monte-Carlo error of the sequential powers near one half, the
	// largest it gets. The fixed ones are by formula.
	StdErr float64 `json:"std_err"`
}

// wanted is the power that a plan should have.
const wanted = .8

// paths is how many sums are simulated for a sequential power.
const paths = 4000

// Powers computes what each goal and guardrail can prove alone in so many days: the
// effects are those of the plan's pools.
//
// The test's sum S grows, an hour, by a normal step with the drift and the variance that
// the pools' moments give it at the share of that hour. A fixed test compares S/sqrt(V)
// with a normal quantile. The sequential one asks at every hour, from the minimum of
// units on, whether S has left the boundary. The margin of a rare rate of units is proven by bets instead, as the
// analysis does.
func (p Plan) Powers(seed uint64, days int) ([]Power, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var out []Power
	hours := p.schedule(days)
	if days < 1 {
		return nil, fmt.Errorf("a horizon of %d days: at least 1", days)
	}
	for i, m := range p.Metrics {
		if m.Role == analyze.Monitor {
			continue
		}
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		if m.Role == analyze.Goal && !m.ownScale() {
			out = append(out, m.contest(Better).power(hours, p.Alpha, r))
		}
		if m.Margin == nil {
			continue
		}
		within := m.contest(Within).power(hours, p.Alpha, r)
		if w, ok := m.wager(p); ok {
			within.By, within.Sequential = Bets, w.curve(hours, p.Alpha, r)
		}
		out = append(out, within)
	}
	return out, nil
}

// A contest is a metric's test as moments of the treatment's and control's linearised
// outcomes, turned so that the good side is up.
type contest struct {
	metric   Metric
	question Question
	// drift is the mean difference that is to be proven; nominal what it would be
	// at an effect, or a margin, of unit on the metric's scale of effects.
	drift, nominal, unit       float64
	control, treated           float64 // variances of a unit
	floorControl, floorTreated float64 // of a rate, as if it were at the margin
	scale                      float64 // the treatment's denominators a unit
	speaking                   float64 // share of units that count towards the minimum
}

// contest takes the moments of a test from the metric's pools.
func (m Metric) contest(q Question) contest {
	form, factor, shift := m.Tested, 1.0, 0.0
	if q == Within {
		form = m.Margined
		factor, shift = m.AtMargin()
	}
	a, b := m.Control.Moments(), m.Treatment.Moments()
	c := contest{metric: m, question: q, scale: 1, unit: math.NaN(), speaking: m.speaking()}
	good := 1.0
	if m.Good == analyze.Down {
		good = -1
	}
	if m.Kind == analyze.KindJudge { // z of the correction, whose variance has what was not judged in it
		levelA, spreadA := m.Baseline(a)
		levelB, spreadB := m.Baseline(b)
		c.control, c.treated = factor*factor*spreadA, spreadB
		c.drift = good * (levelB - factor*levelA - shift)
		c.effects(levelA)
		return c
	}
	meanA, meanB := a.Mean[form.Num], b.Mean[form.Num]
	level := meanA
	if form.Den == analyze.Ones {
		c.control, c.treated = factor*factor*a.Var(form.Num), b.Var(form.Num)
	} else {
		ratio := meanA / a.Mean[form.Den]
		c.scale = b.Mean[form.Den]
		size := c.scale / a.Mean[form.Den]
		c.control = factor * factor * size * size * residual(a, form, ratio)
		c.treated = residual(b, form, factor*ratio)
		meanA, meanB = 0, meanB-factor*ratio*c.scale
		level = ratio
		factor = 0
	}
	c.drift = good * (meanB - factor*meanA - shift*c.scale)
	c.effects(level)
	if m.Rate && (form.Den != analyze.Ones || m.binary()) {
		control := float64(m.Frozen.Level)
		margin := control
		if m.Margin != nil {
			margin = m.RateAtMargin(control)
		}
		c.floorControl, c.floorTreated = c.scale*control*(1-control), c.scale*margin*(1-margin)
	}
	return c
}

// residual is the variance of a unit's numerator less a ratio times its denominator.
func residual(m analyze.Moments, f analyze.Form, ratio float64) float64 {
	return m.Var(f.Num) - 2*ratio*m.Cov(f.Num, f.Den) + ratio*ratio*m.Var(f.Den)
}

// effects says what drift an effect, or a margin, of a known size would be.
func (c *contest) effects(level float64) {
	m := c.metric
	switch {
	case c.question == Within && m.Kind == analyze.KindQuantile:
		c.nominal, c.unit = c.drift, m.Margin.Value // about: thresholds are no straight line
	case m.Kind == analyze.KindQuantile:
		c.nominal = c.drift
	case m.Rate:
		c.nominal, c.unit = c.scale, 1
	default:
		c.nominal, c.unit = math.Abs(level)*c.scale, 1
	}
	if c.question == Within && m.Kind != analyze.KindQuantile && !m.Margin.Relative && !m.Rate {
		c.nominal = c.scale // the margin is in the metric's unit
	}
}

// A path is the sum's expected course: after each hour the weight that its drift is
// multiplied with, its variance, and the variance that its boundary is computed with.
type path struct{ weight, variance, bound []float64 }

// course adds up what the hours bring, from when the test may speak on.
func (c contest) course(hours []scheduled) (p path, from int) {
	var weight, variance, floor, control, treated float64
	from = len(hours)
	wait := int(math.Ceil(c.metric.window().Hours()))
	for h := range hours {
		if mature := h - wait; mature >= 0 {
			n, s := hours[mature].units, hours[mature].propensity
			w := n * s * (1 - s)
			weight += w
			own := (1-s)*c.treated + s*c.control
			variance += w * (own + c.drift*c.drift*(math.Pow(1-s, 3)+math.Pow(s, 3)-s*(1-s)))
			floor += w * ((1-s)*c.floorTreated + s*c.floorControl)
			control += n * (1 - s)
			treated += n * s
		}
		p.weight = append(p.weight, weight)
		p.variance = append(p.variance, variance)
		p.bound = append(p.bound, math.Max(variance, floor))
		if from == len(hours) && c.speaks(control, treated) {
			from = h
		}
	}
	return p, from
}

// minExpected is how many events, and non-events, at the margin a rate's pass needs.
const minExpected = 20

// speaks reports whether the minimums are reached.
func (c contest) speaks(control, treated float64) bool {
	if c.speaking*math.Min(control, treated) < float64(c.metric.Minimum) {
		return false
	}
	if c.question != Within || c.floorTreated == 0 {
		return true
	}
	rate := c.metric.RateAtMargin(float64(c.metric.Frozen.Level))
	return treated*c.scale*math.Min(rate, 1-rate) >= minExpected
}

// power computes both curves.
func (c contest) power(hours []scheduled, alpha float64, r *rand.Rand) Power {
	p, from := c.course(hours)
	out := Power{Metric: c.metric.Name, Question: c.question, By: Sums, StdErr: math.Sqrt(.25 / paths)}
	out.Fixed = c.curve(p, func(h int, drift float64) float64 { return c.fixedPower(p, h, from, drift, alpha) })
	walks := p.walks(r)
	radius := c.radii(p, alpha)
	out.Sequential = c.sequentialCurve(p, walks, radius, from)
	return out
}

// fixedPower is that of one look after hour h.
func (c contest) fixedPower(p path, h, from int, drift, alpha float64) float64 {
	if h < from || !(p.variance[h] > 0) {
		return 0
	}
	z := dist.NormalQuantile(1 - alpha)
	if c.question == Better {
		z = dist.NormalQuantile(1 - alpha/2)
	}
	return dist.NormalSurvival(z - drift*p.weight[h]/math.Sqrt(p.variance[h]))
}

// curve fills in a curve from the power after an hour, which rises.
func (c contest) curve(p path, power func(h int, drift float64) float64) Curve {
	out := Curve{Days80: analyze.Number(never), Detectable: analyze.Unknown}
	for h := range p.weight {
		at := power(h, c.drift)
		if !out.Days80.Known() && at >= wanted {
			out.Days80 = analyze.Number(h+1) / 24
		}
		if (h+1)%24 == 0 {
			out.ByDay = append(out.ByDay, at)
		}
	}
	out.Detectable = c.detectable(p, func(drift float64) float64 { return power(len(p.weight)-1, drift) })
	return out
}

// detectable is the effect, or the margin, at which the power at the end is as wanted.
func (c contest) detectable(p path, power func(drift float64) float64) analyze.Number {
	end := len(p.weight) - 1
	high := math.Sqrt(p.variance[end]) / p.weight[end]
	if !(c.nominal > 0 && c.unit > 0 && high > 0) {
		return analyze.Unknown
	}
	for n := 0; power(high) < wanted; n++ {
		if high *= 2; n > 30 {
			return analyze.Unknown
		}
	}
	low := 0.0
	for range 30 {
		mid := (low + high) / 2
		if power(mid) >= wanted {
			high = mid
		} else {
			low = mid
		}
	}
	return analyze.Number(high / c.nominal * c.unit)
}

// walks are simulated courses of the sum without drift, an hour after the other.
func (p path) walks(r *rand.Rand) [][]float32 {
	out := make([][]float32, paths)
	for i := 0; i < paths; i += 2 { // a walk and its mirror image
		a, b := make([]float32, len(p.variance)), make([]float32, len(p.variance))
		sum, before := 0.0, 0.0
		for h, v := range p.variance {
			sum += math.Sqrt(v-before) * r.NormFloat64()
			before = v
			a[h], b[h] = float32(sum), float32(-sum)
		}
		out[i], out[i+1] = a, b
	}
	return out
}

// radii are the boundary after each hour.
func (c contest) radii(p path, alpha float64) []float64 {
	f := c.metric.Frozen
	planned := float64(f.PlanUnits*f.Spread) * float64(f.PlanShare) * (1 - float64(f.PlanShare))
	out := make([]float64, len(p.bound))
	two, one := sequential.Tuning(planned, alpha), sequential.Tuning(planned, 2*alpha)
	for h, v := range p.bound {
		if c.question == Better {
			out[h] = sequential.Radius(v, two, alpha)
		} else {
			out[h] = sequential.RadiusOneSided(v, one, alpha)
		}
	}
	return out
}

// sequentialCurve follows each walk to the hour at which it leaves the boundary.
func (c contest) sequentialCurve(p path, walks [][]float32, radius []float64, from int) Curve {
	crossing := func(drift float64) []float64 { // hours, sorted
		var at []float64
		for _, w := range walks {
			for h := from; h < len(radius); h++ {
				if drift*p.weight[h]+float64(w[h]) >= radius[h] {
					at = append(at, float64(h+1))
					break
				}
			}
		}
		slices.Sort(at)
		return at
	}
	out := byHour(crossing(c.drift), len(radius))
	out.Detectable = c.detectable(p, func(drift float64) float64 { return float64(len(crossing(drift))) / paths })
	return out
}

// byHour is the curve of paths of which so many had their proof after these hours, in order.
func byHour(at []float64, hours int) Curve {
	out := Curve{ByDay: make([]float64, hours/24), Detectable: analyze.Unknown}
	for d := range out.ByDay {
		k, _ := slices.BinarySearch(at, float64(24*(d+1))+.5)
		out.ByDay[d] = float64(k) / paths
	}
	out.Days80 = analyze.Number(reached(at, paths, wanted) / 24)
	return out
}

// Price is how many times the units of a fixed test the sequence needs for a power of 80 %, for a
// mean of known spread at constant allocation, tuned for when it has that power.
func Price(q Question, alpha float64, seed uint64) float64 {
	c := contest{question: q, drift: .02, control: 1, treated: 1, scale: 1, speaking: 1}
	c.metric.Columns = []analyze.Column{{}}
	var out Power
	units := 120_000.0
	for range 4 {
		c.metric.Frozen = analyze.Frozen{Spread: 1, PlanUnits: analyze.Number(units), PlanShare: .5}
		const hours = 1200
		course := make([]scheduled, hours)
		for h := range course {
			course[h] = scheduled{0, 2 * units / hours, .5}
		}
		out = c.power(course, alpha, rand.New(rand.NewPCG(seed, 1)))
		units = float64(out.Sequential.Days80) * 24 * 2 * units / hours
	}
	return float64(out.Sequential.Days80 / out.Fixed.Days80)
}
