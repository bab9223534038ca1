package calculator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/fixed"
)

// twoMeans are both arms as observations (a, b) or as summaries.
type twoMeans struct {
	A     []float64 `json:"a" input:"optional"`
	B     []float64 `json:"b" input:"optional"`
	MeanA *float64  `json:"mean_a"`
	SDA   *float64  `json:"sd_a"`
	NA    *float64  `json:"n_a"`
	MeanB *float64  `json:"mean_b"`
	SDB   *float64  `json:"sd_b"`
	NB    *float64  `json:"n_b"`
}

// welch compares the arms; ErrInput, wrapped, where they are given in neither
// form or in both.
func (m twoMeans) welch() (d fixed.Difference, err error) {
	given := 0
	for _, p := range []*float64{m.MeanA, m.SDA, m.NA, m.MeanB, m.SDB, m.NB} {
		if p != nil {
			given++
		}
	}
	switch {
	case m.A != nil && m.B != nil && given == 0:
		return fixed.Welch(fixed.Summarize(m.A), fixed.Summarize(m.B)), nil
	case m.A == nil && m.B == nil && given == 6:
		a := fixed.Sample{N: *m.NA, Mean: *m.MeanA, Var: *m.SDA * *m.SDA}
		b := fixed.Sample{N: *m.NB, Mean: *m.MeanB, Var: *m.SDB * *m.SDB}
		return fixed.Welch(a, b), counts("n_a, n_b", a.N, b.N)
	}
	return d, fmt.Errorf("%w: give a and b, or all of mean_a, sd_a, n_a, mean_b, sd_b, n_b", ErrInput)
}

func welchT(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		twoMeans
		level
	}](input)
	if err != nil {
		return nil, err
	}
	alpha, err := in.value()
	if err != nil {
		return nil, err
	}
	d, err := in.welch()
	if err != nil {
		return nil, err
	}
	return object{
		"diff": d.Value, "se": d.StdErr, "df": d.DF, "t": d.T(0),
		"p_two_sided": d.TwoSided(0), "p_greater": d.Greater(0), "p_less": d.Less(0),
		"ci": scipyInterval(d, alpha),
	}, nil
}

func pairedTests(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		V1 []float64 `json:"v1"`
		V2 []float64 `json:"v2"`
		level
	}](input)
	if err != nil {
		return nil, err
	}
	alpha, err := in.value()
	if err != nil {
		return nil, err
	}
	if len(in.V1) != len(in.V2) {
		return nil, fmt.Errorf("%w: v1 has %d values and v2 %d; they must pair", ErrInput, len(in.V1), len(in.V2))
	}
	differences := make([]float64, len(in.V1))
	for i := range differences {
		differences[i] = in.V2[i] - in.V1[i]
	}
	s := fixed.Summarize(differences)
	d := fixed.PairedMean(s)
	t, p := d.T(0), d.TwoSided(0)
	if s.Var == 0 && s.Mean != 0 { // what SciPy answers for a constant shift
		t, p = math.Inf(int(math.Copysign(1, s.Mean))), 0
	}
	w := fixed.Wilcoxon(differences)
	mode := "approx"
	if w.Exact {
		mode = "exact"
	}
	return object{
		"mean_diff": d.Value, "t": t, "p": p, "df": s.N - 1, "ci": scipyInterval(d, alpha),
		"wilcoxon_w": w.W, "wilcoxon_p": w.P, "wilcoxon_mode": mode,
	}, nil
}

func nonInferiority(input json.RawMessage) (any, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(input, &keys); err != nil || keys == nil {
		_, err := decode[margin](input) // says why
		return nil, err
	}
	switch string(keys["kind"]) {
	case `"mean"`:
		return nonInferiorMean(input)
	case `"proportion"`:
		return nonInferiorProportion(input)
	}
	return nil, fmt.Errorf("%w: kind is %s; it must be mean or proportion", ErrInput, cmp.Or(string(keys["kind"]), "missing"))
}

// margin is how much worse b may be, and which side is worse.
type margin struct {
	Kind          string   `json:"kind"`
	Margin        *float64 `json:"margin"`
	LowerIsBetter bool     `json:"lower_is_better" input:"optional"`
}

// null is the effect at which b is worse by just the margin.
func (m margin) null() (float64, error) {
	switch {
	case m.Margin == nil || !(*m.Margin >= 0):
		return 0, fmt.Errorf("%w: margin must be a number >= 0", ErrInput)
	case m.LowerIsBetter:
		return *m.Margin, nil
	}
	return -*m.Margin, nil
}

// p returns the one-sided p-value against the margin.
func (m margin) p(d fixed.Difference, null float64) float64 {
	if m.LowerIsBetter {
		return d.Less(null)
	}
	return d.Greater(null)
}

// normalP is p for a z statistic.
func (m margin) normalP(z float64) float64 {
	return m.p(fixed.Difference{Value: z, StdErr: 1, DF: math.Inf(1)}, 0)
}

func nonInferiorMean(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		margin
		twoMeans
		level
	}](input)
	if err != nil {
		return nil, err
	}
	alpha, err := in.value()
	if err != nil {
		return nil, err
	}
	null, err := in.null()
	if err != nil {
		return nil, err
	}
	d, err := in.welch()
	if err != nil {
		return nil, err
	}
	limit := d.LowerLimit(alpha)
	if in.LowerIsBetter {
		limit = d.UpperLimit(alpha)
	}
	return object{
		"t": d.T(null), "df": d.DF, "p": in.p(d, null),
		"one_sided_limit": limit, "tost_p": d.Equivalent(math.Abs(null)),
	}, nil
}
