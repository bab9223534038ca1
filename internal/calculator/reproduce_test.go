package calculator

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"weir/analyze"
)

// Every effect that an analysis shows is given again by the calculator and the input that it names.
func TestEffectsCanBeReproduced(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	units := func(n, width int, shift float64) (out [][]float64) {
		for range n {
			x := r.NormFloat64()
			row := []float64{2 + shift + x + r.NormFloat64(), x, float64(1 + r.IntN(5))}
			out = append(out, row[:width])
		}
		return out
	}
	strata := []analyze.Stratum{{Share: .3, Known: true}, {Share: .5, Known: true}}
	cells := []analyze.Cell{
		{Moments: analyze.MomentsOf(units(80, 3, 0)...)}, {Arm: analyze.Treatment, Moments: analyze.MomentsOf(units(40, 3, .5)...)},
		{Stratum: 1, Hour: 1, Moments: analyze.MomentsOf(units(60, 3, 0)...)}, {Stratum: 1, Hour: 1, Arm: analyze.Treatment, Moments: analyze.MomentsOf(units(50, 3, .5)...)},
	}
	pair := func(n int) *analyze.Moments {
		var all [][]float64
		for range n {
			x := 3 + r.NormFloat64()
			all = append(all, []float64{x, float64(1 + r.IntN(3)), x + r.NormFloat64(), float64(1 + r.IntN(3))})
		}
		m := analyze.MomentsOf(all...)
		return &m
	}
	var cases [][2]float64
	var vectors [][]float64
	for range 22 {
		c := [2]float64{r.Float64(), r.Float64() + .1}
		cases, vectors = append(cases, c), append(vectors, c[:])
	}
	few := analyze.MomentsOf(vectors...)
	quantiles := []analyze.QuantileCell{
		{Rows: 400, Value: 900, Lower: 850, Upper: 990}, {Arm: analyze.Treatment, Rows: 400, Value: 950, Lower: 870, Upper: 1010},
		{Stratum: 1, Rows: 300, Value: 910, Lower: 860, Upper: 970}, {Stratum: 1, Arm: analyze.Treatment, Rows: 300, Value: 905, Lower: 840, Upper: 980},
	}
	for _, c := range []struct {
		name, method string
		kind         analyze.Kind
		form         analyze.Form
		layout       analyze.Layout
		data         analyze.MetricData
	}{
		{"mean", "stats-stratified-epochs", analyze.KindMean, analyze.Form{Num: 0, Den: analyze.Ones}, analyze.Stratified, analyze.MetricData{Cells: cells}},
		{"ratio", "stats-stratified-epochs", analyze.KindRatio, analyze.Form{Num: 0, Den: 2}, analyze.Stratified, analyze.MetricData{Cells: cells}},
		{"adjusted mean", "stats-cuped-strata", analyze.KindMean, analyze.Form{Num: 0, Den: analyze.Ones, Covariate: 1}, analyze.Stratified, analyze.MetricData{Cells: cells}},
		{"adjusted ratio", "stats-cuped-strata", analyze.KindRatio, analyze.Form{Num: 0, Den: 2, Covariate: 1}, analyze.Stratified, analyze.MetricData{Cells: cells}},
		{"quantile", "stats-quantile-strata", analyze.KindQuantile, analyze.Form{Num: 0, Den: 2}, analyze.Stratified, analyze.MetricData{Cells: cells, Quantiles: quantiles}},
		{"paired mean", "stats-paired-sums", analyze.KindMean, analyze.Form{Num: 0, Den: analyze.Ones}, analyze.Paired, analyze.MetricData{Pairs: pair(50)}},
		{"paired ratio", "stats-paired-sums", analyze.KindRatio, analyze.Form{Num: 0, Den: 1}, analyze.Paired, analyze.MetricData{Pairs: pair(50)}},
		{"few cases", "stats-sign-flip", analyze.KindMean, analyze.Form{Num: 0, Den: analyze.Ones}, analyze.Paired, analyze.MetricData{Pairs: &few, Cases: cases}},
		{"paired quantile", "stats-quantile-strata", analyze.KindQuantile, analyze.Form{Num: 0, Den: 1}, analyze.Paired, analyze.MetricData{Pairs: pair(50), Quantiles: quantiles[:2]}},
	} {
		d := analyze.Data{
			Design: analyze.Design{Kind: c.layout, Method: analyze.Fixed, Alpha: .05, Unit: "session", Offline: c.layout == analyze.Paired},
			Strata: strata, Metrics: []analyze.MetricData{c.data},
		}
		width := 3
		if c.layout == analyze.Paired {
			width = 2
		}
		d.Metrics[0].Metric = analyze.Metric{
			Name: c.name, Role: analyze.Goal, Kind: c.kind, Good: analyze.Up, Minimum: 20, Quantile: .95,
			Columns: make([]analyze.Column, width), Shown: c.form, Tested: c.form, Margined: c.form,
		}
		got := analyze.Evaluate(d).Metrics[0]
		if got.Reproduce == nil || got.Reproduce.Method != c.method {
			t.Errorf("%s: reproduced by %+v, want %s; %v", c.name, got.Reproduce, c.method, got.Warnings)
			continue
		}
		input, err := json.Marshal(got.Reproduce.Input)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Run(c.method, bytes.NewReader(input), &out); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var again struct {
			Diff, SE float64
			CI       []float64
			Fixed    *struct{ Estimate, SE float64 } `json:"fixed_weights"`
		}
		if err := json.Unmarshal(out.Bytes(), &again); err != nil {
			t.Fatal(err)
		}
		if again.Fixed != nil {
			again.Diff, again.SE = again.Fixed.Estimate, again.Fixed.SE
		}
		near := func(what string, got, want float64) {
			if !(math.Abs(got-want) <= 1e-8*math.Abs(want)) {
				t.Errorf("%s: %s %g, the analysis has %g", c.name, what, got, want)
			}
		}
		near("effect", again.Diff, float64(got.Absolute.Value))
		near("error", again.SE, float64(got.Absolute.StdErr))
		if c.layout == analyze.Paired && c.kind != analyze.KindQuantile {
			near("lower limit", again.CI[0], float64(got.Absolute.Lower))
			near("upper limit", again.CI[1], float64(got.Absolute.Upper))
		}
	}
}
