package analyze

import (
	"math"

	"weir/analyze/sequential"
)

// minExpectedEvents is how many events the margin itself must lead treatment
// to expect before a rate may pass or, where harm means fewer events, fail.
const minExpectedEvents = 20

// A sequence is what the streams of one metric say at every hour up to now:
// bounds that hold at all of them together, and the smallest p-values.
type sequence struct {
	value        float64 // current centre of the overlap stream
	lower, upper float64 // of the effect, two-sided
	p            float64 // of no effect, two-sided
	passP, harmP float64 // of the margin, one-sided
	bound        float64 // on the margin's scale, one-sided, the bad side
	tested       bool    // the minimum was reached
	harmTested   bool    // the minimum for harm was reached
	// more is how many times the information of now the effect of now would
	// need; NaN where no amount would do.
	moreForP, moreForPass float64
	// presentLower and presentUpper are the two-sided bounds of this look alone.
	presentLower, presentUpper float64
	// wide and wideOneSided are the bounds' widths in standard errors.
	wide, wideOneSided float64
	traffic            Interval // of the effect, weighted by traffic
	relative           Interval
}

// A sequencer computes a sequence for one metric.
type sequencer struct {
	metric Metric
	alpha  float64
	frozen Frozen
	strata []Stratum
	binary bool
	// tuned holds the precisions at alpha and at twice alpha, and that of harm, while run walks.
	tuned [3]float64
	// limits are what rates gives, while run walks; nil before.
	limits *[2]float64
}

// run walks the cells hour by hour.
func (q sequencer) run(cells []Cell) sequence {
	q.tuned, q.limits = q.precisions(), q.fixedRates()
	out := sequence{
		value: math.NaN(), lower: math.Inf(-1), upper: math.Inf(1), p: 1, passP: 1, harmP: 1, bound: math.NaN(),
		moreForP: math.NaN(), moreForPass: math.NaN(), traffic: unknownInterval(), relative: unknownInterval(),
	}
	walk := func(f Form, w weighting) *walker {
		if q.metric.Kind != KindJudge {
			return newWalker(f, q.strata, cells, w, float64(q.frozen.Level))
		}
		out := newWalker(Form{Num: judgedScore, Den: Ones}, q.strata, cells, w, float64(q.frozen.Level))
		out.judged = newJudgedWalk(q.metric.Corrected, cells)
		return out
	}
	test, effect := walk(q.metric.Tested, overlap), walk(q.metric.Tested, traffic)
	margin := test
	if q.metric.Margined != q.metric.Tested {
		margin = walk(q.metric.Margined, overlap)
	}
	bets, all := q.bet(), batches(cells)
	looks := make([]bool, len(all))
	for i, b := range all {
		test.take(b)
		effect.take(b)
		if margin != test {
			margin.take(b)
		}
		if bets != nil {
			bets.take(b.cells)
		}
		q.look(&out, &test.stream, &margin.stream, bets)
		looks[i] = out.tested
	}
	if out.tested {
		q.finish(&out, &test.stream, &effect.stream)
		out.more(q, &test.stream, &margin.stream, bets)
		if bets != nil {
			out.bound = bets.bound(all, looks, q.alpha)
		}
	}
	return out
}

// look takes in what the test says after one more hour.
func (q sequencer) look(out *sequence, s, margin *stream, bets *bet) {
	least := min(s.arms[Control], s.arms[Treatment])
	if least < HarmMinimum {
		return
	}
	out.harmTested = true
	if q.metric.Margin != nil && q.enoughForHarm(margin) {
		out.harmP = math.Min(out.harmP, q.marginP(margin, -1, q.harmPrecision()))
	}
	if least < q.metric.Minimum {
		return
	}
	out.tested = true
	sum, variance := q.at(s, 1)
	out.value = sum / s.perUnit()
	out.p = math.Min(out.p, q.twoSided(s.units, sum, variance))
	radius := sequential.Radius(variance, q.precision(q.alpha), q.alpha)
	out.presentLower, out.presentUpper = (sum-radius)/s.perUnit(), (sum+radius)/s.perUnit()
	out.lower, out.upper = math.Max(out.lower, out.presentLower), math.Min(out.upper, out.presentUpper)
	if bets != nil {
		bets.look()
		out.passP = bets.p()
		return
	}
	if q.metric.Margin != nil {
		if q.mayTighten(out.bound, s) {
			out.bound = q.tightest(out.bound, q.marginBound(s))
		}
		if q.enoughForPass(margin) {
			out.passP = math.Min(out.passP, q.marginP(margin, +1, q.precision(2*q.alpha)))
		}
	}
}

