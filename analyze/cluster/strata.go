package cluster

// A Stratum holds the means of both arms in a cell of constant allocation.
type Stratum struct {
	Share float64 // probability of treatment
	A, B  Figure  // means of unit values
}

// Difference returns b - a in the stratum.
func (s Stratum) Difference() Figure {
	return Figure{Value: s.B.Value - s.A.Value, Variance: s.A.Variance + s.B.Variance, Units: s.A.Units + s.B.Units}
}

// FixedWeights combines the strata's differences with weights that depend on
// neither allocation nor outcome, such as each stratum's part of the traffic.
// They need not sum to 1. It panics if the lengths differ.
func FixedWeights(strata []Stratum, weights []float64) Figure {
	if len(strata) != len(weights) {
		panic("cluster: strata and weights differ in number")
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	var sum Figure
	for i, s := range strata {
		d, w := s.Difference(), weights[i]/total
		sum.Value += w * d.Value
		sum.Variance += w * w * d.Variance
		sum.Units += d.Units
	}
	return sum
}

// InverseVariance combines the strata's differences with one over their
// estimated variances. It is for contrast only: where small values go with
// small variances the weights depend on the outcomes, and the result is
// biased.
func InverseVariance(strata []Stratum) Figure {
	weights := make([]float64, len(strata))
	for i, s := range strata {
		weights[i] = 1 / s.Difference().Variance
	}
	return FixedWeights(strata, weights)
}

// Pooled returns the difference of means that ignores the strata. It is for
// contrast only: where the share and the level change together, it measures
// the level.
func Pooled(strata []Stratum) float64 {
	one := func(float64) float64 { return 1 }
	return weigh(strata, one, one).Difference.Value
}

// HajekStrata is Hajek for units of one row each, from their moments by
// stratum. The error is that of the sandwich HC0; Units counts the rows of
// both arms, and Variance times Units/(Units-1) is what Hajek gives.
func HajekStrata(strata []Stratum) Weighted {
	return weigh(strata,
		func(share float64) float64 { return 1 / (1 - share) },
		func(share float64) float64 { return 1 / share })
}

// weigh compares the arms' means with weights by the stratum's share.
func weigh(strata []Stratum, weightA, weightB func(share float64) float64) Weighted {
	var as, bs []Figure
	var weightsA, weightsB []float64
	for _, s := range strata {
		as, weightsA = append(as, s.A), append(weightsA, weightA(s.Share))
		bs, weightsB = append(bs, s.B), append(weightsB, weightB(s.Share))
	}
	w := Weighted{A: weightedMean(as, weightsA), B: weightedMean(bs, weightsB)}
	w.Difference = Stratum{A: w.A, B: w.B}.Difference()
	return w
}

// weightedMean is the mean of units in groups given by their means, each unit
// of a group with its weight.
func weightedMean(groups []Figure, weights []float64) Figure {
	total, sum, units := 0.0, 0.0, 0.0
	for i, g := range groups {
		if g.Units > 0 {
			total += weights[i] * g.Units
			sum += weights[i] * g.Units * g.Value
			units += g.Units
		}
	}
	mean := sum / total
	squares := 0.0
	for i, g := range groups {
		if g.Units > 0 {
			squares += weights[i] * weights[i] * g.squares(mean)
		}
	}
	return Figure{Value: mean, Variance: squares / (total * total), Units: units}
}

// squares returns the sum of squared deviations of a mean's units from
// centre.
func (f Figure) squares(centre float64) float64 {
	d := f.Value - centre
	sum := f.Units * d * d
	if f.Units > 1 {
		sum += f.Variance * f.Units * (f.Units - 1)
	}
	return sum
}
