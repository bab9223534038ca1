package app

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"weir/analyze"
	"weir/internal/sim"
	"weir/rollout/backtest"
)

// TestCutIsTheLakeThen: what a look back sees is what the lake says as of then.
func TestCutIsTheLakeThen(t *testing.T) {
	ctx := context.Background()
	j := simulatedJob(t, "better", 4, 3000)
	s, err := openState(j)
	if err != nil {
		t.Fatal(err)
	}
	files, err := inputs(j)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := reduce(ctx, j, files, s)
	if err != nil {
		t.Fatal(err)
	}
	if warning := s.remember(j, whole, nil); warning != "" {
		t.Fatal(warning)
	}
	for _, hours := range []int64{30, 75, 140} {
		hour := whole.Arrived[0].Hour + hours
		then := j
		then.AsOf = time.Unix(hour*3600, 0).UTC()
		want, err := reduce(ctx, then, files, s)
		if err != nil {
			t.Fatal(err)
		}
		got := backtest.Cut(whole, hour)
		if got.Period.FullDays != want.Period.FullDays || got.Units.Control != want.Units.Control || got.Units.Treatment != want.Units.Treatment || len(got.Strata) != len(want.Strata) {
			t.Errorf("after %d h: %d full days, units %d and %d in %d strata; the lake has %d, %d and %d in %d", hours,
				got.Period.FullDays, got.Units.Control, got.Units.Treatment, len(got.Strata), want.Period.FullDays, want.Units.Control, want.Units.Treatment, len(want.Strata))
		}
		for i, m := range want.Metrics {
			if len(got.Metrics[i].Cells) != len(m.Cells) {
				t.Errorf("after %d h: %s has %d cells, the lake %d", hours, m.Metric.Name, len(got.Metrics[i].Cells), len(m.Cells))
				continue
			}
			for k, c := range m.Cells {
				// A quantile's own column is counted at a pilot that moves with the rows.
				if m.Metric.Kind != analyze.KindQuantile && !sameMoments(got.Metrics[i].Cells[k].Moments, c.Moments) {
					t.Errorf("after %d h: %s, cell %d: %+v, the lake has %+v", hours, m.Metric.Name, k, got.Metrics[i].Cells[k], c)
					break
				}
			}
		}
	}
}

// TestBacktest: v2 is better, and the rule would have found that; what it saw then is held against
// the truth, and reading the lake again agrees.
func TestBacktest(t *testing.T) {
	j := simulatedJob(t, "better", 4, 0)
	truth := filepath.Join(t.TempDir(), "truth.json")
	s, err := sim.Named("better")
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteTruth(truth, s); err != nil {
		t.Fatal(err)
	}
	r, err := Backtest(context.Background(), j, 6, truth, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.End == nil || r.End.Verdict.String() != "promote" || r.Confirmed != "promote" {
		t.Fatalf("end %+v, confirmed %q", r.End, r.Confirmed)
	}
	last := r.Looks[len(r.Looks)-1]
	for i, m := range r.Metrics {
		if m.Role != analyze.Monitor && !m.Off(last.Metrics[i]).Known() {
			t.Errorf("%s: nothing is known of how far off it is", m.Name)
		}
	}
	if _, err := Backtest(context.Background(), j, 6, "nowhere.json", nil); err == nil {
		t.Error("a file of truth that is not there is no error")
	}
}
