package app

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/internal/sim"
	"weir/rollout/spec"
)

// The whole way from traffic of known truth to a verdict: what naive analysis
// gets wrong in these scenarios, the verdict must not.
func TestScenarioVerdicts(t *testing.T) {
	for name, size := range map[string]sim.Size{
		"equal": 0, "worse": 0, "simpson-ramp": 0, "forced-traffic": 0, "lost-traces": 0,
		"unbalanced-units": 40_000, // a mismatch of two points takes so many to be certain at every look
		"failover":         0, "crashing": 0, "one-up-one-down": 0, "rare-errors": 0, "more-requests": 0, "paired-trials": 0,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sim.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "lake")
			if err := Simulate(context.Background(), dir, s, 11, size, nil); err != nil {
				t.Fatal(err)
			}
			plan, err := spec.Parse("weir.yaml", []byte(sim.Spec(s)))
			if err != nil {
				t.Fatal(err)
			}
			_, end := s.Window()
			r, err := Analyze(context.Background(), Job{Lake: dir, Spec: plan, AsOf: end.Add(96 * time.Hour), MemoryMB: 800, Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			got, truth := r.Analysis.Decision.Verdict.String(), s.Truth()
			if slices.Contains(truth.Forbidden, got) || len(truth.Verdicts) > 0 && !slices.Contains(truth.Verdicts, got) {
				t.Errorf("verdict %s; allowed are %v, never %v\n%v", got, truth.Verdicts, truth.Forbidden, r.Analysis.Decision.Reasons)
			}
			if err := Replay(context.Background(), r, ""); err != nil {
				t.Error(err)
			}
		})
	}
}
