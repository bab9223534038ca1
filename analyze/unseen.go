package analyze

import "math"

// unseen is the horizon of a rate whose event, or non-event, no unit of either
// arm shows. There is no error to divide by, yet units without an event do say
// that it is rare: were the treatment's chance of one at least M, n of its units would all be
// spared with probability (1-M)^n at most, whatever control's chance. That is exact
// for a rate of units; of rows, n are the effective units (sum d)^2 / sum d^2 (Kish 1965)
// of units with d rows each. n counts the arm on whose side harm would show: the
// treatment's where an event is bad, control's where it is good.
func (e *evaluator) unseen(arms [2]Moments) (horizon, bool) {
	m := e.in.Metric
	level := m.Tested.value(arms[Control])
	if !m.Rate || m.Margin == nil || m.Margin.Relative || level != 0 && level != 1 || level != m.Tested.value(arms[Treatment]) {
		return horizon{}, false
	}
	control, treatment := m.Tested.effectiveUnits(arms[Control]), m.Tested.effectiveUnits(arms[Treatment])
	n := treatment
	if (level == 0) == (m.Good == Up) {
		n = control
	}
	alpha := e.alpha()
	h := horizon{
		p: 1, lower: -mostUnseen(control, alpha/2), upper: mostUnseen(treatment, alpha/2),
		relative: unknownInterval(), method: "exact, no event seen",
		passP: math.Pow(1-m.Margin.Value, n), harmP: 1, bound: -m.Good.sign() * mostUnseen(n, alpha),
	}
	if level == 1 {
		h.lower, h.upper = -mostUnseen(treatment, alpha/2), mostUnseen(control, alpha/2)
	}
	return h, true
}

// effectiveUnits is how many units of equal weight say as much as these.
func (f Form) effectiveUnits(m Moments) float64 {
	n := float64(m.N)
	if f.Den == Ones {
		return n
	}
	mean := m.Mean[f.Den]
	return n * mean * mean / (mean*mean + m.cross(f.Den, f.Den)/n)
}

// mostUnseen is the largest chance of an event that n units without one leave possible
// at level alpha: 1 - alpha^(1/n), about 3/n at .05.
func mostUnseen(n, alpha float64) float64 { return -math.Expm1(math.Log(alpha) / n) }
