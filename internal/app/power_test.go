package app

import (
	"context"
	"strings"
	"testing"

	"weir/analyze"
	"weir/rollout/spec"
)

// TestPowerOfALake: units and traffic are the lake's, of whatever release, and the level of the stable
// version is what it is there.
func TestPowerOfALake(t *testing.T) {
	j := PowerJob{Job: simulatedJob(t, "better", 4, 3000), Releases: 20, Seed: 1, Days: 20, Effects: map[string]string{"resolution": "+6pp"}}
	j.Spec.Release = "the-next-one"
	o, err := Power(context.Background(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.Traffic == "" || o.UnitsPerDay < 100 || o.UnitsPerDay > 1000 {
		t.Errorf("%g units a day, %s", o.UnitsPerDay, o.Traffic)
	}
	for _, m := range o.Metrics {
		if m.Source != "the lake" {
			t.Errorf("%s is from %s", m.Name, m.Source)
		}
		if m.Name == "resolution" && (m.Level < .58 || m.Level > .66 || m.Kind != analyze.KindProportion || m.Effect != .06) {
			t.Errorf("resolution: %+v", m)
		}
		if len(m.Tests) == 0 {
			t.Errorf("%s has no test", m.Name)
		}
	}
}

// TestPowerRefuses: what is stated wrongly is a fault that says what to write.
func TestPowerRefuses(t *testing.T) {
	parsed := func(ramp string) *spec.Release {
		r, err := spec.Parse("weir.yaml", []byte("app: a\nrelease: r\nstable: v1\ncandidate: v2\n"+ramp))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const ramp = "ramp: {steps: [{to: 50%}]}\n"
	for want, j := range map[string]PowerJob{
		"has no ramp":                  {Job: Job{Spec: parsed("")}},
		"no such metric":               {Job: Job{Spec: parsed(ramp)}, Effects: map[string]string{"speed": "+1%"}},
		"write +3pp (points)":          {Job: Job{Spec: parsed(ramp)}, Effects: map[string]string{"resolution": "5%"}},
		"write +3% (of its level)":     {Job: Job{Spec: parsed(ramp)}, Effects: map[string]string{"tokens": "2pp"}},
		"write a level such as":        {Job: Job{Spec: parsed(ramp)}, Baselines: map[string]string{"tokens": "many"}},
		"must be a rate":               {Job: Job{Spec: parsed(ramp)}, Baselines: map[string]string{"resolution": "120%"}},
		"a rate's spread follows":      {Job: Job{Spec: parsed(ramp)}, Baselines: map[string]string{"resolution": "60%:2"}},
		"leaves the rates between 0 a": {Job: Job{Spec: parsed(ramp)}, Effects: map[string]string{"resolution": "+60pp"}},
	} {
		j.Releases, j.Seed, j.Days = 10, 1, 5
		_, err := Power(context.Background(), j, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !IsPlanFault(err) {
			t.Errorf("want a fault with %q, found %v", want, err)
		}
	}
}
