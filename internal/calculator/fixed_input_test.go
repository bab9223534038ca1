package calculator

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestFixedRefusesInput(t *testing.T) {
	for _, c := range []struct{ method, input, says string }{
		{"stats-welch-t", `{"a": [1, 2], "b": [3, 4], "alfa": 0.1}`, "alfa"},
		{"stats-welch-t", `{"a": [1, 2], "b": [3, 4], "alpha": 5}`, "between 0 and 1"},
		{"stats-welch-t", `{"a": [1, 2]}`, "give a and b"},
		{"stats-welch-t", `{"a": [1, 2], "b": [3, 4], "n_a": 2}`, "give a and b"},
		{"stats-welch-t", `{"mean_a": 1, "sd_a": 1, "n_a": 2.5, "mean_b": 1, "sd_b": 1, "n_b": 2}`, "whole numbers"},
		{"stats-welch-t", `[1, 2]`, "an object is wanted, found a list"},
		{"stats-paired-t-wilcoxon", `{"v1": [1, 2], "v2": [3]}`, "must pair"},
		{"stats-two-proportion", `{"x_a": 3, "n_a": 2, "x_b": 1, "n_b": 2}`, "more successes"},
		{"stats-two-proportion", `{"x_a": -1, "n_a": 2, "x_b": 1, "n_b": 2}`, "whole numbers"},
		{"stats-proportion-ci", `{"x": 3, "n": 2}`, "more successes"},
		{"stats-relative-risk", `{"x_a": 0.5, "n_a": 2, "x_b": 1, "n_b": 2}`, "whole numbers"},
		{"stats-fisher-exact", `{"table": [[1, 2], [3]]}`, "two rows of two"},
		{"stats-fisher-exact", `{"table": [[1, 2], [3, -4]]}`, "whole numbers"},
		{"stats-mcnemar", `{"both": 1, "only_v1": 0.5, "only_v2": 2, "neither": 3}`, "whole numbers"},
		{"stats-srm-chi2", `{"observed": [1, 2], "weights": [1]}`, "2 counts and 1 weights"},
		{"stats-non-inferiority", `{"kind": "median"}`, "mean or proportion"},
		{"stats-non-inferiority", `{"kind": "mean", "a": [1, 2], "b": [3, 4]}`, "margin"},
		{"stats-power", `{"solve": "n"}`, "solve is"},
		{"stats-power", `{"solve": "power", "n_a": 10}`, "effect_size is needed"},
		{"stats-power", `{"solve": "power", "n_a": 10, "effect_size": 1, "alternative": "two"}`, "alternative is"},
		{"stats-power", `{"solve": "power", "n_a": 10, "effect_size": 1, "ratio": 0}`, "ratio is"},
		{"stats-bayes-gaussian", `{"a": {"n": 5, "sum": 2, "sum_squares": 2}, "b": {"n": 5, "sum": 2, "sum_squares": 2}, "kind": "RatioStatistic"}`, "kind is"},
		{"stats-bayes-gaussian", `{"a": {"n": 5, "sum": 2, "sum_squares": 2}, "b": {"n": 5, "sum": 2, "sum_squares": 2}, "kind": "ProportionStatistic", "difference": "scaled"}`, "difference is"},
		{"stats-bayes-gaussian", `{"a": {"n": 5, "sum": 2, "sum_squares": 2}, "b": {"n": 5, "sum": 2, "sum_squares": 2}, "kind": "ProportionStatistic", "prior": {"variance": 0, "proper": true}}`, "prior.variance"},
		{"stats-bayes-beta-binomial", `{"x_a": 1, "n_a": 2, "x_b": 1, "n_b": 2, "prior": {"alpha0": 0}}`, "must be positive"},
		{"stats-distribution-tails", `{"x": [1, 2], "df": [1]}`, "one length"},
		{"stats-multiple-testing", `{"p": [0.2, 1.5]}`, "p[1] is 1.5"},
		{"stats-multiple-testing", `{"p": [-0.2]}`, "p[0] is -0.2"},
		{"stats-distribution-tails", `{}`, "neither"},
		{"stats-distribution-tails", `{"x": [1], "distribution": "cauchy"}`, "distribution is"},
	} {
		err := Run(c.method, strings.NewReader(c.input), &bytes.Buffer{})
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s < %s: %v; want it to say %q", c.method, c.input, err, c.says)
		}
	}
}

func TestFixedAnswers(t *testing.T) {
	for _, c := range []struct{ method, input, key, want string }{
		{"stats-welch-t", `{"a": [1, 2], "b": [4, 4.5]}`, "diff", "2.75"},
		{"stats-bayes-beta-binomial", `{"x_a": 0, "n_a": 0, "x_b": 0, "n_b": 0}`, "prob_b_greater", "0.5"},
		// What has no answer is null.
		{"stats-welch-t", `{"a": [], "b": [4, 4.5]}`, "ci", "null"},
		{"stats-paired-t-wilcoxon", `{"v1": [], "v2": []}`, "wilcoxon_p", "null"},
		{"stats-srm-chi2", `{"observed": [0, 0], "weights": [1, 1]}`, "p", "null"},
		{"stats-multiple-testing", `{"p": [null, 0.03]}`, "holm", "[null,0.03]"}, // a test that was not made
		{"stats-multiple-testing", `{"p": []}`, "bh", "[]"},
		// The score interval of the library where the reference has none.
		{"stats-two-proportion", `{"x_a": 0, "n_a": 10, "x_b": 3, "n_b": 20}`, "ci_miettinen_nurminen", "null"},
		{"stats-relative-risk", `{"x_a": 0, "n_a": 10, "x_b": 0, "n_b": 20}`, "ci_score", `[0,"Infinity"]`},
		{"stats-bayes-gaussian", `{"a": {"n": 0, "sum": 0, "sum_squares": 0}, "b": {"n": 0, "sum": 0, "sum_squares": 0}, "kind": "ProportionStatistic", "difference": "absolute"}`, "error", `"NO_UNITS_IN_VARIATION"`},
		{"stats-bayes-gaussian", `{"a": {"n": 5, "sum": 0, "sum_squares": 0}, "b": {"n": 5, "sum": 0, "sum_squares": 0}, "kind": "ProportionStatistic"}`, "error", `"ZERO_NEGATIVE_BASELINE_VARIATION"`},
		{"stats-distribution-tails", `{"p": [0.5]}`, "q", "[0]"},
		// Whole df mean chi-square unless the distribution is named.
		{"stats-distribution-tails", `{"x": [0], "df": [3]}`, "sf", "[1]"},
		{"stats-distribution-tails", `{"x": [0], "df": [3], "distribution": "t"}`, "sf", "[0.5]"},
	} {
		var out bytes.Buffer
		if err := Run(c.method, strings.NewReader(c.input), &out); err != nil {
			t.Errorf("%s < %s: %v", c.method, c.input, err)
			continue
		}
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(out.Bytes(), &keys); err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Compact(&got, keys[c.key]); err != nil || got.String() != c.want {
			t.Errorf("%s < %s: %s is %s, want %s", c.method, c.input, c.key, keys[c.key], c.want)
		}
	}
}
