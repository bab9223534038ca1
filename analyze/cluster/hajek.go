package cluster

// An Assigned is one row of a unit that was assigned with a known share.
type Assigned[L comparable] struct {
	Cluster   L       // the unit
	Share     float64 // probability of treatment it was assigned with, within (0, 1)
	Treatment bool
	Y         float64
}

// Weighted is a comparison of weighted means. Units of all three are those of
// both arms: clusters, or from HajekStrata rows.
type Weighted struct{ A, B, Difference Figure }

// Hajek compares the means of all rows of the two arms, each row weighted by
// one over the probability of the arm it was assigned to (Hajek 1971). The
// weights count as known; the error sums over clusters with G/(G-1), G the
// clusters of both arms (svyglm of the R package survey with ids = cluster).
// It estimates the effect on all units under shares that change, and per
// constant share equals the arms' means.
func Hajek[L comparable](rows []Assigned[L]) Weighted {
	clusters := make([]L, len(rows))
	for i, r := range rows {
		clusters[i] = r.Cluster
	}
	labels, groups := number(clusters, len(rows))
	sums := table(groups, 4)
	for i, r := range rows {
		arm, weight := sums[labels[i]][0:2], 1/(1-r.Share)
		if r.Treatment {
			arm, weight = sums[labels[i]][2:4], 1/r.Share
		}
		arm[0] += weight * r.Y
		arm[1] += weight
	}
	return weighted(MomentsOf(sums))
}

// weighted compares the ratios of components 0 to 1, control's, and 2 to 3.
func weighted(m Moments) Weighted {
	a, b := Ratio{0, 1}, Ratio{2, 3}
	g := b.Gradient(m)
	for i, slope := range a.Gradient(m) {
		g[i] -= slope
	}
	return Weighted{A: a.Figure(m), B: b.Figure(m), Difference: figure(m, b.value(m)-a.value(m), g)}
}
