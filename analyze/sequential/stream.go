package sequential

// A Stream takes terms one by one and knows their Sum. The zero value is a
// stream without terms.
type Stream struct {
	terms, mean, squares float64 // squares: of deviations from the running mean
}

// Add appends a term (Welford 1962).
func (s *Stream) Add(x float64) {
	s.terms++
	d := x - s.mean
	s.mean += d / s.terms
	s.squares += d * (x - s.mean)
}

// Sum returns the sums of the terms so far. Its Time is t times the sample
// variance, with t-1 in the variance's denominator.
func (s *Stream) Sum() Sum {
	sum := Sum{Terms: s.terms, Total: s.terms * s.mean}
	if s.terms > 1 {
		sum.Time = s.squares * s.terms / (s.terms - 1)
	}
	return sum
}

// OverlapTerm returns the pseudo-outcome of one unit for a stream under
// changing allocation in which units count by overlap: (1-share)(y-centre) if
// treated, else -share (y-centre). share is the probability of treatment the
// unit was assigned with, centre any number known before its outcome, best
// the mean of past units. The mean of the terms estimates the effect times
// the mean of share (1-share).
func OverlapTerm(treated bool, share, y, centre float64) float64 {
	if treated {
		return (1 - share) * (y - centre)
	}
	return -share * (y - centre)
}

// InverseProbabilityTerm returns the pseudo-outcome of one unit in a stream
// in which every unit counts once: (y-centre)/share if treated, else
// -(y-centre)/(1-share). The mean of the terms estimates the effect.
func InverseProbabilityTerm(treated bool, share, y, centre float64) float64 {
	if treated {
		return (y - centre) / share
	}
	return -(y - centre) / (1 - share)
}
