package analyze

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"weir/analyze/cluster"
)

// A weighting says what a stream's units count for.
type weighting int

const (
	// overlap: each unit counts share x (1 - share) of its stratum; the test.
	overlap weighting = iota
	// traffic: each unit counts once; what the treatment would do to all of them.
	traffic
)

// A stream is the running sum of one pseudo-outcome per unit in order of
// assignment, under changing allocation (Waudby-Smith, Arbour, Sinha, Kennedy
// and Ramdas, arXiv 2103.06476). With share p of treatment, outcome y and a centre m
// known before the unit, a unit adds
//
//	overlap   (1-p)(y-m)  if treated,   -p(y-m)       if control
//	traffic   (y-m)/p     if treated,   -(y-m)/(1-p)  if control
//
// whose mean is the effect times the weight, whatever m is; m only narrows.
//
// Control's outcome enters k times: the stream is a polynomial in k, so that one
// walk answers "no difference" (k = 1) and "at most M worse relative to
// control" (k = 1 - M, or 1 + M) alike.
type stream struct {
	sum     [2]float64 // coefficients of k^0, k^1 of the sum
	squares [3]float64 // coefficients of k^0, k^1, k^2 of the sum of squares
	weight  float64    // sum over units of share (1 - share), or of 1
	units   float64
	arms    [2]int64
	// scale sums the treated units' denominators and their weight: a linearised ratio is
	// divided by their quotient.
	scaleSum, scaleWeight float64
	// exposure sums share-weights squared by arm, times the denominator: what a binomial
	// variance is multiplied with.
	exposure [2]float64
	// plain is the same stream without its covariate; nil where it has none.
	plain *stream
}

// at returns the sum and the variance of the stream (its intrinsic time) at k; 0 where the variance is
// no more than the rounding of its terms.
func (s *stream) at(k float64) (sum, variance float64) {
	sum = s.sum[0] + k*s.sum[1]
	own, both := s.squares[0]+k*k*s.squares[2], k*s.squares[1]
	mean := sum * sum / s.units
	return sum, math.Max(cluster.Settle(own+both-mean, own+math.Abs(both)+mean), 0)
}

// perUnit is what a sum is divided by to be an effect in the metric's unit.
func (s *stream) perUnit() float64 { return s.weight * s.scaleSum / s.scaleWeight }

// A linear is a weighted sum of a unit's vector whose weights are constant plus k times
// slope, and a shift, constant and times k.
type linear struct {
	constant, slope []float64
	shift           [2]float64
}

// mean of the linear over the units of m, as a polynomial in k.
func (l linear) mean(m Moments) (mean [2]float64) {
	mean = l.shift
	for i := range m.Mean {
		mean[0] += l.constant[i] * m.Mean[i]
		mean[1] += l.slope[i] * m.Mean[i]
	}
	return mean
}

// moments are its mean and sums of squares.
func (l linear) moments(m Moments) (mean [2]float64, squares [3]float64) {
	mean = l.mean(m)
	for i := range m.Mean {
		for j := range m.Mean {
			c := m.cross(i, j)
			squares[0] += l.constant[i] * l.constant[j] * c
			squares[1] += 2 * l.constant[i] * l.slope[j] * c
			squares[2] += l.slope[i] * l.slope[j] * c
		}
	}
	return mean, squares
}

// add takes in the units of one arm, hour and stratum, whose outcomes are y,
// centred at centre, each counting factor.
func (s *stream) add(m Moments, y linear, centre [2]float64, factor float64) {
	n := float64(m.N)
	mean, squares := y.moments(m)
	d0, d1 := mean[0]-centre[0], mean[1]-centre[1]
	s.sum[0] += factor * n * d0
	s.sum[1] += factor * n * d1
	f2 := factor * factor
	s.squares[0] += f2 * (squares[0] + n*d0*d0)
	s.squares[1] += f2 * (squares[1] + 2*n*d0*d1)
	s.squares[2] += f2 * (squares[2] + n*d1*d1)
}

// A walker feeds a metric's cells to a stream, hour by hour.
type walker struct {
	form       Form
	strata     []Stratum
	weighting  weighting
	references map[day][2]Moments
	judged     *judgedWalk // nil unless units are judged
	centres    []centre    // a stratum each
	overall    centre
	covariate  *covariate // nil where the form has none
	stream     stream
	learned    []lesson // of the hour that is taken
	outcomes   linear   // of the cell that is taken
}

