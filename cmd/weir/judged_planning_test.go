package main

import (
	"os"
	"strings"
	"testing"
)

// What draws units one by one, or parts them, says of a judge's metric that it cannot,
// and does the rest.
func TestJudgedPlanning(t *testing.T) {
	b := newBench(t, 10, .6, .6)
	_, said := ran(t, statusFailure, b.args("aa", "--as-of", benchNow, "--runs", "20")...)
	if !strings.Contains(said, "no metric but a judge's") {
		t.Errorf("aa says %s", said)
	}
	out, _ := ran(t, statusDone, b.args("analyze", "--as-of", benchNow, "--segments", "language", "--format", "json")...)
	if !strings.Contains(out, "effects are not shown by language: that takes a metric that is no judge's") {
		t.Errorf("analyze says %s", out)
	}
	spec := strings.Replace(read(t, b.spec), "metrics:\n", "metrics:\n  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp}\n", 1)
	if err := os.WriteFile(b.spec, []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	got := parsed(t, statusDone, b.args("aa", "--as-of", benchNow, "--runs", "20", "--format", "json")...)
	got.match(t, []figure{{"metrics.0.name", "resolution"}, {"metrics.1.name", "quality"}, {"metrics.1.fixed.value", "null"}})
	if why := got.at(t, "metrics.1.absent").(string); !strings.Contains(why, "what a judge scores") {
		t.Errorf("of quality it says %s", why)
	}
	if err := os.WriteFile(b.spec, []byte(spec+"ramp: {steps: [{to: 50%, units: 100}]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ = ran(t, statusDone, "power", "--spec", b.spec, "--sessions-per-day", "2000", "--releases", "10", "--days", "2")
	if !strings.Contains(out, "quality is left out of the plan, as a judge scores it") || strings.Contains(out, "quality      goal") {
		t.Errorf("power says %s", out)
	}
}
