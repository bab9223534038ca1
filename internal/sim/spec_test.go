package sim

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestSpec holds the spec of every scenario to be YAML with the keys that its
// traffic needs.
func TestSpec(t *testing.T) {
	for _, s := range Scenarios() {
		var spec struct {
			App, Release, Stable, Candidate, Unit string
			Ramp                                  struct{ Steps []map[string]any }
			Metrics                               []map[string]any
			Decision                              map[string]any
		}
		if err := yaml.Unmarshal([]byte(Spec(s)), &spec); err != nil {
			t.Errorf("%s: %v\n%s", s.Name, err, Spec(s))
			continue
		}
		if spec.App != s.Name || spec.Stable != "v1" || spec.Candidate != "v2" || len(spec.Metrics) != len(s.metrics) {
			t.Errorf("%s: %+v", s.Name, spec)
		}
		if (len(spec.Ramp.Steps) == 0) != (s.trials > 0) {
			t.Errorf("%s: %d steps", s.Name, len(spec.Ramp.Steps))
		}
		for _, m := range spec.Metrics {
			if _, margin := m["margin"]; margin == (m["role"] == "monitor") {
				t.Errorf("%s: metric %v, role %v, margin %v", s.Name, m["name"], m["role"], m["margin"])
			}
		}
	}
}

func TestSpecOfBetter(t *testing.T) {
	spec := Spec(named(t, "better"))
	for _, line := range []string{
		"unit: session\n",
		"  - {name: staff, when: 'user startsWith \"staff-\"', version: v2}\n",
		"holdout: 2%\n",
		"    - {to: 5%, hold: 24h, units: 20}\n    - {to: 20%, hold: 24h, units: 20}\n    - {to: 50%, units: 100}\n",
		"planning: {sessions_per_day: 6000}\n",
		"  gpt-4o-mini: {input: 0.15, output: 0.6, cached: 0.075, per: 1e6, currency: USD}\n",
		"  - {name: resolution, role: goal, per: session, value: resolved, good: up, missing: zero, margin: 3pp, mature_after: 24h}\n",
	} {
		if !strings.Contains(spec, line) {
			t.Errorf("the spec lacks %q:\n%s", line, spec)
		}
	}
	if rules := Spec(named(t, "forced-traffic")); !strings.Contains(rules, "split: 2%, from_share: 20%") || strings.Count(rules, "rules:") != 1 {
		t.Errorf("rules of forced-traffic:\n%s", rules)
	}
}
