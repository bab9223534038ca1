package calculator

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestSequentialVectors(t *testing.T) { checkVectors(t, sequentialMethods) }

func TestSequentialEdges(t *testing.T) {
	for _, c := range []struct{ method, input, want string }{
		{"stats-asymptotic-cs-stream", `{"kind": "overlap", "rho2": 1, "rows": [[0.5, 1, 0, 3]], "times": [1]}`,
			`"lower":["-Infinity"],"mean_pi_1_minus_pi":[0.25],"mean_x":[1.5],"upper":["Infinity"]`},
		{"stats-sequential-srm", `{"theta0": [0.5, 0.5], "batches": []}`, `{"log_e":[],"p_running":[]}`},
		{"stats-sequential-quantile", `{"a": [], "b": [1], "p": 0.5, "t_opt": 100}`, `{"p_value":null}`},
		{"stats-sequential-quantile", `{"p": 0.5, "t": 10, "t_opt": 100, "t_min": 50}`, `"lil":"Infinity"`},
		{"stats-group-sequential", `{"information": [0.01, 1], "alpha": 0.05, "type": "asOF", "gamma": null}`, `"critical_z":[null,1.9599`},
		{"stats-sequential-gbstats", `{"a": {"n": 1, "sum": 3, "sum_squares": 9}, "b": {"n": 5, "sum": 3, "sum_squares": 9}}`,
			`"absolute":{"error":"ZERO_NEGATIVE_VARIANCE"}`},
		{"stats-anytime-valid-t", `{"g": 1, "n": 2, "coefficients": 2, "t_squared": 4}`, `"log_e":null,"p":null,"t_radius":null`},
	} {
		if got := outputOf(t, c.method, c.input); !strings.Contains(got, c.want) {
			t.Errorf("%s of %s\n got %s\nwant %s in it", c.method, c.input, got, c.want)
		}
	}
}

func TestSequentialRefusesInput(t *testing.T) {
	for _, c := range []struct{ method, input string }{
		{"stats-asymptotic-cs", `{"t": 10, "var": 1, "t_opt": 10, "alhpa": 0.05}`},
		{"stats-asymptotic-cs-stream", `{"kind": "pooled", "rho2": 1, "rows": [], "times": []}`},
		{"stats-asymptotic-cs-stream", `{"kind": "ipw", "rho2": 1, "rows": [[0.5, 1, 0, 3]], "times": [2]}`},
		{"stats-asymptotic-cs-stream", `{"kind": "ipw", "rho2": 1, "rows": [[0.5, 1, 0]], "times": []}`},
		{"stats-sequential-srm", `{"theta0": [0.5, 0.5], "batches": [[1, 2, 3]]}`},
		{"stats-sequential-srm", `{"theta0": [0.5, 0.5], "batches": [[1, null]]}`},
		{"stats-group-sequential", `{"information": [0.5, 0.5], "type": "OF"}`},
		{"stats-group-sequential", `{"information": [0.5, 1], "type": "Haybittle"}`},
		{"stats-group-sequential", `{"information": [0.5, 1], "type": "P", "sided": 0}`},
		{"stats-sequential-gbstats", `{"a": [[1], [2]], "b": [[1], [3]], "kind": "RatioStatistic"}`},
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
