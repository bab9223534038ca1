package fixed

import (
	"math"
	"testing"
)

func TestCheckRatio(t *testing.T) {
	// R's help of chisq.test: chisq.test(c(89, 37, 30, 28, 2), p = c(40, 20,
	// 20, 15, 5), rescale.p = TRUE); digits by SciPy 1.17.
	r := CheckRatio([]float64{89, 37, 30, 28, 2}, []float64{40, 20, 20, 15, 5})
	near(t, "chi-square", r.Chi2, 9.990143369175627, 1e-13)
	near(t, "df", r.DF, 4, 0)
	near(t, "p", r.P, 0.040594043344781214, 1e-12)
	near(t, "exact for five", r.Exact, math.NaN(), 0)

	// R's help of binom.test: binom.test(682, 925, p = 0.75).
	r = CheckRatio([]float64{682, 243}, []float64{3, 1})
	near(t, "exact", r.Exact, 0.3824915595748517, 1e-12)
	near(t, "p", r.P, 0.3722811784587131, 1e-12)

	large := CheckRatio([]float64{1e8, 1e8 + 40000}, []float64{1, 1})
	near(t, "large", large.Chi2, 8*(1-2e-4), 1e-7)

	none := CheckRatio([]float64{0, 0}, []float64{1, 1})
	near(t, "no units", none.P, math.NaN(), 0)
	near(t, "negative", CheckRatio([]float64{-1, 3}, []float64{1, 1}).P, math.NaN(), 0)
	near(t, "closed arm", CheckRatio([]float64{10, 0}, []float64{1, 0}).P, 1, 0)
	near(t, "closed arm with a unit", CheckRatio([]float64{10, 1}, []float64{1, 0}).P, 0, 0)
	swapped := CheckRatio([]float64{243, 682}, []float64{1, 3})
	near(t, "swapped", swapped.Exact, r.Exact, 1e-12)
}

func TestCheckRatioLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("lists of different lengths did not panic")
		}
	}()
	CheckRatio([]float64{1, 2}, []float64{1})
}
