package calculator

import (
	"encoding/json"
	"fmt"

	"weir/analyze/cluster"
	"weir/analyze/compat"
)

func sequentialGBStats(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A      arm       `json:"a"`
		B      arm       `json:"b"`
		Alpha  errorRate `json:"alpha"`
		Tuning *float64  `json:"tuning"`
		Kind   string    `json:"kind" input:"optional"`
	}](input)
	if err != nil {
		return nil, err
	}
	a, b, err := arms{A: in.A, B: in.B}.moments("")
	if err != nil {
		return nil, err
	}
	figure := map[string]func(cluster.Moments) cluster.Figure{
		"": cluster.Mean(0).Figure, "SampleMeanStatistic": cluster.Mean(0).Figure, "ProportionStatistic": compat.Proportion,
	}[in.Kind]
	if figure == nil {
		return nil, fmt.Errorf("%w: kind is %q; it may be SampleMeanStatistic or ProportionStatistic", ErrInput, in.Kind)
	}
	tuning := 5000.0
	if in.Tuning != nil {
		tuning = *in.Tuning
	}
	absolute, errAbsolute := compat.Absolute(figure(a), figure(b))
	relative, errRelative := compat.Relative(figure(a), figure(b))
	return object{
		"absolute": gbstatsSequence(absolute, errAbsolute, in.Alpha.alpha(), tuning),
		"relative": gbstatsSequence(relative, errRelative, in.Alpha.alpha(), tuning),
	}, nil
}

func gbstatsSequence(e compat.Effect, err error, alpha, tuning float64) object {
	if err != nil {
		return object{"error": err.Error()}
	}
	s := e.Sequence(alpha, tuning)
	return object{
		"estimate":        e.Estimate,
		"se":              e.StdErr,
		"ci":              []float64{s.Lower, s.Upper},
		"p":               s.P,
		"halfwidth":       s.HalfWidth,
		"rho":             s.Rho,
		"one_sided_lower": s.LowerOneSided,
		"one_sided_rho":   s.RhoOneSided,
	}
}
