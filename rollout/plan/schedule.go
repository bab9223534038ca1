package plan

import "weir/analyze"

// A scheduled hour is what is expected of an hour of the release.
type scheduled struct {
	step       int
	units      float64 // in the test
	propensity float64 // of treatment among them
}

// schedule is the ramp as it climbs at the expected traffic, where nothing is harmful.
func (p Plan) schedule(days int) []scheduled {
	guardWait := 0
	for _, m := range p.Metrics {
		if m.Role == analyze.Guardrail {
			guardWait = max(guardWait, hours(m.window()))
		}
	}
	var out []scheduled
	step, since, mature := 0, 0, 0.0
	for h := range 24 * days {
		perDay, propensity := p.inTest(p.Steps[step])
		out = append(out, scheduled{step, perDay / 24, propensity})
		if ripe := h - guardWait; ripe >= since {
			mature += out[ripe].units * out[ripe].propensity
		}
		s := p.Steps[step]
		if step < len(p.Steps)-1 && h+1-since >= hours(s.Hold) && mature >= float64(s.Units) {
			step, since, mature = step+1, h+1, 0
		}
	}
	return out
}

// StepDays says after how many days each step is reached, at the expected traffic; infinite
// where it is not within so many days.
func (p Plan) StepDays(days int) []float64 {
	out := make([]float64, len(p.Steps))
	for i := range out {
		out[i] = never
	}
	for h, s := range p.schedule(days) {
		if out[s.step] == never {
			out[s.step] = float64(h) / 24
		}
	}
	return out
}
