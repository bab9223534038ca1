package sim

// A crowd is a part of the population that acts alike or that a rule of the
// spec treats alike.
type crowd struct {
	share    float64 // of sessions
	tier     string  // attribute
	prefix   string  // of user ids
	users    int     // how many users; 0: in proportion to the sessions
	resolved float64 // added to both versions' resolution rate
	gain     float64 // added to the candidate's

	rule   string  // rule of the spec that matches its sessions
	when   string  // the rule's condition
	forced bool    // the rule sends to the candidate, undrawn
	split  float64 // else the rule's own share of the candidate
	from   float64 // share of the ramp from which split applies
}

// everybody is a population without rules; one session in seven is of the gold tier.
func everybody() []crowd {
	return []crowd{
		{share: 0.85, tier: "standard", prefix: "u"},
		{share: 0.15, tier: "gold", prefix: "g"},
	}
}

// adjust is the behaviour of a version towards this crowd.
func (c crowd) adjust(b behaviour, arm int) behaviour {
	b.resolved += c.resolved
	if arm == treatment {
		b.resolved += c.gain
	}
	return b
}

// drawn says with which probability a session of the crowd goes to the
// candidate while the ramp is at share, and whether that is a random draw.
func (c crowd) drawn(share float64) (probability float64, randomized bool) {
	switch {
	case c.forced:
		return 1, false
	case c.rule != "" && share < c.from:
		return 0, false
	case c.rule != "":
		share = c.split
	}
	return share, share > 0 && share < 1
}
