package analyze

import "strconv"

// reproduce gives the calculator and the input from which the absolute effect and its
// standard error follow again: stats-stratified-epochs, whose fixed_weights are those
// of traffic. A ratio enters as its linearised units (num - r den) / mean den + r, whose
// mean is the ratio r and whose error is the delta method's. Nil for quantiles, for pairs,
// for effects adjusted by a covariate, and where there is no effect.
func (e *evaluator) reproduce(kept []stratumPair) *Reproduction {
	if e.in.Metric.Kind == KindQuantile || e.out.Adjustment != nil || !e.out.Absolute.Value.Known() || !e.out.Absolute.StdErr.Known() {
		return nil
	}
	weights := trafficWeights(kept)
	for i, w := range weights {
		weights[i] = written(w)
	}
	epochs := make([]any, len(kept))
	for i, p := range kept {
		epochs[i] = map[string]any{
			"pi_b": e.data.Strata[p.stratum].Share,
			"a":    e.in.Metric.Shown.sums(p.arms[Control]), "b": e.in.Metric.Shown.sums(p.arms[Treatment]),
		}
	}
	return &Reproduction{Method: "stats-stratified-epochs", Input: map[string]any{"epochs": epochs, "weights_fixed": weights}}
}

// sums are the number, sum and sum of squares of an arm's linearised units.
func (f Form) sums(m Moments) map[string]float64 {
	value := f.value(m)
	_, square := m.linear(f.score(m, value))
	n, scale := float64(m.N), f.scale(m)
	return map[string]float64{"n": n, "sum": written(n * value), "sum_squares": written(n*value*value + square/(scale*scale))}
}

// written rounds to twelve digits: what is beyond them differs from run to run.
func written(x float64) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil {
		panic("analyze: " + err.Error())
	}
	return y
}

// ReproduceSplit gives the calculator and the input from which the p-value of one
// stratum's split follows again; nil where its propensity is not known or it has no units.
func (d Data) ReproduceSplit(stratum int) *Reproduction {
	s := d.Strata[stratum]
	if !s.Known || s.Share <= 0 || s.Share >= 1 {
		return nil
	}
	var batches [][]int64
	var seen ByArm
	for _, a := range d.Arrived {
		if a.Stratum == stratum {
			batches = append(batches, []int64{a.Control, a.Treatment})
			seen.Control, seen.Treatment = seen.Control+a.Control, seen.Treatment+a.Treatment
		}
	}
	switch {
	case len(batches) == 0:
		return nil
	case d.Design.Method == Fixed:
		return &Reproduction{Method: "stats-srm-chi2", Input: map[string]any{
			"observed": []int64{seen.Control, seen.Treatment}, "weights": []float64{1 - s.Share, s.Share},
		}}
	}
	return &Reproduction{Method: "stats-sequential-srm", Input: map[string]any{
		"theta0": []float64{1 - s.Share, s.Share}, "k": splitConcentration, "batches": batches,
	}}
}
