package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

// foreignTraces are 300 sessions of each version, of one request each, a minute apart. The SQL
// expressions stand for latency_ms, error_type and started_at; i is the session, v the version.
const foreignTraces = `SELECT v || '-' || i AS trace_id, 'bot' AS app, v || '-' || i AS session_id, v AS assigned_version,
  true AS randomized, 0.5::DOUBLE AS propensity, 1::BIGINT AS epoch,
  (%s)::DOUBLE AS latency_ms, (%s)::VARCHAR AS error_type, (%s)::TIMESTAMPTZ AS started_at
FROM range(300) AS sessions(i), (VALUES ('v1'), ('v2')) AS versions(v) ORDER BY i %s`

// foreignOutcomes say that two of three sessions are resolved, but for what value says.
const foreignOutcomes = `SELECT v || '-' || i || '-' || n AS outcome_id, 'bot' AS app, v || '-' || i AS session_id, 'resolved' AS name,
  CASE n WHEN 0 THEN (i %% 3 > 0)::INTEGER::DOUBLE ELSE %s END AS value,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_minutes(i) + to_seconds(n) AS occurred_at
FROM range(300) AS sessions(i), (VALUES ('v1'), ('v2')) AS versions(v), range(2) AS events(n)`

const (
	latencies = "100 + i % 50"
	noError   = "NULL"
	minutely  = "TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_minutes(i)"
)

// A foreign lake is one whose files another program wrote.
type foreign struct{ latency, failure, start, order, outcome string }

// write writes the lake and returns its folder.
func (f foreign) write(t *testing.T) string {
	t.Helper()
	or := func(s, otherwise string) string {
		if s == "" {
			return otherwise
		}
		return s
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir := t.TempDir()
	for table, query := range map[string]string{
		"traces":   fmt.Sprintf(foreignTraces, or(f.latency, latencies), or(f.failure, noError), or(f.start, minutely), f.order),
		"outcomes": fmt.Sprintf(foreignOutcomes, or(f.outcome, "NULL")),
	} {
		folder := filepath.Join(dir, table, "app=bot", "date=2026-01-01")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet)", query, filepath.Join(folder, "other.parquet"))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// analysed analyses the lake with the default metrics.
func (f foreign) analysed(t *testing.T) document {
	t.Helper()
	return parsed(t, 0, "analyze", "--lake", f.write(t), "--control", "v1", "--treatment", "v2", "--as-of", "2026-02-01", "--format", "json")
}

// TestHostileLatencies: what no clock gives counts as missing, and is told by arm.
func TestHostileLatencies(t *testing.T) {
	const every4th = "CASE WHEN i %% 4 = 0 THEN %s ELSE 100 + i %% 50 END"
	tests := []struct {
		name, latency, warning string // the warning that must be stated; empty: none is asked for
		missing                float64
	}{
		{"sound", latencies, "", 0},
		{"NaN", fmt.Sprintf(every4th, "'nan'::DOUBLE"), "", .25},
		{"infinite", fmt.Sprintf(every4th, "'inf'::DOUBLE"), "", .25},
		{"minus infinity", fmt.Sprintf(every4th, "'-inf'::DOUBLE"), "150 rows have a negative duration; those values count as missing", .25},
		{"negative", fmt.Sprintf(every4th, "-1"), "150 rows have a negative duration; those values count as missing", .25},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := foreign{latency: test.latency}.analysed(t)
			latency := got.metric(t, "latency_p95")
			for _, arm := range []string{"control", "treatment"} {
				if missing := latency.number(t, arm+".missing"); missing != test.missing {
					t.Errorf("%s: %g of latencies are missing, want %g", arm, missing, test.missing)
				}
				if value := latency.number(t, arm+".value"); value < 100 || value >= 150 {
					t.Errorf("%s: p95 is %g, beyond all sound values", arm, value)
				}
			}
			if warnings := fmt.Sprint(got.at(t, "warnings")); !strings.Contains(warnings, test.warning) {
				t.Errorf("warnings are %s, want %q", warnings, test.warning)
			}
		})
	}
}

// TestSurvivorsDoNotWin: v2's slow requests come without a latency; what is left must not pass.
func TestSurvivorsDoNotWin(t *testing.T) {
	got := foreign{latency: "CASE WHEN v = 'v2' AND i % 50 > 9 THEN 'nan'::DOUBLE ELSE 100 + i % 50 END"}.analysed(t)
	latency := got.metric(t, "latency_p95")
	if differs := latency.at(t, "missing_differs"); differs != true {
		t.Errorf("missing_differs is %v", differs)
	}
	if direction := latency.at(t, "direction"); direction == "better" {
		t.Error("the survivors' latency counts as better")
	}
	if check := latency.at(t, "margin.check"); check == "passed" {
		t.Error("the survivors' latency passes its margin")
	}
	if verdict := got.at(t, "decision.verdict"); verdict != "hold" {
		t.Errorf("the verdict is %v", verdict)
	}
}

// TestOutcomesThatAreNoNumbers: a later outcome of NaN or infinity does not replace an earlier one.
func TestOutcomesThatAreNoNumbers(t *testing.T) {
	sound := foreign{}.analysed(t).metric(t, "resolution")
	for _, value := range []string{"nan", "inf", "-inf"} {
		got := foreign{outcome: "'" + value + "'::DOUBLE"}.analysed(t).metric(t, "resolution")
		sameNumbers(t, value, sound, got, "control.value", "treatment.value", "control.units", "test.p_value")
	}
}

// TestOrderOfRows: the order in which rows lie in a file says nothing, clocks do.
func TestOrderOfRows(t *testing.T) {
	failing := foreign{failure: "CASE WHEN i % 7 = 0 THEN 'timeout' END"}
	forward := failing.analysed(t)
	failing.order = "DESC"
	backward := failing.analysed(t)
	for _, name := range []string{"resolution", "errors", "latency_p95"} {
		sameNumbers(t, name, forward.metric(t, name), backward.metric(t, name), "control.value", "treatment.value", "treatment.units", "test.p_value")
	}
}

// alike compares all of two decoded documents, numbers as sameNumbers does.
func alike(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, _ := b.(json.Number)
		x, err := a.Float64()
		y, err2 := b.Float64()
		return err == nil && err2 == nil && math.Abs(x-y) <= 1e-9*math.Abs(x)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, alike)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, alike)
	}
	return a == b
}

// sameNumbers compares numbers of two documents to 1e-9, relative: parallel sums differ in their last digits.
func sameNumbers(t *testing.T, what string, want, got document, paths ...string) {
	t.Helper()
	for _, path := range paths {
		a, b := want.number(t, path), got.number(t, path)
		if math.Abs(a-b) > 1e-9*math.Abs(a) {
			t.Errorf("%s: %s is %g, want %g", what, path, b, a)
		}
	}
}
