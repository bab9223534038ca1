package preference

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// simulated pairs: the treatment's answers are longer by a shift and its
// preference follows the model with the given intercept and slope.
func simulated(rng *rand.Rand, n int, intercept, slope, shift float64) LengthData {
	d := LengthData{Scale: 100}
	for range n {
		control := 200 + 100*rng.Float64()
		treatment := control + shift + 80*rng.NormFloat64()
		p := sigmoid(intercept + slope*math.Tanh((control-treatment)/d.Scale))
		y := 0.0
		if rng.Float64() < p {
			y = 1
		}
		d.Y = append(d.Y, y)
		d.Control, d.Treatment = append(d.Control, control), append(d.Treatment, treatment)
	}
	return d
}

// Longer answers win here and nothing else differs: the raw rate is far above
// a half, and the rate at equal length holds 0.5 about 95 times in 100.
func TestFitLengthRecoversTheTruth(t *testing.T) {
	const repeats = 300
	rng := rand.New(rand.NewPCG(5, 6))
	hits, raw := 0, 0.0
	for range repeats {
		fit, err := FitLength(simulated(rng, 300, 0, -2, 60))
		if err != nil {
			t.Fatal(err)
		}
		raw += fit.Raw / repeats
		if math.Abs(fit.Rate-0.5) <= 1.96*fit.StdErr {
			hits++
		}
	}
	if raw < 0.6 {
		t.Errorf("raw rate = %v, want a confounded one", raw)
	}
	// Four standard deviations of the number of hits are 15.
	if hits < 270 || hits > 300 {
		t.Errorf("%d of %d intervals hold the truth", hits, repeats)
	}
}

func TestFitLengthArmsSwapped(t *testing.T) {
	d := simulated(rand.New(rand.NewPCG(7, 8)), 200, 0.3, -1, 20)
	d.Difficulty = make([]float64, len(d.Y))
	negative := make([]float64, len(d.Y))
	for i := range d.Y {
		d.Difficulty[i] = math.Sin(float64(i))
		negative[i] = -d.Difficulty[i]
	}
	a, err := FitLength(d)
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitLength(LengthData{
		Y: turned(d.Y), Control: d.Treatment, Treatment: d.Control, Difficulty: negative, Scale: d.Scale,
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "raw", b.Raw, 1-a.Raw, 1e-12)
	equal(t, "rate", b.Rate, 1-a.Rate, 1e-10)
	equal(t, "error", b.StdErr, a.StdErr, 1e-10)
	equal(t, "intercept", b.Intercept.Value, -a.Intercept.Value, 1e-10)
	equal(t, "length", b.Length.Value, a.Length.Value, 1e-10)
	equal(t, "difficulty", b.Difficulty.Value, a.Difficulty.Value, 1e-10)
}

// Every pair twice is no more evidence, if the copies are known to be one
// cluster.
func TestFitLengthClusters(t *testing.T) {
	once := simulated(rand.New(rand.NewPCG(9, 10)), 150, 0.3, -1, 20)
	var twice LengthData
	twice.Scale = once.Scale
	for i := range once.Y {
		for range 2 {
			twice.Y = append(twice.Y, once.Y[i])
			twice.Control, twice.Treatment = append(twice.Control, once.Control[i]), append(twice.Treatment, once.Treatment[i])
			twice.Cluster = append(twice.Cluster, i)
		}
	}
	a, err := FitLength(once)
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitLength(twice)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "rate", b.Rate, a.Rate, 1e-10)
	equal(t, "error", b.StdErr, a.StdErr, 1e-10)
	equal(t, "coefficient's error", b.Length.SandwichStdErr, a.Length.SandwichStdErr, 1e-10)
}

func TestFitLengthScale(t *testing.T) {
	d := simulated(rand.New(rand.NewPCG(11, 12)), 100, 0, -1, 0)
	gap := make([]float64, len(d.Y))
	for i := range gap {
		gap[i] = d.Control[i] - d.Treatment[i]
	}
	d.Scale = 0
	standard, err := FitLength(d)
	if err != nil {
		t.Fatal(err)
	}
	d.Scale = stat.StdDev(gap, nil)
	given, err := FitLength(d)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "length", standard.Length.Value, given.Length.Value, 1e-12)
}

func TestFitLengthRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		data LengthData
		raw  float64
	}{
		{"no pairs", LengthData{}, math.NaN()},
		{"equal lengths", LengthData{Y: []float64{1, 0, 1}, Control: []float64{5, 6, 7}, Treatment: []float64{5, 6, 7}}, 2. / 3},
		{"equal differences", LengthData{Y: []float64{1, 0, 1}, Control: []float64{5, 6, 7}, Treatment: []float64{4, 5, 6}, Scale: 2}, 2. / 3},
	} {
		fit, err := FitLength(c.data)
		if !errors.Is(err, ErrNotEstimable) {
			t.Errorf("%s: %v", c.name, err)
		}
		equal(t, c.name+" raw", fit.Raw, c.raw, 1e-15)
		for what, x := range map[string]float64{"rate": fit.Rate, "error": fit.StdErr, "length": fit.Length.Value} {
			equal(t, c.name+" "+what, x, math.NaN(), 0)
		}
	}
}

func TestPredictLength(t *testing.T) {
	rate, stdErr := PredictLength(0, 1, []float64{math.Log(3), -math.Log(3)})
	equal(t, "rate", rate, 0.5, 1e-15)
	equal(t, "error", stdErr, 0.25, 1e-15) // of 0.75 and 0.25
	rate, stdErr = PredictLength(0, 1, nil)
	equal(t, "no questions", rate, math.NaN(), 0)
	equal(t, "no questions, error", stdErr, math.NaN(), 0)
}
