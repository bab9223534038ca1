package router

import "weir/rollout/spec"

// A rule is a rule of the specification in force: its condition, compiled when
// the specification was read, and what it does in this state.
type rule struct {
	spec.Rule         // Version is the version forced; empty where the rule has a share
	share     float64 // of the candidate; 0 until the ramp has reached the rule, and once promoted
}

func newRules(rules []spec.Rule, state State) []rule {
	out := make([]rule, len(rules))
	for i, r := range rules {
		out[i].Rule = r
		if state.Share >= r.FromShare && !state.Promoted {
			out[i].share = float64(r.Split)
		}
	}
	return out
}

// match is the first rule whose condition the request meets; nil: none. With
// an error it is the first that cannot be evaluated: nobody knows whether the
// unit is meant, so no later rule is looked at.
func (p *Plan) match(c *Context) (*rule, error) {
	if len(p.rules) == 0 {
		return nil, nil
	}
	q := c.request()
	for i := range p.rules {
		if met, err := p.rules[i].Matches(q); met || err != nil {
			return &p.rules[i], err
		}
	}
	return nil, nil
}
