package fixed

import (
	"math"
	"testing"
)

func TestRiskRatio(t *testing.T) {
	// The example of Koopman (1984), Biometrics 40, 513-517; digits by
	// statsmodels 0.15 confint_proportions_2indep(compare="ratio").
	a, b := Proportion{16, 80}, Proportion{36, 40}
	near(t, "ratio", RiskRatio(a, b), 4.5, 1e-15)
	for name, c := range map[string]struct {
		interval     func(a, b Proportion, alpha float64) (float64, float64)
		lower, upper float64
	}{
		"Katz":   {KatzRatio, 2.8685501986034847, 7.059315193388788},
		"Walter": {WalterRatio, 2.8257228989072862, 6.84179384099295},
		"score":  {ScoreRatio, 2.934646459487796, 7.166298299460339},
	} {
		limits(t, name, func(alpha float64) (float64, float64) { return c.interval(a, b, alpha) }, 0.05, c.lower, c.upper, 1e-10)
	}
	none := Proportion{0, 50}
	lower, upper := ScoreRatio(none, b, 0.05)
	if !(lower > 1) || !math.IsInf(upper, 1) {
		t.Errorf("without a success in a the score interval is [%g, %g]", lower, upper)
	}
	lower, upper = ScoreRatio(a, none, 0.05)
	if lower != 0 || !(upper > 0 && upper < 1) {
		t.Errorf("without a success in b the score interval is [%g, %g]", lower, upper)
	}
	lower, _ = KatzRatio(none, b, 0.05)
	near(t, "Katz without a success", lower, math.NaN(), 0)
	lower, upper = ScoreRatio(none, none, 0.05)
	if lower != 0 || !math.IsInf(upper, 1) {
		t.Errorf("without any success the score interval is [%g, %g]", lower, upper)
	}
}
