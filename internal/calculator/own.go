package calculator

import (
	"encoding/json"
	"fmt"
	"math"

	"weir/analyze/betting"
	"weir/analyze/cluster"
	"weir/analyze/dist"
	"weir/analyze/fixed"
)

// ownMethods are calculators of what an analysis is made of that no other program has
// under one name. Their vector files are testdata of this package.
var ownMethods = map[string]Method{
	"stats-sign-flip":       signFlip,
	"stats-betting-rates":   bettingRates,
	"stats-paired-sums":     pairedSums,
	"stats-quantile-strata": quantileStrata,
	"stats-cuped-strata":    cupedStrata,
}

// signFlip tests paired values, or their differences, by flipping signs.
func signFlip(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		A           list      `json:"a" input:"optional"`
		B           list      `json:"b" input:"optional"`
		Differences list      `json:"differences" input:"optional"`
		Alpha       errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	d := []float64(in.Differences)
	if d == nil {
		if in.A == nil || in.B == nil {
			return nil, fmt.Errorf("%w: give differences, or a and b", ErrInput)
		}
		if err := sameLength(len(in.A), len(in.B)); err != nil {
			return nil, err
		}
		for i, a := range in.A {
			d = append(d, in.B[i]-a)
		}
	} else if in.A != nil || in.B != nil {
		return nil, fmt.Errorf("%w: give either differences, or a and b", ErrInput)
	}
	alpha := in.Alpha.alpha()
	sample, test := fixed.Summarize(d), fixed.NewSignFlip(d)
	lower, upper := fixed.SignFlipInterval(d, alpha)
	return object{
		"n": sample.N, "diff": sample.Mean, "se": math.Sqrt(sample.Var / sample.N),
		"p_two_sided": test.TwoSided, "p_greater": test.Greater, "p_less": test.Less,
		"ci": []float64{lower, upper}, "lower": fixed.SignFlipLower(d, alpha), "upper": fixed.SignFlipUpper(d, alpha),
	}, nil
}