// day is a stratum and a UTC day.
type day struct {
	stratum int
	day     int64
}

// newWalker prepares a walk over cells. fallback is control's level before
// the first unit: the centre of the first hour.
func newWalker(f Form, strata []Stratum, cells []Cell, w weighting, fallback float64) *walker {
	walk := &walker{form: f, strata: strata, weighting: w, centres: make([]centre, len(strata))}
	if f.Den == Ones {
		walk.overall.fallback = fallback
	} else {
		walk.references = references(cells)
	}
	if f.Covariate > 0 {
		walk.covariate = newCovariate(f.Covariate, len(strata))
		walk.stream.plain = &stream{}
	}
	return walk
}

// A batch is all cells of one hour.
type batch struct {
	hour  int64
	cells []Cell
}

// batches groups cells by hour, in order. Their arms of one stratum stand together.
func batches(cells []Cell) []batch {
	order := func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Stratum, b.Stratum), cmp.Compare(a.Arm, b.Arm))
	}
	sorted := cells
	if !slices.IsSortedFunc(cells, order) {
		sorted = slices.Clone(cells)
		slices.SortStableFunc(sorted, order)
	}
	var out []batch
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j].Hour == sorted[i].Hour {
			j++
		}
		out = append(out, batch{sorted[i].Hour, sorted[i:j]})
		i = j
	}
	return out
}

// take adds one hour. Centres are those of earlier hours only.
func (w *walker) take(b batch) {
	w.learned = w.learned[:0]
	for _, c := range b.cells {
		if c.N == 0 {
			continue
		}
		if y, ok := w.outcome(c); ok {
			w.add(c, y)
			w.learned = append(w.learned, lesson{c.Stratum, y.mean(c.Moments), c.N})
		}
	}
	for _, l := range w.learned {
		w.centres[l.stratum].learn(l.mean, l.units)
		w.overall.learn(l.mean, l.units)
	}
	if w.judged != nil {
		w.judged.learn(b.cells)
	}
	if w.covariate != nil {
		w.covariate.learn(b.cells)
	}
}

// A lesson is the mean outcome of a cell, which later hours are centred at.
type lesson struct {
	stratum int
	mean    [2]float64
	units   int64
}

// add puts the outcomes of one cell into the stream.
func (w *walker) add(c Cell, y linear) {
	share := w.strata[c.Stratum].Share
	factor, weight := factors(w.weighting, share, c.Arm)
	n, s := float64(c.N), &w.stream
	if s.plain != nil {
		s.plain.units += n
		s.plain.add(c.Moments, y, w.centre(c.Stratum), factor)
		theta, x := w.covariate.line(w.form.score(c.Moments, w.reference(c)), c.Stratum)
		y = w.covariate.adjust(y, theta, x)
	}
	s.add(c.Moments, y, w.centre(c.Stratum), factor)
	s.weight += n * weight
	s.units += n
	s.arms[c.Arm] += w.count(c.Moments)
	s.exposure[c.Arm] += factor * factor * n * w.form.scale(c.Moments)
	if c.Arm == Treatment {
		s.scaleSum += factor * n * w.form.scale(c.Moments)
		s.scaleWeight += factor * n
	}
}

// count is how many units of a cell say something: all, or those that are judged.
func (w *walker) count(m Moments) int64 {
	if w.judged != nil {
		return judged(m)
	}
	return m.N
}

// factors gives what a unit's centred outcome is multiplied with, and what
// the unit weighs.
func factors(w weighting, share float64, a Arm) (factor, weight float64) {
	switch {
	case w == overlap && a == Treatment:
		return 1 - share, share * (1 - share)
	case w == overlap:
		return -share, share * (1 - share)
	case a == Treatment:
		return 1 / share, 1
	default:
		return -1 / (1 - share), 1
	}
}

// blank is a linear of zeros; that of the cell before is overwritten.
func (w *walker) blank(width int) linear {
	if y := &w.outcomes; len(y.constant) != width {
		y.constant, y.slope = make([]float64, width), make([]float64, width)
	} else {
		clear(y.constant)
		clear(y.slope)
	}
	return w.outcomes
}

