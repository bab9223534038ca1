package app

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"weir/analyze"
	"weir/collector/parquet"
	"weir/trace"
)

// lakeOf writes rows into a lake of its own.
func lakeOf(t *testing.T, rows parquet.Rows) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lake")
	l, err := parquet.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Write("rows", &rows); err != nil {
		t.Fatal(err)
	}
	return dir
}

// metricOf analyses a lake with one metric under a fixed method.
func metricOf(t *testing.T, dir, metric string) (analyze.MetricData, analyze.MetricResult) {
	t.Helper()
	text := "app: bot\nrelease: r1\nstable: v1\ncandidate: v2\ndecision: {method: fixed}\nmetrics:\n  - " + metric + "\n"
	r, err := Analyze(context.Background(), Job{Lake: dir, Spec: parse(t, text), SpecText: text, AsOf: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Threads: 1, MemoryMB: 500})
	if err != nil {
		t.Fatal(err)
	}
	return r.Data.Metrics[0], r.Analysis.Metrics[0]
}

// The cost per resolved session is the sum of cost over the sum of resolved sessions, those
// without a report not resolved.
func TestCostPerResolved(t *testing.T) {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var rows parquet.Rows
	var cost, resolved [2]float64
	for i := range 300 {
		arm := i % 2
		session, version := fmt.Sprintf("s%d", i), fmt.Sprintf("v%d", arm+1)
		for turn := range 1 + i%3 {
			c := float64(1+i%7) / 100
			cost[arm] += c
			rows.Exchanges = append(rows.Exchanges, trace.Exchange{
				TraceID: fmt.Sprintf("%s-%d", session, turn), App: "bot", SessionID: session, AssignedVersion: version,
				StartedAt: at.Add(time.Duration(i) * time.Minute), CostUSD: &c,
			})
		}
		if i%5 != 0 {
			value := float64(i % 4 / 2)
			resolved[arm] += value
			rows.Outcomes = append(rows.Outcomes, trace.Outcome{OutcomeID: session, App: "bot", SessionID: session, Name: "resolved", Value: value, OccurredAt: at.Add(10 * time.Hour)})
		}
	}
	_, m := metricOf(t, lakeOf(t, rows), "{name: cost, role: monitor, value: cost_usd, over: resolved, cap: none, good: down}")
	for arm, got := range []analyze.Number{m.Control.Value, m.Treatment.Value} {
		if want := cost[arm] / resolved[arm]; math.Abs(float64(got)-want) > 1e-9 {
			t.Errorf("arm %d: %g a resolved session, want %g", arm, float64(got), want)
		}
	}
	if m.Control.Units+m.Treatment.Units != 300 || m.Kind != analyze.KindRatio {
		t.Errorf("%d units of a %s", m.Control.Units+m.Treatment.Units, m.Kind)
	}
}

// pass^k is, over cases, the share of draws of k trials that all succeed; a case with fewer
// trials counts as missing.
func TestPassK(t *testing.T) {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var rows parquet.Rows
	want, cases := [2]float64{}, 0.0
	for c := range 60 {
		trials := 5
		if c == 7 {
			trials = 2
		} else {
			cases++
		}
		for arm := range 2 {
			passed := min((c+2*arm)%6, trials)
			if trials == 5 {
				want[arm] += float64(passed*(passed-1)*(passed-2)) / 60 // C(passed, 3) / C(5, 3)
			}
			for trial := range trials {
				session, n := fmt.Sprintf("c%d-%d-%d", c, arm, trial), int64(trial)
				rows.Exchanges = append(rows.Exchanges, trace.Exchange{
					TraceID: session, App: "bot", SessionID: session, AssignedVersion: fmt.Sprintf("v%d", arm+1),
					CaseID: fmt.Sprintf("case%d", c), Trial: &n, StartedAt: at,
				})
				value := 0.0
				if trial < passed {
					value = 1
				}
				rows.Outcomes = append(rows.Outcomes, trace.Outcome{OutcomeID: session, App: "bot", SessionID: session, Name: "resolved", Value: value, OccurredAt: at})
			}
		}
	}
	dir := lakeOf(t, rows)
	d, m := metricOf(t, dir, "{name: reliable, role: goal, value: resolved, pass: 3, good: up, margin: 5pp}")
	for arm, got := range []analyze.Number{m.Control.Value, m.Treatment.Value} {
		if w := want[arm] / cases; math.Abs(float64(got)-w) > 1e-9 {
			t.Errorf("arm %d: pass^3 is %g, want %g", arm, float64(got), w)
		}
	}
	if d.Pairs == nil || d.Pairs.N != 59 {
		t.Errorf("pairs %+v, want 59 cases", d.Pairs)
	}
}

// Per request, an outcome is a sum over the requests of its sessions.
func TestOutcomePerRequest(t *testing.T) {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var rows parquet.Rows
	var complaints, requests [2]float64
	for i := range 300 {
		arm := i % 2
		session, version := fmt.Sprintf("s%d", i), fmt.Sprintf("v%d", arm+1)
		for turn := range 1 + i%3 {
			requests[arm]++
			rows.Exchanges = append(rows.Exchanges, trace.Exchange{
				TraceID: fmt.Sprintf("%s-%d", session, turn), App: "bot", SessionID: session, AssignedVersion: version,
				StartedAt: at.Add(time.Duration(i) * time.Minute),
			})
		}
		if i%5 != 0 {
			value := float64(i % 4)
			complaints[arm] += value
			rows.Outcomes = append(rows.Outcomes, trace.Outcome{OutcomeID: session, App: "bot", SessionID: session, Name: "complaints", Value: value, OccurredAt: at.Add(10 * time.Hour)})
		}
	}
	dir := lakeOf(t, rows)
	_, m := metricOf(t, dir, "{name: complaints, role: monitor, per: request, value: complaints, missing: zero, cap: none, good: down, mature_after: 24h}")
	for arm, got := range []analyze.Number{m.Control.Value, m.Treatment.Value} {
		if want := complaints[arm] / requests[arm]; !(math.Abs(float64(got)-want) < 1e-9) {
			t.Errorf("arm %d: %g a request, want %g", arm, float64(got), want)
		}
	}
	if d, _ := metricOf(t, dir, "{name: latency, role: guardrail, per: request, value: latencyms, quantile: 0.95, good: down, margin: 10%}"); d.Absent != "latencyms is no number of a request, and quantiles are of these" {
		t.Errorf("a quantile of what is no column: %q", d.Absent)
	}
}
