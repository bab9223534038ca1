package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/sequential"
)

var sequentialMethods = map[string]Method{
	"stats-asymptotic-cs":        asymptoticCS,
	"stats-asymptotic-cs-stream": asymptoticCSStream,
	"stats-anytime-valid-t":      anytimeValidT,
	"stats-sequential-srm":       sequentialSRM,
	"stats-sequential-quantile":  sequentialQuantile,
	"stats-group-sequential":     groupSequential,
	"stats-sequential-gbstats":   sequentialGBStats,
}

func asymptoticCS(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		T     float64   `json:"t"`
		Var   float64   `json:"var"`
		TOpt  float64   `json:"t_opt"`
		Alpha errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	alpha := in.Alpha.alpha()
	v, planned := in.T*in.Var, in.TOpt*in.Var
	unit, intrinsic := sequential.Tuning(in.TOpt, alpha), sequential.Tuning(planned, alpha)
	return object{
		"rho2_exact_unit_variance":        unit,
		"rho2_approx_unit_variance":       sequential.TuningApprox(in.TOpt, alpha),
		"std_margin":                      sequential.Radius(in.T, unit, alpha) / in.T,
		"rho2_intrinsic":                  intrinsic,
		"lyapunov_margin":                 sequential.Radius(v, intrinsic, alpha) / in.T,
		"lil_margin":                      sequential.RadiusLIL(in.T, alpha),
		"howard_normal_mixture_sum_bound": sequential.Radius(v, sequential.TuningApprox(planned, alpha), alpha),
	}, nil
}

func asymptoticCSStream(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Kind  string    `json:"kind"`
		Rho2  float64   `json:"rho2"`
		Alpha errorRate `json:"alpha"`
		Rows  table     `json:"rows"`
		Times []int     `json:"times"`
	}](input)
	if err != nil {
		return nil, err
	}
	term := map[string]func(bool, float64, float64, float64) float64{
		"ipw": sequential.InverseProbabilityTerm, "overlap": sequential.OverlapTerm,
	}[in.Kind]
	if term == nil {
		return nil, fmt.Errorf("%w: kind is %q; it may be ipw or overlap", ErrInput, in.Kind)
	}
	if err := in.Rows.width(4); err != nil {
		return nil, err
	}
	var stream, weight sequential.Stream
	sums := make([]sequential.Sum, len(in.Rows))
	weights := make([]float64, len(in.Rows))
	for i, row := range in.Rows {
		share, z, centre, y := row[0], row[1], row[2], row[3]
		stream.Add(term(z != 0, share, y, centre))
		weight.Add(share * (1 - share))
		sums[i], weights[i] = stream.Sum(), weight.Sum().Mean()
	}
	var lower, upper, mean, overlap []float64
	for _, t := range in.Times {
		if t < 1 || t > len(sums) {
			return nil, fmt.Errorf("%w: time %d is not one of the %d rows", ErrInput, t, len(sums))
		}
		l, u := sums[t-1].Interval(in.Rho2, in.Alpha.alpha())
		lower, upper = append(lower, l), append(upper, u)
		mean, overlap = append(mean, sums[t-1].Mean()), append(overlap, weights[t-1])
	}
	return object{"lower": lower, "upper": upper, "mean_x": mean, "mean_pi_1_minus_pi": overlap}, nil
}

func anytimeValidT(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		G            float64   `json:"g"`
		N            float64   `json:"n"`
		Coefficients float64   `json:"coefficients"`
		Alpha        errorRate `json:"alpha"`
		TSquared     float64   `json:"t_squared"`
	}](input)
	if err != nil {
		return nil, err
	}
	df, alpha := in.N-in.Coefficients, in.Alpha.alpha()
	e := sequential.LogET(in.TSquared, df, in.N, in.G)
	return object{
		"t_radius": sequential.TRadius(df, in.N, in.G, alpha),
		"z_radius": sequential.ZRadius(in.N, in.G, alpha),
		"log_e":    e,
		"p":        math.Min(1, math.Exp(-e)),
	}, nil
}

