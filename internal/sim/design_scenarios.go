package sim

// designScenarios are traps in how units, shares and looks are treated.
func designScenarios() []Scenario {
	return []Scenario{
		clusteredRequests(), simpsonRamp(), peeking(), forcedTraffic(), userUnit(), moreRequests(), crossover(), pairedTrials(),
	}
}

func clusteredRequests() Scenario {
	v1 := usual().changed(func(b *behaviour) {
		b.requests, b.errors, b.prone = 6, 0.04, 0.15
	})
	return Scenario{
		Name: "clustered-requests", Sessions: 12000,
		About:   "both versions are the same; sessions have half a dozen requests that fail and lag together",
		phases:  ramp(v1, v1, gently()...),
		metrics: withMargins(map[string]string{"errors": "2pp"}),
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "a request-level test calls v2 different in 15 to 32 % of such logs",
			Says: "no difference once sessions are the units: hold",
		},
	}
}

func simpsonRamp() Scenario {
	var phases []phase
	for i, s := range []step{{0.05, 3 * day}, {0.20, 3 * day}, {0.50, 3 * day}} {
		v1 := usual().changed(func(b *behaviour) { b.resolved = []float64{0.70, 0.60, 0.50}[i] })
		v2 := v1.changed(func(b *behaviour) { b.resolved += 0.03 })
		phases = append(phases, phase{s.hours, s.share, [2]behaviour{v1, v2}})
	}
	return Scenario{
		Name: "simpson-ramp", Sessions: 60000,
		About:  "v2 resolves 3 points more in every epoch, while sessions get harder as its share grows",
		phases: phases,
		naive:  []string{"resolution"},
		truth: Truth{
			Verdicts: []string{Promote}, Forbidden: []string{Rollback, Invalid}, Flags: []string{FlagNaive},
			Trap: "pooled over the ramp, v2 resolves some 5 points fewer",
			Says: "within each epoch 3 points more: promote",
		},
	}
}

func peeking() Scenario {
	v1 := usual()
	return Scenario{
		Name: "peeking", Sessions: 30000,
		About:  "both versions are the same, for two weeks at 50 %, and somebody looks every hour",
		phases: ramp(v1, v1, step{0.50, 14 * day}),
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "a fixed test at each look finds a difference in 20 to 45 % of such logs",
			Says: "no difference at any look: hold",
		},
	}
}

func forcedTraffic() Scenario {
	v1 := usual().changed(func(b *behaviour) { b.resolved = 0.50 })
	vip := crowd{share: 0.19, tier: "gold", prefix: "g", resolved: 0.30,
		rule: "vip", when: `attributes.tier == "gold"`, split: 0.02, from: 0.20}
	return Scenario{
		Name: "forced-traffic", Sessions: 30000,
		About:  "both versions are the same; staff with easy questions are forced to v2, and gold users have a share of their own",
		phases: ramp(v1, v1, gently()...),
		crowds: []crowd{
			{share: 0.76, tier: "standard", prefix: "u"}, vip, staff(0.05, 0.40),
		},
		holdout: 0.02,
		naive:   []string{"resolution"},
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagExcluded, FlagNaive},
			Trap: "the arms differ by who was sent there, not by version",
			Says: "staff are in no test, gold users are strata of their own: no difference, hold",
		},
	}
}

func userUnit() Scenario {
	v1 := usual()
	return Scenario{
		Name: "user-unit", Sessions: 20000,
		About:           "both versions are the same; users are assigned, each with five sessions that resemble each other",
		phases:          ramp(v1, v1, step{0.05, 2 * day}, step{0.20, 2 * day}, step{0.50, 6 * day}),
		metrics:         ofUsers(usualMetrics()),
		sessionsPerUser: 5,
		userICC:         0.6,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagExcluded},
			Trap: "sessions as units call v2 different in some 15 % of such logs",
			Says: "no difference between users, each counted once: hold",
		},
	}
}

func moreRequests() Scenario {
	var phases []phase
	for i, s := range []step{{0.05, 3 * day}, {0.20, 3 * day}, {0.50, 3 * day}} {
		v1 := usual().changed(func(b *behaviour) {
			b.requests, b.errors = 4, []float64{0.020, 0.023, 0.026}[i]
		})
		v2 := v1.changed(func(b *behaviour) { b.requests = 4.8 })
		phases = append(phases, phase{s.hours, s.share, [2]behaviour{v1, v2}})
	}
	return Scenario{
		Name: "more-requests", Sessions: 20000,
		About:   "v2 needs a fifth more requests a session; the error rate a request is the same and rises for both",
		phases:  phases,
		metrics: withMargins(map[string]string{"tokens": ""}),
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "errors a session are a fifth up; with the denominator's rate from the past 14 % false alarms",
			Says: "errors a request are equal: hold",
		},
	}
}

func crossover() Scenario {
	v1 := usual()
	return Scenario{
		Name: "crossover", Sessions: 20000,
		About:   "both versions are the same; a tenth of the sessions come back a day later, their id evicted, and are assigned anew",
		phases:  ramp(v1, v1, step{0.10, 3 * day}, step{0.50, 4 * day}),
		resumed: 0.1,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagCrossover},
			Trap: "a session counts in both arms",
			Says: "a unit belongs to its first assignment, later rows are counted as crossover: hold",
		},
	}
}

func pairedTrials() Scenario {
	v1 := usual().changed(func(b *behaviour) {
		b.resolved, b.handoff, b.requests = 0.55, 0.02, 2
	})
	var kinds []crowd
	for _, difficulty := range []float64{-0.15, 0.15} {
		for _, gain := range []float64{-0.25, 0.25} {
			kinds = append(kinds, crowd{share: 0.25, tier: "standard", prefix: "case", resolved: difficulty, gain: gain})
		}
	}
	return Scenario{
		Name: "paired-trials", Sessions: 2000,
		About:   "offline: 100 cases with 10 trials on each version, half of them 25 points better under v2, half 25 worse",
		phases:  ramp(v1, v1, step{0.50, day}),
		crowds:  kinds,
		metrics: []metric{resolution(), errorRate(), tokens()},
		trials:  10,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "2,000 trials look like 2,000 units, and v2 differs in one of six such runs",
			Says: "100 pairs, no difference on average: hold",
		},
	}
}

// ofUsers gives outcomes the maturity of the unit user. Outcomes of sessions
// just before it are cut off, of both versions alike, so the level is not exact.
func ofUsers(metrics []metric) []metric {
	for i, m := range metrics {
		if m.mature != "" {
			m.mature = ""
			metrics[i] = m.relativeOnly()
		}
	}
	return metrics
}

// withMargins are the usual metrics, some with another margin; an empty one
// makes a monitor of the metric.
func withMargins(margins map[string]string) []metric {
	metrics := usualMetrics()
	for i, m := range metrics {
		margin, ok := margins[m.name]
		switch {
		case ok && margin == "":
			metrics[i] = m.as("monitor", "")
		case ok:
			metrics[i] = m.as(m.role, margin)
		}
	}
	return metrics
}
