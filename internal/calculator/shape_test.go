package calculator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inputs holds, of every method, an input of each form that it takes.
var inputs = map[string][]string{
	"judge-alpaca-winrate": {
		`{"preferences": [1.2, 1.9, 1.4]}`,
	},
	"judge-betting-eprocess": {
		`{"x": [0.2, 0.9, 0.4], "null_mean": 0.5, "truncation": 0.5, "alpha": 0.05}`,
	},
	"judge-bradley-terry": {
		`{"players": ["Biometrika", "Comm Statist", "JASA", "JRSS-B"], "reference": "Biometrika", "pairs": [{"a": "Biometrika", "b": "Comm Statist", "wins_a": 730, "wins_b": 33}, {"a": "Biometrika", "b": "JASA", "wins_a": 498, "wins_b": 320}, {"a": "Biometrika", "b": "JRSS-B", "wins_a": 221, "wins_b": 284}, {"a": "Comm Statist", "b": "JASA", "wins_a": 68, "wins_b": 813}, {"a": "Comm Statist", "b": "JRSS-B", "wins_a": 17, "wins_b": 276}, {"a": "JASA", "b": "JRSS-B", "wins_a": 142, "wins_b": 325}]}`,
		`{"players": ["GPT-4", "ChatGPT", "PaLM2", "LLaMA2"], "reference": "LLaMA2", "pairs": [{"a": "GPT-4", "b": "ChatGPT", "wins_a": 16, "wins_b": 1, "ties": 83}, {"a": "GPT-4", "b": "PaLM2", "wins_a": 19, "wins_b": 2, "ties": 79}, {"a": "GPT-4", "b": "LLaMA2", "wins_a": 19, "wins_b": 3, "ties": 78}, {"a": "ChatGPT", "b": "PaLM2", "wins_a": 13, "wins_b": 11, "ties": 76}, {"a": "ChatGPT", "b": "LLaMA2", "wins_a": 11, "wins_b": 10, "ties": 79}, {"a": "PaLM2", "b": "LLaMA2", "wins_a": 8, "wins_b": 9, "ties": 83}], "ties": "half a win each"}`,
	},
	"judge-clustered-se": {
		`{"value": [1, 2, 4, 3], "cluster": ["a", "a", "b", "c"]}`,
	},
	"judge-cohen-kappa": {
		`{"rater_a": ["1", "2", "1", "2"], "rater_b": ["1", "2", "2", "2"], "categories": ["1", "2"]}`,
	},
	"judge-confseq-finite-population": {
		`{"x": [0.2, 0.9], "population_size": 9, "alpha": 0.05}`,
	},
	"judge-confseq-mean": {
		`{"x": [0.2, 0.9], "alpha": 0.05, "running_intersection": true}`,
	},
	"judge-geval-weighted": {
		`{"raw_score": 5, "tokens": [{"token": "5", "top_logprobs": [["5", -5.521460917862246], ["x", -0.10536051565782628]]}]}`,
	},
	"judge-krippendorff-alpha": {
		`{"ratings": [[null, null, null, null, null, 3, 4, 1, 2, 1, 1, 3, 3, null, 3], [1, null, 2, 1, 3, 3, 4, 3, null, null, null, null, null, null, null], [null, null, 2, 1, 3, 4, 4, null, 2, 1, 1, 3, 3, null, 4]], "levels": ["nominal", "ordinal", "interval", "ratio"]}`,
	},
	"judge-lc-fit": {
		`{"preference01": [1, 0.2, 0.7, 0.1, 0.9], "length_baseline": [10, 20, 30, 25, 12], "length_candidate": [12, 15, 40, 20, 19], "length_scale": 10}`,
		`{"preference01": [1, 0.2, 0.7, 0.1, 0.9], "length_baseline": [10, 20, 30, 25, 12], "length_candidate": [12, 15, 40, 20, 19], "length_scale": 10, "difficulty": [0.3, -0.2, 0.1, 0.5, -0.4]}`,
	},
	"judge-lc-predict": {
		`{"theta_intercept": 0.1, "theta_difficulty": 0.5, "theta_length": 1, "instruction_difficulty": [0.2, -0.1]}`,
	},
	"judge-logprob-preference": {
		`{"top_logprobs": [["M", -0.12674414], ["m", -2.134793], ["Both", -8.467378], ["Based", -8.528258], ["In", -9.2549715]], "token_output_1": "m", "token_output_2": "M", "swapped": false}`,
	},
	"judge-position-swap": {
		`{"gold": ["1", "2", "1"], "winner_order1": ["1", "2", "2"], "winner_order2": ["1", "1", "2"]}`,
	},
	"judge-ppi-difference": {
		`{"v1": {"human_labels": [1, 0, 1, 1], "judge_on_labeled": [0.8, 0.3, 0.6, 0.4], "judge_on_unlabeled": [0.5, 0.7, 0.2]}, "v2": {"human_labels": [1, 0, 1, 0], "judge_on_labeled": [0.8, 0.3, 0.6, 0.4], "judge_on_unlabeled": [0.5, 0.7, 0.2]}}`,
	},
	"judge-ppi-mean": {
		`{"human_labels": [1, 0, 1, 0], "judge_on_labeled": [0.8, 0.3, 0.6, 0.4], "judge_on_unlabeled": [0.5, 0.7, 0.2], "alpha": 0.05}`,
	},
	"judge-rogan-gladen": {
		`{"judged_positive": 90, "judged_total": 300, "true_negatives_judged_negative": 40, "human_negatives": 40, "true_positives_judged_positive": 55, "human_positives": 60, "alpha": 0.1}`,
	},
	"judge-rogan-gladen-allocation": {
		`{"total": 200, "judged_positive_rate": 0.4, "pilot_specificity": 0.7, "pilot_sensitivity": 0.9, "pilot_size": 10}`,
	},
	"judge-sampling-weights": {
		`{"y": [1, 0, 1, 1], "weight": [2, 2, 3, 3], "design": "total"}`,
		`{"y": [1, 0, 1, 1], "weight": [2, 2, 3, 3], "stratum": ["s", "s", "t", "t"], "cluster": ["a", "b", "c", "d"], "design": "mean"}`,
	},
	"judge-style-control": {
		`{"preference01": [1, 0.2, 0.7, 0.1, 0.9], "candidate_features": [[3], [5], [2], [4], [6]], "baseline_features": [[4], [3], [2], [6], [1]], "feature_names": ["length"]}`,
	},
	"stats-anytime-valid-t": {
		`{"g": 1, "n": 30, "coefficients": 2, "alpha": 0.05, "t_squared": 9.0}`,
	},
	"stats-asymptotic-cs": {
		`{"t": 1, "var": 1, "t_opt": 100, "alpha": 0.05}`,
	},
	"stats-asymptotic-cs-stream": {
		`{"kind": "ipw", "rho2": 1, "alpha": 0.05, "rows": [[0.5, 1, 0, 3], [0.5, 0, 0, 2]], "times": [1, 2]}`,
	},
	"stats-bayes-beta-binomial": {
		`{"x_a": 45, "n_a": 50, "x_b": 40, "n_b": 52, "prior": {"alpha0": 1, "beta0": 1}}`,
	},
	"stats-bayes-gaussian": {
		`{"a": {"n": 10, "sum": 30.0, "sum_squares": 99.0}, "b": {"n": 10, "sum": 40.0, "sum_squares": 170.0}, "kind": "SampleMeanStatistic", "difference": "relative", "prior": {"mean": 0, "variance": 1, "proper": false}, "inverse": false, "alpha": 0.05}`,
		`{"a": {"n": 9500, "sum": 475.0, "sum_squares": 475.0}, "b": {"n": 500, "sum": 31.0, "sum_squares": 31.0}, "kind": "ProportionStatistic", "difference": "relative", "prior": {"mean": 0, "variance": 1, "proper": false}, "inverse": true, "alpha": 0.05}`,
	},
	"stats-betting-rates": {
		`{"level": 0.002, "margin": 0.01, "pi_b": [0.5], "batches": [[0, 31, 31, 29, 29], [0, 33, 33, 27, 27], [0, 30, 30, 30, 30]], "alpha": 0.05}`,
	},
	"stats-cluster-robust-ols": {
		`{"y": [1, 3, 2, 5, 4, 4], "treated": [0, 0, 0, 1, 1, 1], "cluster": [1, 1, 2, 3, 3, 4]}`,
	},
	"stats-cohens-kappa": {
		`{"table": [[40, 10], [5, 45]]}`,
	},
	"stats-cuped": {
		`{"a": [[3, 2], [5, 4], [4, 2]], "b": [[3, 1], [7, 4], [5, 4]]}`,
		`{"a": {"n": 1900, "y_sum": 95400.44099999999, "y_sum_squares": 4984473.105755, "x_sum": 94362.984, "x_sum_squares": 4882548.831188, "xy_sum_products": 4854865.756791}, "b": {"n": 100, "y_sum": 5132.797999999999, "y_sum_squares": 272671.736608, "x_sum": 4991.842000000001, "x_sum_squares": 259361.02132800003, "xy_sum_products": 261697.230091}}`,
	},
	"stats-cuped-ratio": {
		`{"a": [[3, 2, 4, 2], [5, 2, 6, 3], [3, 1, 2, 1], [7, 2, 7, 3]], "b": [[3, 2, 4, 2], [5, 2, 6, 3], [3, 1, 2, 1], [9, 2, 7, 3]]}`,
	},
	"stats-cuped-strata": {
		`{"epochs": [{"pi_b": 0.4, "a": {"n": 60, "y_sum": 163.00418838467502, "y_sum_squares": 535.3067844404417, "x_sum": -11.243510432431696, "x_sum_squares": 56.250073841802525, "y_x_sum_products": 21.517309379032017}, "b": {"n": 40, "y_sum": 137.95548609268468, "y_sum_squares": 538.4541091974567, "x_sum": 2.823402382135651, "x_sum_squares": 32.91989940101629, "y_x_sum_products": 30.05716745672131}}], "weights_fixed": [1.0]}`,
	},
	"stats-distribution-tails": {
		`{"x": [-9, -1.96, 0, 1.96, 5, 7, 9, 15, 30, 37]}`,
		`{"x": [3.84, 10.83, 100, 0.001, 700], "df": [1, 1, 1, 3, 4]}`,
		`{"p": [0.975, 0.975, 0.995, 0.9995, 0.95], "df": [1.3, 8.72, 30.5, 1000000.0, 2]}`,
		`{"k": [0, 3, 49000, 10], "n": [10, 20, 1000000, 10], "p": [0.1, 0.5, 0.05, 0.3]}`,
	},
	"stats-fisher-exact": {
		`{"table": [[3, 1], [1, 3]]}`,
	},
	"stats-group-sequential": {
		`{"information": [0.2, 0.4, 0.6, 0.8, 1.0], "alpha": 0.05, "sided": 2, "type": "OF", "gamma": null}`,
		`{"information": [0.05, 0.25, 1.0], "alpha": 0.025, "sided": 1, "type": "asOF", "gamma": null}`,
		`{"information": [0.25, 0.5, 0.75, 1.0], "alpha": 0.05, "sided": 2, "type": "P", "gamma": null}`,
		`{"information": [0.25, 0.5, 0.75, 1.0], "alpha": 0.025, "sided": 1, "type": "asP", "gamma": null}`,
		`{"information": [0.2, 0.4, 0.6, 0.8, 1.0], "alpha": 0.025, "sided": 1, "type": "asKD", "gamma": 2}`,
		`{"information": [0.05, 0.25, 0.6, 1.0], "alpha": 0.05, "sided": 2, "type": "spotify_power", "gamma": 2}`,
	},
	"stats-hajek-ipw-cluster": {
		`{"rows": [[1, 0.5, 0, 3], [1, 0.5, 1, 4], [2, 0.5, 0, 1], [2, 0.5, 1, 3], [3, 0.5, 0, 2], [3, 0.5, 1, 5]]}`,
	},
	"stats-mann-whitney": {
		`{"a": [3, 3, 3], "b": [3, 3, 3, 3]}`,
	},
	"stats-mcnemar": {
		`{"both": 10, "only_v1": 1, "only_v2": 1, "neither": 3}`,
	},
	"stats-multiple-testing": {
		`{"p": [0.03]}`,
	},
	"stats-non-inferiority": {
		`{"kind": "mean", "a": [1.0, 2.0, 3.0], "b": [1.5, 2.5], "margin": 0.5, "lower_is_better": false, "alpha": 0.05}`,
		`{"kind": "proportion", "x_a": 12, "n_a": 60, "x_b": 14, "n_b": 58, "margin": 0.1, "lower_is_better": true}`,
	},
	"stats-paired-eval-k-trials": {
		`{"v1": [[1, 0], [1, 1], [0, 0]], "v2": [[1, 1], [1, 0], [1, 0]], "cluster": [1, 2, 2]}`,
	},
	"stats-paired-sums": {
		`{"pairs": {"n": 3, "a_sum": -0.49000000000000005, "a_sum_squares": 0.48571800000000004, "b_sum": 2.605, "b_sum_squares": 3.938683, "a_b_sum_products": -0.310484}}`,
	},
	"stats-paired-t-wilcoxon": {
		`{"v1": [1.0, 2.0], "v2": [1.4, 3.1]}`,
	},
	"stats-power": {
		`{"solve": "power", "effect_size": 0.5, "n_a": 10, "ratio": 1, "alpha": 0.05, "alternative": "larger"}`,
		`{"solve": "n_a", "effect_size": 0.1, "power": 0.8, "ratio": 1, "alpha": 0.05, "alternative": "larger"}`,
		`{"solve": "effect_size", "n_a": 1000, "power": 0.8, "ratio": 1, "alpha": 0.05, "alternative": "two-sided"}`,
		`{"solve": "n_per_arm", "p_a": 0.6, "p_b": 0.62, "power": 0.8, "alpha": 0.01}`,
		`{"solve": "power_R_one_tail", "delta": 1, "sd": 9, "n_per_arm": 400, "alpha": 0.05}`,
	},
	"stats-ppi-mean": {
		`{"y": [1, 0, 1, 0], "f": [0.8, 0.3, 0.6, 0.4], "f_unlabelled": [0.5, 0.7, 0.2], "alpha": 0.05}`,
	},
	"stats-proportion-ci": {
		`{"x": 1, "n": 3, "alpha": 0.05}`,
	},
	"stats-quantile-cluster-gbstats": {
		`{"a": {"n": 144, "n_star": 144, "nu": 0.99, "quantile_hat": 2187.613999999998, "quantile_lower": 1845.5517197765673, "quantile_upper": 2805.7, "main_sum": 142.0, "main_sum_squares": 760.0, "denominator_sum": 144.0, "denominator_sum_squares": 780.0, "main_denominator_sum_product": 769.0, "n_clusters": 30}, "b": {"n": 104, "n_star": 104, "nu": 0.99, "quantile_hat": 1677.472, "quantile_lower": 1583.23152522777, "quantile_upper": 1976.7, "main_sum": 102.0, "main_sum_squares": 598.0, "denominator_sum": 104.0, "denominator_sum_squares": 608.0, "main_denominator_sum_product": 602.0, "n_clusters": 20}}`,
	},
	"stats-quantile-strata": {
		`{"strata": [{"a": {"value": 704.5310211257447, "lower": 690.4892199309646, "upper": 744.8988127254962}, "b": {"value": 890.4974822830816, "lower": 861.6731530642179, "upper": 940.592542632372}}], "weights_fixed": [1.0], "alpha": 0.05}`,
	},
	"stats-quantile-type7": {
		`{"x": [3.0], "q": [0, 0.05, 0.25, 0.5, 0.9, 0.95, 0.99, 1]}`,
	},
	"stats-quantile-woodruff": {
		`{"session": [1, 1, 2, 3, 4], "value": [3, 5, 4, 8, 6], "quantiles": [0.5]}`,
	},
	"stats-ratio-delta-cluster": {
		`{"alpha": 0.05, "a": [[3.0, 1.0], [4.0, 1.0], [6.0, 1.0], [2.0, 1.0]], "b": [[5.0, 1.0], [6.0, 1.0], [7.0, 1.0], [4.0, 1.0], [9.0, 1.0]]}`,
		`{"alpha": 0.05, "a": {"n": 1900, "num_sum": 3134031.1, "num_sum_squares": 9697885342.05, "den_sum": 5723.0, "den_sum_squares": 21041.0, "num_den_sum_products": 11727101.2}, "b": {"n": 100, "num_sum": 176162.00000000003, "num_sum_squares": 528078765.0, "den_sum": 318.0, "den_sum_squares": 1228.0, "num_den_sum_products": 692080.7999999999}}`,
	},
	"stats-relative-lift-mean": {
		`{"a": {"n": 20, "sum": 60.0, "sum_squares": 180.0}, "b": {"n": 20, "sum": 59.14000000000001, "sum_squares": 194.52407}, "alpha": 0.05}`,
	},
	"stats-relative-risk": {
		`{"x_a": 9, "n_a": 30, "x_b": 14, "n_b": 28, "alpha": 0.05}`,
	},
	"stats-sequential-gbstats": {
		`{"a": {"n": 10, "sum": 30.0, "sum_squares": 95.0}, "b": {"n": 10, "sum": 30.0, "sum_squares": 99.0}, "alpha": 0.05, "tuning": 5000, "kind": "SampleMeanStatistic"}`,
		`{"a": {"n": 9500, "sum": 475.0, "sum_squares": 475.0}, "b": {"n": 500, "sum": 40.0, "sum_squares": 40.0}, "alpha": 0.05, "tuning": 5000, "kind": "ProportionStatistic"}`,
	},
	"stats-sequential-quantile": {
		`{"a": [410.3, 563.3, 357.0, 446.7, 478.1, 555.8], "b": [339.4, 537.9, 271.5, 188.2, 365.3], "p": 0.5, "t_opt": 100, "alpha_opt": 0.05}`,
		`{"p": 0.5, "t": 100, "alpha": 0.05, "t_opt": 100, "t_min": 50}`,
	},
	"stats-sequential-srm": {
		`{"theta0": [0.5, 0.5], "k": 100, "batches": [[52, 48], [250, 251], [1003, 990]]}`,
	},
	"stats-sign-flip": {
		`{"differences": [2.0]}`,
		`{"a": [1.29, 1.01, -2.71, -1.89, -0.17, -0.42, 0.21, 0.22, 2.12, -1.11, -0.38, 2.04, 0.65, 0.66, -0.51, -1.65], "b": [0.57, 0.51, -0.83, -0.28, 0.33, -0.54, 0.3, 0.5, 0.44, -0.11, 0.99, 1.29, 0.72, -0.42, 1.13, -0.1]}`,
	},
	"stats-srm-chi2": {
		`{"observed": [3, 1], "weights": [1, 1]}`,
	},
	"stats-stratified-epochs": {
		`{"epochs": [{"pi_b": 0.01, "a": {"n": 99000, "sum": 2000.0, "sum_squares": 2000.0}, "b": {"n": 1000, "sum": 23.0, "sum_squares": 23.0}}, {"pi_b": 0.5, "a": {"n": 50000, "sum": 500.0, "sum_squares": 500.0}, "b": {"n": 50000, "sum": 600.0, "sum_squares": 600.0}}], "weights_fixed": [0.5, 0.5]}`,
	},
	"stats-two-proportion": {
		`{"x_a": 0, "n_a": 10, "x_b": 3, "n_b": 20, "alpha": 0.05}`,
	},
	"stats-welch-t": {
		`{"a": [1.0, 2.0], "b": [4.0, 4.5], "alpha": 0.05}`,
		`{"mean_a": 1.0, "sd_a": 3.0, "n_a": 100000000, "mean_b": 1.0008, "sd_b": 3.1, "n_b": 5263158, "alpha": 0.05}`,
	},
}

