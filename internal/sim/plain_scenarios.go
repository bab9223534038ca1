package sim

// plainScenarios have nothing to trap anybody: better, equal, worse, and the
// benchmark beside them.
func plainScenarios() []Scenario {
	return []Scenario{better(), equal(), worse()}
}

func better() Scenario {
	v1 := usual()
	v2 := v1.changed(func(b *behaviour) {
		b.resolved += 0.04
		b.satisfied += 0.03
		b.latency *= 1.02
		b.input, b.output = b.input*1.03, b.output*1.03
	})
	return Scenario{
		Name: "better", Sessions: 60000,
		About:    "v2 resolves 4 points more sessions, is 2 % slower and takes 3 % more tokens, within every margin",
		phases:   ramp(v1, v2, gently()...),
		crowds:   append(everybodyBut(0.01), staff(0.01, 0)),
		metrics:  append(usualMetrics(), cost()),
		holdout:  0.02,
		userICC:  0.1,
		contents: 0.02,
		truth: Truth{
			Verdicts: []string{Promote}, Forbidden: []string{Rollback, Invalid}, Flags: []string{FlagExcluded},
			Trap: "v2 wins; nobody says how early one could know, nor what it costs",
			Says: "resolution is better, every guardrail is within its margin: promote",
		},
	}
}

func equal() Scenario {
	v1 := usual()
	var phases []phase
	for i, s := range []step{{0.05, 3 * day}, {0.20, 3 * day}, {0.50, 3 * day}} {
		b := v1.changed(func(b *behaviour) { b.resolved = []float64{0.60, 0.65, 0.70}[i] })
		phases = append(phases, phase{s.hours, s.share, [2]behaviour{b, b}})
	}
	return Scenario{
		Name: "equal", Sessions: 19500,
		About:  "both versions are the same, while more and more sessions are easy",
		phases: phases, userICC: 0.1,
		naive: []string{"resolution"},
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagNaive},
			Trap: "v2 resolves more: it was given more of the easy days",
			Says: "no difference: hold",
		},
	}
}

func worse() Scenario {
	v1 := usual()
	v2 := v1.changed(func(b *behaviour) {
		b.resolved -= 0.08
		b.satisfied -= 0.06
		b.handoff += 0.05
		b.errors += 0.04
		b.latency *= 1.3
	})
	return Scenario{
		Name: "worse", Sessions: 20000,
		About:  "v2 resolves 8 points fewer sessions, fails oftener, hands off more and is 30 % slower",
		phases: ramp(v1, v2, gently()...),
		truth: Truth{
			Verdicts: []string{Rollback}, Forbidden: []string{Promote, Invalid},
			Trap: "at 5 % nothing is visible in the averages of all traffic",
			Says: "beyond the margins: roll back, early in the ramp",
		},
	}
}

func bench() Scenario {
	v1 := usual()
	v2 := v1.changed(func(b *behaviour) { b.resolved += 0.02 })
	return Scenario{
		Name: "bench", Sessions: 300000,
		About:  "lean rows for measuring speed: only what the default metrics need",
		phases: ramp(v1, v2, gently()...),
		lean:   true,
		truth: Truth{
			Verdicts: []string{Promote}, Forbidden: []string{Rollback, Invalid},
			Trap: "none",
			Says: "resolution is 2 points better, everything else equal",
		},
	}
}

// everybodyBut is everybody less a share that other crowds take.
func everybodyBut(taken float64) []crowd {
	crowds := everybody()
	for i := range crowds {
		crowds[i].share *= 1 - taken
	}
	return crowds
}

// staff are forced to v2 by a rule.
func staff(share, resolved float64) crowd {
	return crowd{share: share, tier: "standard", prefix: "staff", users: 40, resolved: resolved,
		rule: "staff", when: `user startsWith "staff-"`, forced: true}
}
