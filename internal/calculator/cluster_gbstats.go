package calculator

import (
	"encoding/json"

	"gonum.org/v1/gonum/mat"

	"weir/analyze/cluster"
	"weir/analyze/compat"
)

// gbstatsEffects returns the absolute and relative t-tests of gbstats.
func gbstatsEffects(a, b cluster.Figure, alpha float64) object {
	absolute, errAbsolute := compat.Absolute(a, b)
	relative, errRelative := compat.Relative(a, b)
	return object{
		"absolute": gbstatsTest(absolute, errAbsolute, alpha),
		"relative": gbstatsTest(relative, errRelative, alpha),
	}
}

func gbstatsCUPED(c compat.CUPED, err error, alpha float64) object {
	return object{
		"absolute": gbstatsTest(c.Absolute, err, alpha),
		"relative": gbstatsTest(c.Relative, err, alpha),
		"theta":    c.Theta,
	}
}

// gbstatsTest returns a test, or the name of the refusal.
func gbstatsTest(e compat.Effect, err error, alpha float64) object {
	if err != nil {
		return object{"error": err.Error()}
	}
	t := e.T(alpha)
	return object{"estimate": e.Estimate, "se": e.StdErr, "ci": []float64{t.Lower, t.Upper}, "p": t.P}
}

func gbstatsPostStratified(cells []compat.Cell) object {
	absolute, relative, err := compat.PostStratified(cells)
	return object{"absolute": gbstatsEstimate(absolute, err), "relative": gbstatsEstimate(relative, err)}
}

func gbstatsEstimate(e compat.Effect, err error) object {
	if err != nil {
		return object{"error": err.Error()}
	}
	return object{"estimate": e.Estimate, "se": e.StdErr}
}

// clusteredQuantile is one arm of stats-quantile-cluster-gbstats.
type clusteredQuantile struct {
	N                         float64 `json:"n"`
	NStar                     float64 `json:"n_star"`
	Nu                        float64 `json:"nu"`
	QuantileHat               float64 `json:"quantile_hat"`
	QuantileLower             float64 `json:"quantile_lower"`
	QuantileUpper             float64 `json:"quantile_upper"`
	MainSum                   float64 `json:"main_sum"`
	MainSumSquares            float64 `json:"main_sum_squares"`
	DenominatorSum            float64 `json:"denominator_sum"`
	DenominatorSumSquares     float64 `json:"denominator_sum_squares"`
	MainDenominatorSumProduct float64 `json:"main_denominator_sum_product"`
	NClusters                 float64 `json:"n_clusters"`
}

func (q clusteredQuantile) quantile() compat.Quantile {
	return compat.Quantile{N: q.N, NStar: q.NStar, Nu: q.Nu, Value: q.QuantileHat, Lower: q.QuantileLower, Upper: q.QuantileUpper}
}

func (q clusteredQuantile) below() cluster.Moments {
	return cluster.MomentsFromSums(q.NClusters, []float64{q.MainSum, q.DenominatorSum}, mat.NewSymDense(2, []float64{
		q.MainSumSquares, q.MainDenominatorSumProduct,
		q.MainDenominatorSumProduct, q.DenominatorSumSquares,
	}))
}

func quantileClusterGBStats(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A     clusteredQuantile `json:"a"`
		B     clusteredQuantile `json:"b"`
		Alpha errorRate         `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	a, b, alpha := in.A.quantile(), in.B.quantile(), in.Alpha.alpha()
	varianceA, varianceB := a.Clustered(in.A.below()), b.Clustered(in.B.below())
	out := quantileEffects(a, b, varianceA, varianceB, alpha)
	out["variance_per_event_a"], out["variance_per_event_b"] = a.PerRow(varianceA), b.PerRow(varianceB)
	out["iid_absolute"] = quantileEffects(a, b, a.RowVariance(), b.RowVariance(), alpha)["absolute"]
	return out, nil
}

// quantileEffects tests two quantiles with the given variances times rows.
func quantileEffects(a, b compat.Quantile, varianceA, varianceB, alpha float64) object {
	figureA, errA := a.Figure(varianceA)
	figureB, errB := b.Figure(varianceB)
	for _, err := range []error{errA, errB} {
		if err != nil {
			refused := object{"error": err.Error()}
			return object{"absolute": refused, "relative": refused}
		}
	}
	return gbstatsEffects(figureA, figureB, alpha)
}
