package rollout

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"weir/analyze"
)

// measured draws n units, resolved with probability p, with an error in one of some twenty of
// their two requests; a vector is the outcome, the errors, the requests.
func measured(r *rand.Rand, n int, p float64) [][]float64 {
	units := make([][]float64, n)
	for i := range units {
		units[i] = []float64{0, 0, 2}
		if r.Float64() < p {
			units[i][0] = 1
		}
		if r.Float64() < .05 {
			units[i][1] = 1
		}
	}
	return units
}

// columns gives the moments of some components of the units.
func columns(units [][]float64, components ...int) analyze.Moments {
	picked := make([][]float64, len(units))
	for i, u := range units {
		for _, c := range components {
			picked[i] = append(picked[i], u[c])
		}
	}
	return analyze.MomentsOf(picked...)
}

// goal is a resolution that is a proportion; guardrail is errors a request, a ratio.
var (
	goal = analyze.Metric{
		Name: "resolution", Role: analyze.Goal, Kind: analyze.KindMean, Good: analyze.Up, Unit: "share", Rate: true, Minimum: 100,
		Margin: &analyze.Margin{Value: .03}, Columns: make([]analyze.Column, 1),
		Shown: analyze.Form{Den: analyze.Ones}, Tested: analyze.Form{Den: analyze.Ones}, Margined: analyze.Form{Den: analyze.Ones},
	}
	guardrail = analyze.Metric{
		Name: "errors", Role: analyze.Guardrail, Kind: analyze.KindRatio, Good: analyze.Down, Unit: "share", Rate: true, Minimum: 100,
		Margin: &analyze.Margin{Value: .03}, Columns: make([]analyze.Column, 2),
		Shown: analyze.Form{Den: 1}, Tested: analyze.Form{Den: 1}, Margined: analyze.Form{Den: 1},
	}
)

// frozen tunes a metric's sequence for so many units.
func frozen(m analyze.Metric, control analyze.Moments, units int) analyze.Frozen {
	level, spread := m.Baseline(control)
	return analyze.Frozen{Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Number(level), Spread: analyze.Number(spread),
		PlanUnits: analyze.Number(units), PlanShare: .5, HarmUnits: analyze.HarmUnits}
}

// live is traffic at two shares, a stratum and some hours each, of a candidate that is better.
func live(method analyze.Method) analyze.Data {
	r := rand.New(rand.NewPCG(1, 2))
	last := first.AddDate(0, 0, 3)
	d := analyze.Data{
		Control: "v1", Treatment: "v2",
		Design: analyze.Design{Unit: "session", Kind: analyze.Stratified, Strata: 2, Method: method, Alpha: .05, Randomized: true},
		Period: analyze.Period{First: &first, Last: &last, FullDays: 3, UnitsPerDay: 1000, TreatmentShare: .5},
		Strata: []analyze.Stratum{{Share: .4, Known: true}, {Share: .5, Known: true}},
	}
	metrics := []analyze.MetricData{{Metric: goal, Binary: true}, {Metric: guardrail}}
	const hours, size = 4, 1000
	for hour := range int64(hours) {
		stratum := int(hour / 2)
		treated := int(d.Strata[stratum].Share * size)
		counts := map[analyze.Arm]int{analyze.Control: size - treated, analyze.Treatment: treated}
		for _, arm := range analyze.Arms {
			units := measured(r, counts[arm], []float64{.5, .7}[arm])
			for i, components := range [][]int{{0}, {1, 2}} {
				metrics[i].Cells = append(metrics[i].Cells, analyze.Cell{Stratum: stratum, Hour: hour, Arm: arm, Moments: columns(units, components...)})
			}
		}
		d.Units.Control += int64(size - treated)
		d.Units.Treatment += int64(treated)
		d.Arrived = append(d.Arrived, analyze.Arrival{Stratum: stratum, Hour: hour, ByArm: analyze.ByArm{Control: int64(size - treated), Treatment: int64(treated)}})
	}
	d.Units.Requests = analyze.ByArm{Control: 2 * d.Units.Control, Treatment: 2 * d.Units.Treatment}
	for i := range metrics {
		metrics[i].Frozen = frozen(metrics[i].Metric, metrics[i].Cells[0].Moments, hours*size)
	}
	d.Metrics = metrics
	return d
}

