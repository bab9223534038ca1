package analyze

import (
	"math"

	"weir/analyze/dist"
)

// quantileLevels combines each arm's sample quantiles over strata, weighted by
// traffic. A quantile's variance is that of Woodruff's interval: ((upper -
// lower) / 2z)^2. Strata that lack a limit in an arm are left out; left reports how
// many were.
func quantileLevels(cells []QuantileCell, pairs []stratumPair, alpha float64) (levels [2]level, left int) {
	z := dist.NormalQuantile(1 - alpha/2)
	of := map[[2]int]QuantileCell{}
	for _, c := range cells {
		of[[2]int{c.Stratum, int(c.Arm)}] = c
	}
	var kept []stratumPair
	for _, p := range pairs {
		a, b := of[[2]int{p.stratum, int(Control)}], of[[2]int{p.stratum, int(Treatment)}]
		if a.limited() && b.limited() {
			kept = append(kept, p)
		} else {
			left++
		}
	}
	if len(kept) == 0 { // the values are shown, their error is not known
		kept = pairs
	}
	for i, w := range trafficWeights(kept) {
		for _, a := range Arms {
			c, ok := of[[2]int{kept[i].stratum, int(a)}]
			if !ok {
				return [2]level{unknownLevel(), unknownLevel()}, left
			}
			s := w * float64(c.Upper-c.Lower) / (2 * z)
			levels[a].value += w * float64(c.Value)
			levels[a].variance += s * s
		}
	}
	return levels, left
}

// limited reports whether the cell has a value and both limits.
func (c QuantileCell) limited() bool {
	return c.Rows > 0 && c.Value.Known() && c.Lower.Known() && c.Upper.Known()
}

func unknownLevel() level { return level{value: math.NaN(), variance: math.NaN()} }
