package calculator

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// judgeVectors returns the folder of the vector files, or skips the test.
func judgeVectors(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
	vectors := filepath.Join(dir, "..", "shared", "vectors")
	if _, err := os.Stat(vectors); err != nil {
		t.Skip("no vector files beside the repository: ", err)
	}
	return vectors
}

// The cases of a finite population also state its true mean, of all items. No
// method can know it from the items drawn, so the sequence is held to contain it.
func TestJudgeVectors(t *testing.T) {
	dir := judgeVectors(t)
	for name := range judgeMethods {
		c := CheckFile(filepath.Join(dir, name+".json"))
		if c.Err != nil {
			t.Error(c.Err)
		}
		for _, d := range c.Failed {
			t.Errorf("%s, %s: %s = %s, want %s", name, d.Case, d.Path, d.Got, d.Want)
		}
	}
}

func TestJudgeRefusesInput(t *testing.T) {
	for _, c := range []struct{ method, input string }{
		{"judge-betting-eprocess", `{"x": [0.5, 1.5]}`},
		{"judge-betting-eprocess", `{"x": [0.5], "null_mean": 2}`},
		{"judge-betting-eprocess", `{"x": [0.5], "truncation": 0}`},
		{"judge-bradley-terry", `{"players": ["p"], "reference": "q", "pairs": []}`},
		{"judge-bradley-terry", `{"players": ["p"], "reference": "p", "pairs": [{"a": "p", "b": "q", "wins_a": 1, "wins_b": 1, "ties": 0}]}`},
		{"judge-bradley-terry", `{"players": ["p", "q"], "reference": "p", "pairs": [{"a": "p", "b": "q", "wins_a": -1, "wins_b": 1, "ties": 0}]}`},
		{"judge-bradley-terry", `{"players": ["p"], "reference": "p", "ties": "a point each", "pairs": []}`},
		{"judge-clustered-se", `{"value": [1, 2], "cluster": ["c"]}`},
		{"judge-clustered-se", `{"value": [1, 2], "cluster": ["c", null]}`},
		{"judge-clustered-se", `{"value": [1, 2], "cluster": ["c", ["d"]]}`},
		{"judge-clustered-se", `{"value": [1, null], "cluster": ["c", "d"]}`},
		{"judge-clustered-se", `{"value": [1, 2], "cluster": ["c", "d"], "alpha": 1}`},
		{"judge-cohen-kappa", `{"rater_a": ["1"], "rater_b": [], "categories": ["1"]}`},
		{"judge-confseq-finite-population", `{"x": [0, 1], "population_size": 1}`},
		{"judge-confseq-finite-population", `{"x": [0, -1], "population_size": 9}`},
		{"judge-confseq-mean", `{"x": [null]}`},
		{"judge-krippendorff-alpha", `{"ratings": [[1], [1, 2]], "levels": ["nominal"]}`},
		{"judge-krippendorff-alpha", `{"ratings": [[1], [2]], "levels": ["rational"]}`},
		{"judge-lc-fit", `{"preference01": [1], "length_baseline": [1], "length_candidate": []}`},
		{"judge-lc-fit", `{"preference01": [2], "length_baseline": [1], "length_candidate": [1]}`},
		{"judge-logprob-preference", `{"top_logprobs": [["m", "M"]], "token_output_1": "m", "token_output_2": "M", "swapped": false}`},
		{"judge-position-swap", `{"winner_order1": ["1"], "winner_order2": []}`},
		{"judge-ppi-difference", `{"v1": {"human_labels": [], "judge_on_labeled": [], "judge_on_unlabeled": []},
			"v2": {"human_labels": [1], "judge_on_labeled": [], "judge_on_unlabeled": []}}`},
		{"judge-ppi-mean", `{"human_labels": [1, 0], "judge_on_labeled": [1], "judge_on_unlabeled": []}`},
		{"judge-ppi-mean", `{"human_lables": []}`},
		{"judge-rogan-gladen", `{"judged_positive": 2, "judged_total": 1, "true_negatives_judged_negative": 1, "human_negatives": 4,
			"true_positives_judged_positive": 2, "human_positives": 4}`},
		{"judge-sampling-weights", `{"y": [1, 2], "weight": [1], "design": "mean"}`},
		{"judge-sampling-weights", `{"y": [1, 2], "weight": [1, 1], "stratum": [], "design": "mean"}`},
		{"judge-style-control", `{"preference01": [1], "candidate_features": [[3]], "baseline_features": [[3, 4]], "feature_names": ["length"]}`},
		{"stats-cohens-kappa", `{"table": [[1, 2]]}`},
		{"stats-ppi-mean", `{"y": [1, 0], "f": [1], "f_unlabelled": []}`},
	} {
		method, err := Lookup(c.method)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := method(json.RawMessage(c.input)); !errors.Is(err, ErrInput) {
			t.Errorf("%s of %s: %v, %v; want a refusal", c.method, c.input, out, err)
		}
	}
}

