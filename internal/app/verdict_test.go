package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/rollout"
)

// What is asked for is the release in force now, not that of the start.
func TestLatestVerdictIsOfTheReleaseInForce(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "decisions", "app=bot", "date=2026-11-25")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	const name = "r1-20261125T090000.000000Z.jsonl"
	if err := os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	release := "r1"
	v := LatestVerdict{Lake: dir, Current: func() (string, string) { return "bot", release }}
	for in, want := range map[string]string{"r1": name, "r2": "nobody has looked", "r": "nobody has looked"} {
		release = in
		if got := v.Verdict(context.Background()); got.Verdict != "hold" || !strings.Contains(strings.Join(got.Reasons, " "), want) {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

// The autopilot's latest look counts where it is of the release and newer than
// what was kept.
func TestLatestVerdictIsTheNewest(t *testing.T) {
	dir := t.TempDir()
	at := func(minute int, release string, v rollout.Verdict) rollout.Record {
		r := rollout.Record{Schema: rollout.RecordSchema}
		r.Analysis.App, r.Analysis.Release, r.Analysis.Decision.Verdict = "bot", release, v
		r.Analysis.Period.AsOf = time.Date(2026, 11, 25, 9, minute, 0, 0, time.UTC)
		return r
	}
	looks := Looks{Lake: dir, App: "bot"}
	v := LatestVerdict{Lake: dir, Look: looks.Path(), Current: func() (string, string) { return "bot", "r1" }}
	want := func(verdict, reason string) {
		t.Helper()
		if got := v.Verdict(context.Background()); got.Verdict != verdict || !strings.Contains(strings.Join(got.Reasons, " "), reason) {
			t.Errorf("%+v, want %s", got, verdict)
		}
	}
	want("hold", "nobody has looked")
	for _, step := range []struct {
		record rollout.Record
		kept   bool
		want   string
	}{
		{at(1, "r0", rollout.Rollback), false, "hold"}, {at(2, "r1", rollout.Invalid), false, "invalid"},
		{at(3, "r1", rollout.Promote), true, "promote"}, {at(4, "r1", rollout.Rollback), false, "rollback"}, {at(4, "r1", rollout.Rollback), true, "rollback"},
	} {
		var err error
		if step.kept {
			kept, failed := looks.Keep(step.record)
			if again, _ := looks.Keep(step.record); failed != nil || again != kept {
				t.Errorf("kept %+v, then %+v, %v", kept, again, failed)
			}
		} else {
			err = looks.Remember(step.record)
		}
		if err != nil {
			t.Fatal(err)
		}
		want(step.want, "")
	}
	if r, ok, err := looks.Recall(); err != nil || !ok || r.Analysis.Decision.Verdict != rollout.Rollback {
		t.Errorf("%+v, %v, %v", r, ok, err)
	}
}
