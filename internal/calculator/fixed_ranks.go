package calculator

import (
	"encoding/json"
	"math"

	"weir/analyze/fixed"
)

func mannWhitney(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A []float64 `json:"a"`
		B []float64 `json:"b"`
	}](input)
	if err != nil {
		return nil, err
	}
	r := fixed.MannWhitney(in.A, in.B)
	return object{
		"u_b":              r.U,
		"prob_superiority": r.Superiority,
		"p_asymptotic_cc":  r.TwoSided, "p_asymptotic_nocc": r.Uncorrected, "p_greater_cc": r.Greater,
		"p_exact":        r.Exact,
		"hodges_lehmann": fixed.HodgesLehmann(in.A, in.B),
		"hl_ci_95":       pair(fixed.HodgesLehmannInterval(in.A, in.B, 0.05)),
	}, nil
}

func multipleTesting(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		P []*float64 `json:"p"`
	}](input)
	if err != nil {
		return nil, err
	}
	p := make([]float64, len(in.P))
	for i, v := range in.P {
		p[i] = math.NaN() // null is a test that was not made
		if v != nil {
			p[i] = *v
		}
	}
	return object{
		"bonferroni": fixed.Bonferroni(p),
		"holm":       fixed.Holm(p),
		"bh":         fixed.BenjaminiHochberg(p),
		"by":         fixed.BenjaminiYekutieli(p),
	}, nil
}
