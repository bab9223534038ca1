package dist

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"
)

// Reference values are by mpmath 1.3 with 40 digits (betainc, gammainc,
// lambertw, quad of the density) unless a line names SciPy 1.17 or R.
type reference struct {
	name      string
	got, want float64
	tolerance float64 // relative
}

func check(t *testing.T, rows []reference) {
	t.Helper()
	for _, r := range rows {
		if r.got != r.want && !(math.Abs(r.got-r.want) <= r.tolerance*math.Abs(r.want)) {
			t.Errorf("%s = %.17g, want %.17g", r.name, r.got, r.want)
		}
	}
}

func checkNaN(t *testing.T, values map[string]float64) {
	t.Helper()
	for name, v := range values {
		if !math.IsNaN(v) {
			t.Errorf("%s = %g, want NaN", name, v)
		}
	}
}

func TestNormal(t *testing.T) {
	check(t, []reference{
		{"SciPy norm.sf(9)", NormalSurvival(9), 1.1285884059538324e-19, 1e-13},
		{"SciPy norm.sf(37)", NormalSurvival(37), 5.7255712225239266e-300, 1e-12},
		{"SciPy norm.sf(-9)", NormalSurvival(-9), 1, 0},
		{"NormalCDF", NormalCDF(-1.96), 0.024997895148220435, 1e-14},
		{"NormalTwoSided", NormalTwoSided(-1.96), 2 * 0.024997895148220435, 1e-14},
		{"R qnorm(0.975)", NormalQuantile(0.975), 1.959963984540054, 1e-15},
		{"R qnorm(1e-300)", NormalQuantile(1e-300), -37.0471, 1e-6},
		{"quantile of 0", NormalQuantile(0), math.Inf(-1), 0},
		{"quantile of 1", NormalQuantile(1), math.Inf(1), 0},
		{"density at 0", NormalDensity(0), 0.3989422804014327, 1e-15},
	})
	checkNaN(t, map[string]float64{"p > 1": NormalQuantile(1.1), "NaN": NormalQuantile(math.NaN())})
}

func TestStudentT(t *testing.T) {
	check(t, []reference{
		{"df 0.5", StudentTSurvival(1.96, 0.5), 0.22486148886918957, 1e-13},
		{"df 1.3", StudentTSurvival(1.96, 1.3), 0.12642365654092437, 1e-13},
		{"far tail", StudentTSurvival(40, 118.4), 6.3331122605043118e-71, 1e-12},
		{"fraction", StudentTSurvival(12, 57.25), 1.4515355988447915e-17, 1e-12},
		{"near the centre", StudentTSurvival(0.01, 1000), 0.49601164096609364, 1e-14},
		{"lower", StudentTCDF(-3.3, 1000), 0.00050049836250104497, 1e-12},
		{"df 1e8, inside one", StudentTSurvival(0.3, 1e8), 0.38208857812283191, 1e-13},
		{"df 1e8", StudentTSurvival(1.96, 1e8), 0.024997896534664054, 1e-12},
		{"df 1e10, inside one", StudentTSurvival(0.3, 1e10), 0.38208857781416521, 1e-13},
		{"df 1e10", StudentTSurvival(6, 1e10), 9.8658767875884845e-10, 1e-12},
		{"df infinite", StudentTSurvival(1.96, math.Inf(1)), NormalSurvival(1.96), 0},
		{"t infinite", StudentTTwoSided(math.Inf(-1), 3), 0, 0},
		{"t huge", StudentTSurvival(1e149, 1), 1 / math.Pi / 1e149, 1e-12},
		{"t zero", StudentTTwoSided(0, 3), 1, 0},

		{"quantile, df 0.3", StudentTQuantile(0.975, 0.3), 6582.0356994007575, 1e-12},
		{"quantile, df 1.3", StudentTQuantile(0.975, 1.3), 7.5005293255620281, 1e-13},
		{"quantile, df 8.72", StudentTQuantile(0.975, 8.72), 2.2732783552370174, 1e-13},
		{"quantile, df 30.5", StudentTQuantile(0.005, 30.5), -2.7469670637047376, 1e-13},
		{"SciPy t.ppf(0.9995, 1e6)", StudentTQuantile(0.9995, 1e6), 3.2905364612487222, 1e-12},
		{"quantile, far tail", StudentTQuantile(1e-12, 2.5), -55306.174076515816, 1e-12},
		{"quantile, median", StudentTQuantile(0.5, 2.5), 0, 0},
		{"quantile, end", StudentTQuantile(1, 2.5), math.Inf(1), 0},
	})
	checkNaN(t, map[string]float64{
		"df 0": StudentTSurvival(1, 0), "df NaN": StudentTQuantile(0.9, math.NaN()), "t NaN": StudentTTwoSided(math.NaN(), 3),
	})
}

func TestStudentTQuantileInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := math.Exp(-rapid.Float64Range(0.7, 300).Draw(t, "-ln p"))
		df := math.Exp(rapid.Float64Range(0, 23).Draw(t, "ln df"))
		q := StudentTQuantile(p, df)
		if back := StudentTCDF(q, df); !scalar.EqualWithinRel(back, p, 1e-9) {
			t.Fatalf("p %g, df %g: quantile %g has tail %g", p, df, q, back)
		}
	})
}

