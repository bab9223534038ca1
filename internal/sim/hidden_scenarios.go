package sim

// hiddenScenarios are situations that no verdict shows: a correct analysis
// flags them.
func hiddenScenarios() []Scenario {
	return []Scenario{coldCache(), quotaStarvation(), novelty(), bots(), parallelSessions()}
}

func coldCache() Scenario {
	v1 := usual()
	var phases []phase
	for i, s := range gently() {
		v2 := v1.changed(func(b *behaviour) {
			b.resolved += 0.04
			b.latency *= []float64{1.5, 1.2, 1}[i]
		})
		phases = append(phases, phase{s.hours, s.share, [2]behaviour{v1, v2}})
	}
	return Scenario{
		Name: "cold-cache", Sessions: 40000,
		About:  "v2 resolves more and is as fast once its caches are warm; at 5 % it is half as slow again",
		phases: phases,
		truth: Truth{
			Verdicts: []string{Promote, Hold, Rollback}, Forbidden: []string{Invalid}, Flags: []string{FlagEpoch},
			Trap: "one figure for latency",
			Says: "the effect on latency differs between epochs",
		},
	}
}

func quotaStarvation() Scenario {
	var phases []phase
	for i, s := range append([]step{{0, day}}, gently()...) {
		b := usual().changed(func(b *behaviour) {
			b.errors, b.failure = []float64{0.01, 0.012, 0.025, 0.06}[i], "rate_limited"
		})
		phases = append(phases, phase{s.hours, s.share, [2]behaviour{b, b}})
	}
	return Scenario{
		Name: "quota-starvation", Sessions: 20000,
		About:  "both versions look the same, because v2 eats the quota that both share: errors grow sixfold for both",
		phases: phases,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagControlDrift},
			Trap: "no difference between the arms: harmless",
			Says: "no difference, but v1 is worse than its own past: hold",
		},
	}
}

func novelty() Scenario {
	v1 := usual()
	var phases []phase
	gains := []float64{0.12, 0.10, 0.07, 0.04, 0.02, 0.01, 0, 0, 0, 0}
	for i, gain := range gains {
		share := []float64{0.05, 0.20, 0.50}[min(i, 2)]
		v2 := v1.changed(func(b *behaviour) { b.resolved += gain })
		phases = append(phases, phase{day, share, [2]behaviour{v1, v2}})
	}
	return Scenario{
		Name: "novelty", Sessions: 40000,
		About:  "v2 resolves 12 points more on its first day and nothing more after a week",
		phases: phases,
		truth: Truth{
			Verdicts: []string{Hold, Promote}, Forbidden: []string{Rollback, Invalid}, Flags: []string{FlagAge},
			Trap: "better on average, so better for good",
			Says: "the effect fades with age",
		},
	}
}

func bots() Scenario {
	v1 := usual()
	metrics := usualMetrics()
	for i, m := range metrics {
		if m.name == "tokens" {
			metrics[i] = m.relativeOnly()
		}
	}
	return Scenario{
		Name: "bots", Sessions: 20000,
		About:   "both versions are the same; three sessions are bots, each with a fiftieth of all requests",
		phases:  ramp(v1, v1, gently()...),
		metrics: metrics,
		bots:    3,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagTopUnit},
			Trap: "the arm that drew the bots looks different",
			Says: "no difference; single units make a large share of the requests: hold",
		},
	}
}

func parallelSessions() Scenario {
	v1 := usual()
	heavy := crowd{share: 0.05, tier: "standard", prefix: "heavy", users: 1, resolved: -0.40}
	return Scenario{
		Name: "parallel-sessions", Sessions: 20000,
		About:   "both versions are the same; one user holds a twentieth of all sessions, many at a time, and resolves few",
		phases:  ramp(v1, v1, gently()...),
		crowds:  append(everybodyBut(0.05), heavy),
		userICC: 0.1,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagUserSessions},
			Trap: "hidden",
			Says: "no difference; one user makes a large share of the sessions: hold",
		},
	}
}
