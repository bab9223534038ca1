package sim

// healthScenarios are traps in how the rows came to be: late, answered by
// some, lost, served by the other version, broken.
func healthScenarios() []Scenario {
	return []Scenario{
		lateOutcomes(), responseBias(), lostTraces(), unbalancedUnits(), failover(), crashing(), outage(),
	}
}

func lateOutcomes() Scenario {
	v1 := usual().changed(func(b *behaviour) {
		b.resolved, b.resolvedHours = 0.60, 4
	})
	v2 := v1.changed(func(b *behaviour) { b.resolvedHours = 12 })
	metrics := usualMetrics()
	metrics[0].mature = "72h"
	return Scenario{
		Name: "late-outcomes", Sessions: 16000,
		About:         "both versions resolve 60 %, but under v2 it takes 12 hours on average until that is known, not 4",
		phases:        ramp(v1, v2, step{0.50, 4 * day}),
		metrics:       metrics,
		resolvedLimit: 68,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "at the end of the window v2 seems to resolve fewer",
			Says: "counted 72 hours after assignment there is no difference: hold",
		},
	}
}

func responseBias() Scenario {
	v1 := usual().changed(func(b *behaviour) { b.satisfied, b.answersHappy, b.answersUnhappy = 0.6, 0.3, 0.3 })
	v2 := v1.changed(func(b *behaviour) { b.answersUnhappy = 0.1 })
	return Scenario{
		Name: "response-bias", Sessions: 20000,
		About:  "both versions satisfy the same; under v2 the dissatisfied answer the survey a third as often",
		phases: ramp(v1, v2, gently()...),
		naive:  []string{"satisfaction"},
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagMissing},
			Trap: "those who answer are happier with v2, by half a point",
			Says: "the arms answer at different rates, so the scores do not compare: hold",
		},
	}
}

// lossy is a candidate that is no better but loses a fifth of its unresolved sessions.
func lossy() []phase {
	v1 := usual().changed(func(b *behaviour) { b.resolved = 0.60 })
	v2 := v1.changed(func(b *behaviour) { b.lostUnresolved = 0.2 })
	return ramp(v1, v2, gently()...)
}

func lostTraces() Scenario {
	return Scenario{
		Name: "lost-traces", Sessions: 20000,
		About:  "both versions are the same; v2's recorder loses a fifth of the unresolved sessions, and says so",
		phases: lossy(),
		naive:  []string{"resolution"},
		truth: Truth{
			Verdicts: []string{Invalid}, Forbidden: []string{Promote, Rollback}, Flags: []string{FlagLoss, FlagSRM},
			Trap: "of the sessions in the lake v2 resolves 5 points more",
			Says: "8 % of v2's rows are lost and none of v1's: invalid",
		},
	}
}

func unbalancedUnits() Scenario {
	return Scenario{
		Name: "unbalanced-units", Sessions: 20000,
		About:  "both versions are the same; v2's recorder loses a fifth of the unresolved sessions in silence",
		phases: lossy(),
		naive:  []string{"resolution"},
		silent: true,
		truth: Truth{
			Verdicts: []string{Invalid}, Forbidden: []string{Promote, Rollback}, Flags: []string{FlagSRM},
			Trap: "of the sessions in the lake v2 resolves 5 points more",
			Says: "v2 has fewer units than its share: invalid",
		},
	}
}

func failover() Scenario {
	v1 := usual().changed(func(b *behaviour) { b.resolved, b.handoff = 0.60, 0.10 })
	v2 := v1.changed(func(b *behaviour) {
		b.resolved, b.handoff, b.fallback = 0.50, 0.20, 0.85
	})
	return Scenario{
		Name: "failover", Sessions: 20000,
		About:  "v2 hands off twice as often, but cannot be reached in 85 % of its sessions, which stable serves",
		phases: ramp(v1, v2, gently()...),
		truth: Truth{
			Verdicts: []string{Rollback}, Forbidden: []string{Promote}, Flags: []string{FlagCompliance},
			Trap: "by assigned version handoff is up by 1.5 points only, within the margin",
			Says: "every failed attempt is v2's error, and it did not serve its units: roll back",
		},
	}
}

func crashing() Scenario {
	v1 := usual()
	v2 := v1.changed(func(b *behaviour) {
		b.resolved, b.handoff, b.errors, b.failure, b.lost = 0.40, 0.20, 0.4, "crashed", 0.1
	})
	return Scenario{
		Name: "crashing", Sessions: 20000,
		About:  "v2 crashes on four requests in ten and takes a tenth of its sessions' rows with it",
		phases: ramp(v1, v2, gently()...),
		truth: Truth{
			Verdicts: []string{Rollback}, Forbidden: []string{Promote}, Flags: []string{FlagSRM, FlagLoss},
			Trap: "the sample ratio is off, so nothing can be said and nothing happens",
			Says: "invalid blocks promotion, never rollback: errors are far beyond their margin, roll back",
		},
	}
}

func outage() Scenario {
	up := usual()
	down := up.changed(func(b *behaviour) {
		b.errors, b.failure, b.resolved, b.handoff = 0.9, "upstream_5xx", 0.10, 0.50
	})
	phases := ramp(up, up, step{0.05, 2 * day}, step{0.20, 2 * day}, step{0.50, day + 9}, step{0.50, 4}, step{0.50, 2*day + 11})
	phases[3].arms = [2]behaviour{down, down}
	return Scenario{
		Name: "outage", Sessions: 21000,
		About:  "both versions are the same; for four hours at 50 % the provider behind both is down",
		phases: phases,
		naive:  []string{"resolution", "errors", "handoff"},
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid}, Flags: []string{FlagNaive},
			Trap: "pooled, v2 has more errors: it had the larger share of its sessions in the outage",
			Says: "within the epoch both suffer alike: hold",
		},
	}
}
