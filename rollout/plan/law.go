package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
	"weir/analyze/dist"
	"weir/analyze/draw"
)

// A Law makes up the units of a metric, where no lake has them.
type Law struct {
	// Level is control's figure: a rate in [0, 1], a mean, a quantile above 0.
	Level float64
	// CV is the standard deviation of a unit's number over its mean, where the
	// number is neither a rate nor a quantile: the numbers are lognormal.
	CV float64
	// Requests is the mean number of a unit's rows, at least 1, where rows count;
	// units have the whole numbers next to it.
	Requests float64
	// ICC, in [0, 1), is how much rows of one unit resemble each other: of errors,
	// the correlation within units; of a quantile's values, the part of the variance of
	// their logarithm between units.
	ICC float64
	// Sigma is the standard deviation of the logarithm of a quantile's rows, and that of a judge's scores.
	Sigma float64
	// Judged is the share of units that a judge scores, in (0, 1].
	Judged float64
}

// check names what the metric's law lacks.
func (l Law) check(m analyze.Metric) error {
	rate := m.Rate && m.Kind != analyze.KindQuantile
	switch {
	case rate && !(l.Level > 0 && l.Level < 1):
		return fmt.Errorf("%s: its level %g must be a rate above 0 and below 1", m.Name, l.Level)
	case !(l.Level > 0) || math.IsInf(l.Level, 1):
		return fmt.Errorf("%s: its level %g must be above 0", m.Name, l.Level)
	case m.Kind == analyze.KindJudge && !(l.Sigma > 0 && l.Sigma < 1 && l.Level < 1):
		return fmt.Errorf("%s: its level %g and its spread %g, the standard deviation of scores, must lie between 0 and 1", m.Name, l.Level, l.Sigma)
	case m.Kind == analyze.KindJudge && !(l.Judged > 0 && l.Judged <= 1):
		return fmt.Errorf("%s: a judge scores %g of the units; it must be above 0 and at most 1", m.Name, l.Judged)
	case m.Kind == analyze.KindQuantile && !(l.Sigma > 0 && l.Sigma < 5):
		return fmt.Errorf("%s: its spread %g must be above 0 and below 5, the standard deviation of the logarithm", m.Name, l.Sigma)
	case m.Kind != analyze.KindQuantile && m.Kind != analyze.KindJudge && !rate && !(l.CV > 0 && l.CV < 20):
		return fmt.Errorf("%s: its spread %g must be above 0 and below 20, the standard deviation over the mean", m.Name, l.CV)
	}
	return nil
}

// Effect is what the treatment does to a metric: an amount added to a rate, or
// a share added to anything else: .05 is 5 points of a rate, 5 % of a mean.
type Effect float64

// Make makes up both arms' units of a metric: control's by the law, the treatment's with the
// effect. Rates, means and quantiles of the matrices are those asked for, as far as so many
// units can have them.
func (l Law) Make(m analyze.Metric, e Effect, units int, r *rand.Rand) ([2]draw.Matrix, error) {
	if err := l.check(m); err != nil {
		return [2]draw.Matrix{}, err
	}
	out, err := l.arms(m, e, units, r)
	if at := m.Tested.Covariate; at > 0 && err == nil { // made-up users have no past
		for _, arm := range out {
			for i := range arm.Units() {
				arm.Row(i)[at] = 0
			}
		}
	}
	return out, err
}

// arms makes up both arms' units.
func (l Law) arms(m analyze.Metric, e Effect, units int, r *rand.Rand) ([2]draw.Matrix, error) {
	switch {
	case m.Kind == analyze.KindQuantile:
		return l.quantiles(m, e, units, r), nil
	case m.Kind == analyze.KindJudge:
		return l.scored(m, e, units, r), nil
	case m.Rate:
		control, treated := l.rates(m, l.Level, units, r), l.Level+float64(e)
		if !(treated >= 0 && treated <= 1) {
			return [2]draw.Matrix{}, fmt.Errorf("%s: an effect of %+g on %g leaves the rates between 0 and 1", m.Name, float64(e), l.Level)
		}
		return [2]draw.Matrix{control, l.rates(m, treated, units, r)}, nil
	default:
		return l.means(m, e, units, r), nil
	}
}

// scores are the normal quantiles of evenly spaced probabilities, in random
// order: a sample that has no sampling error of its own.
func scores(n int, r *rand.Rand) []float64 {
	z := make([]float64, n)
	for i := range z {
		z[i] = dist.NormalQuantile((float64(i) + .5) / float64(n))
	}
	r.Shuffle(n, func(i, j int) { z[i], z[j] = z[j], z[i] })
	return z
}

// counts are the units' numbers of rows: the whole numbers next to the mean.
func (l Law) counts(units int, r *rand.Rand) []float64 {
	mean := math.Max(l.Requests, 1)
	below := math.Floor(mean)
	more := int(math.Round((mean - below) * float64(units)))
	n := make([]float64, units)
	for i := range n {
		n[i] = below
		if i < more {
			n[i]++
		}
	}
	r.Shuffle(units, func(i, j int) { n[i], n[j] = n[j], n[i] })
	return n
}

// rates makes units that do or do not, or whose rows do.
func (l Law) rates(m analyze.Metric, level float64, units int, r *rand.Rand) draw.Matrix {
	trials := make([]float64, units)
	for i := range trials {
		trials[i] = 1
	}
	if m.Tested.Den != analyze.Ones {
		trials = l.counts(units, r)
	}
	events := l.events(trials, level, r)
	out := draw.Matrix{Width: len(m.Columns), Values: make([]float64, units*len(m.Columns))}
	for i := range units {
		row := out.Row(i)
		for j := range row {
			row[j] = events[i]
		}
		if m.Tested.Den != analyze.Ones {
			row[m.Tested.Den] = trials[i]
		}
	}
	return out
}

