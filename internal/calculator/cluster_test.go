package calculator

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkVectors runs the vector files of a family's methods, which lie in
// shared/vectors beside the repository.
func checkVectors(t *testing.T, methods map[string]Method) {
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the package")
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "..", "shared", "vectors")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the vector files are not beside the repository: ", err)
	}
	for name := range methods {
		c := CheckFile(filepath.Join(dir, name+".json"))
		if c.Err != nil {
			t.Error(c.Err)
		}
		for _, d := range c.Failed {
			t.Errorf("%s, %s: %s = %s, want %s", name, d.Case, d.Path, d.Got, d.Want)
		}
	}
}

func TestClusterVectors(t *testing.T) { checkVectors(t, clusterMethods) }

// outputOf runs a method and returns what it writes, without white space.
func outputOf(t *testing.T, method, input string) string {
	t.Helper()
	var out, compact bytes.Buffer
	if err := Run(method, strings.NewReader(input), &out); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&compact, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// What cannot be computed is null, and a refusal of gbstats its name.
func TestClusterNotComputable(t *testing.T) {
	for _, c := range []struct{ method, input, want string }{
		{"stats-relative-lift-mean", `{"a": {"n": 9, "sum": 9, "sum_squares": 9}, "b": {"n": 9, "sum": 18, "sum_squares": 36}}`,
			`"abs_ci":[null,null],"diff":1,"p":null,"rel_ci_log":[null,null],"statistic":null`},
		{"stats-relative-lift-mean", `{"a": {"n": 9, "sum": 1, "sum_squares": 90}, "b": {"n": 9, "sum": 18, "sum_squares": 90}}`,
			`"fieller_z":null`},
		{"stats-relative-lift-mean", `{"a": [[1], [-1]], "b": [[1], [3]]}`,
			`"absolute":{"error":"ZERO_NEGATIVE_BASELINE_VARIATION"}`},
		{"stats-ratio-delta-cluster", `{"a": [[3, 2]], "b": [[3, 2], [5, 2]]}`,
			`"absolute":{"error":"ZERO_NEGATIVE_VARIANCE"}`},
		{"stats-ratio-delta-cluster", `{"a": [], "b": []}`, `"ratio_a":null`},
		{"stats-cuped", `{"a": [[1, 2]], "b": []}`, `"lin_ols_hc2":{"diff":null,"se":null}`},
		{"stats-quantile-type7", `{"x": [], "q": [0.5]}`, `{"quantiles":[null]}`},
		{"stats-quantile-woodruff", `{"session": [1, 1], "value": [3, 5], "quantiles": [0.5]}`,
			`{"ci_lower":[null],"ci_upper":[null],"quantile":[4]}`},
		{"stats-cluster-robust-ols", `{"y": [1, 2], "treated": [1, 1], "cluster": [1, 2]}`, `"diff":null`},
		{"stats-cluster-robust-ols", `{"y": [1, 1, 2, 2], "treated": [0, 0, 1, 1], "cluster": [1, 2, 3, 4]}`, `"p_cr1_normal":null,"p_cr2":null`},
		{"stats-paired-eval-k-trials", `{"v1": [[1], [0]], "v2": [[1], [0]]}`, `"p_cr2":null,"p_t":null`},
		{"stats-hajek-ipw-cluster", `{"rows": [[1, 0.5, 0, 3]]}`, `{"diff":null,"mean_a":3,"mean_b":null,"se_diff":null}`},
		{"stats-stratified-epochs", `{"epochs": [{"pi_b": 0.5, "a": {"n": 2, "sum": 1, "sum_squares": 1}, "b": {"n": 0, "sum": 0, "sum_squares": 0}}], "weights_fixed": [1]}`,
			`"fixed_weights":{"estimate":null,"se":null}`},
	} {
		if got := outputOf(t, c.method, c.input); !strings.Contains(got, c.want) {
			t.Errorf("%s of %s\n got %s\nwant %s in it", c.method, c.input, got, c.want)
		}
	}
}

func TestClusterRefusesInput(t *testing.T) {
	for _, c := range []struct{ method, input string }{
		{"stats-relative-lift-mean", `{"a": {"n": 9, "sum": 9}, "b": {"n": 9, "sum": 9, "sum_squares": 9}}`},
		{"stats-relative-lift-mean", `{"a": {"n": 9, "sum": 9, "sum_square": 9}, "b": {"n": 9, "sum": 9, "sum_squares": 9}}`},
		{"stats-relative-lift-mean", `{"a": {"n": 9, "sum": null, "sum_squares": 9}, "b": {"n": 9, "sum": 9, "sum_squares": 9}}`},
		{"stats-relative-lift-mean", `{"a": [[1], [2, 3]], "b": [[1], [3]]}`},
		{"stats-ratio-delta-cluster", `{"a": [[1, 2], [3, null]], "b": [[1, 2]]}`},
		{"stats-ratio-delta-cluster", `{"a": [[1, 2]], "b": [[1, 2]], "alpha": 2}`},
		{"stats-quantile-woodruff", `{"session": [1], "value": [3, 5], "quantiles": [0.5]}`},
		{"stats-cluster-robust-ols", `{"y": [1, 2], "treated": [1], "cluster": [1, 2]}`},
		{"stats-paired-eval-k-trials", `{"v1": [[1, null]], "v2": [[1, 0]], "cluster": [1]}`},
		{"stats-paired-eval-k-trials", `{"v1": [[1]], "v2": [[1], [0]]}`},
		{"stats-hajek-ipw-cluster", `{"rows": [[1, 0.5, 0]]}`},
		{"stats-stratified-epochs", `{"epochs": [], "weights_fixed": [1]}`},
	} {
		method, err := Lookup(c.method)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := method(json.RawMessage(c.input)); !errors.Is(err, ErrInput) {
			t.Errorf("%s of %s: %v, %v", c.method, c.input, out, err)
		}
	}
}

// Rows and their sums are the same input.
func TestArmFormsAgree(t *testing.T) {
	rows := `{"a": [[2, 1], [5, 2], [3, 1]], "b": [[4, 1], [9, 2]]}`
	sums := `{"a": {"n": 3, "num_sum": 10, "num_sum_squares": 38, "den_sum": 4, "den_sum_squares": 6, "num_den_sum_products": 15},
		"b": {"n": 2, "num_sum": 13, "num_sum_squares": 97, "den_sum": 3, "den_sum_squares": 5, "num_den_sum_products": 22}}`
	if a, b := outputOf(t, "stats-ratio-delta-cluster", rows), outputOf(t, "stats-ratio-delta-cluster", sums); a != b {
		t.Errorf("rows give\n%s\nsums\n%s", a, b)
	}
}
