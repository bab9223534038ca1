package calibration

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Source: LLM-judge-reporting (commit 082884d) point_estimator and
// confidence_interval; the Wald error by hand from the formula.
func TestRoganGladen(t *testing.T) {
	p := RoganGladen(Counts{Positive: 185, Judged: 500, TrueNegative: 82, Negatives: 100, TruePositive: 77, Positives: 100})
	equal(t, "value", p.Value, 0.3220338983050847, 1e-13)
	for alpha, want := range map[float64][2]float64{
		0.05: {0.19225397204948635, 0.4395409440762812},
		0.1:  {0.21258533482882433, 0.42022022709635776},
	} {
		low, high := p.AdjustedCI(alpha)
		equal(t, "low", low, want[0], 1e-12)
		equal(t, "high", high, want[1], 1e-12)
	}
	theta := 0.19 / 0.59
	stdErr := math.Sqrt(.37*.63/500+(1-theta)*(1-theta)*.82*.18/100+theta*theta*.77*.23/100) / 0.59
	equal(t, "error", p.StdErr, stdErr, 1e-13)
	low, high := p.WaldCI(0.05)
	equal(t, "Wald", (low+high)/2, theta, 1e-13)
	equal(t, "Wald width", high-low, 2*1.959963984540054*stdErr, 1e-13)
}

func TestRoganGladenAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		name        string
		counts      Counts
		informative bool
		value       float64
	}{
		{"perfect judge", Counts{30, 100, 50, 50, 50, 50}, true, 0.3},
		{"below what errors alone give", Counts{1, 100, 40, 50, 45, 50}, true, 0},
		{"above what is possible", Counts{99, 100, 45, 50, 40, 50}, true, 1},
		{"guessing judge", Counts{30, 100, 25, 50, 25, 50}, false, math.NaN()},
		{"opposed judge", Counts{30, 100, 5, 50, 5, 50}, false, math.NaN()},
		{"no human negatives", Counts{30, 100, 0, 0, 45, 50}, false, math.NaN()},
		{"nothing judged", Counts{0, 0, 45, 50, 45, 50}, true, math.NaN()},
	} {
		p := RoganGladen(c.counts)
		if p.Informative != c.informative {
			t.Errorf("%s: informative = %v", c.name, p.Informative)
		}
		equal(t, c.name, p.Value, c.value, 1e-14)
		if low, high := p.AdjustedCI(0.05); !c.informative && !(math.IsNaN(low) && math.IsNaN(high)) {
			t.Errorf("%s: interval [%v, %v]", c.name, low, high)
		}
	}
	// Informative on paper, but not once two pseudo-items are added to a side.
	weak := RoganGladen(Counts{30, 100, 1, 1, 100, 1000})
	if low, _ := weak.AdjustedCI(0.05); !math.IsNaN(low) || !weak.Informative {
		t.Errorf("weak judge: low = %v, informative = %v", low, weak.Informative)
	}
}

// Calling negative positive turns the prevalence.
func TestRoganGladenTurned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := float64(rapid.IntRange(20, 500).Draw(t, "n"))
		m0, m1 := float64(rapid.IntRange(20, 90).Draw(t, "m0")), float64(rapid.IntRange(20, 90).Draw(t, "m1"))
		share := rapid.Float64Range(0.6, 1)
		positive := math.Floor(n * rapid.Float64Range(0, 1).Draw(t, "p"))
		right0, right1 := math.Ceil(m0*share.Draw(t, "q0")), math.Ceil(m1*share.Draw(t, "q1"))
		a := RoganGladen(Counts{positive, n, right0, m0, right1, m1})
		b := RoganGladen(Counts{n - positive, n, right1, m1, right0, m0})
		equal(t, "value", b.Value, 1-a.Value, 1e-9)
		equal(t, "error", b.StdErr, a.StdErr, 1e-9)
		low, high := a.AdjustedCI(0.05)
		otherLow, otherHigh := b.AdjustedCI(0.05)
		equal(t, "low", otherLow, 1-high, 1e-9)
		equal(t, "high", otherHigh, 1-low, 1e-9)
		if !(0 <= low && low <= high && high <= 1) {
			t.Errorf("[%v, %v]", low, high)
		}
	})
}

func TestAdjustedCoverage(t *testing.T) {
	const repeats, truth, q0, q1 = 2000, 0.25, 0.8, 0.9
	rng := rand.New(rand.NewPCG(5, 6))
	binomial := func(n int, p float64) float64 {
		x := 0.0
		for range n {
			if rng.Float64() < p {
				x++
			}
		}
		return x
	}
	hits := 0
	for range repeats {
		p := RoganGladen(Counts{
			Positive: binomial(300, truth*q1+(1-truth)*(1-q0)), Judged: 300,
			TrueNegative: binomial(60, q0), Negatives: 60, TruePositive: binomial(60, q1), Positives: 60,
		})
		if low, high := p.AdjustedCI(0.05); low <= truth && truth <= high {
			hits++
		}
	}
	// The method claims about 1,900; four standard deviations are 39.
	if hits < 1861 || hits > 1960 {
		t.Errorf("%d of %d intervals hold the truth", hits, repeats)
	}
}

// Source: LLM-judge-reporting allocate_calibration_sample.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		total                int
		pilot                Pilot
		negatives, positives int
	}{
		{300, Pilot{0.3, 0.8, 0.95, 20}, 236, 64},
		{150, Pilot{0.55, 0.9, 0.7, 0}, 48, 102},
		{60, Pilot{0.02, 0.9, 0.7, 25}, 35, 25},
	} {
		negatives, positives, err := Split(c.total, c.pilot)
		if negatives != c.negatives || positives != c.positives || err != nil {
			t.Errorf("%+v: %d and %d, %v", c, negatives, positives, err)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	for name, pilot := range map[string]Pilot{
		"share above 1":   {Apparent: 1.2, Specificity: 0.9, Sensitivity: 0.9},
		"unknown":         {Apparent: 0.5, Specificity: math.NaN(), Sensitivity: 0.9},
		"perfect judge":   {Apparent: 0.5, Specificity: 1, Sensitivity: 1},
		"pilot too large": {Apparent: 0.5, Specificity: 0.9, Sensitivity: 0.9, Size: 51},
		"negative pilot":  {Apparent: 0.5, Specificity: 0.9, Sensitivity: 0.9, Size: -1},
	} {
		if _, _, err := Split(100, pilot); !errors.Is(err, ErrNoSplit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
