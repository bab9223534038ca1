package analyze_test

import (
	"fmt"

	"weir/analyze"
)

// From two literal moments to an estimate with its interval, without a lake.
func Example() {
	// Requests and total latency of each session: the vector (sum, count).
	control := analyze.MomentsOf([]float64{800, 2}, []float64{900, 3}, []float64{400, 1}, []float64{1500, 4}, []float64{1100, 3})
	treatment := analyze.MomentsOf([]float64{700, 2}, []float64{1000, 3}, []float64{380, 1}, []float64{1400, 4}, []float64{1250, 3})

	latency := analyze.Form{Num: 0, Den: 1} // per request, sessions as clusters
	a, b := latency.Estimate(control), latency.Estimate(treatment)
	fmt.Printf("control   %.1f ms ± %.1f\n", a.Value, a.StdErr)
	fmt.Printf("treatment %.1f ms ± %.1f\n", b.Value, b.StdErr)

	lower, upper := analyze.Contrast(a, b).Interval(.05)
	fmt.Printf("effect    %.1f to %.1f ms\n", lower, upper)
	// Output:
	// control   361.5 ms ± 18.2
	// treatment 363.8 ms ± 16.7
	// effect    -54.6 to 59.2 ms
}

// A metric is its columns and its forms: the rest of the analysis does not
// know what it measures.
func ExampleEvaluate() {
	cost := analyze.Metric{
		Name: "cost_per_resolved", Role: analyze.Goal, Kind: analyze.KindRatio, Good: analyze.Down, Unit: "USD",
		Minimum: 3, Margin: &analyze.Margin{Value: .1, Relative: true},
		Columns: []analyze.Column{{Value: "cost_usd", Agg: "sum"}, {Value: "resolved", Agg: "any"}},
		Shown:   analyze.Form{Num: 0, Den: 1}, Tested: analyze.Form{Num: 0, Den: 1}, Margined: analyze.Form{Num: 0, Den: 1},
	}
	result := analyze.Evaluate(analyze.Data{
		App: "bot", Release: "r1", Control: "v1", Treatment: "v2",
		Design: analyze.Design{Unit: "session", Kind: analyze.Independent, Strata: 1, Method: analyze.Fixed, Alpha: .05, Randomized: true},
		Strata: []analyze.Stratum{{Share: .5, Known: true}},
		Metrics: []analyze.MetricData{{Metric: cost, Cells: []analyze.Cell{
			{Arm: analyze.Control, Moments: analyze.MomentsOf([]float64{.04, 1}, []float64{.05, 1}, []float64{.06, 0}, []float64{.05, 1})},
			{Arm: analyze.Treatment, Moments: analyze.MomentsOf([]float64{.03, 1}, []float64{.02, 1}, []float64{.03, 1}, []float64{.04, 1})},
		}}},
	})
	m := result.Metrics[0]
	fmt.Printf("%.4f -> %.4f, %s\n", m.Control.Value, m.Treatment.Value, m.Direction)
	// Output: 0.0667 -> 0.0300, unclear
}