// mayMiss names the keys that an input may lack, as docs/statistics.md says; alpha may always be absent.
var mayMiss = map[string][]string{
	"judge-betting-eprocess":     {"null_mean", "truncation"},
	"judge-bradley-terry":        {"ties"},
	"judge-confseq-mean":         {"running_intersection"},
	"judge-lc-fit":               {"difficulty", "length_scale"},
	"judge-position-swap":        {"gold"},
	"judge-sampling-weights":     {"stratum", "cluster"},
	"stats-bayes-beta-binomial":  {"prior", "prior.alpha0", "prior.beta0"},
	"stats-bayes-gaussian":       {"difference", "inverse", "prior", "prior.mean", "prior.variance", "prior.proper"},
	"stats-distribution-tails":   {"distribution", "df"},
	"stats-group-sequential":     {"sided"},
	"stats-non-inferiority":      {"lower_is_better"},
	"stats-paired-eval-k-trials": {"cluster"},
	"stats-power":                {"ratio", "alternative"},
	"stats-sequential-gbstats":   {"kind", "tuning"},
	"stats-sequential-quantile":  {"alpha_opt"},
	"stats-sequential-srm":       {"k"},
}

// mayBeNull names the lists in which null says that a value is not known, and that are computed without it.
var mayBeNull = map[string][]string{
	"judge-alpaca-winrate":     {"preferences[]"},
	"judge-cohen-kappa":        {"rater_a[]", "rater_b[]"},
	"judge-krippendorff-alpha": {"ratings[][]"},
	"judge-position-swap":      {"gold[]", "winner_order1[]", "winner_order2[]"},
	"stats-multiple-testing":   {"p[]"},
}