// events spreads exactly a share of all trials over the units: over a part of
// the units, so large that two trials of a unit correlate by ICC.
func (l Law) events(trials []float64, level float64, r *rand.Rand) []float64 {
	total := 0.0
	for _, n := range trials {
		total += n
	}
	prone := 1.0
	if level > 0 && l.ICC > 0 {
		prone = math.Max(level, 1/(1+l.ICC*(1-level)/level))
	}
	var slots []int // a unit's number once a trial
	for _, i := range r.Perm(len(trials))[:int(math.Ceil(prone*float64(len(trials))))] {
		for range int(trials[i]) {
			slots = append(slots, i)
		}
	}
	r.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
	events := make([]float64, len(trials))
	for _, i := range slots[:min(len(slots), int(math.Round(level*total)))] {
		events[i]++
	}
	return events
}

// means makes units with a lognormal number; per row where rows count.
func (l Law) means(m analyze.Metric, e Effect, units int, r *rand.Rand) [2]draw.Matrix {
	sigma := math.Sqrt(math.Log1p(l.CV * l.CV))
	values, mean := scores(units, r), 0.0
	for i, z := range values {
		values[i] = math.Exp(sigma * z)
		mean += values[i] / float64(units)
	}
	for i := range values {
		values[i] *= l.Level / mean
	}
	rows := l.counts(units, r)
	limit := capOf(m, values, rows)
	var out [2]draw.Matrix
	for _, a := range analyze.Arms {
		factor := 1.0
		if a == analyze.Treatment {
			factor += float64(e)
		}
		out[a] = draw.Matrix{Width: len(m.Columns), Values: make([]float64, units*len(m.Columns))}
		for i := range units {
			row := out[a].Row(i)
			for j, c := range m.Columns {
				x := values[i] * factor
				if m.Tested.Den != analyze.Ones {
					x *= rows[i]
				}
				if c.Limit != nil {
					x = math.Min(x, limit)
				}
				if c.Count {
					x = rows[i]
				}
				row[j] = x
			}
		}
	}
	return out
}

// capOf is where control's numbers are capped; infinite where they are not.
func capOf(m analyze.Metric, values, rows []float64) float64 {
	for _, c := range m.Columns {
		switch {
		case c.Limit == nil:
		case c.Limit.Quantile == 0:
			return c.Limit.Value
		default:
			sums := slices.Clone(values)
			if m.Tested.Den != analyze.Ones {
				for i := range sums {
					sums[i] *= rows[i]
				}
			}
			slices.Sort(sums)
			return sums[min(len(sums)-1, int(c.Limit.Quantile*float64(len(sums))))]
		}
	}
	return math.Inf(1)
}

// quantiles makes units whose rows are lognormal, and counts them on the sides of the
// metric's thresholds.
func (l Law) quantiles(m analyze.Metric, e Effect, units int, r *rand.Rand) [2]draw.Matrix {
	n := l.counts(units, r)
	total := 0
	for _, x := range n {
		total += int(x)
	}
	between, within := scores(units, r), scores(total, r)
	rows, all := make([][]float64, units), make([]float64, 0, total)
	for i := range rows {
		for range int(n[i]) {
			z := math.Sqrt(l.ICC)*between[i] + math.Sqrt(1-l.ICC)*within[len(all)]
			all = append(all, l.Sigma*z)
		}
		rows[i] = all[len(all)-int(n[i]):]
	}
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	threshold := sorted[min(total-1, int(math.Ceil(m.Quantile*float64(total)))-1)] // a logarithm
	var out [2]draw.Matrix
	for _, a := range analyze.Arms {
		slower := 0.0
		if a == analyze.Treatment {
			slower = math.Log1p(float64(e))
		}
		out[a] = draw.Matrix{Width: len(m.Columns), Values: make([]float64, units*len(m.Columns))}
		for i, values := range rows {
			row := out[a].Row(i)
			for j, c := range m.Columns {
				row[j] = sideCount(c, a, values, threshold, slower, l.Level)
			}
		}
	}
	return out
}

// sideCount is one column of a quantile metric: all rows, those at or below the arm's own
// quantile, or those above control's, the treatment's scaled and shifted.
func sideCount(c analyze.Column, a analyze.Arm, values []float64, threshold, slower, level float64) float64 {
	if c.Above == nil {
		return float64(len(values))
	}
	at := threshold
	switch {
	case c.Above.OwnQuantile:
		at += slower
	case a == analyze.Treatment:
		at += math.Log(c.Above.Scale + c.Above.Shift/level)
	}
	count := 0.0
	for _, v := range values {
		if above := v+slower > at; above != c.Above.OwnQuantile {
			count++
		}
	}
	return count
}

// scored makes units of which a judge scores a share, drawn with that probability, and nobody labels any.
func (l Law) scored(m analyze.Metric, e Effect, units int, r *rand.Rand) (out [2]draw.Matrix) {
	z := scores(max(1, int(math.Round(l.Judged*float64(units)))), r)
	for _, a := range analyze.Arms {
		factor := 1.0
		if a == analyze.Treatment {
			factor += float64(e)
		}
		out[a] = draw.Matrix{Width: len(m.Columns), Values: make([]float64, units*len(m.Columns))}
		for i := range z {
			row := out[a].Row(i)
			for j, c := range m.Columns {
				switch c.Part {
				case analyze.PartJudged:
					row[j] = 1
				case analyze.PartJudgedWeight:
					row[j] = 1 / l.Judged
				case analyze.PartJudgedScore:
					row[j] = factor * (l.Level + l.Sigma*z[i]) / l.Judged
				}
			}
		}
	}
	return out
}
