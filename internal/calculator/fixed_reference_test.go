package calculator

import (
	"math"
	"testing"

	"weir/analyze/fixed"
)

// What the references answer, by running them: SciPy 1.10.1 and statsmodels
// 0.13.5.
func TestReferenceAnswers(t *testing.T) {
	near := func(name string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
			t.Errorf("%s = %.17g, want %.17g", name, got, want)
		}
	}
	// scipy.stats.t.isf(.025, df)
	near("t, df 1.3", scipyT(0.025, 1.3), 7.500529335167918, 1e-13)
	near("t, df 5.7", scipyT(0.025, 5.7), 2.4784713049756886, 1e-13)
	near("t, df 59.4", scipyT(0.025, 59.447698684369556), 2.0006801223737316, 1e-13)

	// NormalIndPower().solve_power(nobs1=n, alpha=a, power=.8, ratio=r)
	plan := fixed.Plan{Ratio: 1.0 / 19, Alpha: 0.05, Normal: true}
	near("effect, two-sided", statsmodelsEffect(plan, 95000, 0.8), 0.04065067338768233, 1e-10)
	plan = fixed.Plan{Ratio: 0.25, Alpha: 0.01, Normal: true}
	near("effect, quarter", statsmodelsEffect(plan, 20000, 0.8), 0.054033526969684144, 1e-10)
	plan = fixed.Plan{Ratio: 0.5, Alpha: 0.05, Normal: true, Alternative: fixed.Smaller}
	near("effect, smaller", statsmodelsEffect(plan, 200, 0.8), -0.30452978114284485, 1e-10)

	// confint_proportions_2indep(56, 70, 48, 80, compare="diff", method="score")
	a, b := fixed.Proportion{Successes: 48, Trials: 80}, fixed.Proportion{Successes: 56, Trials: 70}
	score := statsmodelsScoreInterval(a, b, 0.05).([]float64)
	near("score, lower", score[0], 0.05255169551769197, 1e-9)
	near("score, upper", score[1], 0.34403907198677314, 1e-9)
	if math.Abs(brent(func(x float64) float64 { return x*x - 2 }, 0, 2, 1e-13)-math.Sqrt2) > 1e-13 {
		t.Error("brent misses the root of two")
	}
	if !math.IsNaN(brent(func(x float64) float64 { return x*x + 1 }, -1, 1, 1e-9)) {
		t.Error("brent finds a root where there is none")
	}
}
