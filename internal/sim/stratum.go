package sim

// A stratum is a cell of constant propensity: an epoch and a rule. Its parts
// are the phases and crowds in it, weighted by randomised traffic.
type stratum struct {
	epoch      int64
	rule       string
	propensity float64 // of the candidate
	weight     float64 // of all parts together
	parts      []part
}

// A part is the share of all traffic that one crowd makes in one phase.
type part struct {
	weight float64
	phase  phase
	crowd  crowd
}

// moments is the expected ratio of a metric in one arm of the stratum.
func (st stratum) moments(mean func(behaviour) ratio, arm int) ratio {
	var sum ratio
	for _, p := range st.parts {
		sum = sum.plus(p.moments(mean, arm).times(p.weight))
	}
	return sum
}

// moments is that of sessions assigned to arm, some of which stable serves.
func (p part) moments(mean func(behaviour) ratio, arm int) ratio {
	own := p.crowd.adjust(p.phase.arms[arm], arm)
	instead := p.crowd.adjust(p.phase.arms[control], control).standingIn()
	return mean(own).times(1 - own.fallback).plus(mean(instead).times(own.fallback))
}

// parts splits all traffic by phase and crowd.
func (s Scenario) parts() []part {
	var parts []part
	clock := newClock(s.Start, s.phases)
	for i, p := range s.phases {
		for _, c := range s.crowds {
			parts = append(parts, part{weight: clock.traffic(i) * c.share, phase: p, crowd: c})
		}
	}
	return parts
}

// strata groups the randomised traffic. Under unit user the propensity is 1/2
// throughout, but no such scenario's effect changes, so weights do not matter.
func (s Scenario) strata() []stratum {
	var strata []stratum
	numbers := epochs(s.phases)
	for i, p := range s.parts() {
		probability, randomized := p.crowd.drawn(p.phase.share)
		if !randomized {
			continue
		}
		epoch := numbers[i/len(s.crowds)]
		at := -1
		for j, st := range strata {
			if st.epoch == epoch && st.rule == p.crowd.rule {
				at = j
			}
		}
		if at < 0 {
			at = len(strata)
			strata = append(strata, stratum{epoch: epoch, rule: p.crowd.rule, propensity: probability})
		}
		if p.crowd.rule == "" {
			p.weight *= 1 - s.holdout
		}
		strata[at].weight += p.weight
		strata[at].parts = append(strata[at].parts, p)
	}
	return strata
}

// naiveEffect pools everything that is seen, randomised or not.
func (s Scenario) naiveEffect(m metric) Effect {
	seen := m.seen
	if seen == nil {
		seen = m.mean
	}
	var sums [2]ratio
	for _, p := range s.parts() {
		probability, _ := p.crowd.drawn(p.phase.share)
		if p.crowd.rule == "" {
			probability *= 1 - s.holdout
		}
		sums[control] = sums[control].plus(p.moments(seen, control).times(p.weight * (1 - probability)))
		sums[treatment] = sums[treatment].plus(p.moments(seen, treatment).times(p.weight * probability))
	}
	return effectOf(m, sums[control].value(), sums[treatment].value())
}