func TestNoncentralT(t *testing.T) {
	check(t, []reference{
		{"SciPy nct.sf(1.967, 392, 2.8)", NoncentralTSurvival(1.967, 392, 2.8), 0.7973533897033953, 1e-11},
		{"SciPy nct.sf(2.1, 18, 1.118)", NoncentralTSurvival(2.1, 18, 1.118), 0.18404643507222554, 1e-11},
		{"SciPy nct.sf(-2.1, 18, 1.118)", NoncentralTSurvival(-2.1, 18, 1.118), 0.9987386993133861, 1e-11},
		{"SciPy nct.sf(6, 2.3, 3)", NoncentralTSurvival(6, 2.3, 3), 0.20596975933637413, 1e-11},
		{"SciPy nct.sf(1.96, 249998, 2)", NoncentralTSurvival(1.96, 249998, 2), 0.5159541569051199, 1e-9},
		{"central", NoncentralTSurvival(1.3, 0.7, 0), StudentTSurvival(1.3, 0.7), 1e-12},
		{"at 0", NoncentralTSurvival(0, 5, -1), NormalSurvival(1), 1e-12},
		{"df infinite", NoncentralTSurvival(2, math.Inf(1), 3), NormalSurvival(-1), 0},
		{"t infinite", NoncentralTSurvival(math.Inf(1), 5, 3), 0, 0},
		{"SciPy chi2.cdf(4/1.44, 4)", NoncentralTSurvival(1.2e7, 4, 1e7), 0.40432527903201454, 1e-12},
		{"far on the other side", NoncentralTSurvival(-1.2e7, 4, -1e7), 1 - 0.40432527903201454, 1e-12},
		{"delta beyond all t", NoncentralTSurvival(3, 100, 1e300), 1, 0},
		{"delta below all t", NoncentralTSurvival(3, 100, -1e300), 0, 0},
		{"delta infinite", NoncentralTSurvival(3, 100, math.Inf(1)), 1, 0},
		{"both ways of computing", NoncentralTSurvival(1.8e5, 4, 1.9e5), chiRatio(1.8e5, 4, 1.9e5), 1e-9},
	})
	checkNaN(t, map[string]float64{"df": NoncentralTSurvival(1, 0.01, 1)})
}

func TestChiSquare(t *testing.T) {
	check(t, []reference{
		{"df 1", ChiSquareSurvival(1300, 1), 1.1303728441492742e-284, 1e-12},
		{"df 4", ChiSquareSurvival(700, 4), 3.4852862290890077e-150, 1e-11},
		{"lower end", ChiSquareSurvival(0.001, 3), 0.99999159208094195, 1e-14},
		{"df 1e5", ChiSquareSurvival(1e5, 1e5), 0.49940529189520669, 1e-12},
		{"zero", ChiSquareSurvival(0, 2), 1, 0},
		{"infinite", ChiSquareSurvival(math.Inf(1), 2), 0, 0},
	})
	checkNaN(t, map[string]float64{"df 0": ChiSquareSurvival(1, 0), "x": ChiSquareSurvival(math.NaN(), 2)})
}

func TestBeta(t *testing.T) {
	check(t, []reference{
		{"uniform", BetaCDF(0.3, 1, 1), 0.3, 1e-14},
		{"Beta(2, 1)", BetaSurvival(0.3, 2, 1), 0.91, 1e-14},
		{"SciPy beta.ppf(.025, .5, 100000.5)", BetaQuantile(0.025, 0.5, 100000.5), 4.910333297971967e-09, 1e-11},
		{"SciPy beta.ppf(.975, 3, 5)", BetaQuantile(0.975, 3, 5), 0.7095791362626572, 1e-13},
		{"SciPy beta.ppf(1e-9, 40, 60)", BetaQuantile(1e-9, 40, 60), 0.15091410664917235, 1e-12},
		{"SciPy beta.ppf(.995, 123457, 9876544)", BetaQuantile(0.995, 123457, 9876544), 0.01243582700993297, 1e-12},
		{"lower end", BetaQuantile(0, 3, 5), 0, 0},
		{"upper end", BetaQuantile(1, 3, 5), 1, 0},
	})
	checkNaN(t, map[string]float64{"a 0": BetaCDF(0.5, 0, 1), "p": BetaQuantile(-1, 1, 1), "x": BetaCDF(1.5, 1, 1)})
}

func TestBetaQuantileInverts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(1e-12, 0.5).Draw(t, "p")
		a := math.Exp(rapid.Float64Range(-1, 18).Draw(t, "ln a"))
		b := math.Exp(rapid.Float64Range(-1, 18).Draw(t, "ln b"))
		x := BetaQuantile(p, a, b)
		// Near 1 a neighbouring float64 of x may lie far off in probability.
		slack := 1e-9*p + 4*(math.Nextafter(x, 2)-x)/(x*(1-x))*betaKernel(x, 1-x, a, b)
		if back := BetaCDF(x, a, b); !(math.Abs(back-p) <= slack) {
			t.Fatalf("p %g, a %g, b %g: quantile %g has probability %g", p, a, b, x, back)
		}
	})
}

func TestLambert(t *testing.T) {
	check(t, []reference{
		{"W(-.36)", LambertWm1(-0.36), -1.2227701339785062, 1e-14},
		{"W(-.1)", LambertWm1(-0.1), -3.5771520639572971, 1e-14},
		{"W(-.001)", LambertWm1(-0.001), -9.1180064704027401, 1e-14},
		{"W(-1e-30)", LambertWm1(-1e-30), -73.373110313822977, 1e-14},
		{"W(-1e-300)", LambertWm1(-1e-300), -697.32277629546016, 1e-14},
		{"branch point", LambertWm1(-1 / math.E), -1, 1e-7},
		{"zero", LambertWm1(0), math.Inf(-1), 0},
	})
	checkNaN(t, map[string]float64{"right": LambertWm1(0.1), "left": LambertWm1(-0.4)})
}
