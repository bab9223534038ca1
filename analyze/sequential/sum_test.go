package sequential

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// near reports whether got is want within a relative error.
func near(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

func check(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && !near(got, want, rel) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

// Reference values: the formulas of arXiv 2103.06476 (eqs. 9, 134, 155) in
// Python 3.11 with math, scipy.special.lambertw for the tuning.
func TestSumReference(t *testing.T) {
	const r = 0.02
	s := Sum{Terms: 500, Total: 60, Time: 300}
	lower, upper := s.Interval(r, 0.05)
	check(t, "lower", lower, (60-52.70750557232958)/500, 1e-12)
	check(t, "upper", upper, (60+52.70750557232958)/500, 1e-12)
	check(t, "one-sided lower", s.Lower(r, 0.05), (60-48.154417061348205)/500, 1e-12)
	check(t, "one-sided upper", s.Upper(r, 0.01), (60+58.5214170950578)/500, 1e-12)
	check(t, "log e", s.LogE(0, r), 4.1699020683294865, 1e-12)
	check(t, "p", s.PTwoSided(0, r), 0.01545377346365739, 1e-12)
	check(t, "p greater", s.PGreater(0, r), 0.007772284469318856, 1e-12)
	check(t, "tuning", Tuning(250, 0.05), 0.03284787224827301, 1e-12)
	check(t, "tuning", Tuning(1, 0.1), 6.638352067993813, 1e-12)
	check(t, "lil", RadiusLIL(250, 0.05), 0.2560163896302627, 1e-12)
}

// genSum draws sums whose e-values do not overflow.
func genSum(t *rapid.T) (s Sum, r float64) {
	s.Terms = float64(rapid.IntRange(2, 100_000).Draw(t, "terms"))
	s.Time = s.Terms * rapid.Float64Range(0.01, 100).Draw(t, "variance")
	s.Total = math.Sqrt(s.Time) * rapid.Float64Range(-8, 8).Draw(t, "z")
	r = rapid.Float64Range(0.05, 20).Draw(t, "tuning") / s.Time
	return s, r
}

func TestIntervalsInvertTests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, r := genSum(t)
		alpha := rapid.Float64Range(0.001, 0.3).Draw(t, "alpha")
		lower, upper := s.Interval(r, alpha)
		for _, p := range []float64{
			s.PTwoSided(lower, r), s.PTwoSided(upper, r),
			s.PGreater(s.Lower(r, alpha), r), s.PLess(s.Upper(r, alpha), r),
		} {
			if !near(p, alpha, 1e-7) {
				t.Fatalf("p at a limit = %v, want alpha = %v", p, alpha)
			}
		}
	})
}

func TestSumLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, r := genSum(t)
		null := rapid.Float64Range(-1, 1).Draw(t, "null")
		// Turning the signs swaps the sides.
		turned := Sum{s.Terms, -s.Total, s.Time}
		if got, want := turned.PLess(-null, r), s.PGreater(null, r); got != want {
			t.Fatalf("p of the turned stream = %v, want %v", got, want)
		}
		// A change of unit changes nothing.
		c := rapid.Float64Range(0.01, 100).Draw(t, "unit")
		scaled := Sum{s.Terms, c * s.Total, c * c * s.Time}
		if got, want := scaled.PTwoSided(c*null, r/(c*c)), s.PTwoSided(null, r); !near(got, want, 1e-6) {
			t.Fatalf("p in another unit = %v, want %v", got, want)
		}
		// On one side at most there is evidence, and it needs two terms.
		if s.PGreater(null, r) < 1 && s.PLess(null, r) < 1 {
			t.Fatal("evidence for greater and for less")
		}
	})
}

func TestTooFewTerms(t *testing.T) {
	for _, s := range []Sum{{}, {Terms: 1, Total: 5}} {
		lower, upper := s.Interval(1, 0.05)
		if !math.IsInf(lower, -1) || !math.IsInf(upper, 1) || !math.IsInf(s.Lower(1, 0.05), -1) || !math.IsInf(s.Upper(1, 0.05), 1) {
			t.Errorf("%+v has limits", s)
		}
		if s.PTwoSided(0, 1) != 1 || s.PGreater(0, 1) != 1 || s.PLess(9, 1) != 1 || s.LogE(0, 1) != 0 {
			t.Errorf("%+v has evidence", s)
		}
	}
}