func sequentialSRM(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Theta0  list     `json:"theta0"`
		K       *float64 `json:"k"`
		Batches table    `json:"batches"`
	}](input)
	if err != nil {
		return nil, err
	}
	k := 100.0
	if in.K != nil {
		k = *in.K
	}
	counts := make([]float64, len(in.Theta0))
	logE := make([]float64, len(in.Batches))
	for i, batch := range in.Batches {
		if len(batch) != len(counts) {
			return nil, fmt.Errorf("%w: batch %d has %d counts for %d arms", ErrInput, i+1, len(batch), len(counts))
		}
		for arm, n := range batch {
			counts[arm] += n
		}
		logE[i] = sequential.LogEMultinomial(counts, in.Theta0, k)
	}
	return object{"log_e": logE, "p_running": sequential.RunningP(logE)}, nil
}

func sequentialQuantile(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A        list      `json:"a" input:"optional"`
		B        list      `json:"b" input:"optional"`
		P        float64   `json:"p"`
		T        *float64  `json:"t"`
		Alpha    errorRate `json:"alpha"`
		TOpt     float64   `json:"t_opt"`
		AlphaOpt errorRate `json:"alpha_opt"`
		TMin     *float64  `json:"t_min"`
	}](input)
	if err != nil {
		return nil, err
	}
	switch {
	case in.A != nil && in.B != nil:
		return object{"p_value": sequential.QuantileP(in.A, in.B, in.P, in.TOpt, in.AlphaOpt.alpha())}, nil
	case in.A != nil || in.B != nil || in.T == nil || in.TMin == nil:
		return nil, fmt.Errorf("%w: give a and b, or t and t_min", ErrInput)
	}
	alpha := in.Alpha.alpha()
	return object{
		"double_stitching": sequential.DoubleStitching(in.P, *in.T, alpha, in.TOpt),
		"lil":              sequential.EmpiricalCDFRadius(*in.T, alpha, *in.TMin),
	}, nil
}

func groupSequential(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Information list      `json:"information"`
		Alpha       errorRate `json:"alpha"`
		Sided       *int      `json:"sided"`
		Type        string    `json:"type"`
		Gamma       *float64  `json:"gamma" input:"optional,null"` // of asKD and spotify_power alone
	}](input)
	if err != nil {
		return nil, err
	}
	sides := 2
	if in.Sided != nil {
		sides = *in.Sided
	}
	if sides != 1 && sides != 2 {
		return nil, fmt.Errorf("%w: sided is %d; it must be 1 or 2", ErrInput, sides)
	}
	gamma := math.NaN()
	switch {
	case in.Gamma != nil:
		gamma = *in.Gamma
	case in.Type == "asKD" || in.Type == "spotify_power":
		return nil, fmt.Errorf("%w: gamma is missing; type %s needs it", ErrInput, in.Type)
	}
	boundary, err := groupBoundary(in.Type, in.Information, in.Alpha.alpha(), sides, gamma)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	for i, z := range boundary.Critical {
		if math.IsInf(z, 1) {
			boundary.Critical[i] = math.NaN() // the format's sign for no stopping
		}
	}
	return object{"critical_z": boundary.Critical, "alpha_spent": boundary.Spent}, nil
}

func groupBoundary(kind string, information []float64, alpha float64, sides int, gamma float64) (sequential.Boundary, error) {
	switch kind {
	case "OF":
		return sequential.OBrienFleming(information, alpha, sides)
	case "P":
		return sequential.Pocock(information, alpha, sides)
	case "asOF":
		return sequential.SpendingBoundary(information, sequential.OBrienFlemingSpending(alpha, sides), sides)
	case "asP":
		return sequential.SpendingBoundary(information, sequential.PocockSpending(alpha), sides)
	case "asKD":
		return sequential.SpendingBoundary(information, sequential.PowerSpending(alpha, gamma), sides)
	case "spotify_power": // a one-sided test on each side, each with its share
		return sequential.SpendingBoundary(information, sequential.PowerSpending(alpha/float64(sides), gamma), 1)
	}
	return sequential.Boundary{}, fmt.Errorf("type is %q; it may be OF, P, asOF, asP, asKD or spotify_power", kind)
}
