package analyze

import (
	"fmt"
	"math"
	"slices"

	"weir/analyze/dist"
	"weir/analyze/sequential"
)

// A Breakdown is a metric's effect in parts of its units: the strata of an
// epoch, the days of the release's age, the values of an attribute. It
// explores; no verdict cites it.
type Breakdown struct {
	By string `json:"by"` // epoch, age, or the name of an attribute
	// Unit is that of the effects: the metric's, or share for a quantile, of
	// which the rate above control's frozen threshold is compared.
	Unit  string `json:"unit"`
	Parts []Part `json:"parts"`
	// PValue is Cochran's of one effect in all parts, at one look; null where
	// fewer than two parts can be compared.
	PValue Number `json:"p_value"`
	Varies bool   `json:"varies"` // the effect differs between parts: p below .001
}

// A Part is one of them, with its effect in the tested figure, strata within
// it weighted by overlap.
type Part struct {
	Name      string `json:"name"`
	Control   Level  `json:"control"`
	Treatment Level  `json:"treatment"`
	Value     Number `json:"value"`
	// Lower and Upper hold at every look under a sequential method, at one look
	// under a fixed one; null where the part has too few units.
	Lower  Number `json:"lower"`
	Upper  Number `json:"upper"`
	PValue Number `json:"p_value"`
	// PAdjusted is Holm's: over the epochs, over the ages, or over all parts of all
	// attributes of the metric.
	PAdjusted Number    `json:"p_adjusted"`
	Direction Direction `json:"direction"`

	stdErr float64
}

// A Level is one arm's figure in a part.
type Level struct {
	Value Number `json:"value"`
	Units int64  `json:"units"`
}

// A Segment is a metric's cells of the units that have one value of an
// attribute at their first request.
type Segment struct {
	By    string `json:"by"`
	Name  string `json:"name"`
	Cells []Cell `json:"cells"`
}

const (
	byEpoch = "epoch"
	byAge   = "age"
	// maxAges is the number of parts that the release's age is cut into at most.
	maxAges = 8
	// partEvents is how many events and non-events a rate needs in each arm of a part
	// to be compared with other parts.
	partEvents = 10
	// partShare is the part of the planned units that a part's sequence is tuned to.
	partShare = 4
)

// breakdowns fills in the effect by epoch, by age, and by attribute.
func (e *evaluator) breakdowns(cells []Cell) {
	if e.data.Design.Offline {
		return
	}
	segments := e.in.Segments
	if e.raw.Metric.Kind == KindJudge {
		cells, segments = e.raw.Cells, e.raw.Segments
	}
	e.breakdown(byEpoch, e.epochs(cells))
	e.breakdown(byAge, ages(cells))
	var names []string
	for _, s := range segments {
		if !slices.Contains(names, s.By) {
			names = append(names, s.By)
		}
	}
	for _, by := range names {
		var parts []namedCells
		for _, s := range segments {
			if s.By == by {
				parts = append(parts, namedCells{s.Name, e.counted(s.Cells)})
			}
		}
		e.breakdown(by, parts)
	}
	e.adjustParts()
}

// A namedCells is a part's name and cells.
type namedCells struct {
	name  string
	cells []Cell
}

// epochs parts cells by epoch, in order; where epochs are not known, by stratum.
func (e *evaluator) epochs(cells []Cell) []namedCells {
	var out []namedCells
	at := make([]int, len(e.data.Strata)) // a stratum's part, from 1; 0: none yet
	for _, c := range cells {
		if at[c.Stratum] == 0 {
			name := e.data.Strata[c.Stratum].epoch()
			i := slices.IndexFunc(out, func(p namedCells) bool { return p.name == name })
			if i < 0 {
				out, i = append(out, namedCells{name: name}), len(out)
			}
			at[c.Stratum] = i + 1
		}
	}
	deal(cells, out, func(c Cell) int { return at[c.Stratum] - 1 })
	return out
}

// deal gives every cell to its part, in order.
func deal(cells []Cell, parts []namedCells, of func(Cell) int) {
	sizes := make([]int, len(parts))
	for _, c := range cells {
		sizes[of(c)]++
	}
	for i, n := range sizes {
		parts[i].cells = make([]Cell, 0, n)
	}
	for _, c := range cells {
		p := &parts[of(c)]
		p.cells = append(p.cells, c)
	}
}

