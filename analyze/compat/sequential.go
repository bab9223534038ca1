package compat

import (
	"math"

	"weir/analyze/sequential"
)

// A Sequence is an effect's confidence sequence, which takes the standard
// error for that of Units terms of constant variance. That is not so when the
// allocation changes.
type Sequence struct {
	Test
	HalfWidth float64
	Rho       float64
	// LowerOneSided is the limit of the test that the treatment is greater,
	// with its own tuning.
	LowerOneSided, RhoOneSided float64
}

// Sequence returns the confidence sequence tuned for the given number of
// units of both arms; gbstats has 5000.
func (e Effect) Sequence(alpha, tuning float64) Sequence {
	r, oneSided := sequential.TuningApprox(tuning, alpha), sequential.TuningApprox(tuning, 2*alpha)
	// The mean of n terms with variance s^2 n, in units of their standard
	// deviation.
	scale := e.StdErr / math.Sqrt(e.Units)
	half := scale * sequential.Radius(e.Units, r, alpha)
	terms := sequential.Sum{Terms: e.Units, Total: e.Estimate / scale, Time: e.Units}
	return Sequence{
		Test:          Test{e.Estimate - half, e.Estimate + half, terms.PTwoSided(0, r)},
		HalfWidth:     half,
		Rho:           math.Sqrt(r),
		LowerOneSided: e.Estimate - scale*sequential.RadiusOneSided(e.Units, oneSided, alpha),
		RhoOneSided:   math.Sqrt(oneSided),
	}
}
