package reports

import (
	"testing"

	"weir/analyze"
)

func TestStateOf(t *testing.T) {
	for _, c := range []struct {
		role      analyze.Role
		direction analyze.Direction
		check     analyze.Check
		glyph     string
		word      string
	}{
		{analyze.Goal, analyze.Better, analyze.CheckPassed, "▲", "better"},
		{analyze.Goal, analyze.Unclear, analyze.CheckPassed, "○", "within, not yet better"},
		{analyze.Goal, analyze.Unclear, analyze.CheckOpen, "○", "open"},
		{analyze.Goal, analyze.Worse, analyze.CheckPassed, "▼", "worse, within margin"},
		{analyze.Goal, analyze.Worse, analyze.CheckOpen, "▼", "worse, margin is open"},
		{analyze.Goal, analyze.Worse, analyze.CheckFailed, "▼", "worse than the margin"},
		{analyze.Guardrail, analyze.Unclear, analyze.CheckPassed, "●", "within margin"},
		{analyze.Guardrail, analyze.NotEstimable, analyze.CheckOpen, "✕", "not estimable"},
		{analyze.Guardrail, analyze.NotEstimable, analyze.CheckFailed, "▼", "worse than the margin"}, // harm is tested from fewer units on
		{analyze.Monitor, analyze.Unclear, analyze.CheckNone, "○", "no clear difference"},
		{analyze.Monitor, analyze.Worse, analyze.CheckNone, "▼", "worse"},
		{analyze.Monitor, analyze.Better, analyze.CheckNone, "▲", "better"},
	} {
		got := stateOf(analyze.MetricResult{Role: c.role, Direction: c.direction, Margin: analyze.MarginCheck{Check: c.check}})
		if got.Glyph != c.glyph || got.Word != c.word {
			t.Errorf("%s, %s, %s: %s %s, want %s %s", c.role, c.direction, c.check, got.Glyph, got.Word, c.glyph, c.word)
		}
	}
}

func TestChecks(t *testing.T) {
	ok := live(0, nil, nil).Analysis.Result
	for _, c := range []struct {
		name   string
		change func(*analyze.Result)
		check  string
		want   state
		found  string
	}{
		{"split in order", func(*analyze.Result) {}, "sample ratio", sound, "p .41 (19.9 % intended, 19.9 % observed)"},
		{"split unlikely", func(r *analyze.Result) { r.Health.SRM.PValue = 0.004 }, "sample ratio", watched, "p .004 (19.9 % intended, 19.9 % observed)"},
		{"split broken", func(r *analyze.Result) { r.Health.SRM.PValue, r.Health.SRM.OK = 1e-9, false }, "sample ratio", broken, "p < .001 (19.9 % intended, 19.9 % observed)"},
		{"split unknown", func(r *analyze.Result) {
			r.Health.SRM = analyze.SRM{PValue: unknown, Expected: unknown, Observed: unknown, OK: true, Note: "no randomised units"}
		}, "sample ratio", unchecked, "not checked (no randomised units)"},
		{"nothing lost", func(*analyze.Result) {}, "loss", sound, "0 / 0"},
		{"too much lost", func(r *analyze.Result) {
			r.Health.Loss = analyze.Loss{ByArm: analyze.ByArm{Control: 10, Treatment: 2000}, Rate: 0.06, PValue: 1e-8}
		}, "loss", broken, "10 / 2,000 (6 % of all, difference p < .001)"},
		{"loss unknown", func(r *analyze.Result) { r.Health.Loss.Rate = unknown }, "loss", unchecked, "not checked"},
		{"served", func(*analyze.Result) {}, "served as assigned", sound, "99.8 % (v1 100 %)"},
		{"not served", func(r *analyze.Result) { r.Health.Compliance.OK, r.Health.Compliance.Treatment = false, 0.9 }, "served as assigned", broken, "90 % (v1 100 %)"},
		{"young", func(*analyze.Result) {}, "mature", sound, "96.9 % (1,515 too young to count)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ok
			c.change(&r)
			for _, got := range checksOf(r) {
				if got.Name != c.check {
					continue
				}
				if got.state != c.want || got.text() != c.found {
					t.Errorf("%s %q, want %s %q", got.Word, got.text(), c.want.Word, c.found)
				}
				return
			}
			t.Errorf("no check %q", c.check)
		})
	}
}