// epoch names the stratum's epoch, or its share where that is not known.
func (s Stratum) epoch() string {
	if s.Epoch != nil {
		return fmt.Sprintf("epoch %d", *s.Epoch)
	}
	return fmt.Sprintf("%.3g %% treatment", 100*s.Share)
}

// ages parts cells by the UTC day of assignment, counted from the first; more than maxAges
// days are joined to equal stretches. Nothing where rows have no times.
func ages(cells []Cell) []namedCells {
	if len(cells) == 0 {
		return nil
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, c := range cells {
		first, last = min(first, dayOf(c.Hour)), max(last, dayOf(c.Hour))
	}
	days := last - first + 1
	if days < 2 {
		return nil
	}
	size := (days + maxAges - 1) / maxAges
	out := make([]namedCells, (days+size-1)/size)
	for i := range out {
		from, to := int64(i)*size+1, min(int64(i+1)*size, days)
		out[i].name = fmt.Sprintf("day %d", from)
		if to > from {
			out[i].name = fmt.Sprintf("days %d to %d", from, to)
		}
	}
	deal(cells, out, func(c Cell) int { return int((dayOf(c.Hour) - first) / size) })
	return slices.DeleteFunc(out, func(p namedCells) bool { return len(p.cells) == 0 })
}

// breakdown adds one, with a warning where the effect differs between epochs or ages.
func (e *evaluator) breakdown(by string, parts []namedCells) {
	if len(parts) < 2 {
		return
	}
	b := Breakdown{By: by, Unit: e.in.Metric.Unit, PValue: Unknown}
	if e.in.Metric.Kind == KindQuantile {
		b.Unit = "share"
	}
	var compared []Part
	for _, p := range parts {
		part, clear := e.part(p)
		b.Parts = append(b.Parts, part)
		if clear {
			compared = append(compared, part)
		}
	}
	if len(compared) > 1 {
		p := cochranQ(compared)
		b.PValue, b.Varies = Number(p), p < healthP
	}
	if b.Varies && (by == byEpoch || by == byAge) {
		first, last := compared[0], compared[len(compared)-1]
		e.warn("the effect differs by %s (p %.2g at one look): %s in %s, %s in %s; an average over them may not last",
			by, float64(b.PValue), b.change(first.Value), first.Name, b.change(last.Value), last.Name)
	}
	e.out.Breakdowns = append(e.out.Breakdowns, b)
}

// change writes an effect to two digits.
func (b Breakdown) change(x Number) string {
	if b.Unit == "share" {
		return fmt.Sprintf("%+.2g pp", 100*float64(x))
	}
	return fmt.Sprintf("%+.2g %s", float64(x), b.Unit)
}

// part compares the arms within some cells; clear says that it has units, and
// of a rate, such as a quantile's above its threshold, events, enough to be compared with other parts.
func (e *evaluator) part(in namedCells) (p Part, clear bool) {
	m, d := e.in.Metric, e.data
	pairs := byStratum(e.plain(in.cells), len(d.Strata))
	arms := pooled(pairs)
	p = Part{
		Name: in.name, Control: Level{Unknown, arms[Control].N}, Treatment: Level{Unknown, arms[Treatment].N},
		Value: Unknown, Lower: Unknown, Upper: Unknown, PValue: Unknown, PAdjusted: Unknown, Direction: NotEstimable,
	}
	kept := estimable(pairs)
	if len(kept) == 0 {
		return p, false
	}
	w := overlapWeights(kept, d.Strata)
	a, b := levelOf(m.Tested, kept, w, Control), levelOf(m.Tested, kept, w, Treatment)
	free := adjusted(m.Tested, kept, w, [2]level{a, b})
	difference := free[Treatment].minus(free[Control])
	p.Control.Value, p.Treatment.Value = Number(a.value), Number(b.value)
	p.Value, p.stdErr = Number(difference.Value), difference.StdErr
	if min(arms[Control].N, arms[Treatment].N) < m.Minimum || degenerate(p.stdErr) {
		return p, false
	}
	p.Direction = Unclear
	if d.Design.Method == Fixed {
		lower, upper := difference.Interval(e.alpha())
		p.Lower, p.Upper, p.PValue = Number(lower), Number(upper), Number(difference.TwoSided(0))
	} else {
		e.partSequence(&p, in.cells)
	}
	return p, !m.Rate && m.Kind != KindQuantile || eventful(m, arms)
}

// plain are the cells of a part for what holds at one look: of a judge's metric, a number a judged unit, with the
// correction of all of the metric's units, as the part's own would be tuned to few.
func (e *evaluator) plain(cells []Cell) []Cell {
	if e.raw.Metric.Kind != KindJudge {
		return cells
	}
	return e.raw.figuresOf(cells, len(e.data.Strata))
}

// eventful reports whether both arms' rates have events and non-events enough to be normal.
func eventful(m Metric, arms [2]Moments) bool {
	for _, a := range Arms {
		n, rate := trials(m, arms[a]), m.Tested.value(arms[a])
		if !(n*math.Min(rate, 1-rate) >= partEvents) {
			return false
		}
	}
	return true
}

// partSequence gives the part the limits and p-value of now, which hold at every look.
func (e *evaluator) partSequence(p *Part, cells []Cell) {
	q := e.sequencer()
	q.frozen.PlanUnits /= partShare
	q.tuned, q.limits = q.precisions(), q.fixedRates()
	walk := newWalker(q.metric.Tested, q.strata, cells, overlap, float64(q.frozen.Level))
	if e.raw.Metric.Kind == KindJudge {
		walk = newWalker(Form{Num: judgedScore, Den: Ones}, q.strata, cells, overlap, float64(q.frozen.Level))
		walk.judged = newJudgedWalk(e.raw.Metric.Corrected, cells)
	}
	for _, b := range batches(cells) {
		walk.take(b)
	}
	s := &walk.stream
	sum, variance := q.at(s, 1)
	if min(s.arms[Control], s.arms[Treatment]) < q.metric.Minimum || !(s.perUnit() != 0) {
		return
	}
	radius := sequential.Radius(variance, q.precision(q.alpha), q.alpha)
	p.Lower, p.Upper, p.PValue = Number((sum-radius)/s.perUnit()), Number((sum+radius)/s.perUnit()), Number(q.twoSided(s.units, sum, variance))
}

// cochranQ is the p-value of one common effect in all parts (Cochran 1954,
// Biometrics 10:101): sum of ((d_i - d) / s_i)^2, chi-square with a degree of
// freedom fewer than parts.
func cochranQ(parts []Part) float64 {
	sum, weights := 0.0, 0.0
	for _, p := range parts {
		w := 1 / (p.stdErr * p.stdErr)
		sum += w * float64(p.Value)
		weights += w
	}
	mean, q := sum/weights, 0.0
	for _, p := range parts {
		z := (float64(p.Value) - mean) / p.stdErr
		q += z * z
	}
	return dist.ChiSquareSurvival(q, float64(len(parts)-1))
}

// adjustParts adjusts the p-values of parts, those of epochs and of ages among
// themselves and those of all attributes together, and says in a word what they show.
func (e *evaluator) adjustParts() {
	families := map[string][]*Part{}
	for i, b := range e.out.Breakdowns {
		family := "attributes"
		if b.By == byEpoch || b.By == byAge {
			family = b.By
		}
		for j := range b.Parts {
			families[family] = append(families[family], &e.out.Breakdowns[i].Parts[j])
		}
	}
	for _, parts := range families {
		p := make([]Number, len(parts))
		for i, x := range parts {
			p[i] = x.PValue
		}
		for i, x := range holm(p) {
			parts[i].PAdjusted = x
			if x.Known() && float64(x) < e.alpha() {
				parts[i].Direction = directionOf(e.in.Metric.Good, parts[i].Value)
			}
			if parts[i].Direction == Better && e.out.Judge.OwnScale() {
				parts[i].Direction = Unclear // as of the whole metric
			}
		}
	}
}

// directionOf an effect that is proven not to be zero.
func directionOf(good Good, effect Number) Direction {
	switch x := good.sign() * float64(effect); {
	case x > 0:
		return Better
	case x < 0:
		return Worse
	}
	return Unclear
}
