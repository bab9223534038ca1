package app

import (
	"fmt"
	"testing"
	"time"

	"weir/analyze"
	"weir/rollout/spec"
)

// declared is the analysis's form of one metric as a spec writes it.
func declared(t *testing.T, unit, line string) analyze.Metric {
	t.Helper()
	r := parse(t, fmt.Sprintf("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\nunit: %s\nmetrics:\n  - {name: m, %s}\n", unit, line))
	return metric(r.Metrics[0], r.Unit)
}

// TestMetric: what a line of the spec asks of the lake, and how it is tested.
func TestMetric(t *testing.T) {
	const ones = analyze.Ones
	mean, ratio := analyze.Form{Num: 0, Den: ones}, analyze.Form{Num: 0, Den: 1}
	tests := []struct {
		line    string
		unit    string
		kind    analyze.Kind
		in      string // unit of the figure
		rate    bool
		minimum int64
		agg     string
		shown   analyze.Form
		tested  analyze.Form
		columns int
	}{
		{"role: goal, value: resolved, good: up, margin: 3pp", "session", analyze.KindMean, "share", true, 100, "any", mean, mean, 1},
		{"role: goal, value: resolved, agg: sum, good: up, margin: 1", "session", analyze.KindMean, "", false, 100, "sum", mean, mean, 1},
		{"role: goal, value: resolved, good: up, margin: 3pp", "user", analyze.KindRatio, "share", true, 100, "any", ratio, ratio, 2},
		{"role: goal, per: user, value: resolved, good: up, margin: 3pp", "user", analyze.KindMean, "share", true, 100, "any", mean, mean, 1},
		{"role: guardrail, per: request, value: error, good: down, margin: 1pp", "session", analyze.KindRatio, "share", true, 100, "sum", ratio, ratio, 2},
		{"role: guardrail, value: error, good: down, margin: 1pp", "session", analyze.KindMean, "share", true, 100, "any", mean, mean, 1},
		{"role: guardrail, value: error, agg: sum, good: down, margin: 1", "session", analyze.KindMean, "", false, 100, "sum", mean, mean, 1},
		{"role: monitor, value: compliance, good: up", "session", analyze.KindMean, "share", true, 100, "all", mean, mean, 1},
		{"role: monitor, value: streamed, good: up", "session", analyze.KindMean, "share", true, 100, "any", mean, mean, 1},
		{"role: monitor, value: satisfaction, good: up", "session", analyze.KindMean, "", false, 100, "mean", mean, mean, 1},
		{"role: monitor, value: stars, good: up", "session", analyze.KindMean, "", false, 100, "mean", mean, mean, 1},
		{"role: goal, value: bought, agg: any, good: up, margin: 1pp", "session", analyze.KindMean, "share", true, 100, "any", mean, mean, 1},
		{"role: guardrail, value: requests, good: down, margin: 10%", "session", analyze.KindMean, "requests", false, 100, "sum", mean, mean, 1},
		{"role: guardrail, value: total_tokens, good: down, margin: 15%", "session", analyze.KindMean, "tokens", false, 250, "sum", mean, analyze.Form{Num: 1, Den: ones}, 2},
		{"role: guardrail, value: total_tokens, good: down, cap: none, margin: 15%", "session", analyze.KindMean, "tokens", false, 250, "sum", mean, mean, 1},
		{"role: guardrail, value: total_tokens, good: down, cap: p95, margin: 15%", "session", analyze.KindMean, "tokens", false, 250, "sum", analyze.Form{Num: 1, Den: ones}, analyze.Form{Num: 1, Den: ones}, 2},
		{"role: guardrail, value: cost_usd, good: down, margin: 10%", "user", analyze.KindRatio, "USD", false, 250, "sum", ratio, analyze.Form{Num: 2, Den: 1}, 3},
		{"role: guardrail, per: request, value: latency_ms, rows: ok, good: down, margin: 10%", "session", analyze.KindRatio, "ms", false, 250, "sum", ratio, analyze.Form{Num: 2, Den: 1}, 3},
		{"role: guardrail, per: request, value: latency_ms, rows: ok, quantile: 0.95, good: down, margin: 10%", "session", analyze.KindQuantile, "ms", false, 100, "sum", ratio, analyze.Form{Num: 2, Den: 1}, 4},
	}
	for _, test := range tests {
		t.Run(test.unit+"/"+test.line, func(t *testing.T) {
			m := declared(t, test.unit, test.line)
			if m.Kind != test.kind || m.Unit != test.in || m.Rate != test.rate || m.Minimum != test.minimum {
				t.Errorf("it is a %s in %q, rate %v, from %d units; want %s, %q, %v, %d", m.Kind, m.Unit, m.Rate, m.Minimum, test.kind, test.in, test.rate, test.minimum)
			}
			if m.Shown != test.shown || m.Tested != test.tested || len(m.Columns) != test.columns {
				t.Errorf("shown %v, tested %v of %d columns; want %v, %v of %d", m.Shown, m.Tested, len(m.Columns), test.shown, test.tested, test.columns)
			}
			if agg := m.Columns[0].Agg; agg != test.agg {
				t.Errorf("values are joined by %s, want %s", agg, test.agg)
			}
		})
	}
}

