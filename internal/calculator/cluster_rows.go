package calculator

import (
	"encoding/json"
	"math"
	"slices"

	"weir/analyze/cluster"
	"weir/analyze/dist"
)

func quantileType7(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		X list `json:"x"`
		Q list `json:"q"`
	}](input)
	if err != nil {
		return nil, err
	}
	sorted := slices.Sorted(slices.Values(in.X))
	quantiles := make([]float64, len(in.Q))
	for i, q := range in.Q {
		quantiles[i] = cluster.Quantile(sorted, q)
	}
	return object{"quantiles": quantiles}, nil
}

func quantileWoodruff(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Session   list      `json:"session"`
		Value     list      `json:"value"`
		Quantiles list      `json:"quantiles"`
		Alpha     errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := sameLength(len(in.Session), len(in.Value)); err != nil {
		return nil, err
	}
	var value, lower, upper []float64
	for _, p := range in.Quantiles {
		q := cluster.Woodruff(in.Value, in.Session, p, in.Alpha.alpha())
		value, lower, upper = append(value, q.Value), append(lower, q.Lower), append(upper, q.Upper)
	}
	return object{"quantile": value, "ci_lower": lower, "ci_upper": upper}, nil
}

func clusterRobustOLS(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Y       list `json:"y"`
		Treated list `json:"treated"`
		Cluster list `json:"cluster"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := sameLength(len(in.Y), len(in.Treated), len(in.Cluster)); err != nil {
		return nil, err
	}
	design := make([][]float64, len(in.Y))
	for i, t := range in.Treated {
		design[i] = []float64{1, t}
	}
	diff, none := math.NaN(), math.NaN()
	hc, robust := cluster.HC{HC0: none, HC1: none, HC2: none, HC3: none}, cluster.Robust{CR0: none, CR1: none, CR2: none, DF: none}
	if fit, err := cluster.OLS(design, in.Y); err == nil { // else an arm is empty
		diff, hc, robust = fit.Coef[1], fit.HC(1), cluster.Clustered(fit, in.Cluster, 1)
	}
	return object{
		"diff":         diff,
		"se_hc0":       hc.HC0,
		"se_hc1":       hc.HC1,
		"se_hc2":       hc.HC2,
		"se_hc3":       hc.HC3,
		"se_cr0":       robust.CR0,
		"se_cr1":       robust.CR1,
		"p_cr1_normal": dist.NormalTwoSided(statistic(diff, robust.CR1)),
		"se_cr2":       robust.CR2,
		"df_cr2":       robust.DF,
		"p_cr2":        dist.StudentTTwoSided(statistic(diff, robust.CR2), robust.DF),
	}, nil
}

func pairedTrials(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		V1      table     `json:"v1"`
		V2      table     `json:"v2"`
		Cluster list      `json:"cluster" input:"optional"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if in.Cluster == nil { // every case is its own
		for i := range in.V1 {
			in.Cluster = append(in.Cluster, float64(i))
		}
	}
	if err := sameLength(len(in.V1), len(in.V2), len(in.Cluster)); err != nil {
		return nil, err
	}
	p := cluster.PairedTrials(in.V1, in.V2, in.Cluster, in.Alpha.alpha())
	return object{
		"mean_v1":     p.MeanA,
		"mean_v2":     p.MeanB,
		"diff":        p.Difference,
		"se_case":     p.Case.StdErr,
		"t":           statistic(p.Case.Estimate, p.Case.StdErr),
		"p_t":         p.Case.P,
		"se_cr0":      p.Robust.CR0,
		"se_cr1":      p.Robust.CR1,
		"se_cr2":      p.Robust.CR2,
		"df_cr2":      p.Robust.DF,
		"p_cr2":       p.Clustered.P,
		"unpaired_se": p.UnpairedStdErr,
		"correlation": p.Correlation,
	}, nil
}

func hajekIPWCluster(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Rows table `json:"rows"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := in.Rows.width(4); err != nil {
		return nil, err
	}
	rows := make([]cluster.Assigned[float64], len(in.Rows))
	for i, r := range in.Rows {
		rows[i] = cluster.Assigned[float64]{Cluster: r[0], Share: r[1], Treatment: r[2] != 0, Y: r[3]}
	}
	w := cluster.Hajek(rows)
	return object{"mean_a": w.A.Value, "mean_b": w.B.Value, "diff": w.Difference.Value, "se_diff": w.Difference.StdErr()}, nil
}
