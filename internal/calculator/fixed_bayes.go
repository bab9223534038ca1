package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/fixed"
)

// rawSums are an arm as growthbook's statistics are.
type rawSums struct {
	N          float64 `json:"n"`
	Sum        float64 `json:"sum"`
	SumSquares float64 `json:"sum_squares"`
}

// sample summarises the sums as gbstats does: the variance is 0 below two
// observations, and a proportion's is p (1 - p).
func (s rawSums) sample(kind string) (fixed.Sample, error) {
	out := fixed.Sample{N: s.N}
	if s.N > 0 {
		out.Mean = s.Sum / s.N
	}
	switch kind {
	case "ProportionStatistic":
		out.Var = out.Mean * (1 - out.Mean)
	case "SampleMeanStatistic":
		if s.N > 1 {
			out.Var = (s.SumSquares - s.Sum*s.Sum/s.N) / (s.N - 1)
		}
	default:
		return out, fmt.Errorf("%w: kind is %q; it must be SampleMeanStatistic or ProportionStatistic", ErrInput, kind)
	}
	return out, nil
}

type gaussianInput struct {
	A          rawSums `json:"a"`
	B          rawSums `json:"b"`
	Kind       string  `json:"kind"`
	Difference string  `json:"difference" input:"optional"`
	Prior      struct {
		Mean     float64  `json:"mean" input:"optional"`
		Variance *float64 `json:"variance"`
		Proper   bool     `json:"proper" input:"optional"`
	} `json:"prior" input:"optional"`
	Inverse bool `json:"inverse" input:"optional"`
	level
}

func bayesGaussian(input json.RawMessage) (any, error) {
	in, err := decode[gaussianInput](input)
	if err != nil {
		return nil, err
	}
	alpha, err := in.value()
	if err != nil {
		return nil, err
	}
	a, err := in.A.sample(in.Kind)
	if err != nil {
		return nil, err
	}
	b, err := in.B.sample(in.Kind)
	if err != nil {
		return nil, err
	}
	var relative bool
	switch in.Difference {
	case "", "relative":
		relative = true
	case "absolute":
	default:
		return nil, fmt.Errorf("%w: difference is %q; it must be relative or absolute", ErrInput, in.Difference)
	}
	prior, err := in.prior()
	if err != nil {
		return nil, err
	}
	if refusal := gaussianRefusal(a, b, relative, in.Prior.Proper); refusal != "" {
		return object{"error": refusal}, nil
	}
	scale := math.Abs(a.Mean)
	effect, variance := b.Mean-a.Mean, a.Var/a.N+b.Var/b.N
	if relative {
		effect, variance = effect/scale, fixed.LiftVariance(a, b)
	} else {
		prior.Mean, prior.SD = prior.Mean*scale, prior.SD*scale
	}
	p := prior.Update(effect, variance)
	win, risk := p.Above(), []float64{p.Gain(), p.Loss()}
	if in.Inverse {
		win, risk = p.Below(), []float64{p.Loss(), p.Gain()}
	}
	return object{
		"chance_to_win": win, "expected": p.Mean, "sd": p.SD,
		"ci": pair(p.Interval(alpha)), "risk": risk,
	}, nil
}

// prior returns the belief about the lift; absent, or not proper, it is flat.
func (in gaussianInput) prior() (fixed.Posterior, error) {
	variance := 1.0
	if in.Prior.Variance != nil {
		variance = *in.Prior.Variance
	}
	switch {
	case !in.Prior.Proper:
		return fixed.Posterior{SD: math.Inf(1)}, nil
	case !(variance > 0):
		return fixed.Posterior{}, fmt.Errorf("%w: prior.variance is %g; it must be positive", ErrInput, variance)
	}
	return fixed.Posterior{Mean: in.Prior.Mean, SD: math.Sqrt(variance)}, nil
}

// gaussianRefusal returns gbstats' name of what stands in the way of an
// answer, checked in its order; empty where nothing does.
func gaussianRefusal(a, b fixed.Sample, relative, proper bool) string {
	const baseline = "ZERO_NEGATIVE_BASELINE_VARIATION"
	switch {
	case relative && a.Mean == 0:
		return baseline
	case a.N == 0 || b.N == 0:
		return "NO_UNITS_IN_VARIATION"
	case a.Var <= 0 || b.Var <= 0:
		return "ZERO_NEGATIVE_VARIANCE"
	case proper && a.Mean == 0:
		return baseline // the prior on the lift has no scale
	}
	return ""
}

func betaBinomial(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		twoRates
		Prior struct {
			Alpha *float64 `json:"alpha0"`
			Beta  *float64 `json:"beta0"`
		} `json:"prior" input:"optional"`
	}](input)
	if err != nil {
		return nil, err
	}
	a, b, err := in.arms()
	if err != nil {
		return nil, err
	}
	prior := fixed.Beta{Alpha: 0.5, Beta: 0.5} // Jeffreys
	if in.Prior.Alpha != nil {
		prior.Alpha = *in.Prior.Alpha
	}
	if in.Prior.Beta != nil {
		prior.Beta = *in.Prior.Beta
	}
	if !(prior.Alpha > 0 && prior.Beta > 0) {
		return nil, fmt.Errorf("%w: alpha0 and beta0 of the prior must be positive", ErrInput)
	}
	c := fixed.CompareBetas(prior.Update(a), prior.Update(b))
	return object{"prob_b_greater": c.Above, "loss_ship_b": c.Loss, "loss_keep_a": c.Gain}, nil
}
