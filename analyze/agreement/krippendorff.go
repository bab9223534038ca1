package agreement

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// A Level is the level of measurement of ratings. It decides how far apart
// two values are.
type Level int

const (
	// Nominal values are equal or not.
	Nominal Level = iota
	// Ordinal values are as far apart as the ratings that lie between them.
	Ordinal
	// Interval values are apart by their difference, squared.
	Interval
	// Ratio values are apart by their difference over their sum, squared.
	Ratio
)

// Krippendorff returns Krippendorff's alpha of ratings[rater][unit], NaN for
// a rating that is missing: 1 is perfect agreement, 0 what chance gives.
//
//	alpha = 1 - D_observed / D_expected
//
// over the coincidence matrix (Krippendorff, Content Analysis, ch. 12;
// Python: krippendorff.alpha, R: irr::kripp.alpha). Units with fewer than two
// ratings are ignored. It is NaN where no unit has two ratings and where all
// pairable ratings are equal, which tells nothing about the raters.
// It panics if the raters have different numbers of units.
func Krippendorff(ratings [][]float64, level Level) float64 {
	units, values := pairable(ratings)
	return newCoincidences(units, len(values)).alpha(values, level)
}

// KrippendorffCI returns the 1-alpha percentile interval of Krippendorff's
// alpha over resamples of the units, which must be independent of each other.
// Resamples without an alpha are left out. 1,000 resamples or more are usual;
// the cost is that many times one alpha.
func KrippendorffCI(ratings [][]float64, level Level, alpha float64, resamples int, rng *rand.Rand) (low, high float64) {
	units, values := pairable(ratings)
	var alphas []float64
	sample := make([][]int, len(units))
	for range resamples {
		for i := range sample {
			sample[i] = units[rng.IntN(len(units))]
		}
		if a := newCoincidences(sample, len(values)).alpha(values, level); !math.IsNaN(a) {
			alphas = append(alphas, a)
		}
	}
	if len(alphas) == 0 {
		return math.NaN(), math.NaN()
	}
	slices.Sort(alphas)
	return stat.Quantile(alpha/2, stat.Empirical, alphas, nil), stat.Quantile(1-alpha/2, stat.Empirical, alphas, nil)
}

// pairable returns the units with two ratings or more, each rating as an index
// into the sorted distinct values.
func pairable(ratings [][]float64) (units [][]int, values []float64) {
	var kept [][]float64
	for unit := range unitCount(ratings) {
		var given []float64
		for _, rater := range ratings {
			if !math.IsNaN(rater[unit]) {
				given = append(given, rater[unit])
			}
		}
		if len(given) >= 2 {
			kept = append(kept, given)
			values = append(values, given...)
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for _, given := range kept {
		unit := make([]int, len(given))
		for i, v := range given {
			unit[i], _ = slices.BinarySearch(values, v)
		}
		units = append(units, unit)
	}
	return units, values
}

func unitCount(ratings [][]float64) int {
	if len(ratings) == 0 {
		return 0
	}
	for _, rater := range ratings {
		if len(rater) != len(ratings[0]) {
			panic("agreement: the raters have different numbers of units")
		}
	}
	return len(ratings[0])
}

// coincidences counts ordered pairs of ratings of the same unit, a unit of m
// ratings weighing m in all.
type coincidences struct {
	pairs [][]float64
	total []float64 // by value
	n     float64
}

func newCoincidences(units [][]int, values int) coincidences {
	c := coincidences{pairs: make([][]float64, values), total: make([]float64, values)}
	for i := range c.pairs {
		c.pairs[i] = make([]float64, values)
	}
	for _, unit := range units {
		for i, v := range unit {
			for j, w := range unit {
				if i != j {
					c.pairs[v][w] += 1 / float64(len(unit)-1)
				}
			}
			c.total[v]++
		}
		c.n += float64(len(unit))
	}
	return c
}

func (c coincidences) alpha(values []float64, level Level) float64 {
	below := make([]float64, len(values)+1) // ratings below the i-th value
	for i, t := range c.total {
		below[i+1] = below[i] + t
	}
	observed, expected := 0.0, 0.0
	for i := range values {
		for j := range i {
			d := c.apart(i, j, values, below, level)
			observed += c.pairs[i][j] * d
			expected += c.total[i] * c.total[j] * d
		}
	}
	return 1 - (c.n-1)*observed/expected
}

// apart is the squared distance of two values.
func (c coincidences) apart(i, j int, values, below []float64, level Level) float64 {
	var d float64
	switch level {
	case Nominal:
		d = 1
	case Ordinal: // from the middle of one value's ratings to the middle of the other's
		d = (below[i]+below[i+1])/2 - (below[j]+below[j+1])/2
	case Interval:
		d = values[i] - values[j]
	case Ratio:
		if sum := values[i] + values[j]; sum != 0 {
			d = (values[i] - values[j]) / sum
		}
	default:
		panic("agreement: unknown level of measurement")
	}
	return d * d
}
