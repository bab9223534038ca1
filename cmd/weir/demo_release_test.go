package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/internal/control/ledger"
	"weir/internal/live"
	"weir/rollout/spec"
	"weir/trace"
)

func TestDemoPromisesWhatItDoes(t *testing.T) {
	release, err := spec.Parse("weir.yaml", []byte(demoSpecOf("http://127.0.0.1:1", "http://127.0.0.1:2", demoSteps)))
	if err != nil {
		t.Fatal(err)
	}
	if len(release.Ramp.Steps) != len(demoSteps) {
		t.Fatalf("%d steps are promised, %d are taken", len(release.Ramp.Steps), len(demoSteps))
	}
	for i, s := range release.Ramp.Steps {
		if float64(s.To) != demoSteps[i].share {
			t.Errorf("step %d: %v is promised, %v is taken", i+1, s.To, demoSteps[i].share)
		}
	}
	for _, m := range release.Metrics {
		if !m.MatureAfterDeclared || m.MatureAfter+time.Hour >= demoMaturity { // by whole hours of assignment
			t.Errorf("%s is final %v after a conversation, and the demo looks after %v", m.Name, m.MatureAfter, demoMaturity)
		}
	}
}

// A small release: every step is an epoch of its share, conversations stay
// whole, outcomes are there, and versions differ as they truly do.
func TestDemoRelease(t *testing.T) {
	d := demoRelease{out: t.TempDir(), seed: 1, w: io.Discard, steps: []demoStep{
		{.05, 1, 60, 2 * time.Hour}, {.20, 1, 60, 2 * time.Hour}, {.50, 1, 120, 4 * time.Hour},
	}}
	job, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	epochs, served := map[int64]bool{}, map[string]string{}
	for _, x := range demoRows[trace.Exchange](t, job.Lake) {
		if before := served[x.SessionID]; before != "" && before != x.ServedVersion {
			t.Errorf("%s was in %s and in %s", x.SessionID, before, x.ServedVersion)
		}
		served[x.SessionID] = x.ServedVersion
		epochs[*x.Epoch] = true
		if x.AssignedVersion != x.ServedVersion || x.StartedAt.After(job.AsOf) {
			t.Errorf("%+v", x)
		}
	}
	arms := map[string]int{}
	for _, version := range served {
		arms[version]++
	}
	if len(served) != 240 || arms["v1"] < 100 || arms["v2"] < 40 || len(epochs) != 3 {
		t.Errorf("%v conversations, epochs %v", arms, epochs)
	}
	changes, _, err := ledger.Read(live.StatePath(job.Lake, "", "support-bot", live.Ledger))
	if err != nil {
		t.Fatal(err)
	}
	var climbed []string
	for _, e := range changes {
		climbed = append(climbed, fmt.Sprintf("%s %v by %s", e.Kind, e.State.InForce(), e.Actor))
	}
	if got := strings.Join(climbed, ", "); got != "begin 0% by weir, step 5% by autopilot, step 20% by autopilot, step 50% by autopilot" {
		t.Errorf("the ledger says %s", got)
	}
	outcomes := demoRows[trace.Outcome](t, job.Lake)
	if len(outcomes) < 120 {
		t.Errorf("%d outcomes", len(outcomes))
	}
	for _, o := range outcomes {
		if served[o.SessionID] == "" || o.OccurredAt.After(job.AsOf) {
			t.Errorf("%+v", o)
		}
	}
}

// demoRows are all of a table.
func demoRows[T parquet.Row](t *testing.T, dir string) (all []T) {
	lake, err := parquet.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range parquet.ReadAll[T](t.Context(), lake, "support-bot") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}