func TestSmallP(t *testing.T) {
	s := Sum{Terms: 1e8, Total: 40e4, Time: 1e8}
	r := Tuning(1e8, 0.05)
	check(t, "log e", s.LogE(0, r), 712.0, 0.01) // about z^2/2 (c/(1+c)) - ln(1+c)/2
	if p := s.PTwoSided(0, r); !(p > 0 && p < 1e-300) {
		t.Errorf("p = %v, want one below 1e-300", p)
	}
	if p := s.PGreater(0, r); !(p > 0 && p < 1e-300) {
		t.Errorf("one-sided p = %v, want one below 1e-300", p)
	}
}

func TestOutsideDomain(t *testing.T) {
	nan := math.NaN()
	for _, v := range []float64{
		Radius(-1, 1, 0.05), Radius(1, 0, 0.05), Radius(1, 1, 0), Radius(1, 1, 1), Radius(nan, 1, 0.05),
		RadiusOneSided(1, -1, 0.05), RadiusOneSided(1, 1, nan),
		Tuning(0, 0.05), Tuning(1, 1), TuningApprox(-1, 0.05), TuningApprox(1, 0),
		RadiusLIL(1, 0.05), RadiusLIL(100, 0), Sum{}.Mean(),
	} {
		if !math.IsNaN(v) {
			t.Errorf("got %v outside the domain", v)
		}
	}
}

// Tuning makes the boundary narrowest at its time, and no other does better.
func TestTuningIsBest(t *testing.T) {
	for _, alpha := range []float64{0.001, 0.05, 0.2} {
		for _, v := range []float64{1e-3, 1, 1e6} {
			r := Tuning(v, alpha)
			best := Radius(v, r, alpha)
			for _, other := range []float64{0.9 * r, 1.1 * r, TuningApprox(v, alpha)} {
				if Radius(v, other, alpha) <= best {
					t.Errorf("alpha %v, v %v: r %v is better than %v", alpha, v, other, r)
				}
			}
		}
	}
}

// A stream without effect, looked at after every term, leaves its interval
// with probability alpha at most; the one-sided limits likewise.
func TestErrorRate(t *testing.T) {
	const runs, terms, alpha = 400, 1000, 0.1
	random := rand.New(rand.NewPCG(1, 2))
	r, oneSided := Tuning(terms/2, alpha), Tuning(terms/2, 2*alpha)
	twoSided, above := 0, 0
	for range runs {
		var s Stream
		outside, exceeded := false, false
		for i := range terms {
			share := 0.2
			if i > terms/2 {
				share = 0.5
			}
			level := 3 + float64(i)/terms // drifts
			s.Add(OverlapTerm(random.Float64() < share, share, level+random.ExpFloat64(), level+1))
			if i < 100 {
				continue
			}
			outside = outside || s.Sum().PTwoSided(0, r) <= alpha
			exceeded = exceeded || s.Sum().Lower(oneSided, alpha) > 0
		}
		if outside {
			twoSided++
		}
		if exceeded {
			above++
		}
	}
	// alpha plus three standard errors of its estimate
	most := int(runs*alpha + 3*math.Sqrt(runs*alpha*(1-alpha)))
	if twoSided > most || above > most {
		t.Errorf("of %d runs %d left the interval and %d the one-sided limit, want at most %d", runs, twoSided, above, most)
	}
	if twoSided == 0 {
		t.Error("no run left its interval: the sequence is too wide")
	}
}

func TestStream(t *testing.T) {
	var s Stream
	if got := s.Sum(); got != (Sum{}) {
		t.Errorf("empty stream has %+v", got)
	}
	for _, x := range []float64{1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6} {
		s.Add(x)
	}
	got := s.Sum()
	check(t, "terms", got.Terms, 4, 0)
	check(t, "total", got.Total, 4e9+12, 1e-15)
	check(t, "time", got.Time, 4*14.0/3, 1e-12) // t s^2 of 1, 2, 3, 6
}

// Whatever the centre, the expectation of a term over assignment is the
// effect times the unit's weight.
func TestTermsAreUnbiased(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0.01, 0.99).Draw(t, "share")
		y0 := rapid.Float64Range(-10, 10).Draw(t, "y0")
		effect := rapid.Float64Range(-10, 10).Draw(t, "effect")
		centre := rapid.Float64Range(-10, 10).Draw(t, "centre")
		mean := func(term func(bool, float64, float64, float64) float64) float64 {
			return share*term(true, share, y0+effect, centre) + (1-share)*term(false, share, y0, centre)
		}
		if got, want := mean(OverlapTerm), effect*share*(1-share); math.Abs(got-want) > 1e-12 {
			t.Fatalf("overlap: %v, want %v", got, want)
		}
		if got := mean(InverseProbabilityTerm); math.Abs(got-effect) > 1e-12 {
			t.Fatalf("inverse probability: %v, want %v", got, effect)
		}
	})
}
