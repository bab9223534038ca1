package spec

import (
	"maps"
	"testing"
)

func TestMetricLines(t *testing.T) {
	for text, want := range map[string]map[string]int{
		"app: bot\nmetrics:\n  - {name: a, role: goal}\n  - role: goal\n    name: \"b\"\n": {"a": 3, "b": 5},
		"app: bot\n": {}, "metrics: [": {}, "metrics: 3\n": {}, "": {}, "metrics: [{role: goal}, 3]\n": {},
		"metrics: [{name: a}, {name: c}]\n": {"a": 1, "c": 1},
	} {
		if got := MetricLines([]byte(text)); !maps.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
