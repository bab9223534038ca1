package calculator

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// Values that SciPy and NumPy gave; testdata/reference.py wrote them.
func TestOwnVectors(t *testing.T) {
	for name := range ownMethods {
		c := CheckFile(filepath.Join("testdata", name+".json"))
		if c.Err != nil {
			t.Error(c.Err)
		}
		for _, d := range c.Failed {
			t.Errorf("%s, %s: %s = %s, want %s", name, d.Case, d.Path, d.Got, d.Want)
		}
	}
}

// Squares that overflow leave nothing to compare with; that ends, with nulls.
func TestOverflowEnds(t *testing.T) {
	for _, method := range []string{"stats-welch-t", "stats-non-inferiority"} {
		input := `{"a": [1e300, 2e300, 1.5e300], "b": [1, 2, 3]}`
		if method == "stats-non-inferiority" {
			input = `{"kind": "mean", "margin": 1, "a": [1e300, 2e300, 1.5e300], "b": [1, 2, 3]}`
		}
		if got := outputOf(t, method, input); !strings.Contains(got, "null") {
			t.Errorf("%s: %s", method, got)
		}
	}
}

// What has no answer is null; what does not fit is refused.
func TestOwnEdges(t *testing.T) {
	for _, c := range []struct{ method, input, want string }{
		{"stats-sign-flip", `{"differences": []}`, `"p_two_sided":null`},
		{"stats-sign-flip", `{"differences": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}`, `"p_two_sided":null`},
		{"stats-sign-flip", `{"differences": [3]}`, `"se":null`},
		{"stats-betting-rates", `{"level": 0.01, "margin": 0.01, "pi_b": [0.5], "batches": []}`, `"upper_bound":1`},
		{"stats-paired-sums", `{"pairs": [[1, 2]]}`, `"se":null`},
		{"stats-power", `{"solve": "power", "effect_size": 1e10, "n_a": 200000}`, `"power_t":1`},
		{"stats-power", `{"solve": "n_a", "effect_size": 1e300, "power": 0.8}`, `"n_a_z":`},
		{"stats-power", `{"solve": "effect_size", "n_a": 2, "power": 0.8, "ratio": 0.0526}`, `"effect_size_z":`},
		{"stats-paired-sums", `{"pairs": [[1, 2], [2, 3]]}`, `"p":null`},
		{"stats-cuped-strata", `{"epochs": [{"pi_b": 0.5, "a": [[1, 2]], "b": [[2, 2]]}], "weights_fixed": [1]}`, `"se":null`},
	} {
		if got := outputOf(t, c.method, c.input); !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %s lacks %s", c.method, c.input, got, c.want)
		}
	}
	for method, input := range map[string]string{
		"stats-power":            `{"solve": "effect_size", "n_a": 100, "power": 1.8}`,
		"stats-group-sequential": `{"information": [0.5, 1], "type": "spotify_power", "gamma": 2, "sided": 0}`,
		"stats-sign-flip":        `{"differences": [1], "a": [1]}`,
		"stats-betting-rates":    `{"level": 0.01, "margin": 0.01, "pi_b": [0.5], "batches": [[1, 2, 0, 2, 0]]}`,
		"stats-paired-sums":      `{}`,
		"stats-quantile-strata":  `{"strata": [], "weights_fixed": [1]}`,
		"stats-cuped-strata":     `{"epochs": [{"pi_b": 0.5, "a": [[1]], "b": [[2]]}], "weights_fixed": [1]}`,
	} {
		var out strings.Builder
		if err := Run(method, strings.NewReader(input), &out); !errors.Is(err, ErrInput) {
			t.Errorf("%s %s: %v, want a refusal", method, input, err)
		}
	}
}