// What an input lacks, or has as null, is unknown: never a 0 that a number comes of.
func TestUnknownIsNoNumber(t *testing.T) {
	if got := slices.Sorted(maps.Keys(inputs)); !slices.Equal(got, Names()) {
		t.Fatalf("inputs of %v, methods are %v", got, Names())
	}
	for _, name := range Names() {
		forms := inputs[name]
		refuses(t, name, `{}`, "")
		refuses(t, name, `[]`, "an object is wanted, found a list")
		refuses(t, name, `null`, "an object is wanted, found null")
		for _, form := range forms {
			if got := outputOf(t, name, form); !strings.ContainsAny(got, "0123456789") {
				t.Errorf("%s %s gives no number: %s", name, form, got)
			}
			var root any
			if err := json.Unmarshal([]byte(form), &root); err != nil {
				t.Fatal(err)
			}
			spoil(root, "", func(path string, missing bool) {
				input, err := json.Marshal(root)
				if err != nil {
					t.Fatal(err)
				}
				optional := path == "alpha" || slices.Contains(mayMiss[name], path)
				ofNoUse := name == "stats-group-sequential" && path == "gamma" && strings.Contains(form, `"gamma": null`)
				switch {
				case ofNoUse:
				case missing && optional:
					outputOf(t, name, string(input))
				case !missing && slices.Contains(mayBeNull[name], index.ReplaceAllString(path, "[]")):
					outputOf(t, name, string(input))
				default:
					refuses(t, name, string(input), "")
				}
			})
		}
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// spoil leaves out every key in turn, and makes every value null in turn, calls then, and puts it back.
func spoil(v any, path string, then func(path string, missing bool)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Collect(maps.Keys(v)) {
			at, was := join(path, key), v[key]
			delete(v, key)
			then(at, true)
			v[key] = nil
			then(at, false)
			v[key] = was
			spoil(was, at, then)
		}
	case []any:
		for i, was := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			v[i] = nil
			then(at, false)
			v[i] = was
			spoil(was, at, then)
		}
	}
}