// bettingRates bets against a difference of rates of at least a margin.
func bettingRates(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Level   float64   `json:"level"`
		Margin  float64   `json:"margin"`
		Shares  list      `json:"pi_b"`
		Batches table     `json:"batches"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if !(in.Level >= 0 && in.Level < 1) || !(in.Margin > 0 && in.Margin <= 1) {
		return nil, fmt.Errorf("%w: level must lie in [0, 1), margin above 0 and up to 1", ErrInput)
	}
	for _, p := range in.Shares {
		if !(p > 0 && p < 1) {
			return nil, fmt.Errorf("%w: pi_b is %g; shares lie between 0 and 1", ErrInput, p)
		}
	}
	if err := in.Batches.width(5); err != nil {
		return nil, err
	}
	for i, b := range in.Batches {
		if err := counts("a batch", b...); err != nil {
			return nil, err
		}
		if int(b[0]) >= len(in.Shares) || b[2] > b[1] || b[4] > b[3] {
			return nil, fmt.Errorf("%w: batch %d is [stratum, n_a, x_a, n_b, x_b] with a stratum of pi_b, counted from 0, and at most n events", ErrInput, i+1)
		}
	}
	alpha := in.Alpha.alpha()
	rates := betting.NewRates(in.Level, in.Margin, in.Shares)
	logs, p, reached := make([]float64, len(in.Batches)), make([]float64, len(in.Batches)), math.NaN()
	highest := 0.0
	for i, x := range capital(rates, in.Batches) {
		highest = math.Max(highest, x)
		logs[i], p[i] = x, math.Exp(-highest)
		if math.IsNaN(reached) && p[i] <= alpha {
			reached = float64(i + 1)
		}
	}
	lambdas := make([]float64, len(in.Shares))
	for i := range lambdas {
		lambdas[i] = rates.Lambda(i)
	}
	return object{
		"lambda": lambdas, "log_capital": logs, "p_running": p, "first_batch_proven": reached,
		"upper_bound": rates.Bound(alpha, func(r betting.Rates) float64 {
			highest := 0.0
			for _, x := range capital(r, in.Batches) {
				highest = math.Max(highest, x)
			}
			return highest
		}),
	}, nil
}

// capital is the logarithm of it after each batch.
func capital(r betting.Rates, batches table) []float64 {
	out, sum := make([]float64, len(batches)), 0.0
	for i, b := range batches {
		sum += r.Log(int(b[0]), false, b[1], b[2]) + r.Log(int(b[0]), true, b[3], b[4])
		out[i] = sum
	}
	return out
}

// pairedSums is the paired t over cases that are known by their sums.
func pairedSums(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Pairs arm       `json:"pairs"`
		Alpha errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	m, err := in.Pairs.moments("a", "b")
	if err != nil {
		return nil, err
	}
	if m.N == 0 {
		return nil, fmt.Errorf("%w: pairs holds no case", ErrInput)
	}
	variance := m.Covariance([]float64{-1, 1}, []float64{-1, 1})
	diff, se, df := m.Mean[1]-m.Mean[0], math.Sqrt(math.Max(variance, 0)/m.N), m.N-1
	q := dist.StudentTQuantile(1-in.Alpha.alpha()/2, df)
	return object{
		"n": m.N, "mean_a": m.Mean[0], "mean_b": m.Mean[1], "diff": diff, "se": se, "df": df,
		"t": statistic(diff, se), "p": dist.StudentTTwoSided(statistic(diff, se), df), "ci": []float64{diff - q*se, diff + q*se},
	}, nil
}

// limited is a quantile with its limits.
type limited struct {
	Value float64 `json:"value"`
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
}

// quantileStrata compares quantiles of two arms over strata of fixed weights; a quantile's variance is that of its
// two-sided interval at alpha.
func quantileStrata(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Strata []struct {
			A limited `json:"a"`
			B limited `json:"b"`
		} `json:"strata"`
		Weights list      `json:"weights_fixed"`
		Alpha   errorRate `json:"alpha"`
	}](input)
	if err != nil {
		return nil, err
	}
	if err := sameLength(len(in.Weights), len(in.Strata)); err != nil {
		return nil, err
	}
	z := dist.NormalQuantile(1 - in.Alpha.alpha()/2)
	var value, variance [2]float64
	for i, s := range in.Strata {
		for k, q := range []limited{s.A, s.B} {
			e := in.Weights[i] * (q.Upper - q.Lower) / (2 * z)
			value[k] += in.Weights[i] * q.Value
			variance[k] += e * e
		}
	}
	diff, se := value[1]-value[0], math.Sqrt(variance[0]+variance[1])
	return object{
		"a": value[0], "se_a": math.Sqrt(variance[0]), "b": value[1], "se_b": math.Sqrt(variance[1]),
		"diff": diff, "se": se, "p": dist.NormalTwoSided(statistic(diff, se)), "ci": []float64{diff - z*se, diff + z*se},
	}, nil
}

// cupedStrata adjusts a mean, or a ratio of sums where there is a den, by a covariate x within strata, and
// combines them with fixed weights.
func cupedStrata(input json.RawMessage) (any, error) {
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
	strata, thetas := make([]cluster.Stratum, len(in.Epochs)), make([]float64, len(in.Epochs))
	for i, e := range in.Epochs {
		names, y, x := []string{"y", "x"}, cluster.Mean(0), cluster.Mean(1)
		if _, ratio := e.A.sums["den_sum"]; ratio || len(e.A.rows) > 0 && len(e.A.rows[0]) == 3 {
			names, y, x = []string{"num", "den", "x"}, cluster.Ratio{Num: 0, Den: 1}, cluster.Mean(2)
		}
		a, b, err := arms{A: e.A, B: e.B}.moments(names...)
		if err != nil {
			return nil, fmt.Errorf("epoch %d: %w", i+1, err)
		}
		adjusted := cluster.CUPED(a, b, y, x)
		strata[i], thetas[i] = cluster.Stratum{Share: e.PiB, A: adjusted.A, B: adjusted.B}, adjusted.Theta
	}
	return object{"theta": thetas, "fixed_weights": estimateAndError(cluster.FixedWeights(strata, in.WeightsFixed))}, nil
}
