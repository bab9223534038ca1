package sim

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A subject is one unit in the overlap sequence.
type subject struct {
	treated    bool
	propensity float64 // of the candidate
	y          float64
}

// A sequence is the overlap sequence at its last unit: Waudby-Smith and others,
// arXiv 2103.06476, on centred pseudo-outcomes in the order of assignment.
type sequence struct{ sum, variance, information float64 }

func sequenceOf(subjects []subject) (s sequence) {
	var past, squares, n float64
	for _, u := range subjects {
		mean := 0.0
		if n > 0 {
			mean = past / n
		}
		x := -u.propensity * (u.y - mean)
		if u.treated {
			x = (1 - u.propensity) * (u.y - mean)
		}
		n, past = n+1, past+u.y
		s.sum, squares = s.sum+x, squares+x*x
		s.information += u.propensity * (1 - u.propensity)
	}
	s.variance = squares - s.sum*s.sum/n
	return s
}

// bounds are the one-sided lower and upper limits of the effect at alpha, tuned
// at the variance reached.
func (s sequence) bounds(alpha float64) (lower, upper float64) {
	r := 8.2 / s.variance
	width := math.Sqrt((s.variance + 1/r) * 2 * math.Log(1+math.Sqrt(s.variance*r+1)/(2*alpha)))
	return (s.sum - width) / s.information, (s.sum + width) / s.information
}

// subjects turns sessions into one value a unit such that the treatment is
// beyond the metric's margin where the effect is above zero, bad being up.
// Without a margin the value is the metric, good being up.
func subjects(all []*dialogue, m metric, margin bool) []subject {
	v1 := newReference(all, m)
	units := map[string]int{}
	var list []subject
	var weights []float64
	for _, d := range all {
		e := d.first
		if !*e.Randomized {
			continue
		}
		at, known := units[e.UnitID]
		if !known {
			at = len(list)
			units[e.UnitID] = at
			u := subject{treated: e.AssignedVersion == versions[treatment], propensity: *e.Propensity}
			if !u.treated {
				u.propensity = 1 - u.propensity
			}
			list, weights = append(list, u), append(weights, 0)
		}
		y, w := v1.value(d, list[at].treated, margin)
		list[at].y += y
		weights[at] += w
	}
	var mean float64
	for _, w := range weights {
		mean += w / float64(len(weights))
	}
	for i := range list {
		list[i].y /= mean
	}
	return list
}

// A reference holds what is taken from v1: its ratio in each epoch, its 95th
// percentile, its cap.
type reference struct {
	metric metric
	margin float64
	c      float64
	limit  float64
	ratios map[string]float64
}

func newReference(all []*dialogue, m metric) *reference {
	r := &reference{metric: m, c: math.NaN(), limit: math.Inf(1), ratios: map[string]float64{}}
	r.margin, _ = strconv.ParseFloat(strings.TrimRight(m.margin, "p%"), 64)
	r.margin /= 100
	strata, names := cells(all)
	var stable []*dialogue
	for _, name := range names {
		stable = append(stable, strata[name][0]...)
	}
	if m.median != nil {
		r.c = percentile95(stable, m)
	}
	if m.value == "total_tokens" {
		var sums []float64
		for _, d := range stable {
			y, _, _ := d.value(m)
			sums = append(sums, y)
		}
		slices.Sort(sums)
		r.limit = sums[len(sums)*99/100]
	}
	for _, name := range names {
		r.ratios[name], _ = summed(strata[name][0], func(d *dialogue) (float64, float64, bool) {
			above, below := r.raw(d, 1)
			return above, below, true
		}).estimate()
	}
	return r
}

// raw is numerator and denominator of a session; for a quantile the count above scale times c.
func (r *reference) raw(d *dialogue, scale float64) (above, below float64) {
	if r.metric.median != nil {
		return d.exceeds(r.metric, r.c*scale)
	}
	above, below, _ = d.value(r.metric)
	return min(above, r.limit), below
}

func (r *reference) value(d *dialogue, treated, margin bool) (y, weight float64) {
	scale := 1.0
	if treated && margin {
		scale += r.margin
	}
	above, below := r.raw(d, scale)
	if r.metric.per == "request" {
		above -= r.ratios[strconv.FormatInt(*d.first.Epoch, 10)+" "+d.first.Rule] * below
	}
	switch {
	case !margin:
	case r.metric.value == "total_tokens":
		if !treated {
			above *= 1 + r.margin
		}
	case r.metric.median != nil:
	case r.metric.good == "up":
		above = -above
		fallthrough
	default:
		if treated {
			above -= r.margin * below
		}
	}
	return above, below
}

// decided is the verdict that section 11 of DESIGN.md asks for, in a plain
// reading without minimums.
func decided(s Scenario, l *lake) string {
	all := l.dialogues(72 * time.Hour)
	var tested []metric
	goals := 0
	for _, m := range s.metrics {
		if m.role != "monitor" {
			tested = append(tested, m)
		}
		if m.role == "goal" {
			goals++
		}
	}
	safe, superior := true, false
	for _, m := range tested {
		beyond := sequenceOf(subjects(all, m, true))
		if lower, _ := beyond.bounds(0.05 / float64(len(tested))); lower > 0 {
			return Rollback
		}
		_, upper := beyond.bounds(0.05)
		safe = safe && upper < 0
		if m.role == "goal" {
			lower, _ := sequenceOf(subjects(all, m, false)).bounds(0.05 / 2 / float64(goals))
			superior = superior || lower > 0
		}
	}
	switch {
	case unbalanced(all) || losing(l):
		return Invalid
	case safe && superior:
		return Promote
	}
	return Hold
}

// unbalanced is a sample ratio mismatch at p < .001, two-sided.
func unbalanced(all []*dialogue) bool {
	var excess, variance float64
	seen := map[string]bool{}
	for _, d := range all {
		e := d.first
		if !*e.Randomized || seen[e.UnitID] {
			continue
		}
		seen[e.UnitID] = true
		p := *e.Propensity
		if e.AssignedVersion == versions[treatment] {
			excess += 1 - p
		} else {
			p = 1 - p
			excess -= p
		}
		variance += p * (1 - p)
	}
	return math.Abs(excess) > 3.29*math.Sqrt(variance)
}

// losing is a loss above 5 % of the candidate's exchanges.
func losing(l *lake) bool {
	var lost, kept float64
	for _, o := range l.losses {
		if o.Version == versions[treatment] {
			lost += float64(o.Rows)
		}
	}
	for _, e := range l.exchanges {
		if e.AssignedVersion == versions[treatment] {
			kept++
		}
	}
	return lost > 0.05*(lost+kept)
}

// TestVerdictReached holds the size of each scenario that ends in a decision to
// be enough for it under the sequential method.
func TestVerdictReached(t *testing.T) {
	for _, s := range Scenarios() {
		verdicts := s.Truth().Verdicts
		if s.lean || slices.Contains(verdicts, Hold) {
			continue
		}
		if got := decided(s, simulated(t, s, 5, 0)); !slices.Contains(verdicts, got) {
			t.Errorf("%s: verdict %s, want one of %v", s.Name, got, verdicts)
		}
	}
}
