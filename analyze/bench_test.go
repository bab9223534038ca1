package analyze

import (
	"fmt"
	"testing"
)

// Twenty metrics over eleven days of hours under a ramp of three steps, after the moments.
func BenchmarkEvaluate(b *testing.B) {
	cells, strata := simulate(1, stretch{.05, 88, 100, coin(.6, .62)}, stretch{.2, 88, 100, coin(.6, .62)}, stretch{.5, 88, 100, coin(.6, .62)})
	d := Data{
		Control: "v1", Treatment: "v2", Strata: strata,
		Design: Design{Unit: "session", Kind: Stratified, Strata: 3, Method: Sequential, Alpha: .05, Randomized: true},
	}
	for i := range 20 {
		m := rate(Guardrail, Up, .03)
		m.Name = fmt.Sprint(i)
		if i%2 == 1 {
			m.Margin = &Margin{Value: .1, Relative: true}
		}
		d.Metrics = append(d.Metrics, MetricData{Metric: m, Cells: cells, Binary: true, Frozen: Frozen{
			Cap: Unknown, Threshold: Unknown, Level: .6, Spread: .24, PlanUnits: 26400, PlanShare: .5,
		}})
	}
	b.ResetTimer()
	for range b.N {
		Evaluate(d)
	}
}
