package analyze

import (
	"math"

	"weir/analyze/dist"
)

// A Past compares control with its own units from before the release, in the
// tested figure. Both arms may suffer alike, from a quota or a cache that they share,
// and no comparison of the arms can see it.
type Past struct {
	Before Level  `json:"before"`
	Now    Level  `json:"now"`
	Change Number `json:"change"` // now less before
	StdErr Number `json:"std_err"`
	PValue Number `json:"p_value"` // at one look
	Worse  bool   `json:"worse"`   // p below .001, and worse by more than the margin
}

// past fills in the comparison and warns where control itself got worse.
func (e *evaluator) past(arms [2]Moments) {
	m := e.in.Metric
	if e.in.Past == nil || e.in.Past.N < 2 || arms[Control].N < 2 {
		return
	}
	before, now := m.Tested.Estimate(*e.in.Past), m.Tested.Estimate(arms[Control])
	p := Past{
		Before: Level{Number(before.Value), before.Units}, Now: Level{Number(now.Value), now.Units},
		Change: Number(now.Value - before.Value), StdErr: Number(math.Hypot(before.StdErr, now.StdErr)), PValue: Unknown,
	}
	if !degenerate(float64(p.StdErr)) {
		p.PValue = Number(dist.NormalTwoSided(float64(p.Change / p.StdErr)))
	}
	p.Worse = p.PValue.Known() && p.PValue < healthP && min(before.Units, now.Units) >= healthUnits && m.beyond(before.Value, now.Value)
	e.out.Past = &p
	if p.Worse {
		e.warn("%s itself is worse than before the release: %.4g then, %.4g now; both versions may suffer from what they share, such as a quota",
			e.data.Control, before.Value, now.Value)
	}
}

// beyond reports whether a level is worse than another by more than the margin,
// or, where the metric has none, at all.
func (m Metric) beyond(before, now float64) bool {
	worse := -m.Good.sign() * (now - before)
	switch {
	case m.Margin == nil, m.Kind == KindQuantile: // the rate above a threshold has no margin of its own
		return worse > 0
	case m.Margin.Relative:
		return worse > m.Margin.Value*math.Abs(before)
	}
	return worse > m.Margin.Value
}
