package app

import (
	"context"
	"math"
	"path/filepath"
	"testing"
	"time"

	"weir/analyze"
	"weir/analyze/draw"
	"weir/internal/sim"
	"weir/rollout/aa"
	"weir/rollout/spec"
)

// simulatedJob makes a small lake of a scenario, and the job that analyses it once all is mature.
func simulatedJob(t testing.TB, name string, seed uint64, size sim.Size) Job {
	t.Helper()
	s, err := sim.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "lake")
	if err := Simulate(context.Background(), dir, s, seed, size, nil); err != nil {
		t.Fatal(err)
	}
	plan, err := spec.Parse("weir.yaml", []byte(sim.Spec(s)))
	if err != nil {
		t.Fatal(err)
	}
	_, end := s.Window()
	return Job{Lake: dir, Spec: plan, AsOf: end.Add(96 * time.Hour), MemoryMB: 800, Threads: 1}
}

// TestUnitsAddUpToData: the units, in the arms that they were in, give the moments that the lake's
// own query gives; a ramp, a rule's stratum and every kind of metric among them.
func TestUnitsAddUpToData(t *testing.T) {
	d, u, err := readUnits(context.Background(), simulatedJob(t, "forced-traffic", 4, 3000))
	if err != nil {
		t.Fatal(err)
	}
	if u.Len() < 2000 || len(d.Strata) < 4 {
		t.Fatalf("%d units in %d strata", u.Len(), len(d.Strata))
	}
	cells, arrived := draw.NewReassignment(u, d.Strata).Cells(u.Treated)
	if len(arrived) != len(d.Arrived) {
		t.Errorf("%d arrivals, the lake has %d", len(arrived), len(d.Arrived))
	}
	for i, m := range d.Metrics {
		if len(cells[i]) != len(m.Cells) {
			t.Errorf("%s: %d cells, the lake has %d", m.Metric.Name, len(cells[i]), len(m.Cells))
			continue
		}
		for j, want := range m.Cells {
			if got := cells[i][j]; got.Hour != want.Hour || got.Stratum != want.Stratum || got.Arm != want.Arm || !sameMoments(got.Moments, want.Moments) {
				t.Errorf("%s: cell %d is %+v, the lake has %+v", m.Metric.Name, j, got, want)
				break
			}
		}
	}
}

func sameMoments(a, b analyze.Moments) bool {
	if a.N != b.N || len(a.Mean) != len(b.Mean) {
		return false
	}
	near := func(x, y []float64) bool {
		for i := range x {
			if math.Abs(x[i]-y[i]) > 1e-6*math.Max(1, math.Abs(y[i])) {
				return false
			}
		}
		return true
	}
	return near(a.Mean, b.Mean) && near(a.Cross, b.Cross)
}

// TestAA: on a lake in which v2 is better, drawing arms anew finds nothing beyond alpha, and the
// single look's p-values are even.
func TestAA(t *testing.T) {
	const runs = 200
	r, err := AA(context.Background(), simulatedJob(t, "better", 4, 3000), runs, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, m := range r.Metrics {
		if m.Refused.Value > 0 || !m.Fixed.Value.Known() { // compliance is the same for all
			continue
		}
		seen++
		if m.FalseAlarms.TooMany(r.Alpha, runs) || m.Fixed.TooMany(r.Alpha, runs) || m.Harm.TooMany(r.Alpha, runs) {
			t.Errorf("%s: false alarms %v, at one look %v, of harm %v", m.Name, m.FalseAlarms, m.Fixed, m.Harm)
		}
		if m.Fixed.Value == 0 {
			t.Errorf("%s: no false alarm in %d runs at one look: nothing was tested", m.Name, runs)
		}
		if m.Coverage.Value < .95-.05 {
			t.Errorf("%s: coverage %v", m.Name, m.Coverage)
		}
		low := 0
		for _, n := range m.PValues[:aa.Bins/2] {
			low += n
		}
		if math.Abs(float64(low)/runs-.5) > 4*.5/math.Sqrt(runs) {
			t.Errorf("%s: %d of %d p-values below one half: %v", m.Name, low, runs, m.PValues)
		}
	}
	if seen < 4 {
		t.Errorf("only %d metrics were tested", seen)
	}
	if r.Promote.TooMany(r.Alpha, runs) || r.Rollback.TooMany(r.Alpha, runs) {
		t.Errorf("promoted %v, rolled back %v", r.Promote, r.Rollback)
	}
}
