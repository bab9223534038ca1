package analyze

// AtMargin gives the factor on control's figure, and the shift, at which the
// treatment is just the margin worse in the [Metric.Margined] figure: the null
// hypothesis of the margin's tests. The metric has a margin.
func (m Metric) AtMargin() (factor, shift float64) { return m.null() }

// RateAtMargin gives, for a rate, the treatment's just the margin worse than control's.
func (m Metric) RateAtMargin(control float64) float64 { return m.atMargin(control) }
