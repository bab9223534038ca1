package compat

import (
	"cmp"
	"math"
	"slices"

	"weir/analyze/cluster"
)

// A Cell is both arms' means in one stratum.
type Cell struct{ A, B cluster.Moments } // of one component

// PostStratified returns the absolute and the relative effect weighted by the
// units of each cell. A cell in which an arm does not vary is added to the
// largest: with strata of changing allocation that brings back the bias that
// stratification is to remove.
func PostStratified(cells []Cell) (absolute, relative Effect, err error) {
	cells = viable(cells)
	switch len(cells) {
	case 0:
		return Effect{}, Effect{}, ErrZeroVariance
	case 1:
		return unstratified(cells[0])
	}
	total, baseline, effect := 0.0, 0.0, 0.0
	for _, c := range cells {
		if !c.varies() {
			return Effect{}, Effect{}, ErrZeroVariance
		}
		n := c.units()
		total += n
		baseline += n * c.A.Mean[0]
		effect += n * (c.B.Mean[0] - c.A.Mean[0])
	}
	baseline, effect = baseline/total, effect/total

	// Covariance of (baseline, effect): from the cells' sizes, then within
	// cells.
	var vBaseline, vEffect, cov float64
	for _, c := range cells {
		weight := c.units() / total
		a, b := figure(c.A), figure(c.B)
		db, de := a.Value-baseline, b.Value-a.Value-effect
		vBaseline += weight*db*db/total + weight*weight*a.Variance
		vEffect += weight*de*de/total + weight*weight*(a.Variance+b.Variance)
		cov += weight*db*de/total - weight*weight*a.Variance
	}
	if !(vEffect > 0) {
		return Effect{}, Effect{}, ErrZeroVariance
	}
	if baseline == 0 {
		return Effect{}, Effect{}, ErrZeroBaseline
	}
	absolute = Effect{Estimate: effect, StdErr: math.Sqrt(vEffect), DF: math.NaN(), Units: total}
	slope := effect / baseline // of the lift in the baseline, negated
	relative = Effect{
		Estimate: effect / math.Abs(baseline),
		StdErr:   math.Sqrt(vEffect-2*slope*cov+slope*slope*vBaseline) / math.Abs(baseline),
		DF:       math.NaN(),
		Units:    total,
	}
	return absolute, relative, nil
}

// viable adds the cells that cannot be analysed to the largest.
func viable(cells []Cell) []Cell {
	sorted := slices.Clone(cells)
	slices.SortStableFunc(sorted, func(a, b Cell) int { return cmp.Compare(b.units(), a.units()) })
	var kept []Cell
	for i, c := range sorted {
		if i > 0 && !c.varies() {
			kept[0] = Cell{kept[0].A.Add(c.A), kept[0].B.Add(c.B)}
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

func unstratified(c Cell) (absolute, relative Effect, err error) {
	a, b := figure(c.A), figure(c.B)
	if absolute, err = Absolute(a, b); err != nil {
		return Effect{}, Effect{}, err
	}
	relative, err = Relative(a, b)
	return absolute, relative, err
}

func figure(m cluster.Moments) cluster.Figure { return cluster.Mean(0).Figure(m) }

func (c Cell) varies() bool { return figure(c.A).Variance > 0 && figure(c.B).Variance > 0 }

func (c Cell) units() float64 { return c.A.N + c.B.N }
