package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"weir/analyze"
	"weir/analyze/draw"
)

// Shift gives units an effect: of units as the treatment would have had them without one, those
// that it has with it. Rates change by events added to, or taken from, units at
// random, everything else by a factor; limit is where the metric's capped column ends. The
// argument is not modified.
func Shift(m analyze.Metric, units draw.Matrix, e Effect, limit float64, r *rand.Rand) (draw.Matrix, error) {
	switch {
	case e == 0:
		return units, nil
	case m.Kind == analyze.KindQuantile:
		return draw.Matrix{}, fmt.Errorf("%s: units that were counted against thresholds cannot be made slower; state its spread to plan with an effect on it", m.Name)
	case m.Kind == analyze.KindJudge:
		return shiftScores(m, units, e), nil
	case m.Rate:
		return shiftRate(m, units, float64(e), r)
	}
	out := draw.Matrix{Width: units.Width, Values: slices.Clone(units.Values)}
	for i := range out.Units() {
		row := out.Row(i)
		raw := row[m.Shown.Num]
		for j, c := range m.Columns {
			switch {
			case c.Count:
			case c.Limit != nil && j != m.Shown.Num:
				row[j] = math.Min(raw*(1+float64(e)), limit)
			default:
				row[j] *= 1 + float64(e)
			}
		}
	}
	return out, nil
}

// shiftScores multiplies what the judge and people say.
func shiftScores(m analyze.Metric, units draw.Matrix, e Effect) draw.Matrix {
	out := draw.Matrix{Width: units.Width, Values: slices.Clone(units.Values)}
	for i := range out.Units() {
		row := out.Row(i)
		for j, c := range m.Columns {
			if c.Part == analyze.PartJudgedScore || c.Part == analyze.PartLabelledScore || c.Part == analyze.PartLabel {
				row[j] *= 1 + float64(e)
			}
		}
	}
	return out
}

// shiftRate adds events to trials without one, or takes some away.
func shiftRate(m analyze.Metric, units draw.Matrix, e float64, r *rand.Rand) (draw.Matrix, error) {
	out := draw.Matrix{Width: units.Width, Values: slices.Clone(units.Values)}
	trials := func(row []float64) float64 {
		if m.Tested.Den == analyze.Ones {
			return 1
		}
		return row[m.Tested.Den]
	}
	total := 0.0
	for i := range out.Units() {
		if row := out.Row(i); !math.IsNaN(row[0]) {
			total += trials(row)
		}
	}
	step, left := 1.0, int(math.Round(math.Abs(e)*total))
	if e < 0 {
		step = -1
	}
	for left > 0 {
		changed := 0
		for _, i := range r.Perm(out.Units()) {
			row := out.Row(i)
			at := row[m.Tested.Num] + step
			if left == 0 || math.IsNaN(at) || at < 0 || at > trials(row) {
				continue
			}
			for j, c := range m.Columns {
				if !c.Count {
					row[j] = at
				}
			}
			changed++
			left--
		}
		if changed == 0 {
			return draw.Matrix{}, fmt.Errorf("%s: an effect of %+g leaves the rates between 0 and 1", m.Name, e)
		}
	}
	return out, nil
}
