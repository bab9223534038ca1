package analyze

import (
	"math"

	"weir/analyze/dist"
)

// Baseline gives what tunes the metric's sequence, from control's moments
// before the test: the level of the tested figure, and the variance per unit of
// its linearised form. A rate's variance is at least that of its level at the
// margin, and with half an event and half a non-event more, since a baseline
// without events does not show that there are none. NaN below two units.
func (m Metric) Baseline(control Moments) (level, spread float64) {
	if m.Kind == KindJudge {
		return m.judgedBaseline(control)
	}
	if control.N < 2 {
		return math.NaN(), math.NaN()
	}
	level = m.Tested.value(control)
	_, square := control.linear(m.Tested.score(control, level))
	spread = square / float64(control.N-1)
	if m.Rate {
		scale := m.Tested.scale(control)
		trials := float64(control.N) * scale
		shrunk := (level*trials + .5) / (trials + 1) // half an event and half a non-event: neither is impossible
		atMargin := m.atMargin(level)
		spread = math.Max(spread, scale*math.Max(shrunk*(1-shrunk), atMargin*(1-atMargin)))
	}
	return level, spread
}

// A QuantileLevel names the two probabilities at which an arm's sample
// quantiles are the limits of Woodruff's interval in one stratum.
type QuantileLevel struct {
	Stratum      int
	Arm          Arm
	Lower, Upper float64 // outside (0, 1) where the rows are too few for a limit
}

// WoodruffLevels gives, for a quantile metric, the levels to ask the rows for:
// F -+ z s, with F the share of rows at or below the sample quantile and s
// its standard error with units as clusters (Woodruff 1952; the outer
// interval of Deng, Knoblich and Lu 2018).
func (m MetricData) WoodruffLevels(d Design) []QuantileLevel {
	z := dist.NormalQuantile(1 - d.Alpha/2)
	var out []QuantileLevel
	add := func(stratum int, a Arm, moments Moments) {
		f := m.Metric.Shown.Estimate(moments)
		out = append(out, QuantileLevel{stratum, a, f.Value - z*f.StdErr, f.Value + z*f.StdErr})
	}
	if m.Pairs != nil {
		p := pairing{moments: *m.Pairs}
		for _, a := range Arms {
			add(0, a, p.arm(a))
		}
		return out
	}
	strata := 0
	for _, c := range m.Cells {
		strata = max(strata, c.Stratum+1)
	}
	for _, p := range byStratum(m.Cells, strata) {
		for _, a := range Arms {
			add(p.stratum, a, p.arms[a])
		}
	}
	return out
}