// outcome gives the linearised outcome of a cell's units, until the next cell is asked for; false where
// the cell has no concurrent control to take a ratio's level from.
func (w *walker) outcome(c Cell) (linear, bool) {
	if w.judged != nil {
		m := w.centre(c.Stratum)
		return w.judged.outcome(c, m[0]+m[1])
	}
	y := w.blank(len(c.Mean))
	if w.form.Den == Ones {
		if c.Arm == Treatment {
			y.constant[w.form.Num] = 1
		} else {
			y.slope[w.form.Num] = 1
		}
		return y, true
	}
	reference, ok := w.references[day{c.Stratum, dayOf(c.Hour)}]
	if !ok || reference[Control].Mean[w.form.Den] == 0 {
		return y, false
	}
	ratio := w.form.value(reference[Control])
	if c.Arm == Treatment {
		y.constant[w.form.Num] = 1
		y.slope[w.form.Den] = -ratio
		return y, true
	}
	// Control's residuals sum to zero; their spread is the error of the level,
	// which treatment's denominators multiply.
	size := 1.0
	if reference[Treatment].N > 0 {
		size = reference[Treatment].Mean[w.form.Den] / reference[Control].Mean[w.form.Den]
	}
	y.slope[w.form.Num] = size
	y.slope[w.form.Den] = -size * ratio
	return y, true
}

// reference is the level of a ratio that the outcomes of a cell are taken from; 0 for a mean.
func (w *walker) reference(c Cell) float64 {
	if w.form.Den == Ones {
		return 0
	}
	return w.form.value(w.references[day{c.Stratum, dayOf(c.Hour)}][Control])
}

// centre is the mean outcome of the stratum's past units; before its first
// hour, of all past units.
func (w *walker) centre(stratum int) [2]float64 {
	if c := &w.centres[stratum]; c.units > 0 {
		return c.mean()
	}
	return w.overall.mean()
}

// A centre is a running mean of outcomes, as a polynomial in k.
type centre struct {
	sum      [2]float64
	units    float64
	fallback float64
}

func (c *centre) learn(mean [2]float64, n int64) {
	c.sum[0] += mean[0] * float64(n)
	c.sum[1] += mean[1] * float64(n)
	c.units += float64(n)
}

// mean of the past; the fallback, control's and so times k, where there is none.
func (c *centre) mean() [2]float64 {
	if c.units == 0 {
		return [2]float64{0, c.fallback}
	}
	return [2]float64{c.sum[0] / c.units, c.sum[1] / c.units}
}

// minReference is the number of control units that a ratio's level needs.
const minReference = 100

// references gives, for each stratum and day, the moments of the arms from
// which a ratio's level is taken: those of the same stratum and day, joined
// with following days (at the end with preceding ones) until they hold
// minReference units of control. The level must be concurrent: taken from the
// past, a drift of the ratio would look like an effect where the arms'
// denominators differ.
func references(cells []Cell) map[day][2]Moments {
	days := map[day][2]Moments{}
	for _, c := range cells {
		d := day{c.Stratum, dayOf(c.Hour)}
		arms := days[d]
		arms[c.Arm] = arms[c.Arm].Add(c.Moments)
		days[d] = arms
	}
	order := slices.SortedFunc(maps.Keys(days), func(a, b day) int {
		return cmp.Or(cmp.Compare(a.stratum, b.stratum), cmp.Compare(a.day, b.day))
	})
	out := map[day][2]Moments{}
	for len(order) > 0 {
		next := slices.IndexFunc(order, func(d day) bool { return d.stratum != order[0].stratum })
		if next < 0 {
			next = len(order)
		}
		joinDays(order[:next], days, out)
		order = order[next:]
	}
	return out
}

// joinDays fills out for the days of one stratum.
func joinDays(order []day, days, out map[day][2]Moments) {
	type group struct {
		days []day
		arms [2]Moments
	}
	var closed []group
	var open group
	join := func(g *group, ds []day, arms [2]Moments) {
		g.days = append(g.days, ds...)
		for _, a := range Arms {
			g.arms[a] = g.arms[a].Add(arms[a])
		}
	}
	for _, d := range order {
		join(&open, []day{d}, days[d])
		if open.arms[Control].N >= minReference {
			closed, open = append(closed, open), group{}
		}
	}
	if len(closed) == 0 {
		closed = append(closed, open)
	} else {
		join(&closed[len(closed)-1], open.days, open.arms)
	}
	for _, g := range closed {
		for _, d := range g.days {
			if g.arms[Control].N > 0 {
				out[d] = g.arms
			}
		}
	}
}

// dayOf gives the UTC day of an hour, both counted from 1970.
func dayOf(hour int64) int64 { return int64(math.Floor(float64(hour) / 24)) }
