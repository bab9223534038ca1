package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"weir/rollout"
)

// shownCommand finds the commands of a report.
var shownCommand = regexp.MustCompile(`(?s)<pre class="command">(.*?)</pre>`)

// TestReportCanBeReproduced runs every command that a report shows, as it stands, and
// compares what it gives with what the report says.
func TestReportCanBeReproduced(t *testing.T) {
	t.Chdir(t.TempDir())
	ran(t, 0, "simulate", "--scenario", "better", "--seed", "3", "--sessions", "6000", "--lake", "lake")
	const clock = "2026-04-01"
	stdout, _ := ran(t, 0, "analyze", "--lake", "lake", "--spec", "lake/weir.yaml", "--as-of", clock, "--format", "json")
	var want rollout.Analysis
	if err := json.Unmarshal([]byte(stdout), &want); err != nil {
		t.Fatal(err)
	}
	ran(t, 0, "report", "--lake", "lake", "--spec", "lake/weir.yaml", "--as-of", clock, "--output", "report.html")
	runAgain := func(command string) string {
		line, input, _ := strings.Cut(command, " <<'JSON'\n")
		args := strings.Fields(line)
		if args[0] != "weir" {
			t.Fatalf("%q is no command of weir", command)
		}
		var out, err bytes.Buffer
		if status := run(context.Background(), args[1:], strings.NewReader(strings.TrimSuffix(input, "\nJSON")), &out, &err); status != 0 {
			t.Fatalf("%s ended with %d: %s", line, status, err.String())
		}
		return out.String()
	}
	page, err := os.ReadFile("report.html")
	if err != nil {
		t.Fatal(err)
	}
	ran(t, gateStatus(want), "gate", "--lake", "lake", "--spec", "lake/weir.yaml", "--as-of", clock, "--format", "json", "--output", "record.json")
	var estimates [][2]float64
	var splits []float64
	kinds := map[string]int{}
	for _, m := range shownCommand.FindAllStringSubmatch(string(page), -1) {
		command := html.UnescapeString(m[1])
		kind := strings.Join(strings.Fields(command)[1:min(3, len(strings.Fields(command)))], " ")
		kinds[kind]++
		if strings.HasPrefix(command, "weir gate --replay") {
			if status := run(context.Background(), strings.Fields(command)[1:], strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}); status != gateStatus(want) {
				t.Errorf("%s ended with %d", command, status)
			}
			continue
		}
		out := runAgain(command)
		switch kind {
		case "stat stats-stratified-epochs":
			var got struct {
				Fixed struct{ Estimate, SE float64 } `json:"fixed_weights"`
			}
			decode(t, out, &got)
			estimates = append(estimates, [2]float64{got.Fixed.Estimate, got.Fixed.SE})
		case "stat stats-quantile-strata":
			var got struct{ Diff, SE float64 }
			decode(t, out, &got)
			estimates = append(estimates, [2]float64{got.Diff, got.SE})
		case "stat stats-sequential-srm":
			var got struct {
				P []float64 `json:"p_running"`
			}
			decode(t, out, &got)
			splits = append(splits, got.P[len(got.P)-1])
		case "query duration-quantiles":
			checkQuantiles(t, string(page), runAgain(command+" --format csv"))
		case "analyze --lake":
			var got rollout.Analysis
			decode(t, out, &got)
			for i, m := range got.Metrics {
				near(t, m.Name, float64(m.Test.Value), float64(want.Metrics[i].Test.Value))
			}
		}
	}
	next := 0
	for _, m := range want.Metrics {
		if m.Reproduce == nil {
			continue
		}
		near(t, m.Name, estimates[next][0], float64(m.Absolute.Value))
		near(t, m.Name+", error", estimates[next][1], float64(m.Absolute.StdErr))
		next++
	}
	if next < 5 || next != len(estimates) {
		t.Errorf("%d metrics, %d commands", next, len(estimates))
	}
	for i, s := range want.Health.SRM.Strata {
		near(t, fmt.Sprintf("split %d", i+1), splits[i], float64(s.PValue))
	}
	for _, kind := range []string{"gate --replay", "query duration-quantiles", "query units-by-hour", "analyze --lake", "backtest --lake"} {
		if kinds[kind] == 0 {
			t.Errorf("the report shows no %q: %v", kind, kinds)
		}
	}
}

// gateStatus is the exit status of a verdict.
func gateStatus(a rollout.Analysis) int {
	status, _ := outcome(verdictStatus{a.Decision.Verdict})
	return status
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-8*math.Max(math.Abs(want), 1e-6) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s: the command gives %g, the report says %g", what, got, want)
	}
}

// checkQuantiles finds each quantile of the query on the page, to three digits.
func checkQuantiles(t *testing.T, page, table string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) < 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row[5:] {
			ms, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			digits := strconv.FormatFloat(ms, 'g', 3, 64)
			if ms >= 1000 {
				digits = strconv.FormatFloat(ms/1000, 'g', 3, 64)
			}
			if !strings.Contains(page, ">"+digits) {
				t.Errorf("%s of %s: %s is not on the page", row[3], row[2], digits)
			}
		}
	}
}

// TestReportIsWhole holds a report of a simulated lake within its bounds.
func TestReportIsWhole(t *testing.T) {
	dir := t.TempDir()
	lake, page := filepath.Join(dir, "lake"), filepath.Join(dir, "report.html")
	ran(t, 0, "simulate", "--scenario", "simpson-ramp", "--seed", "1", "--lake", lake)
	ran(t, 0, "report", "--lake", lake, "--spec", filepath.Join(lake, "weir.yaml"), "--dialogues", "0", "--output", page)
	info, err := os.Stat(page)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 1_000_000 {
		t.Errorf("%d bytes without dialogues", info.Size())
	}
}
