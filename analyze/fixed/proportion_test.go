package fixed

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Values by statsmodels 0.15 proportion_confint; Wilson's of 15 in 148 and of
// 0 in 20 are also in Newcombe (1998), Statistics in Medicine 17, 857-872,
// table I.
func TestProportionIntervals(t *testing.T) {
	p := Proportion{15, 148}
	limits(t, "Wilson", p.Wilson, 0.05, 0.06238639953073628, 0.16048724172330803, 1e-13)
	limits(t, "Clopper-Pearson", p.ClopperPearson, 0.05, 0.05784401008344857, 0.161650490349479, 1e-12)
	limits(t, "Agresti-Coull", p.AgrestiCoull, 0.05, 0.06138597492879727, 0.16148766632524705, 1e-13)
	limits(t, "Jeffreys", p.Jeffreys, 0.05, 0.060448517009296425, 0.15764314347874112, 1e-12)

	none := Proportion{0, 20}
	limits(t, "Wilson", none.Wilson, 0.05, 0, 0.1611251580528194, 1e-13)
	limits(t, "Clopper-Pearson", none.ClopperPearson, 0.05, 0, 0.16843347098308534, 1e-12)
	limits(t, "Agresti-Coull", none.AgrestiCoull, 0.05, 0, 0.18980956054248888, 1e-13)

	all := Proportion{29, 29}
	limits(t, "Wilson", all.Wilson, 0.05, 0.8830302015002592, 1, 1e-13)
	limits(t, "Clopper-Pearson", all.ClopperPearson, 0.05, 0.8805551309304973, 1, 1e-12)
	limits(t, "Jeffreys", all.Jeffreys, 0.05, 0.9177135170761761, 0.9999832132478752, 1e-12)

	limits(t, "Clopper-Pearson without trials", Proportion{}.ClopperPearson, 0.05, 0, 1, 0)
	limits(t, "Wilson without trials", Proportion{}.Wilson, 0.05, math.NaN(), math.NaN(), 0)
}

func TestProportionIntervalLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := proportions().Draw(t, "p")
		failures := Proportion{p.Trials - p.Successes, p.Trials}
		alpha := rapid.Float64Range(0.001, 0.3).Draw(t, "alpha")
		for name, pair := range map[string][2]func(float64) (float64, float64){
			"Wilson":          {p.Wilson, failures.Wilson},
			"Clopper-Pearson": {p.ClopperPearson, failures.ClopperPearson},
			"Agresti-Coull":   {p.AgrestiCoull, failures.AgrestiCoull},
			"Jeffreys":        {p.Jeffreys, failures.Jeffreys},
		} {
			lower, upper := pair[0](alpha)
			if !(0 <= lower && lower <= upper && upper <= 1) {
				t.Fatalf("%s is [%g, %g]", name, lower, upper)
			}
			mirrored, _ := pair[1](alpha)
			if math.Abs(mirrored-(1-upper)) > 1e-12 {
				t.Fatalf("%s: failures begin at %g, successes end at %g", name, mirrored, upper)
			}
		}
	})
}

func TestProportionCoverage(t *testing.T) {
	holds := func(interval func(Proportion, float64) (float64, float64)) float64 {
		return coverage(4000, func(rng *rand.Rand) bool {
			p := 0.05 + 0.4*rng.Float64()
			lower, upper := interval(binomial(rng, 40, p), 0.05)
			return lower <= p && p <= upper
		})
	}
	if got := holds(Proportion.ClopperPearson); got < 0.95 {
		t.Errorf("Clopper-Pearson covers %g", got)
	}
	if got := holds(Proportion.Wilson); got < 0.935 || got > 0.97 {
		t.Errorf("Wilson covers %g", got)
	}
}
