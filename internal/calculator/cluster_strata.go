package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/cluster"
	"weir/analyze/compat"
)

// An epoch is a stretch of constant allocation.
type epoch struct {
	PiB float64 `json:"pi_b"`
	A   arm     `json:"a"`
	B   arm     `json:"b"`
}

func stratifiedEpochs(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Epochs       []epoch `json:"epochs"`
		WeightsFixed list    `json:"weights_fixed"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := sameLength(len(in.WeightsFixed), len(in.Epochs)); err != nil {
		return nil, err
	}
	strata := make([]cluster.Stratum, len(in.Epochs))
	cells := make([]compat.Cell, len(in.Epochs))
	perEpoch := make([]any, len(in.Epochs))
	for i, e := range in.Epochs {
		a, b, err := arms{A: e.A, B: e.B}.moments("")
		if err != nil {
			return nil, fmt.Errorf("epoch %d: %w", i+1, err)
		}
		mean := cluster.Mean(0)
		strata[i] = cluster.Stratum{Share: e.PiB, A: mean.Figure(a), B: mean.Figure(b)}
		cells[i] = compat.Cell{A: a, B: b}
		perEpoch[i] = estimateAndError(strata[i].Difference())
	}
	hajek := cluster.HajekStrata(strata)
	units := hajek.Difference.Units
	out := object{
		"fixed_weights":           estimateAndError(cluster.FixedWeights(strata, in.WeightsFixed)),
		"per_epoch":               perEpoch,
		"inverse_variance":        estimateAndError(cluster.InverseVariance(strata)),
		"naive_pooled_diff":       cluster.Pooled(strata),
		"gbstats_post_stratified": gbstatsPostStratified(cells),
		"hajek_ipw": object{
			"estimate":  hajek.Difference.Value,
			"se_hc0":    hajek.Difference.StdErr(),
			"se_svyglm": hajek.Difference.StdErr() * math.Sqrt(units/(units-1)),
			"mean_a":    hajek.A.Value,
		},
	}
	if tables, ok := binaryTables(in.Epochs); ok {
		mh := cluster.CochranMantelHaenszel(tables)
		out["mantel_haenszel"] = object{
			"risk_ratio": mh.RiskRatio, "odds_ratio": mh.OddsRatio, "cmh_chi2": mh.ChiSquare, "cmh_p": mh.P,
		}
	}
	return out, nil
}

func estimateAndError(f cluster.Figure) object {
	return object{"estimate": f.Value, "se": f.StdErr()}
}

// binaryTables returns the epochs as 2 x 2 tables; false where an outcome is
// not 0 or 1.
func binaryTables(epochs []epoch) ([]cluster.Table, bool) {
	tables := make([]cluster.Table, len(epochs))
	for i, e := range epochs {
		successA, a, okA := e.A.successes()
		successB, b, okB := e.B.successes()
		if !okA || !okB {
			return nil, false
		}
		tables[i] = cluster.Table{SuccessA: successA, A: a, SuccessB: successB, B: b}
	}
	return tables, true
}
