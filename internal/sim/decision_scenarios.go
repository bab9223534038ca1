package sim

// decisionScenarios are traps in how metrics become a verdict.
func decisionScenarios() []Scenario {
	return []Scenario{
		manyMetrics(), oneUpOneDown(), rareErrors(), latencyLoadShift(), judgeBias(), withinMargin(),
	}
}

func manyMetrics() Scenario {
	rates := map[string]float64{"faq_hit": 0.3, "link_click": 0.2, "copied": 0.15, "thanked": 0.4, "returned": 0.25,
		"order_found": 0.5, "form_sent": 0.1, "survey_opened": 0.35, "shared": 0.08}
	names := []string{"faq_hit", "link_click", "copied", "thanked", "returned", "order_found", "form_sent", "survey_opened", "shared"}
	v1 := usual()
	metrics := usualMetrics()
	for _, name := range names {
		v1.events = append(v1.events, event{name, rates[name]})
		metrics = append(metrics, outcomeGoal(name))
	}
	return Scenario{
		Name: "many-metrics", Sessions: 20000,
		About:   "both versions are the same, on ten goals",
		phases:  ramp(v1, v1, gently()...),
		metrics: metrics,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "one goal of ten wins in 40 % of such logs",
			Says: "goals share alpha: no difference, hold",
		},
	}
}

func oneUpOneDown() Scenario {
	v1 := usual().changed(func(b *behaviour) { b.resolved, b.events = 0.60, []event{{"faq_hit", 0.50}} })
	v2 := v1.changed(func(b *behaviour) { b.resolved, b.events = 0.68, []event{{"faq_hit", 0.44}} })
	return Scenario{
		Name: "one-up-one-down", Sessions: 40000,
		About:   "v2 resolves 8 points more and hits the FAQ 6 points less, where 3 are allowed",
		phases:  ramp(v1, v2, gently()...),
		metrics: append(usualMetrics(), outcomeGoal("faq_hit")),
		truth: Truth{
			Verdicts: []string{Rollback}, Forbidden: []string{Promote, Invalid},
			Trap: "one goal is superior: promote",
			Says: "every goal must be within its margin, and one is beyond it: roll back",
		},
	}
}

func rareErrors() Scenario {
	v1 := usual().changed(func(b *behaviour) {
		b.requests, b.errors, b.prone = 1.5, 0.002, 1
	})
	v2 := v1.changed(func(b *behaviour) { b.errors, b.resolved = 0.015, b.resolved+0.05 })
	return Scenario{
		Name: "rare-errors", Sessions: 30000,
		About:  "v2 resolves more; its errors are 1.5 % against 0.2 %, and one point is allowed",
		phases: ramp(v1, v2, step{0.05, 6 * day}, step{0.20, 4 * day}),
		truth: Truth{
			Verdicts: []string{Hold, Rollback}, Forbidden: []string{Promote, Invalid},
			Trap: "no error seen among the first hundred units: passes",
			Says: "errors count only from enough expected events on, and are never proven to be within the margin",
		},
	}
}

func latencyLoadShift() Scenario {
	before := usual()
	busy := before.changed(func(b *behaviour) { b.latency *= 0.8 })
	slow := func(b behaviour) behaviour {
		return b.changed(func(b *behaviour) { b.latency, b.resolved = b.latency*1.15, b.resolved+0.05 })
	}
	phases := ramp(before, slow(before), step{0, 2 * day}, step{0.05, day})
	phases = append(phases, ramp(busy, slow(busy), step{0.20, 7 * day})...)
	return Scenario{
		Name: "latency-load-shift", Sessions: 30000,
		About:  "v2 resolves more and is 15 % slower, where 10 % are allowed; the load falls and makes both a fifth faster",
		phases: phases,
		truth: Truth{
			Verdicts: []string{Hold, Rollback}, Forbidden: []string{Promote, Invalid}, Flags: []string{FlagExcluded},
			Trap: "against v1's p95 of last week v2 is fast enough",
			Says: "against v1's rate at the same time it is not",
		},
	}
}

func judgeBias() Scenario {
	v1 := usual()
	v2 := v1.changed(func(b *behaviour) { b.verbose, b.output = true, b.output*1.6 })
	return Scenario{
		Name: "judge-bias", Sessions: 6000,
		About:    "both versions resolve the same; v2's answers say it with many more words",
		phases:   ramp(v1, v2, step{0.50, 7 * day}),
		metrics:  withMargins(map[string]string{"tokens": ""}),
		contents: 0.25,
		truth: Truth{
			Verdicts: []string{Hold}, Forbidden: []string{Promote, Rollback, Invalid},
			Trap: "a judge that likes long answers prefers v2",
			Says: "length is not quality: no difference, hold",
		},
	}
}

func withinMargin() Scenario {
	v1 := usual().changed(func(b *behaviour) { b.handoff = 0.10 })
	v2 := v1.changed(func(b *behaviour) { b.handoff, b.resolved = 0.11, b.resolved+0.03 })
	return Scenario{
		Name: "within-margin", Sessions: 84000,
		About:  "v2 resolves 3 points more and hands off 1 point more, where 2 are allowed",
		phases: ramp(v1, v2, step{0.50, 42 * day}),
		truth: Truth{
			Verdicts: []string{Promote}, Forbidden: []string{Rollback, Invalid},
			Trap: "handoff is significantly worse than zero: roll back",
			Says: "worse, but within its margin, and resolution is better: promote",
		},
	}
}
