package draw

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"weir/analyze"
)

// Units are the units of a release in their order of assignment, as either arm
// would have had them.
type Units struct {
	Stratum []int
	Hour    []int64
	Treated []bool
	// Vectors are the units' vectors by arm: the treatment's differ from
	// control's where a metric counts them by a threshold of its own, and in nothing else.
	Vectors [2]Pool
}

// Len is the number of units.
func (u Units) Len() int { return len(u.Hour) }

// Of keeps the units that were assigned to one arm.
func (u Units) Of(a analyze.Arm) Units {
	var out Units
	for arm := range u.Vectors {
		for _, m := range u.Vectors[arm] {
			out.Vectors[arm] = append(out.Vectors[arm], Matrix{Width: m.Width})
		}
	}
	for i := range u.Len() {
		if u.Treated[i] != (a == analyze.Treatment) {
			continue
		}
		out.Stratum, out.Hour, out.Treated = append(out.Stratum, u.Stratum[i]), append(out.Hour, u.Hour[i]), append(out.Treated, u.Treated[i])
		for arm := range u.Vectors {
			for j, m := range u.Vectors[arm] {
				out.Vectors[arm][j].Values = append(out.Vectors[arm][j].Values, m.Row(i)...)
			}
		}
	}
	return out
}

// A Reassignment gives the cells of every metric under any assignment of the same units.
type Reassignment struct {
	units  Units
	shares []float64 // by stratum
	rows   [2]*Rows
	slots  []slot
	slotOf []int
}

// A slot is a stratum and hour.
type slot struct {
	stratum int
	hour    int64
}

// NewReassignment prepares the units of strata with these shares of treatment.
func NewReassignment(u Units, strata []analyze.Stratum) *Reassignment {
	r := &Reassignment{units: u, rows: [2]*Rows{NewRows(u.Vectors[analyze.Control]), NewRows(u.Vectors[analyze.Treatment])}}
	for _, s := range strata {
		r.shares = append(r.shares, s.Share)
	}
	of := map[slot]int{}
	for i := range u.Hour {
		of[slot{u.Stratum[i], u.Hour[i]}] = 0
	}
	for s := range of {
		r.slots = append(r.slots, s)
	}
	slices.SortFunc(r.slots, func(a, b slot) int { return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.stratum, b.stratum)) })
	for i, s := range r.slots {
		of[s] = i
	}
	for i := range u.Hour {
		r.slotOf = append(r.slotOf, of[slot{u.Stratum[i], u.Hour[i]}])
	}
	return r
}

// Draw assigns every unit anew, each by the share of its stratum.
func (r *Reassignment) Draw(random *rand.Rand, treated []bool) {
	for i := range treated {
		treated[i] = random.Float64() < r.shares[r.units.Stratum[i]]
	}
}

// Cells gives the cells of every metric, in order of hour, and the counts of units, under an
// assignment.
func (r *Reassignment) Cells(treated []bool) (cells [][]analyze.Cell, arrived []analyze.Arrival) {
	stride := r.rows[0].Stride()
	sums := make([]float64, 2*len(r.slots)*stride)
	counts := make([]analyze.ByArm, len(r.slots))
	for i, t := range treated {
		s, a := r.slotOf[i], 0
		if t {
			a = 1
			counts[s].Treatment++
		} else {
			counts[s].Control++
		}
		at := (2*s + a) * stride
		r.rows[a].Add(i, sums[at:at+stride])
	}
	cells = make([][]analyze.Cell, len(r.units.Vectors[0]))
	for i, s := range r.slots {
		arrived = append(arrived, analyze.Arrival{Stratum: s.stratum, Hour: s.hour, ByArm: counts[i]})
		for _, a := range analyze.Arms {
			at := (2*i + int(a)) * stride
			for j := range cells {
				if m := r.rows[a].Moments(sums[at:at+stride], j); m.N > 0 {
					cells[j] = append(cells[j], analyze.Cell{Stratum: s.stratum, Hour: s.hour, Arm: a, Moments: m})
				}
			}
		}
	}
	return cells, arrived
}
