package calculator

import (
	"encoding/json"
	"fmt"

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
		P series `json:"p"` // null is a test that was not made
	}](input)
	if err != nil {
		return nil, err
	}
	for i, p := range in.P {
		if p < 0 || p > 1 {
			return nil, fmt.Errorf("%w: p[%d] is %g; a p-value lies in [0, 1]", ErrInput, i, p)
		}
	}
	return object{
		"bonferroni": fixed.Bonferroni(in.P),
		"holm":       fixed.Holm(in.P),
		"bh":         fixed.BenjaminiHochberg(in.P),
		"by":         fixed.BenjaminiYekutieli(in.P),
	}, nil
}
