package reports

import (
	"testing"

	"weir/analyze"
	"weir/rollout"
)

func TestSentence(t *testing.T) {
	needs := &rollout.Needs{Units: 4217, Days: days(3.1)}
	better := directed(resolution(), analyze.Better)
	passedLatency := latency()
	passedLatency.Margin.Check = analyze.CheckPassed
	middling := resolution()
	middling.Test.Lower, middling.Test.Upper = -0.05, 0.112
	worsening := resolution()
	worsening.Test.Value, worsening.Test.Lower, worsening.Test.Upper = -0.02, -0.045, 0.005
	worse := resolution()
	worse.Test.Value, worse.Test.Lower, worse.Test.Upper = -0.02, -0.035, -0.005
	endless := resolution()
	endless.Test.Upper = unknown
	second := directed(resolution(), analyze.Better)
	second.Name = "quality"
	broken := handoff()
	broken.Margin.Check = analyze.CheckFailed
	explored := live(rollout.Hold, []string{"This is an exploration and gives no verdict: --since."}, nil, resolution())
	explored.Policy.Explored = "--since"
	easy := live(rollout.Hold, []string{"The traffic spans no full UTC day yet."}, nil, resolution(), handoff())
	easy.Policy.NonInferiorGoals = true

	for _, c := range []struct {
		name   string
		record rollout.Record
		want   string
	}{
		{"hold, the goal leans", live(rollout.Hold, nil, needs, resolution(), handoff()),
			"Hold. Resolution is probably better (+3.1 points, between −0.4 and +6.6), but that is not proven; every guardrail is within its margin. About 4,200 more sessions are needed, both arms together: about 3 days at today's traffic."},
		{"hold, the goal leans, without guardrails", live(rollout.Hold, nil, nil, resolution()),
			"Hold. Resolution is probably better (+3.1 points, between −0.4 and +6.6), but that is not proven; no harm is proven."},
		{"hold, the goal does not lean", live(rollout.Hold, nil, &rollout.Needs{Units: 20}, middling),
			"Hold. Resolution cannot be told from no change yet (+3.1 points, between −5.0 and +11.2); no harm is proven. About 20 more sessions are needed, both arms together."},
		{"hold, the goal leans the wrong way", live(rollout.Hold, nil, nil, worsening),
			"Hold. Resolution is probably worse (−2.0 points, between −4.5 and +0.5), but that is not proven; no harm is proven."},
		{"hold, the goal is worse within its margin", live(rollout.Hold, nil, nil, directed(worse, analyze.Worse)),
			"Hold. Resolution is worse (−2.0 points, between −3.5 and −0.5); no harm is proven."},
		{"hold, one end is open", live(rollout.Hold, nil, nil, endless),
			"Hold. Resolution cannot be told from no change yet (+3.1 points, between −0.4 and +∞); no harm is proven."},
		{"hold, a guardrail is open", live(rollout.Hold, nil, &rollout.Needs{Units: 900, Days: days(0.4)}, better, latency()),
			"Hold. Resolution is better (+3.1 points, between −0.4 and +6.6), but latency p95 is not yet shown to be within its margin of 10 % (+6.3 %, between −2.0 and +14.0). About 900 more sessions are needed, both arms together: less than a day at today's traffic."},
		{"hold, a goal is not estimable", holding(),
			"Hold. Resolution is probably better (+3.1 points, between −0.4 and +6.6), but quality is not estimable: v2 has 31 of the 50 labels needed. About 4,200 more sessions are needed, both arms together: about 3 days at today's traffic."},
		{"hold, a goal fails but may not roll back", live(rollout.Hold, nil, nil, better, broken),
			"Hold. Resolution is better (+3.1 points, between −0.4 and +6.6), but handoff is worse than its margin of 2 pp (+0.40 points, between −0.30 and +1.10)."},
		{"hold, nothing is estimable", notEstimable(),
			"Hold. Resolution is not estimable: v2 has 12 of the 100 units needed for a test (88 more are not mature yet). About 900 more sessions are needed, both arms together."},
		{"hold for a reason beside the metrics", live(rollout.Hold, []string{"the traffic spans no full UTC day yet"}, nil, better, passedLatency),
			"Hold. Resolution is better (+3.1 points, between −0.4 and +6.6). The traffic spans no full UTC day yet."},
		{"hold, goals need not be better", easy,
			"Hold. Resolution is probably better (+3.1 points, between −0.4 and +6.6). The traffic spans no full UTC day yet."},
		{"hold, explored", explored,
			"Hold. This is an exploration and gives no verdict: --since."},
		{"hold, monitors only", monitors(), "Hold. No goal is declared: there is nothing to prove."},
		{"hold, nothing at all", rollout.Record{}, "Hold. Nothing is proven."},

		{"promote", promoting(),
			"Promote. Resolution is better (+3.1 points, between +0.8 and +5.4), and every goal and guardrail is within its margin."},
		{"promote, two goals", live(rollout.Promote, nil, nil, better, second),
			"Promote. Resolution (+3.1 points, between −0.4 and +6.6) and quality (+3.1 points, between −0.4 and +6.6) are better, and every goal and guardrail is within its margin."},
		{"promote, goals non-inferior", live(rollout.Promote, nil, nil, resolution(), handoff()),
			"Promote. Every goal and guardrail is within its margin."},

		{"roll back, two metrics", rollingBack(),
			"Roll back. Handoff is worse than its margin of 2 pp (+4.5 points, between +2.7 and +6.3), and so is errors."},
		{"roll back, three metrics", live(rollout.Rollback, nil, nil, broken, broken, broken),
			"Roll back. Handoff is worse than its margin of 2 pp (+0.40 points, between −0.30 and +1.10), and so are handoff and handoff."},
		{"roll back before the metric is tested", live(rollout.Rollback, nil, nil, rollingBack().Analysis.Metrics[2]),
			"Roll back. Errors is worse than its margin of 1 pp (+20.6 points, p .002)."},
		{"roll back without a metric", live(rollout.Rollback, []string{"the breaker opened"}, nil), "Roll back. The breaker opened."},

		{"invalid", invalid(),
			"Invalid. The comparison cannot be trusted: sample ratio p < .001 (20 % intended, 17.1 % observed); loss 12 / 840 (3 more of unknown arm, 0.4 % of all, difference p < .001); served as assigned 96.1 % (v1 100 %)."},
		{"invalid for another reason", live(rollout.Invalid, []string{"judgments are missing more often in v2"}, nil), "Invalid. Judgments are missing more often in v2."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Sentence(c.record); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestReasonsAreNotSaidTwice(t *testing.T) {
	v := New(monitors(), Options{}).page.Verdict
	if len(v.Reasons) != 0 {
		t.Errorf("%q repeats %q", v.Reasons, v.Headline)
	}
}

func TestAbout(t *testing.T) {
	for d, want := range map[float64]string{0.2: "less than a day", 1: "about a day", 1.4: "about a day", 1.6: "about 2 days", 12.2: "about 12 days", 412: "about 410 days"} {
		if got := about(d); got != want {
			t.Errorf("about(%v) = %q, want %q", d, got, want)
		}
	}
}