// at gives the sum and the variance of the stream at k; a rate's variance is never
// below its value at the margin, since a few unseen events prove little.
func (q sequencer) at(s *stream, k float64) (sum, variance float64) {
	sum, variance = s.at(k)
	if !q.isRate() {
		return sum, variance
	}
	control, treatment := q.rates()
	floor := s.exposure[Control]*control*(1-control) + s.exposure[Treatment]*treatment*(1-treatment)
	if s.plain == nil {
		return sum, math.Max(variance, floor)
	}
	// What a covariate explains of the variance it explains of the floor.
	if _, plain := s.plain.at(k); plain > 0 {
		return sum, variance * math.Max(1, floor/plain)
	}
	return sum, math.Max(variance, floor)
}

// isRate reports whether the figure is a share of rows or units that do or do not.
func (q sequencer) isRate() bool {
	return q.metric.Rate && (q.metric.Tested.Den != Ones || q.binary)
}

// rates gives control's frozen level and the treatment's at the margin.
func (q sequencer) rates() (control, treatment float64) {
	if q.limits != nil {
		return q.limits[0], q.limits[1]
	}
	level := float64(q.frozen.Level)
	return clampShare(level), q.metric.atMargin(level)
}

// fixedRates computes what limits keeps.
func (q sequencer) fixedRates() *[2]float64 {
	control, treatment := q.rates()
	return &[2]float64{control, treatment}
}

// expected gives how many events and non-events the treatment's units lead to expect
// at the margin.
func (q sequencer) expected(s *stream) (events, others float64) {
	_, rate := q.rates()
	trials := float64(s.arms[Treatment])
	if q.metric.Tested.Den != Ones {
		trials *= s.scaleSum / s.scaleWeight
	}
	return trials * rate, trials * (1 - rate)
}

// enoughForPass is false while a rate is too rare, on either side, for its sum to be normal.
func (q sequencer) enoughForPass(s *stream) bool {
	if !q.isRate() {
		return true
	}
	events, others := q.expected(s)
	return math.Min(events, others) >= minExpectedEvents
}

// enoughForHarm is false while harm would mean fewer events than hardly any.
func (q sequencer) enoughForHarm(s *stream) bool {
	if !q.isRate() || q.metric.Good == Down {
		return true
	}
	events, _ := q.expected(s)
	return events >= minExpectedEvents
}

// precision is the mixture's precision r at alpha of the overlap sequence,
// tuned to the plan.
func (q sequencer) precision(alpha float64) float64 {
	switch {
	case q.tuned[0] > 0 && alpha == q.alpha:
		return q.tuned[0]
	case q.tuned[1] > 0 && alpha == 2*q.alpha:
		return q.tuned[1]
	}
	share := float64(q.frozen.PlanShare)
	return sequential.Tuning(float64(q.frozen.PlanUnits*q.frozen.Spread)*share*(1-share), alpha)
}

// harmPrecision is that of the overlap sequence tuned to where harm is expected to show,
// at twice alpha.
func (q sequencer) harmPrecision() float64 {
	switch {
	case q.tuned[2] > 0:
		return q.tuned[2]
	case q.frozen.HarmUnits == 0:
		return q.precision(2 * q.alpha)
	}
	return sequential.Tuning(float64(q.frozen.HarmUnits*q.frozen.Spread), 2*q.alpha)
}

// precisions computes what tuned keeps.
func (q sequencer) precisions() [3]float64 {
	return [3]float64{q.precision(q.alpha), q.precision(2 * q.alpha), q.harmPrecision()}
}

// trafficPrecision is that of the traffic sequence at the same plan.
func (q sequencer) trafficPrecision(alpha float64) float64 {
	share := float64(q.frozen.PlanShare)
	return sequential.Tuning(float64(q.frozen.PlanUnits*q.frozen.Spread)/(share*(1-share)), alpha)
}

// twoSided is the always-valid p-value of a sum of mean zero.
func (q sequencer) twoSided(units, sum, variance float64) float64 {
	return sequential.Sum{Terms: units, Total: sum, Time: variance}.PTwoSided(0, q.precision(q.alpha))
}

// oneSided is that of a sum of a mean of at most zero; precision is tuned at twice alpha.
func (q sequencer) oneSided(units, sum, variance, precision float64) float64 {
	return sequential.Sum{Terms: units, Total: sum, Time: variance}.PGreater(0, precision)
}

// marginP is the always-valid one-sided p-value of the margin: of "worse
// than the margin" for side +1, of "not beyond the margin" for side -1.
func (q sequencer) marginP(s *stream, side, precision float64) float64 {
	k, shift := q.metric.null()
	sum, variance := q.at(s, k)
	favour := side * q.metric.Good.sign() * (sum - shift*s.perUnit())
	return q.oneSided(s.units, favour, variance, precision)
}

