package analyze

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// stillWorld is cells of two strata in which the units of an arm have one value but for some last digits, each arm its own.
// With a ratio, every unit has its own denominator and the arm's rate.
func stillWorld(r *rand.Rand, level, effect float64, f Form) world {
	w := world{strata: []Stratum{{Share: .3, Known: true}, {Share: .5, Known: true}}}
	rounded := func(x float64) float64 { return x * (1 + float64(r.IntN(9)-4)*0x1p-52) }
	for hour := range 50 {
		for _, a := range Arms {
			var units [][]float64
			for range 20 + r.IntN(200) {
				den := 1.0
				if f.Den != Ones {
					den = 1 + float64(r.IntN(9))
				}
				units = append(units, []float64{rounded(den * (level + float64(a)*effect)), den, rounded(level)})
			}
			w.cells = append(w.cells, Cell{Stratum: hour / 25, Hour: int64(hour), Arm: a, Moments: MomentsOf(units...)})
		}
	}
	return w
}

// figures are a mean and a ratio, plain and with a covariate.
var figures = map[string]Form{
	"mean":           {Num: 0, Den: Ones},
	"ratio":          {Num: 0, Den: 1},
	"adjusted mean":  {Num: 0, Den: Ones, Covariate: 2},
	"adjusted ratio": {Num: 0, Den: 1, Covariate: 2},
}

// What differs by rounding alone has no variance: no test of the whole, of an epoch or of an age, and no effect that varies.
func TestRoundingIsNoVariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		value := math.Pow(10, rapid.Float64Range(-9, 9).Draw(t, "exponent"))
		effect := value * rapid.SampledFrom([]float64{0, 1e-6, .1}).Draw(t, "effect")
		for name, f := range figures {
			w := stillWorld(r, value, effect, f)
			pairs := byStratum(w.cells, 2)
			for _, m := range pooled(pairs[:1]) {
				if e := f.Estimate(m); e.StdErr != 0 || !near(e.Value/value, math.Round(1e6*e.Value/value)/1e6, 1e-12) {
					t.Fatalf("%s: %g with an error of %g", name, e.Value, e.StdErr)
				}
			}
			weights := []float64{.4, .6}
			plain := [2]level{levelOf(f, pairs, weights, Control), levelOf(f, pairs, weights, Treatment)}
			for a, l := range adjusted(f, pairs, weights, plain) {
				if l.variance != 0 {
					t.Fatalf("%s: arm %d has a variance of %g", name, a, l.variance)
				}
			}
			for _, method := range []Method{Fixed, Sequential} {
				got := w.evaluate(f, method)
				if method == Fixed && (got.Absolute.PValue.Known() || got.Test.PValue.Known() || got.Direction != NotEstimable) {
					t.Fatalf("%s: p %g, %s", name, float64(got.Test.PValue), got.Direction)
				}
				for _, c := range got.CrossChecks {
					if c.PValue.Known() || c.Lower.Known() {
						t.Fatalf("%s: %s has a p-value of %g", name, c.Method, float64(c.PValue))
					}
				}
				for _, b := range got.Breakdowns {
					for _, p := range b.Parts {
						if p.PValue.Known() || p.Direction != NotEstimable {
							t.Fatalf("%s, %s, %s: p %g, %s", name, method, p.Name, float64(p.PValue), p.Direction)
						}
					}
					if b.Varies || b.PValue.Known() {
						t.Fatalf("%s, %s: differs by %s, p %g", name, method, b.By, float64(b.PValue))
					}
				}
			}
		}
	})
}

// A spread that is small, yet more than rounding, is kept: to a ten-billionth of the value.
func TestSmallVarianceIsKept(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, relative := range []float64{1e-4, 1e-7, 1e-10} {
		var all Moments
		sum := 0.0
		for range 40 {
			var units [][]float64
			for range 50 {
				z := r.NormFloat64()
				sum += z * z
				units = append(units, []float64{3e5 * (1 + relative*z), 1})
			}
			all.gather(MomentsOf(units...))
		}
		want := 3e5 * relative * math.Sqrt(sum/2000/2000)
		for name, f := range map[string]Form{"mean": {Num: 0, Den: Ones}, "ratio": {Num: 0, Den: 1}} {
			if got := f.Estimate(all).StdErr; !(math.Abs(got/want-1) < .01) {
				t.Errorf("%s, spread of %g: error %g, want about %g", name, relative, got, want)
			}
		}
	}
}

// Cases that all gain the same, however much they differ from each other, leave nothing to test with.
func TestRoundingOfPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		gain := rapid.Float64Range(-10, 10).Draw(t, "gain")
		var cases [][]float64
		for range 200 {
			x := 100 * r.Float64()
			cases = append(cases, []float64{x, x + gain})
		}
		p := pairing{form: Form{Num: 0, Den: Ones}, moments: MomentsOf(cases...), alpha: .05}
		values, variance, covariance := p.levels()
		if d := p.difference(values, variance, covariance, 1, 0); d.StdErr != 0 || !(variance[Control] > 0) {
			t.Fatalf("gain of %g: %g with an error of %g", gain, d.Value, d.StdErr)
		}
	})
}

// A quantile's rates above its threshold are compared between epochs where they have events; rounding in place of none is none.
func TestQuantileWithoutEventsDoesNotVary(t *testing.T) {
	k := kinds()["quantile"]
	r := rand.New(rand.NewPCG(7, 8))
	d := k.data(r, 2, 8, 120, Sequential)
	for i := range d.Metrics[0].Cells {
		m := &d.Metrics[0].Cells[i].Moments
		above := d.Metrics[0].Metric.Tested.Num
		m.Mean[above] = -1e-18 * r.Float64()
		for j := range m.Mean {
			m.Cross[triangle(max(above, j), min(above, j))] = 0
		}
		m.Cross[triangle(above, above)] = 1e-19 * r.Float64()
	}
	got := Evaluate(d).Metrics[0]
	if len(got.Breakdowns) == 0 {
		t.Fatal("no breakdown")
	}
	for _, b := range got.Breakdowns {
		if b.Varies || b.PValue.Known() {
			t.Errorf("differs by %s: p %g", b.By, float64(b.PValue))
		}
	}
}

// Twenty labelled units are twenty, whatever their mean rounds to: swapped arms give the mirrored result.
func TestLabelledUnitsAreWhole(t *testing.T) {
	k := kinds()["judge corrected"]
	for _, seed := range []uint64{1420, 1474, 1481} {
		k.designs(rand.New(rand.NewPCG(seed, 9)), func(design string, d Data) {
			if d.Design.Method != Fixed && !k.mirrors {
				return
			}
			a, b := Evaluate(d).Metrics[0].Absolute, Evaluate(withArmsSwapped(d)).Metrics[0].Absolute
			if !near(float64(a.Value), -float64(b.Value), 1e-9) || !near(float64(a.Lower), -float64(b.Upper), 1e-9) {
				t.Errorf("%d, %s: %g from %g, swapped %g to %g", seed, design, float64(a.Value), float64(a.Lower), float64(b.Value), float64(b.Upper))
			}
		})
	}
}
