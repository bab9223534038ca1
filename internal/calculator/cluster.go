package calculator

import (
	"encoding/json"
	"math"

	"weir/analyze/cluster"
	"weir/analyze/compat"
)

var clusterMethods = map[string]Method{
	"stats-relative-lift-mean":       relativeLiftMean,
	"stats-ratio-delta-cluster":      ratioDeltaCluster,
	"stats-cuped":                    cuped,
	"stats-cuped-ratio":              cupedRatio,
	"stats-quantile-type7":           quantileType7,
	"stats-quantile-woodruff":        quantileWoodruff,
	"stats-quantile-cluster-gbstats": quantileClusterGBStats,
	"stats-cluster-robust-ols":       clusterRobustOLS,
	"stats-paired-eval-k-trials":     pairedTrials,
	"stats-stratified-epochs":        stratifiedEpochs,
	"stats-hajek-ipw-cluster":        hajekIPWCluster,
}

func relativeLiftMean(input json.RawMessage) (any, error) {
	in, err := decode[arms](input)
	if err != nil {
		return nil, err
	}
	ma, mb, err := in.moments("")
	if err != nil {
		return nil, err
	}
	a, b := cluster.Mean(0).Figure(ma), cluster.Mean(0).Figure(mb)
	out := gbstatsEffects(a, b, in.Alpha.alpha())
	out["fieller_z"] = limits(cluster.Fieller(a, b, in.Alpha.alpha()))
	out["tea_tasting"] = teaTasting(a, b, in.Alpha.alpha())
	return out, nil
}

func ratioDeltaCluster(input json.RawMessage) (any, error) {
	in, err := decode[arms](input)
	if err != nil {
		return nil, err
	}
	ma, mb, err := in.moments("num", "den")
	if err != nil {
		return nil, err
	}
	ratio := cluster.Ratio{Num: 0, Den: 1}
	a, b := ratio.Figure(ma), ratio.Figure(mb)
	out := gbstatsEffects(a, b, in.Alpha.alpha())
	out["fieller_z"] = limits(cluster.Fieller(a, b, in.Alpha.alpha()))
	out["tea_tasting"] = teaTasting(a, b, in.Alpha.alpha())
	out["ratio_a"], out["se_a_survey"] = a.Value, a.StdErr()
	out["ratio_b"], out["se_b_survey"] = b.Value, b.StdErr()
	return out, nil
}

func cuped(input json.RawMessage) (any, error) {
	in, err := decode[arms](input)
	if err != nil {
		return nil, err
	}
	a, b, err := in.moments("y", "x")
	if err != nil {
		return nil, err
	}
	gb, gbErr := compat.MeanCUPED(a, b)
	adjusted := cluster.CUPED(a, b, cluster.Mean(0), cluster.Mean(1))
	out := gbstatsCUPED(gb, gbErr, in.Alpha.alpha())
	out["tea_tasting"] = teaTasting(adjusted.A, adjusted.B, in.Alpha.alpha())
	if in.A.sums == nil && in.B.sums == nil {
		out["lin_ols_hc2"] = linRegression(in.A.rows, in.B.rows)
	}
	return out, nil
}

func cupedRatio(input json.RawMessage) (any, error) {
	in, err := decode[arms](input)
	if err != nil {
		return nil, err
	}
	a, b, err := in.moments("num", "den", "pre_num", "pre_den")
	if err != nil {
		return nil, err
	}
	gb, gbErr := compat.RatioCUPED(a, b)
	adjusted := cluster.CUPED(a, b, cluster.Ratio{Num: 0, Den: 1}, cluster.Ratio{Num: 2, Den: 3})
	out := gbstatsCUPED(gb, gbErr, in.Alpha.alpha())
	out["tea_tasting"] = teaTasting(adjusted.A, adjusted.B, in.Alpha.alpha())
	return out, nil
}

// teaTasting returns what the Python package of that name does: Weir's own
// choice too.
func teaTasting(a, b cluster.Figure, alpha float64) object {
	e := cluster.Difference(a, b, alpha)
	lift := cluster.LogLift(a, b, alpha)
	return object{
		"diff":       e.Estimate,
		"p":          e.P,
		"statistic":  statistic(e.Estimate, e.StdErr),
		"abs_ci":     []float64{e.Lower, e.Upper},
		"rel_ci_log": []float64{lift.Lower, lift.Upper},
	}
}

// statistic is an estimate over its standard error; NaN where that is zero.
func statistic(estimate, stdErr float64) float64 {
	if stdErr == 0 {
		return math.NaN()
	}
	return estimate / stdErr
}

// limits returns a pair, or null where the set of lifts is unbounded or
// unknown.
func limits(l cluster.Lift) any {
	if math.IsNaN(l.Lower) || math.IsInf(l.Lower, 0) {
		return nil
	}
	return []float64{l.Lower, l.Upper}
}

// linRegression is the adjustment of Lin (2013): y on treatment, the centred
// covariate x and their product, with HC2, for rows [y, x].
func linRegression(a, b table) object {
	centre := cluster.MomentsOf(a).Add(cluster.MomentsOf(b))
	var design [][]float64
	var y []float64
	for treated, rows := range []table{a, b} {
		for _, row := range rows {
			x, t := row[1]-centre.Mean[1], float64(treated)
			design = append(design, []float64{1, t, x, t * x})
			y = append(y, row[0])
		}
	}
	fit, err := cluster.OLS(design, y)
	if err != nil {
		return object{"diff": math.NaN(), "se": math.NaN()}
	}
	return object{"diff": fit.Coef[1], "se": fit.HC(1).HC2}
}