// cases are 400 that both versions ran once.
func cases() analyze.Data {
	r := rand.New(rand.NewPCG(3, 4))
	const n = 400
	a, b := measured(r, n, .5), measured(r, n, .7)
	joint := make([][]float64, n)
	for i := range joint {
		joint[i] = append(append(joint[i], a[i]...), b[i]...)
	}
	of := func(m analyze.Metric, components ...int) analyze.MetricData {
		pairs := columns(joint, components...)
		unknown := analyze.Frozen{Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Unknown, Spread: analyze.Unknown, PlanUnits: analyze.Unknown, PlanShare: analyze.Unknown}
		return analyze.MetricData{Metric: m, Pairs: &pairs, Binary: m.Kind == analyze.KindMean, SingleTrial: true, Frozen: unknown}
	}
	return analyze.Data{
		Control: "v1", Treatment: "v2",
		Design:  analyze.Design{Unit: "case", Kind: analyze.Paired, Strata: 1, Method: analyze.Fixed, Alpha: .05, Offline: true},
		Period:  analyze.Period{UnitsPerDay: analyze.Unknown, TreatmentShare: analyze.Unknown},
		Units:   analyze.UnitCounts{Control: n, Treatment: n},
		Strata:  []analyze.Stratum{{Share: .5}},
		Metrics: []analyze.MetricData{of(goal, 0, 3), of(guardrail, 1, 2, 4, 5)},
	}
}

// describes are the numbers that no test reads.
var describes = []string{
	"Period.", ".Frozen.Cap", ".Frozen.Threshold", ".Metric.Quantile",
}

// TestNaNNeverPromotes: wherever a number is lost on the way to a promotion, there is none.
func TestNaNNeverPromotes(t *testing.T) {
	for _, test := range []struct {
		name string
		data func() analyze.Data
		// unread are further numbers that this method does not read.
		unread []string
	}{
		// What the first stratum proved of a ratio stays proven where a later denominator is lost.
		{"sequential", func() analyze.Data { return live(analyze.Sequential) }, []string{"Metrics[1].Cells[5].Moments.Mean[1]"}},
		{"fixed", func() analyze.Data { return live(analyze.Fixed) }, []string{".Frozen."}},
		{"paired", cases, []string{".Frozen.", "Strata"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			decide := func(d analyze.Data) Decision { return Decide(analyze.Evaluate(d), Policy{}) }
			if got := decide(test.data()); got.Verdict != Promote {
				t.Fatalf("the sound data give %v: %q", got.Verdict, got.Reasons)
			}
			lost := 0
			for i := 0; ; i++ {
				d := test.data()
				path, ok := lose(&d, i)
				if !ok {
					break
				}
				if contains(describes, path) || contains(test.unread, path) {
					continue
				}
				lost++
				if got := decide(d); got.Verdict == Promote {
					t.Errorf("without %s it promotes: %q", path, got.Reasons)
				}
			}
			if lost < 10 {
				t.Errorf("only %d numbers were tried", lost)
			}
		})
	}
}

func contains(parts []string, path string) bool {
	for _, p := range parts {
		if strings.Contains(path, p) {
			return true
		}
	}
	return false
}

// lose makes the n-th number of the data NaN, and says which that is; false where there are fewer.
func lose(d *analyze.Data, n int) (string, bool) {
	seen, lost := 0, ""
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Float64:
			if seen == n {
				v.SetFloat(math.NaN())
				lost = path
			}
			seen++
		case reflect.Pointer:
			if !v.IsNil() && v.Type().Elem().PkgPath() != "time" {
				copied := reflect.New(v.Type().Elem()) // metrics share their margins
				copied.Elem().Set(v.Elem())
				v.Set(copied)
				walk(path, copied.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path+"["+strconv.Itoa(i)+"]", v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() && f.Type.PkgPath() != "time" {
					walk(strings.TrimPrefix(path+"."+f.Name, "."), v.Field(i))
				}
			}
		}
	}
	walk("", reflect.ValueOf(d).Elem())
	return lost, lost != ""
}
