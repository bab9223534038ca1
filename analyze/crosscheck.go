package analyze

import (
	"math"

	"weir/analyze/cluster"
	"weir/analyze/dist"
)

// A CrossCheck is another way to the same effect, shown beside the estimate: where
// they disagree, an assumption of one of them fails.
type CrossCheck struct {
	Method string `json:"method"`
	// Scale is absolute, or ratio of treatment's level to control's.
	Scale  string `json:"scale"`
	Value  Number `json:"value"`
	Lower  Number `json:"lower"` // at one look; null where the method gives none
	Upper  Number `json:"upper"`
	PValue Number `json:"p_value"` // at one look
}

// crossChecks computes those that apply: Hajek's estimate where shares differ between strata,
// Mantel and Haenszel's risk ratio for proportions in several strata.
func (e *evaluator) crossChecks(pairs []stratumPair) []CrossCheck {
	if len(pairs) < 2 || e.in.Metric.Kind == KindQuantile {
		return nil
	}
	out := []CrossCheck{e.hajek(pairs)}
	if e.out.Kind == KindProportion {
		out = append(out, mantelHaenszel(e.in.Metric.Shown, pairs))
	}
	return out
}

// hajek weights every unit by one over the probability of its arm (Hajek 1971),
// with the sandwich error over units: G/(G-1) sum of (w (y - m))^2 / (sum w)^2 in each
// arm. Here y is the unit's value, or for a ratio its residual; it equals svyglm of R's
// survey with ids = unit.
func (e *evaluator) hajek(pairs []stratumPair) CrossCheck {
	f := e.in.Metric.Shown
	value, variance := 0.0, 0.0
	units := 0.0
	for _, p := range pairs {
		units += float64(p.units())
	}
	for _, a := range Arms {
		num, den := 0.0, 0.0
		weight := func(p stratumPair) float64 {
			share := e.data.Strata[p.stratum].Share
			if a == Treatment {
				return 1 / share
			}
			return 1 / (1 - share)
		}
		for _, p := range pairs {
			if n := float64(p.arms[a].N); n > 0 {
				num += weight(p) * n * p.arms[a].Mean[f.Num]
				den += weight(p) * n * f.scale(p.arms[a])
			}
		}
		level, square := num/den, 0.0
		for _, p := range pairs {
			m := p.arms[a]
			if m.N == 0 {
				continue
			}
			score := f.score(m, level)
			at := 0.0
			if f.Den == Ones {
				at = level
			}
			mean, spread := m.linear(score)
			off := cluster.Settle(mean-at, math.Abs(mean)+math.Abs(at))
			square += weight(p) * weight(p) * (spread + float64(m.N)*off*off)
		}
		variance += units / (units - 1) * square / (den * den)
		value += float64(2*int(a)-1) * level
	}
	z := dist.NormalQuantile(1 - e.data.Design.Alpha/2)
	se := math.Sqrt(variance)
	out := CrossCheck{
		Method: "Hajek, weighted by 1/propensity", Scale: "absolute", Value: Number(value),
		Lower: Unknown, Upper: Unknown, PValue: Unknown,
	}
	if !degenerate(se) {
		out.Lower, out.Upper, out.PValue = Number(value-z*se), Number(value+z*se), Number(dist.NormalTwoSided(value/se))
	}
	return out
}

// mantelHaenszel is the common risk ratio over strata, with Cochran's test.
func mantelHaenszel(f Form, pairs []stratumPair) CrossCheck {
	var tables []cluster.Table
	for _, p := range pairs {
		c := counts(f, p.arms)
		tables = append(tables, cluster.Table{
			SuccessA: c[Control].Successes, A: c[Control].Trials, SuccessB: c[Treatment].Successes, B: c[Treatment].Trials,
		})
	}
	m := cluster.CochranMantelHaenszel(tables)
	return CrossCheck{Method: "Cochran-Mantel-Haenszel risk ratio", Scale: "ratio", Value: Number(m.RiskRatio), Lower: Unknown, Upper: Unknown, PValue: Number(m.P)}
}
