package main

import (
	"os"
	"strings"
	"testing"
)

// A judge's metric is drawn anew and shown in parts as others are.
func TestJudgedPlanning(t *testing.T) {
	b := newBench(t, 10, .6, .6)
	got := parsed(t, statusDone, b.args("aa", "--as-of", benchNow, "--runs", "40", "--format", "json")...)
	got.match(t, []figure{{"metrics.0.name", "quality"}})
	if refused, alarms := got.number(t, "metrics.0.refused.value"), got.number(t, "metrics.0.fixed.value"); refused != 0 || alarms > .25 {
		t.Errorf("of 40 assignments %g are refused, %g differ at one look", refused, alarms)
	}
	out, _ := ran(t, statusDone, b.args("analyze", "--as-of", benchNow, "--segments", "language", "--format", "json")...)
	if !strings.Contains(out, `"by": "language"`) {
		t.Errorf("analyze shows no effect by language: %s", out)
	}
	spec := strings.Replace(read(t, b.spec), "metrics:\n", "metrics:\n  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp}\n", 1)
	if err := os.WriteFile(b.spec, []byte(spec), 0o644); err != nil {
		t.Fatal(err)
	}
	got = parsed(t, statusDone, b.args("aa", "--as-of", benchNow, "--runs", "20", "--format", "json")...)
	got.match(t, []figure{{"metrics.0.name", "resolution"}, {"metrics.1.name", "quality"}, {"metrics.1.refused.value", "0"}})
	if err := os.WriteFile(b.spec, []byte(spec+"ramp: {steps: [{to: 50%, units: 100}]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ = ran(t, statusDone, "power", "--spec", b.spec, "--sessions-per-day", "2000", "--releases", "10", "--days", "2")
	if !strings.Contains(out, "quality is on the judge's own scale") || !strings.Contains(out, "quality     goal  assumed") {
		t.Errorf("power says %s", out)
	}
	got = parsed(t, statusDone, b.args("power", "--as-of", benchNow, "--releases", "10", "--days", "2", "--format", "json")...)
	got.match(t, []figure{{"metrics.1.name", "quality"}, {"metrics.1.source", "the lake"}, {"metrics.1.tests.0.question", "within margin"}})
}
