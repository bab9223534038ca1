package calculator

import (
	"encoding/json"
	"fmt"
	"slices"

	"weir/analyze/agreement"
	"weir/analyze/preference"
)

func raterKappa(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A          []label `json:"rater_a"`
		B          []label `json:"rater_b"`
		Categories []label `json:"categories"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := sameLength(len(in.A), len(in.B)); err != nil {
		return nil, err
	}
	if _, err := codes("categories", in.Categories); err != nil {
		return nil, err
	}
	categories := func(ratings []label) []int {
		out := make([]int, len(ratings))
		for i, rating := range ratings {
			out[i] = slices.Index(in.Categories, rating)
		}
		return out
	}
	counts, missing := agreement.Table(categories(in.A), categories(in.B), len(in.Categories))
	plain := agreement.CohenKappa(counts, agreement.Unweighted)
	linear := agreement.CohenKappa(counts, agreement.Linear)
	quadratic := agreement.CohenKappa(counts, agreement.Quadratic)
	low, high := plain.CI(0.05)
	return object{
		"kappa":              plain.Value,
		"se":                 plain.StdErr,
		"se_null":            plain.StdErrNull,
		"ci95_low":           low,
		"ci95_high":          high,
		"observed_agreement": plain.Observed,
		"n":                  plain.N,
		"n_invalid":          missing,
		"table":              counts,
		"kappa_linear":       linear.Value,
		"se_linear":          linear.StdErr,
		"kappa_quadratic":    quadratic.Value,
		"se_quadratic":       quadratic.StdErr,
	}, nil
}

func tableKappa(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Table table     `json:"table"`
		Alpha errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := in.Table.width(len(in.Table)); err != nil {
		return nil, err
	}
	plain := agreement.CohenKappa(in.Table, agreement.Unweighted)
	low, high := plain.CI(in.Alpha.alpha())
	return object{
		"kappa":           plain.Value,
		"se":              plain.StdErr,
		"ci":              []float64{low, high},
		"kappa_linear":    agreement.CohenKappa(in.Table, agreement.Linear).Value,
		"kappa_quadratic": agreement.CohenKappa(in.Table, agreement.Quadratic).Value,
	}, nil
}

func krippendorffAlpha(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Ratings []series `json:"ratings"`
		Levels  []string `json:"levels"`
	}](input)
	if err != nil {
		return nil, err
	}
	ratings := make([][]float64, len(in.Ratings))
	for i, r := range in.Ratings {
		if err := sameLength(len(in.Ratings[0]), len(r)); err != nil {
			return nil, err
		}
		ratings[i] = r
	}
	levels := map[string]agreement.Level{
		"nominal": agreement.Nominal, "ordinal": agreement.Ordinal,
		"interval": agreement.Interval, "ratio": agreement.Ratio,
	}
	out := object{}
	for _, name := range in.Levels {
		level, ok := levels[name]
		if !ok {
			return nil, fmt.Errorf("%w: level %q is none of nominal, ordinal, interval, ratio", ErrInput, name)
		}
		out["alpha_"+name] = agreement.Krippendorff(ratings, level)
	}
	return out, nil
}

func positionSwap(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Gold   []label `json:"gold" input:"optional"`
		Order1 []label `json:"winner_order1"`
		Order2 []label `json:"winner_order2"`
	}](input)
	if err != nil {
		return nil, err
	}
	if in.Gold == nil {
		in.Gold = make([]label, len(in.Order1))
	}
	if err := sameLength(len(in.Order1), len(in.Order2), len(in.Gold)); err != nil {
		return nil, err
	}
	a, b := verdicts(in.Order1), verdicts(in.Order2)
	swap := preference.NewSwap(a, b)
	accuracy := preference.NewAccuracy(verdicts(in.Gold), a, b)
	return object{
		"n":                                swap.N,
		"n_invalid":                        swap.Invalid,
		"consistency":                      swap.Consistency,
		"kappa_between_orders":             swap.Kappa.Value,
		"accuracy_order1":                  accuracy.OrderA,
		"accuracy_order2":                  accuracy.OrderB,
		"accuracy_both":                    accuracy.Both,
		"first_position_rate":              swap.FirstShown,
		"n_flip_to_first":                  swap.ToFirst,
		"n_flip_to_second":                 swap.ToSecond,
		"mcnemar_exact_p":                  swap.OrderP,
		"win_rate_output1_half_point":      swap.HalfPoint.Rate,
		"se_half_point":                    swap.HalfPoint.StdErr,
		"win_rate_output1_consistent_only": swap.Consistent,
	}, nil
}

// verdicts reads 1 and 2, as texts or numbers, as the winning answer and
// anything else as invalid.
func verdicts(winners []label) []preference.Verdict {
	out := make([]preference.Verdict, len(winners))
	for i, w := range winners {
		switch w.value {
		case "1", 1.0:
			out[i] = preference.First
		case "2", 2.0:
			out[i] = preference.Second
		}
	}
	return out
}