func refuses(t *testing.T, method, input, says string) {
	t.Helper()
	var out strings.Builder
	if err := Run(method, strings.NewReader(input), &out); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), says) {
		t.Errorf("%s %s: %s%v, want a refusal that says %q", method, input, out.String(), err, says)
	}
}

// A refusal names the place and what is there.
func TestRefusalsNameThePlace(t *testing.T) {
	for _, c := range []struct{ method, input, says string }{
		{"stats-welch-t", `{"a": [1, 2, 3, 4], "b": [2, 3, 4, 5, null]}`, "b[4] is null"},
		{"stats-two-proportion", `{"x_a": 48, "n_a": 80, "n_b": 70}`, "x_b is missing"},
		{"stats-mcnemar", `{"both": 40, "only_v1": 5, "only_v2": null, "neither": 40}`, "only_v2 is null"},
		{"stats-cuped", `{"a": [[1, 2], [3, "x"]], "b": []}`, "a[1][1]: a number is wanted, found a text"},
		{"stats-relative-lift-mean", `{"a": {"n": 2, "sum": null, "sum_squares": 3}, "b": []}`, "a.sum is null"},
		{"stats-mcnemar", `{"both": 1, "only_v1": 5, "only_v2": 1e999, "neither": 40}`, "only_v2 is 1e999"},
		{"stats-mcnemar", `{"both": 1, "Only_v1": 5, "only_v1": 2, "only_v2": 1, "neither": 40}`, "Only_v1 is unknown"},
		{"stats-group-sequential", `{"information": [0.5, 1], "type": "asKD", "gamma": null}`, "gamma is missing"},
		{"judge-confseq-finite-population", `{"x": [0], "population_size": 2.5}`, "population_size is 2.5"},
		{"stats-two-proportion", `{"x_a": 1, "n_a": 2, "x_b": 1, "n_b": 2, "alpha": null}`, "alpha is null"},
	} {
		refuses(t, c.method, c.input, c.says)
	}
}
