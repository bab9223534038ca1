package dist

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ChiSquareSurvival returns P(X > x) for chi-square with df > 0 degrees of
// freedom; R: pchisq(x, df, lower.tail = FALSE). It is 1 for x <= 0.
func ChiSquareSurvival(x, df float64) float64 {
	switch {
	case !(df > 0) || math.IsNaN(x):
		return math.NaN()
	case x <= 0:
		return 1
	case df == 1:
		return NormalTwoSided(math.Sqrt(x))
	case math.IsInf(x, 1):
		return 0
	}
	return mathext.GammaIncRegComp(df/2, x/2)
}
