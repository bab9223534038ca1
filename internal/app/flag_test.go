package app

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"weir/analyze"
	"weir/internal/sim"
	"weir/rollout/spec"
)

// flagsOf are the doubts that a result raises, in the words of the scenarios' truth.
func flagsOf(r analyze.Result) []string {
	var out []string
	add := func(raised bool, flag string) {
		if raised && !slices.Contains(out, flag) {
			out = append(out, flag)
		}
	}
	for _, m := range r.Metrics {
		for _, b := range m.Breakdowns {
			add(b.By == "epoch" && b.Varies, sim.FlagEpoch)
			add(b.By == "age" && b.Varies, sim.FlagAge)
		}
		add(m.Past != nil && m.Past.Worse, sim.FlagControlDrift)
	}
	c := r.Health.Concentration
	add(c.TopUnit.Control >= .01 || c.TopUnit.Treatment >= .01, sim.FlagTopUnit)
	add(c.TopUser >= .01, sim.FlagUserSessions)
	return out
}

// What no verdict shows is flagged where it is, and where nothing is hidden nothing is.
func TestHiddenTrapsAreFlagged(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates scenarios at their own size")
	}
	for _, name := range []string{"cold-cache", "novelty", "quota-starvation", "bots", "parallel-sessions", "equal", "better"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sim.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "lake")
			if err := Simulate(context.Background(), dir, s, 3, 0, nil); err != nil {
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
			got, want := flagsOf(r.Analysis.Result), s.Truth().Flags
			for _, flag := range want {
				if known := []string{sim.FlagEpoch, sim.FlagAge, sim.FlagControlDrift, sim.FlagTopUnit, sim.FlagUserSessions}; slices.Contains(known, flag) && !slices.Contains(got, flag) {
					t.Errorf("%q is not flagged; %q are", flag, got)
				}
			}
			if len(s.Truth().Flags) == 0 && len(got) > 0 {
				t.Errorf("%q are flagged, and nothing is hidden", got)
			}
			if (name == "equal" || name == "better") && len(got) > 0 {
				t.Errorf("%q are flagged", got)
			}
		})
	}
}
