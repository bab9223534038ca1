package spec

import (
	"testing"
	"time"
)

func TestMetricDefaults(t *testing.T) {
	for _, c := range []struct {
		name, unit, metric string
		missing            Missing
		matureAfter        time.Duration
	}{
		{"resolved", "session", "value: resolved", MissingZero, 24 * time.Hour},
		{"handoff", "session", "value: handoff", MissingZero, 24 * time.Hour},
		{"faq_hit", "session", "value: faq_hit", MissingZero, 2 * time.Hour},
		{"link_click", "session", "value: link_click", MissingZero, 2 * time.Hour},
		{"satisfaction", "session", "value: satisfaction", MissingExclude, 24 * time.Hour},
		{"error", "session", "value: error", MissingExclude, 2 * time.Hour},
		{"own outcome", "session", "value: 满意度", MissingExclude, 2 * time.Hour},
		{"judged", "session", "judge: support-quality.tone", MissingExclude, 2 * time.Hour},
		{"users", "user", "value: resolved", MissingZero, 72 * time.Hour},
		{"users, latency", "user", "value: latency_ms", MissingExclude, 72 * time.Hour},
		{"written", "user", "value: resolved, missing: exclude, mature_after: 1h", MissingExclude, time.Hour},
		{"worst", "session", "value: resolved, missing: worst", MissingWorst, 24 * time.Hour},
	} {
		r := parse(t, small+"unit: "+c.unit+"\nmetrics: [{name: m, role: monitor, good: up, "+c.metric+"}]\n")
		if m := r.Metrics[0]; m.Missing != c.missing || m.MatureAfter != c.matureAfter {
			t.Errorf("%s: missing %v after %v, want %v after %v", c.name, m.Missing, m.MatureAfter, c.missing, c.matureAfter)
		}
	}
}

// The default metrics under unit user wait as long as users' metrics do.
func TestDefaultMetricsOfUsers(t *testing.T) {
	for _, m := range parse(t, small+"unit: user\n").Metrics {
		if m.MatureAfter != 72*time.Hour || m.MatureAfterDeclared {
			t.Errorf("%s: mature after %v, declared %v", m.Name, m.MatureAfter, m.MatureAfterDeclared)
		}
	}
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		name        string
		metric      Metric
		rate, known bool
	}{
		{"outcome of 0 and 1", Metric{Value: "resolved"}, true, true},
		{"its worst value", Metric{Value: "resolved", Agg: AggMax}, true, true},
		{"its count", Metric{Value: "handoff", Agg: AggSum}, false, true},
		{"column", Metric{Value: "latency_ms"}, false, true},
		{"indicator of a column", Metric{Value: "latency_ms", Agg: AggAny}, true, true},
		{"quantile", Metric{Value: "latency_ms", Quantile: 0.95}, false, true},
		{"rating", Metric{Value: "satisfaction"}, false, true},
		{"own outcome", Metric{Value: "csat"}, false, false},
		{"own indicator", Metric{Value: "csat", Agg: AggAny}, true, true},
		{"judged", Metric{Judge: "support-quality"}, false, false},
	} {
		if rate, known := c.metric.Rate(); rate != c.rate || known != c.known {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, rate, known, c.rate, c.known)
		}
	}
}

// Margins that fit: of what is no known rate, every scale.
func TestMarginsThatFit(t *testing.T) {
	for _, c := range []struct {
		metric string
		want   Margin
	}{
		{"value: resolved, margin: 3pp", Margin{0.03, MarginPoints}},
		{"value: resolved, margin: 0.5 pp", Margin{0.005, MarginPoints}},
		{"value: resolved, margin: 0.03", Margin{0.03, MarginAbsolute}},
		{"value: resolved, agg: sum, margin: 10%", Margin{0.1, MarginRelative}},
		{"value: csat, margin: 10%", Margin{0.1, MarginRelative}},
		{"value: csat, margin: 2pp", Margin{0.02, MarginPoints}},
		{"value: latency_ms, margin: 50", Margin{50, MarginAbsolute}},
		{"value: latency_ms, quantile: 0.99, margin: 12.5%", Margin{0.125, MarginRelative}},
		{"judge: q, margin: 1e-2", Margin{0.01, MarginAbsolute}},
	} {
		r := parse(t, small+"metrics: [{name: m, role: goal, good: up, "+c.metric+"}]\n")
		if got := r.Metrics[0].Margin; got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.metric, got, c.want)
		}
	}
}
