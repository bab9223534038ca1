package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/dist"
	"weir/analyze/fixed"
)

func proportionCI(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		X float64 `json:"x"`
		N float64 `json:"n"`
		level
	}](input)
	if err != nil {
		return nil, err
	}
	alpha, err := in.value()
	if err != nil {
		return nil, err
	}
	if err := counts("x, n", in.X, in.N); err != nil {
		return nil, err
	}
	if in.X > in.N {
		return nil, fmt.Errorf("%w: more successes than trials", ErrInput)
	}
	p := fixed.Proportion{Successes: in.X, Trials: in.N}
	return object{
		"wilson":          pair(p.Wilson(alpha)),
		"clopper_pearson": pair(p.ClopperPearson(alpha)),
		"agresti_coull":   pair(p.AgrestiCoull(alpha)),
		"jeffreys":        pair(p.Jeffreys(alpha)),
	}, nil
}

// ratesInput is what comparisons of two rates read.
type ratesInput struct {
	twoRates
	level
}

// read returns the arms and the level.
func (in ratesInput) read() (a, b fixed.Proportion, alpha float64, err error) {
	if alpha, err = in.value(); err != nil {
		return a, b, 0, err
	}
	a, b, err = in.arms()
	return a, b, alpha, err
}

func twoProportion(input json.RawMessage) (any, error) {
	in, err := decode[ratesInput](input)
	if err != nil {
		return nil, err
	}
	a, b, alpha, err := in.read()
	if err != nil {
		return nil, err
	}
	pooled := fixed.PooledZ(a, b)
	wald, caffo := fixed.Wald(a, b), fixed.AgrestiCaffo(a, b)
	out := object{
		"diff":     wald.Value,
		"z_pooled": pooled, "p_pooled": dist.NormalTwoSided(pooled),
		"ci_wald": waldInterval(wald, alpha), "p_wald": wald.TwoSided(0),
		"ci_agresti_caffo": pair(caffo.Interval(alpha)), "p_agresti_caffo": caffo.TwoSided(0),
		"ci_newcombe":           pair(fixed.Newcombe(a, b, alpha)),
		"ci_miettinen_nurminen": statsmodelsScoreInterval(a, b, alpha),
		"p_miettinen_nurminen":  dist.NormalTwoSided(statsmodelsScore(a, b, 0)),
		"ci_score":              pair(fixed.MiettinenNurminen(a, b, alpha)),
		"p_score":               dist.NormalTwoSided(fixed.MiettinenNurminenZ(a, b, 0)),
	}
	if refused(a, b) {
		out["p_wald"], out["p_agresti_caffo"] = nil, nil
	}
	return out, nil
}

// refused reports whether the reference of the two-rate tests has no answer:
// it forms the ratio and the odds ratio of b against a on the way, and stops
// where one of them is not finite. The library has answers there.
func refused(a, b fixed.Proportion) bool {
	return a.Successes == 0 || b.Successes == b.Trials
}

// waldInterval is Wald's interval, which the reference gives as a point where
// no arm varies.
func waldInterval(d fixed.Difference, alpha float64) any {
	if math.IsNaN(d.StdErr) {
		return pair(d.Value, d.Value)
	}
	return pair(d.Interval(alpha))
}

func relativeRisk(input json.RawMessage) (any, error) {
	in, err := decode[ratesInput](input)
	if err != nil {
		return nil, err
	}
	a, b, alpha, err := in.read()
	if err != nil {
		return nil, err
	}
	return object{
		"ratio":           fixed.RiskRatio(a, b),
		"ci_log":          pair(fixed.KatzRatio(a, b, alpha)),
		"ci_log_adjusted": pair(fixed.WalterRatio(a, b, alpha)),
		"ci_score":        pair(fixed.ScoreRatio(a, b, alpha)),
	}, nil
}

func nonInferiorProportion(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		margin
		ratesInput
	}](input)
	if err != nil {
		return nil, err
	}
	a, b, _, err := in.read()
	if err != nil {
		return nil, err
	}
	null, err := in.null()
	if err != nil {
		return nil, err
	}
	wald, caffo := fixed.Wald(a, b), fixed.AgrestiCaffo(a, b)
	if refused(a, b) {
		wald.StdErr, caffo.StdErr = math.NaN(), math.NaN()
	}
	reference, score := statsmodelsScore(a, b, null), fixed.MiettinenNurminenZ(a, b, null)
	return object{
		"z_wald": wald.T(null), "p_wald": in.p(wald, null),
		"z_agresti_caffo": caffo.T(null), "p_agresti_caffo": in.p(caffo, null),
		"z_miettinen_nurminen": reference, "p_miettinen_nurminen": in.normalP(reference),
		"z_score": score, "p_score": in.normalP(score),
	}, nil
}

func fisherExact(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Table [][]float64 `json:"table"`
	}](input)
	if err != nil {
		return nil, err
	}
	if len(in.Table) != 2 || len(in.Table[0]) != 2 || len(in.Table[1]) != 2 {
		return nil, fmt.Errorf("%w: table must have two rows of two counts", ErrInput)
	}
	table := [2][2]float64{[2]float64(in.Table[0]), [2]float64(in.Table[1])}
	if err := counts("entries of table", table[0][0], table[0][1], table[1][0], table[1][1]); err != nil {
		return nil, err
	}
	t := fixed.Fisher(table)
	return object{"odds_ratio": t.OddsRatio, "p_two_sided": t.TwoSided, "p_less": t.Less, "p_greater": t.Greater}, nil
}

func mcNemar(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Both    float64 `json:"both"`
		OnlyV1  float64 `json:"only_v1"`
		OnlyV2  float64 `json:"only_v2"`
		Neither float64 `json:"neither"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := counts("both, only_v1, only_v2, neither", in.Both, in.OnlyV1, in.OnlyV2, in.Neither); err != nil {
		return nil, err
	}
	d := fixed.McNemar(in.OnlyV1, in.OnlyV2)
	return object{
		"discordant": d.Pairs, "statistic_exact": d.Smaller, "p_exact": d.Exact,
		"chi2_cc": d.Corrected, "p_chi2_cc": d.PCorrected,
		"chi2_nocc": d.Chi2, "p_chi2_nocc": d.P,
	}, nil
}

func sampleRatio(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Observed []float64 `json:"observed"`
		Weights  []float64 `json:"weights"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := counts("observed", in.Observed...); err != nil {
		return nil, err
	}
	if len(in.Observed) != len(in.Weights) {
		return nil, fmt.Errorf("%w: %d counts and %d weights", ErrInput, len(in.Observed), len(in.Weights))
	}
	r := fixed.CheckRatio(in.Observed, in.Weights)
	return object{"chi2": r.Chi2, "df": r.DF, "p": r.P, "p_binomial_exact": r.Exact}, nil
}
