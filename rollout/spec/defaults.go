package spec

// DefaultMetrics are the metrics of a release whose file names none, as they
// are under unit session.
func DefaultMetrics() []Metric {
	rate := func(v float64) Margin { return Margin{v, MarginPoints} }
	relative := func(v float64) Margin { return Margin{v, MarginRelative} }
	metrics := []Metric{
		{Name: "resolution", Role: RoleGoal, Value: "resolved", Good: Up, Margin: rate(0.03)},
		{Name: "handoff", Role: RoleGuardrail, Value: "handoff", Good: Down, Margin: rate(0.02)},
		{Name: "errors", Role: RoleGuardrail, Per: PerRequest, Value: "error", Good: Down, Margin: rate(0.01)},
		{Name: "latency_p95", Role: RoleGuardrail, Per: PerRequest, Value: "latency_ms", Rows: RowsOK, Quantile: 0.95, Good: Down, Margin: relative(0.1)},
		{Name: "ttft_p95", Role: RoleGuardrail, Per: PerRequest, Value: "ttft_ms", Rows: RowsOK, Quantile: 0.95, Good: Down, Margin: relative(0.1)},
		{Name: "tokens", Role: RoleGuardrail, Value: "total_tokens", Agg: AggSum, Good: Down, Margin: relative(0.15)},
		{Name: "satisfaction", Value: "satisfaction", Good: Up},
		{Name: "compliance", Value: "compliance", Good: Up},
	}
	for i := range metrics {
		metrics[i].resolve(UnitSession, "", func(string) bool { return false })
	}
	return metrics
}
