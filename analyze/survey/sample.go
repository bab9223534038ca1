package survey

import (
	"math"

	"weir/analyze/dist"
)

// A Sample is drawn rows. The columns that are not nil have equal lengths, or
// the estimates panic.
type Sample struct {
	Y []float64
	// Weight is one over the probability of being drawn; nil for ones.
	Weight []float64
	// Stratum numbers the strata; nil for one.
	Stratum []int
	// Cluster numbers the clusters within their stratum; nil if each row was
	// drawn by itself.
	Cluster []int
}

// Estimate is a mean or a total over the population the sample was drawn from.
type Estimate struct {
	Value float64
	// StdErr is NaN where a stratum has but one cluster, or one row if there
	// are no clusters: a single draw tells nothing of the spread.
	StdErr float64
	// DF is the degrees of freedom: clusters less strata.
	DF float64
}

// NormalCI returns the 1-alpha normal interval.
func (e Estimate) NormalCI(alpha float64) (low, high float64) {
	half := -dist.NormalQuantile(alpha/2) * e.StdErr
	return e.Value - half, e.Value + half
}

// StudentCI returns the 1-alpha interval of Student's t, for few clusters.
func (e Estimate) StudentCI(alpha float64) (low, high float64) {
	half := -dist.StudentTQuantile(alpha/2, e.DF) * e.StdErr
	return e.Value - half, e.Value + half
}

// Mean returns the Hajek mean, sum w y / sum w, with its linearised standard
// error (R: survey::svymean). NaN for an empty sample.
func Mean(s Sample) Estimate {
	s.check()
	total, weight := 0.0, 0.0
	for i, y := range s.Y {
		total += s.weight(i) * y
		weight += s.weight(i)
	}
	mean := total / weight
	return s.estimate(mean, func(i int) float64 { return s.weight(i) * (s.Y[i] - mean) / weight })
}

// Total returns the Horvitz-Thompson total, sum w y (R: survey::svytotal).
// NaN for an empty sample.
func Total(s Sample) Estimate {
	s.check()
	if len(s.Y) == 0 {
		return s.estimate(math.NaN(), nil)
	}
	total := 0.0
	for i, y := range s.Y {
		total += s.weight(i) * y
	}
	return s.estimate(total, func(i int) float64 { return s.weight(i) * s.Y[i] })
}

// estimate adds to a value its standard error, from what each row adds to it:
//
//	var = sum_h n_h/(n_h-1) sum_c (z_hc - zbar_h)^2
//
// over strata h and the sums z of their n_h clusters c.
func (s Sample) estimate(value float64, adds func(i int) float64) Estimate {
	strata := s.strata(adds)
	e := Estimate{Value: value, StdErr: math.NaN()}
	variance := 0.0
	for _, z := range strata {
		variance += spread(z)
		e.DF += float64(len(z) - 1)
	}
	if len(strata) > 0 {
		e.StdErr = math.Sqrt(variance)
	}
	return e
}

// strata returns the sums of the clusters of each stratum, in the order of
// first appearance.
func (s Sample) strata(adds func(i int) float64) [][]float64 {
	type unit struct{ stratum, cluster int }
	stratumAt, clusterAt := map[int]int{}, map[unit]int{}
	var sums [][]float64
	for i := range s.Y {
		u := unit{cluster: i}
		if s.Stratum != nil {
			u.stratum = s.Stratum[i]
		}
		if s.Cluster != nil {
			u.cluster = s.Cluster[i]
		}
		h, seen := stratumAt[u.stratum]
		if !seen {
			h = len(sums)
			stratumAt[u.stratum] = h
			sums = append(sums, nil)
		}
		c, seen := clusterAt[u]
		if !seen {
			c = len(sums[h])
			clusterAt[u] = c
			sums[h] = append(sums[h], 0)
		}
		sums[h][c] += adds(i)
	}
	return sums
}

// spread is n/(n-1) times the sum of squared deviations; NaN for one value.
func spread(z []float64) float64 {
	n := float64(len(z))
	mean := 0.0
	for _, v := range z {
		mean += v / n
	}
	squares := 0.0
	for _, v := range z {
		squares += (v - mean) * (v - mean)
	}
	return n / (n - 1) * squares
}

func (s Sample) check() {
	n := len(s.Y)
	if s.Weight != nil && len(s.Weight) != n || s.Stratum != nil && len(s.Stratum) != n || s.Cluster != nil && len(s.Cluster) != n {
		panic("survey: the columns differ in length")
	}
}

func (s Sample) weight(i int) float64 {
	if s.Weight == nil {
		return 1
	}
	return s.Weight[i]
}