// What cannot be computed is NaN, whatever else the output says.
func TestJudgeNotComputable(t *testing.T) {
	for _, c := range []struct{ method, input, key string }{
		{"judge-alpaca-winrate", `{"preferences": [null]}`, "win_rate"},
		{"judge-alpaca-winrate", `{"preferences": [1]}`, "standard_error"},
		{"judge-betting-eprocess", `{"x": [0.5]}`, "first_time_capital_reaches_20_greater"},
		{"judge-clustered-se", `{"value": [1, 2], "cluster": [7, 7]}`, "clustered_se"},
		{"judge-cohen-kappa", `{"rater_a": ["1"], "rater_b": ["1"], "categories": ["1", "2"]}`, "kappa"},
		{"judge-krippendorff-alpha", `{"ratings": [], "levels": ["ordinal"]}`, "alpha_ordinal"},
		{"judge-lc-fit", `{"preference01": [0, 1], "length_baseline": [4, 5], "length_candidate": [4, 5]}`, "lc_win_rate"},
		{"judge-lc-predict", `{"theta_intercept": 0, "theta_difficulty": 0, "theta_length": 0, "instruction_difficulty": [0]}`, "lc_standard_error"},
		{"judge-logprob-preference", `{"top_logprobs": [["x", 0]], "token_output_1": "m", "token_output_2": "M", "swapped": false}`, "preference"},
		{"judge-position-swap", `{"winner_order1": ["1"], "winner_order2": ["1"]}`, "accuracy_order1"},
		{"judge-position-swap", `{"winner_order1": ["1"], "winner_order2": ["tie"]}`, "consistency"},
		{"judge-rogan-gladen", `{"judged_positive": 3, "judged_total": 9, "true_negatives_judged_negative": 1, "human_negatives": 4,
			"true_positives_judged_positive": 2, "human_positives": 4}`, "estimate"},
		{"judge-rogan-gladen-allocation", `{"total": 10, "judged_positive_rate": 0.5, "pilot_specificity": 1, "pilot_sensitivity": 1, "pilot_size": 0}`, "positives"},
		{"judge-sampling-weights", `{"y": [1], "weight": [3], "design": "unequal probabilities (total)"}`, "se"},
		{"judge-style-control", `{"preference01": [], "candidate_features": [], "baseline_features": [], "feature_names": []}`, "equal_style_win_rate"},
		{"stats-cohens-kappa", `{"table": [[5, 0], [0, 0]]}`, "kappa"},
		{"stats-ppi-mean", `{"y": [], "f": [], "f_unlabelled": [1, 0]}`, "tuned_estimate"},
	} {
		method, err := Lookup(c.method)
		if err != nil {
			t.Fatal(err)
		}
		out, err := method(json.RawMessage(c.input))
		if err != nil {
			t.Errorf("%s of %s: %v", c.method, c.input, err)
			continue
		}
		if x, ok := out.(object)[c.key].(float64); !ok || !math.IsNaN(x) {
			t.Errorf("%s of %s: %s = %v, want NaN", c.method, c.input, c.key, out.(object)[c.key])
		}
	}
}

func TestBradleyTerryFirstPosition(t *testing.T) {
	pairs := `"players": ["p", "q"], "reference": "p", "pairs": [
		{"a": "p", "b": "q", "wins_a": 6, "wins_b": 4, "ties": 0}, {"a": "q", "b": "p", "wins_a": 9, "wins_b": 3, "ties": 0}]`
	for _, key := range []string{"first_position", "first_position_effect", "order_effect"} {
		out, err := bradleyTerry(json.RawMessage(`{` + pairs + `, "` + key + `": true}`))
		if err != nil {
			t.Fatal(err)
		}
		// logit(6/10) = g - q, logit(9/12) = g + q
		want := (math.Log(1.5) + math.Log(3)) / 2
		if got := out.(object)["first_position"].(float64); !(math.Abs(got-want) < 1e-12) {
			t.Errorf("%s: first position = %v, want %v", key, got, want)
		}
	}
	plain, err := bradleyTerry(json.RawMessage(`{` + pairs + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := plain.(object)["first_position"]; ok {
		t.Error("a first position that was not asked for")
	}
}

func TestReportTimes(t *testing.T) {
	for n, want := range map[int][]float64{0: nil, 1: {1}, 4: {1, 2, 3, 4}, 10: {1, 2, 3, 5, 10}} {
		got := reportTimes(n)
		if len(got) != len(want) {
			t.Errorf("%d scores: %v, want %v", n, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d scores: %v, want %v", n, got, want)
			}
		}
	}
}