// TestThresholds: the margin moves the treatment's threshold to its bad side.
func TestThresholds(t *testing.T) {
	for line, want := range map[string]analyze.Threshold{
		"role: guardrail, good: down, margin: 10%": {Quantile: .9, Scale: 1.1},
		"role: guardrail, good: up, margin: 10%":   {Quantile: .9, Scale: .9},
		"role: monitor, good: down":                {Quantile: .9, Scale: 1},
	} {
		m := declared(t, "session", "per: request, value: latency_ms, quantile: 0.9, "+line)
		own, tested, margined := m.Columns[0].Above, m.Columns[m.Tested.Num].Above, m.Columns[m.Margined.Num].Above
		if !own.OwnQuantile || own.Quantile != .9 {
			t.Errorf("%s: the figure is of %+v", line, own)
		}
		if *tested != (analyze.Threshold{Quantile: .9, Scale: 1}) {
			t.Errorf("%s: a difference is tested at %+v", line, tested)
		}
		if *margined != want {
			t.Errorf("%s: the margin is tested at %+v, want %+v", line, margined, want)
		}
	}
}

// TestFill: what stands for a missing value, and in which arm.
func TestFill(t *testing.T) {
	for line, want := range map[string]*analyze.Fill{
		"value: resolved, good: up":                      {},
		"value: resolved, missing: exclude, good: up":    nil,
		"value: satisfaction, good: up":                  nil,
		"value: satisfaction, missing: zero, good: up":   {},
		"value: resolved, missing: worst, good: up":      {Control: 1},
		"value: handoff, missing: worst, good: down":     {Treatment: 1},
		"per: request, value: latency_ms, good: down":    nil,
		"value: input_tokens, missing: zero, good: down": {},
	} {
		m := declared(t, "session", "role: monitor, "+line)
		if got := m.Columns[0].Fill; (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: a missing value is %+v, want %+v", line, got, want)
		}
		for _, c := range m.Columns {
			if c.Count && c.Fill != nil {
				t.Errorf("%s: what is missing is counted as there", line)
			}
		}
	}
}

// TestCaps: sums of tokens, cost and time are capped in a sequential test unless the spec says otherwise.
func TestCaps(t *testing.T) {
	for line, want := range map[string]*analyze.Limit{
		"value: total_tokens":                {Quantile: .99},
		"value: total_tokens, cap: none":     nil,
		"value: total_tokens, cap: p95":      {Quantile: .95, Declared: true},
		"value: total_tokens, cap: 5000":     {Value: 5000, Declared: true},
		"value: requests":                    nil,
		"value: requests, cap: p99":          {Quantile: .99, Declared: true},
		"per: request, value: latency_ms":    {Quantile: .99},
		"value: satisfaction, missing: zero": nil,
	} {
		m := declared(t, "session", "role: monitor, good: down, "+line)
		got := m.Columns[m.Tested.Num].Limit
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: the cap is %+v, want %+v", line, got, want)
		}
	}
}

// TestQueryOfJob: flags override the spec; a judge's metrics are not asked of the lake.
func TestQueryOfJob(t *testing.T) {
	r := parse(t, `
app: bot
release: r1
stable: v1
candidate: v2
ramp: {steps: [{to: 5%, hold: 1h, units: 20}, {to: 20%, units: 100}]}
planning: {sessions_per_day: 700}
metrics:
  - {name: resolution, role: goal, value: resolved, good: up, margin: 3pp}
  - {name: quality, role: goal, judge: support-quality, good: up, margin: 0.05}
judge: {models: [m], rubrics: [support-quality]}
decision: {alpha: 0.1}
`)
	since := time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC)
	q := query(Job{Spec: r, Method: analyze.Fixed, Layout: analyze.Independent, Since: since})
	if q.App != "bot" || q.Release != "r1" || q.Control != "v1" || q.Treatment != "v2" || q.Unit != "session" {
		t.Errorf("it asks for %+v", q)
	}
	if q.Method != analyze.Fixed || q.Layout != analyze.Independent || !q.Since.Equal(since) || q.Alpha != .1 {
		t.Errorf("it asks for %+v", q)
	}
	if q.LastShare != .2 || q.UnitsPerDay != 700 || q.Days != planDays {
		t.Errorf("it plans for %g, %g a day, %g days", q.LastShare, q.UnitsPerDay, q.Days)
	}
	if len(q.Metrics) != 1 || q.Metrics[0].Name != "resolution" {
		t.Errorf("it asks for %+v", q.Metrics)
	}
	if q := query(Job{Spec: r}); q.Method != analyze.Sequential {
		t.Errorf("the spec's method is read as %s", q.Method)
	}
	restored := restore(r, []analyze.MetricData{{Metric: q.Metrics[0]}})
	if len(restored) != 2 || restored[1].Metric.Name != "quality" || restored[1].Absent != "the lake holds no judgments of support-quality" {
		t.Errorf("the judge's metric is %+v", restored)
	}
	if share := lastShare(spec.Default("bot", "r1", "v1", "v2")); share != .5 {
		t.Errorf("without a ramp the last share is %g", share)
	}
}

// TestRestore: a default metric without data is left out, a declared one is there and says why.
func TestRestore(t *testing.T) {
	byDefault := spec.Default("bot", "r1", "v1", "v2")
	var read []analyze.MetricData
	for i, m := range byDefault.Metrics {
		d := analyze.MetricData{Metric: metric(m, byDefault.Unit)}
		if i%2 == 0 {
			d.Absent = "nothing there"
		}
		read = append([]analyze.MetricData{d}, read...)
	}
	if got := restore(byDefault, read); len(got) != len(read)/2 || got[0].Metric.Name != byDefault.Metrics[1].Name {
		t.Errorf("of the defaults %d are left", len(got))
	}
	byDefault.MetricsDeclared = true
	got := restore(byDefault, read)
	if len(got) != len(read) {
		t.Errorf("of the declared %d are left", len(got))
	}
	for i, m := range byDefault.Metrics {
		if got[i].Metric.Name != m.Name {
			t.Errorf("metric %d is %s, the spec's is %s", i, got[i].Metric.Name, m.Name)
		}
	}
}