// marginBound is the one-sided limit on the bad side: of the effect, or, for
// a relative margin, of the lift.
func (q sequencer) marginBound(s *stream) float64 {
	g := q.metric.Good.sign()
	if !q.metric.Margin.Relative {
		sum, variance := q.at(s, 1)
		return (sum - g*sequential.RadiusOneSided(variance, q.precision(2*q.alpha), q.alpha)) / s.perUnit()
	}
	return q.invert(s, func(k float64) float64 { return q.beyond(s, k) }, -g)
}

// beyond is negative while it is still plausible that the treatment is as bad as k times control: how far the
// sum lies beyond the boundary.
func (q sequencer) beyond(s *stream, k float64) float64 {
	sum, variance := q.at(s, k)
	return q.metric.Good.sign()*sum - sequential.RadiusOneSided(variance, q.precision(2*q.alpha), q.alpha)
}

// mayTighten reports whether this look may give a bound better than the one so far: where a
// lift as bad as that is still plausible, it does not.
func (q sequencer) mayTighten(bound float64, s *stream) bool {
	return !q.metric.Margin.Relative || math.IsNaN(bound) || !(q.beyond(s, 1+bound) < 0)
}

// invert finds the lift k-1 farthest from the estimate in the given direction that is still
// plausible: beyond, the distance of the stream's sum at k over its boundary, is negative. NaN where that is beyond
// -1 or +10. The sum is a line in k and the boundary the root of a quadratic, times a slow logarithm,
// so that it crosses once.
func (q sequencer) invert(s *stream, beyond func(k float64) float64, direction float64) float64 {
	inside := -s.sum[0] / s.sum[1] // where the sum is zero
	outside := 0.0
	if direction > 0 {
		outside = inside + 10
	}
	if math.IsNaN(inside) || inside < 0 || beyond(outside) < 0 {
		return math.NaN()
	}
	return crossing(beyond, inside, outside) - 1
}

// tightest keeps the bound nearest to the good side over looks.
func (q sequencer) tightest(old, now float64) float64 {
	if math.IsNaN(old) {
		return now
	}
	if math.IsNaN(now) {
		return old
	}
	return q.metric.Good.sign() * math.Max(q.metric.Good.sign()*old, q.metric.Good.sign()*now)
}

// finish adds what concerns only the present look.
func (q sequencer) finish(out *sequence, test, effect *stream) {
	r := q.trafficPrecision(q.alpha)
	sum, variance := q.at(effect, 1)
	radius := sequential.Radius(variance, r, q.alpha)
	perUnit := effect.perUnit()
	out.traffic = Interval{Number(sum / perUnit), Number((sum - radius) / perUnit), Number((sum + radius) / perUnit)}
	beyond := func(k float64) float64 {
		sum, variance := q.at(effect, k)
		return math.Abs(sum) - sequential.Radius(variance, r, q.alpha)
	}
	out.relative = Interval{
		Value: Number(-effect.sum[0]/effect.sum[1] - 1),
		Lower: Number(q.invert(effect, beyond, -1)),
		Upper: Number(q.invert(effect, beyond, +1)),
	}
	_, variance = q.at(test, 1)
	out.wide = sequential.Radius(variance, q.precision(q.alpha), q.alpha) / math.Sqrt(variance)
	out.wideOneSided = sequential.RadiusOneSided(variance, q.precision(2*q.alpha), q.alpha) / math.Sqrt(variance)
}

// more estimates how many times the information of now the effect of now
// would need to be proven different from none, and within the margin.
func (out *sequence) more(q sequencer, s, margin *stream, bets *bet) {
	sum, variance := q.at(s, 1)
	out.moreForP = growth(func(f float64) bool {
		return q.twoSided(f*s.units, f*sum, f*variance) < q.alpha
	})
	if q.metric.Margin == nil {
		return
	}
	if bets != nil {
		out.moreForPass = growth(func(f float64) bool { return math.Max(bets.highest, f*bets.logE) >= -math.Log(q.alpha) })
		return
	}
	k, shift := q.metric.null()
	sum, variance = q.at(margin, k)
	favour := q.metric.Good.sign() * (sum - shift*margin.perUnit())
	events, others := q.expected(margin)
	out.moreForPass = growth(func(f float64) bool {
		if q.isRate() && f*math.Min(events, others) < minExpectedEvents {
			return false
		}
		return q.oneSided(f*margin.units, f*favour, f*variance, q.precision(2*q.alpha)) < q.alpha
	})
}

// growth finds the smallest factor, up to a thousand, at which proven holds;
// 1 where it holds already, NaN where it never does.
func growth(proven func(factor float64) bool) float64 {
	const most = 1000
	if proven(1) {
		return 1
	}
	if !proven(most) {
		return math.NaN()
	}
	low, high := 1.0, float64(most)
	for high/low > 1.001 {
		mid := math.Sqrt(low * high)
		if proven(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

func unknownInterval() Interval { return Interval{Unknown, Unknown, Unknown} }
