package analyze

import "strconv"

// reproduce gives the calculator and the input from which the absolute effect of independent arms and its
// standard error follow again; nil where there is no effect.
//
//	stats-stratified-epochs  means and ratios; a ratio enters as its linearised units (num - r den) / mean den + r, whose
//	                         mean is the ratio r and whose error is the delta method's
//	stats-cuped-strata       those adjusted by a covariate
//	stats-quantile-strata    quantiles, by their limits in each stratum
func (e *evaluator) reproduce(kept []stratumPair) *Reproduction {
	if !e.out.Absolute.Value.Known() || !e.out.Absolute.StdErr.Known() {
		return nil
	}
	f := e.in.Metric.Shown
	switch {
	case e.in.Metric.Kind == KindQuantile:
		return reproduceQuantiles(e.in.Quantiles, kept, e.data.Design.Alpha)
	case f.Covariate > 0:
		return e.reproduceStrata("stats-cuped-strata", kept, f.adjustable)
	}
	return e.reproduceStrata("stats-stratified-epochs", kept, f.sums)
}

// reproduceStrata hands a calculator each stratum's sums and traffic's weights.
func (e *evaluator) reproduceStrata(method string, kept []stratumPair, sums func(Moments) map[string]float64) *Reproduction {
	epochs := make([]any, len(kept))
	for i, p := range kept {
		epochs[i] = map[string]any{"pi_b": e.data.Strata[p.stratum].Share, "a": sums(p.arms[Control]), "b": sums(p.arms[Treatment])}
	}
	return &Reproduction{Method: method, Input: map[string]any{"epochs": epochs, "weights_fixed": writtenAll(trafficWeights(kept))}}
}

// reproduceQuantiles hands on quantiles and limits of the strata that have both.
func reproduceQuantiles(cells []QuantileCell, pairs []stratumPair, alpha float64) *Reproduction {
	of := map[[2]int]QuantileCell{}
	for _, c := range cells {
		of[[2]int{c.Stratum, int(c.Arm)}] = c
	}
	var kept []stratumPair
	strata := []any{}
	limits := func(c QuantileCell) map[string]float64 {
		return map[string]float64{"value": written(float64(c.Value)), "lower": written(float64(c.Lower)), "upper": written(float64(c.Upper))}
	}
	for _, p := range pairs {
		a, b := of[[2]int{p.stratum, int(Control)}], of[[2]int{p.stratum, int(Treatment)}]
		if a.limited() && b.limited() {
			kept = append(kept, p)
			strata = append(strata, map[string]any{"a": limits(a), "b": limits(b)})
		}
	}
	return &Reproduction{Method: "stats-quantile-strata", Input: map[string]any{"strata": strata, "weights_fixed": writtenAll(trafficWeights(kept)), "alpha": alpha}}
}

// reproducePairs gives the same of cases: stats-sign-flip where few are known one by one, else
// stats-paired-sums of their linearised figures, of quantiles stats-quantile-strata.
func (e *evaluator) reproducePairs() *Reproduction {
	m, p := e.in.Metric, e.pairing(e.in.Metric.Shown)
	switch {
	case !e.out.Absolute.Value.Known() || !e.out.Absolute.StdErr.Known():
		return nil
	case m.Kind == KindQuantile:
		return reproduceQuantiles(e.in.Quantiles, []stratumPair{{arms: [2]Moments{p.arm(Control), p.arm(Treatment)}}}, e.data.Design.Alpha)
	case p.cases != nil && m.Tested == m.Shown:
		a, b := make([]float64, len(p.cases)), make([]float64, len(p.cases))
		for i, c := range p.cases {
			a[i], b[i] = written(c[Control]), written(c[Treatment])
		}
		return &Reproduction{Method: "stats-sign-flip", Input: map[string]any{"a": a, "b": b, "alpha": e.alpha()}}
	}
	values, variance, covariance := p.levels()
	n := float64(p.moments.N)
	products := func(i, j Arm, v float64) float64 { return written(n*values[i]*values[j] + v*n*(n-1)) }
	return &Reproduction{Method: "stats-paired-sums", Input: map[string]any{"alpha": e.alpha(), "pairs": map[string]float64{
		"n": n, "a_sum": written(n * values[Control]), "b_sum": written(n * values[Treatment]),
		"a_sum_squares": products(Control, Control, variance[Control]), "b_sum_squares": products(Treatment, Treatment, variance[Treatment]),
		"a_b_sum_products": products(Control, Treatment, covariance),
	}}}
}

// adjustable are the sums, squares and products of an arm's figure and its covariate: y and x of a mean, num, den and x of
// a ratio.
func (f Form) adjustable(m Moments) map[string]float64 {
	names, at := []string{"y", "x"}, []int{f.Num, f.Covariate}
	if f.Den != Ones {
		names, at = []string{"num", "den", "x"}, []int{f.Num, f.Den, f.Covariate}
	}
	n := float64(m.N)
	out := map[string]float64{"n": n}
	for i, a := range at {
		out[names[i]+"_sum"] = written(n * m.Mean[a])
		out[names[i]+"_sum_squares"] = written(n*m.Mean[a]*m.Mean[a] + m.cross(a, a))
		for j, b := range at[:i] {
			out[names[j]+"_"+names[i]+"_sum_products"] = written(n*m.Mean[a]*m.Mean[b] + m.cross(a, b))
		}
	}
	return out
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

func writtenAll(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = written(v)
	}
	return out
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
