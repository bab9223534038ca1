package sim

import "weir/trace"

// A decision is what the router wrote down when it assigned a unit.
type decision struct {
	arm        int
	reason     trace.Reason
	rule       string
	randomized bool
	propensity float64 // of the arm; 0 where it was not drawn
	epoch      int64
	at         int64 // of assignment
}

// decideSession assigns a session by its crowd's rule, the holdout and the
// hash, in this order, at the share in force at that moment.
func (g *generator) decideSession(unit string, at int64, crowd int) decision {
	hour := g.clock.hourOf(at)
	d := decision{epoch: g.clock.epochAt[hour], at: at}
	c := g.crowds[crowd]
	probability, randomized := c.drawn(g.phases[g.clock.phaseAt[hour]].share)
	switch {
	case c.rule != "":
		d.rule, d.reason = c.rule, trace.ReasonRule
	case g.holdout > 0 && draw(g.salts.holdout, unit) < g.holdout:
		d.reason = trace.ReasonHoldout
		return d
	case randomized:
		d.reason = trace.ReasonSplit
	default:
		d.reason = trace.ReasonDefault
	}
	if !randomized {
		d.arm = int(probability)
		return d
	}
	return d.drawn(probability, draw(g.salts.arm, unit))
}

// drawn sends the unit to the candidate where u is below the probability.
func (d decision) drawn(probability, u float64) decision {
	d.randomized, d.arm, d.propensity = true, control, 1-probability
	if u < probability {
		d.arm, d.propensity = treatment, probability
	}
	return d
}

// decideUser assigns the sessions of one user, in order of time: stable until
// coverage has reached the user, then one arm for good. No scenario has rules
// or a holdout for users.
func (g *generator) decideUser(sessions []visit) {
	if len(sessions) == 0 {
		return
	}
	exposure, arm := draw(g.salts.exposure, sessions[0].user), draw(g.salts.arm, sessions[0].user)
	var entered *decision
	for i := range sessions {
		v := &sessions[i]
		if entered == nil {
			v.decision = decision{reason: trace.ReasonDefault, epoch: g.clock.epochAt[g.clock.hourOf(v.start)], at: v.start}
			if exposure < 2*g.phases[v.phase].share {
				v.reason = trace.ReasonSplit
				v.decision = v.decision.drawn(0.5, arm)
				entered = &v.decision
			}
			continue
		}
		v.decision = *entered
	}
}
