package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
