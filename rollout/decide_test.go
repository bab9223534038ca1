package rollout

import (
	"slices"
	"strings"
	"testing"
	"time"

	"weir/analyze"
)

// first is a time that traffic began at.
var first = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// promotable is live traffic that everything speaks for: a goal is better, it and the guardrail
// are within their margins, and the traffic was just broad enough. change makes one thing differ.
func promotable(change func(*analyze.Result)) analyze.Result {
	r := analyze.Result{
		Design: analyze.Design{Unit: "session", Kind: analyze.Stratified, Method: analyze.Sequential, Alpha: .05, Randomized: true},
		Period: analyze.Period{First: &first, FullDays: 1, UnitsPerDay: 1000, LargeShareInformation: .5},
		Health: analyze.Health{OK: true},
		Metrics: []analyze.MetricResult{
			{
				Name: "resolution", Role: analyze.Goal, Good: analyze.Up, Unit: "share", Direction: analyze.Better,
				Test:   analyze.Test{Value: .05, Lower: .01, Upper: .09, PValue: .01, PAdjusted: .01},
				Margin: analyze.MarginCheck{Value: .03, Bound: .02, PValue: .001, HarmPValue: 1, HarmAdjusted: 1, Check: analyze.CheckPassed},
			},
			{
				Name: "errors", Role: analyze.Guardrail, Good: analyze.Down, Unit: "share", Direction: analyze.Unclear,
				Test:   analyze.Test{Value: .001, Lower: -.004, Upper: .006, PValue: .7, PAdjusted: .7},
				Margin: analyze.MarginCheck{Value: .01, Bound: .005, PValue: .001, HarmPValue: 1, HarmAdjusted: 1, Check: analyze.CheckPassed},
			},
		},
	}
	change(&r)
	return r
}

// offline is the same of cases that both versions ran, without times or chance.
func offline(change func(*analyze.Result)) analyze.Result {
	return promotable(func(r *analyze.Result) {
		r.Design = analyze.Design{Unit: "case", Kind: analyze.Paired, Method: analyze.Fixed, Alpha: .05, Offline: true}
		r.Period = analyze.Period{UnitsPerDay: analyze.Unknown, LargeShareInformation: analyze.Unknown}
		change(r)
	})
}

// fails is a metric that is proven beyond its margin.
func fails(m *analyze.MetricResult) {
	m.Margin.Check, m.Margin.HarmAdjusted, m.Direction = analyze.CheckFailed, .002, analyze.Worse
}

// waiting is a release whose goal is unclear, so many hours after the last step was reached.
func waiting(hours int) analyze.Result {
	return promotable(func(r *analyze.Result) {
		r.Metrics[0].Direction = analyze.Unclear
		r.Period.LastStep, r.Period.AsOf = &first, first.Add(time.Duration(hours)*time.Hour)
	})
}

func nothing(*analyze.Result) {}

// TestDecide takes each limit by itself: what is just enough promotes, what is just too little does not.
func TestDecide(t *testing.T) {
	tests := []struct {
		name   string
		result analyze.Result
		policy Policy
		want   Verdict
		reason string // that is among the reasons; a part of it
	}{
		{"everything speaks for it", promotable(nothing), Policy{}, Promote, "Resolution is better: +5.0 pp (+1.0 pp to +9.0 pp)."},
		{"nothing is declared", promotable(func(r *analyze.Result) { r.Metrics = nil }), Policy{}, Hold, "No goal is declared"},
		{"only a guardrail is declared", promotable(func(r *analyze.Result) { r.Metrics = r.Metrics[1:] }), Policy{}, Hold, "No goal is declared"},
		{"only a guardrail is declared, and goals need not be superior", promotable(func(r *analyze.Result) { r.Metrics = r.Metrics[1:] }), Policy{NonInferiorGoals: true}, Hold, "No goal is declared"},
		{"only a goal is declared", promotable(func(r *analyze.Result) { r.Metrics = r.Metrics[:1] }), Policy{}, Promote, ""},

		{"the goal is unclear", promotable(func(r *analyze.Result) { r.Metrics[0].Direction = analyze.Unclear }), Policy{}, Hold, "No goal is proven better yet: resolution +5.0 pp (+1.0 pp to +9.0 pp)."},
		{"the goal is unclear, and need not be superior", promotable(func(r *analyze.Result) { r.Metrics[0].Direction = analyze.Unclear }), Policy{NonInferiorGoals: true}, Promote, "Proven within their margins: resolution, errors."},
		{"the goal is worse within its margin", promotable(func(r *analyze.Result) { r.Metrics[0].Direction = analyze.Worse }), Policy{}, Hold, "resolution is worse within its margin"},
		{"the goal is not estimable", promotable(func(r *analyze.Result) {
			r.Metrics[0].Direction, r.Metrics[0].Margin.Check = analyze.NotEstimable, analyze.CheckOpen
		}), Policy{}, Hold, "resolution is not estimable"},
		{"the goal is not estimable, and need not be superior", promotable(func(r *analyze.Result) {
			r.Metrics[0].Direction, r.Metrics[0].Margin.Check = analyze.NotEstimable, analyze.CheckOpen
		}), Policy{NonInferiorGoals: true}, Hold, "Resolution is not proven within its margin of 3 pp yet"},
		{"the goal's direction is the zero value", promotable(func(r *analyze.Result) { r.Metrics[0].Direction = "" }), Policy{}, Hold, "No goal is proven better yet"},
		{"the goal is better and its margin is open", promotable(func(r *analyze.Result) { r.Metrics[0].Margin.Check = analyze.CheckOpen }), Policy{}, Hold, "Resolution is not proven within its margin of 3 pp yet: it may be as bad as +2.0 pp."},
		{"the goal is better and has no margin", promotable(func(r *analyze.Result) { r.Metrics[0].Margin.Check = analyze.CheckNone }), Policy{}, Hold, "Resolution has no margin, so it cannot be proven harmless."},
		{"the goal's check is the zero value", promotable(func(r *analyze.Result) { r.Metrics[0].Margin.Check = "" }), Policy{}, Hold, "Resolution is not proven"},
		{"of two goals one is better, the other within its margin", promotable(func(r *analyze.Result) {
			second := r.Metrics[0]
			second.Name, second.Direction = "faq", analyze.Unclear
			r.Metrics = append(r.Metrics, second)
		}), Policy{}, Promote, "Proven within their margins: errors, faq."},
		{"of two goals one is better, the other's margin is open", promotable(func(r *analyze.Result) {
			second := r.Metrics[0]
			second.Name, second.Margin.Check = "faq", analyze.CheckOpen
			r.Metrics = append(r.Metrics, second)
		}), Policy{}, Hold, "Faq is not proven within its margin"},

		{"the guardrail's margin is open", promotable(func(r *analyze.Result) { r.Metrics[1].Margin.Check = analyze.CheckOpen }), Policy{}, Hold, "Errors is not proven within its margin of 1 pp yet"},
		{"the guardrail has no margin", promotable(func(r *analyze.Result) { r.Metrics[1].Margin.Check = analyze.CheckNone }), Policy{}, Hold, "Errors has no margin"},
		{"the guardrail is not estimable", promotable(func(r *analyze.Result) {
			r.Metrics[1].Direction, r.Metrics[1].Margin.Check, r.Metrics[1].Margin.PValue = analyze.NotEstimable, analyze.CheckOpen, analyze.Unknown
			r.Metrics[1].Warnings = []string{"not estimable: no outcome \"error\" joins these units"}
		}), Policy{}, Hold, "Errors: not estimable: no outcome \"error\" joins these units."},
		{"the guardrail's values are missing more often in one arm", promotable(func(r *analyze.Result) {
			r.Metrics[1].MissingDiffers, r.Metrics[1].Margin.Check = true, analyze.CheckOpen
		}), Policy{}, Hold, "Errors counts for nothing: its values are missing more often in one arm."},
		{"the guardrail is worse within its margin", promotable(func(r *analyze.Result) { r.Metrics[1].Direction = analyze.Worse }), Policy{}, Promote, ""},

		{"nothing says that versions were drawn", promotable(func(r *analyze.Result) { r.Design.Randomized = false }), Policy{}, Hold, "Nothing says that versions were assigned by chance"},
		{"not one full day", promotable(func(r *analyze.Result) { r.Period.FullDays = 0 }), Policy{}, Hold, "The traffic spans no full UTC day yet."},
		{"less than half of the information from large shares", promotable(func(r *analyze.Result) { r.Period.LargeShareInformation = .4999 }), Policy{}, Hold, "of the information comes from shares of 20 % or more"},
		{"the information is not known", promotable(func(r *analyze.Result) { r.Period.LargeShareInformation = analyze.Unknown }), Policy{}, Hold, "Only 0 % of the information"},
		{"six full days", promotable(func(r *analyze.Result) { r.Period.FullDays = 6 }), Policy{}, Promote, "Only 6 full days were seen: a weekly cycle is not covered."},
		{"rows have no times", promotable(func(r *analyze.Result) {
			r.Design.Method, r.Period = analyze.Fixed, analyze.Period{LargeShareInformation: analyze.Unknown}
		}), Policy{Look: 1}, Promote, ""},

		{"the last step waits, not too long", waiting(28 * 24), Policy{MaxWaitHours: 28 * 24}, Hold, "No goal is proven better yet"},
		{"the last step waits too long", waiting(28*24 + 1), Policy{MaxWaitHours: 28 * 24}, Hold, "Inconclusive: the last step was reached 28 days ago and waits for proof for 28 days at most."},
		{"the traffic ended before it had waited too long", promotable(func(r *analyze.Result) {
			r.Metrics[0].Direction = analyze.Unclear
			last := first.Add(100 * time.Hour)
			r.Period.LastStep, r.Period.Last, r.Period.AsOf = &first, &last, first.Add(1e6*time.Hour)
		}), Policy{MaxWaitHours: 28 * 24}, Hold, "No goal is proven better yet"},
		{"proof comes late", promotable(func(r *analyze.Result) { r.Period.LastStep, r.Period.AsOf = &first, first.Add(1e3*time.Hour) }), Policy{MaxWaitHours: 1}, Promote, ""},

		{"the first look of a fixed method", promotable(func(r *analyze.Result) { r.Design.Method = analyze.Fixed }), Policy{Look: 1}, Promote, ""},
		{"the second look of a fixed method", promotable(func(r *analyze.Result) { r.Design.Method = analyze.Fixed }), Policy{Look: 2}, Hold, "This is look 2 of a fixed method: only the first can promote."},
		{"the second look of a sequential method", promotable(nothing), Policy{Look: 2}, Promote, ""},
		{"an exploration", promotable(nothing), Policy{Explored: "units before noon are left out"}, Hold, "This is an exploration and gives no verdict: units before noon are left out."},

		{"the same cases, offline", offline(nothing), Policy{Look: 1}, Promote, ""},
		{"other cases, offline", offline(func(r *analyze.Result) { r.Design.Kind = analyze.Independent }), Policy{Look: 1}, Hold, "run the same cases on both"},
		{"the second look at cases", offline(nothing), Policy{Look: 2}, Hold, "This is look 2"},

		{"the guardrail is beyond its margin", promotable(func(r *analyze.Result) { fails(&r.Metrics[1]) }), Policy{}, Rollback, "Errors is worse than its margin of 1 pp allows: +0.10 pp (−0.40 pp to +0.60 pp) (p .002)."},
		{"the goal is beyond its margin", promotable(func(r *analyze.Result) { fails(&r.Metrics[0]) }), Policy{}, Rollback, "Resolution is worse than its margin of 3 pp allows"},
		{"the comparison is invalid", promotable(func(r *analyze.Result) {
			r.Health = analyze.Health{Warnings: []string{"sample ratio mismatch"}}
		}), Policy{}, Invalid, "Sample ratio mismatch."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Decide(test.result, test.policy)
			if got.Verdict != test.want {
				t.Errorf("the verdict is %v, want %v: %q", got.Verdict, test.want, got.Reasons)
			}
			if !slices.ContainsFunc(got.Reasons, func(s string) bool { return strings.Contains(s, test.reason) }) {
				t.Errorf("no reason says %q: %q", test.reason, got.Reasons)
			}
			if len(got.Reasons) == 0 {
				t.Error("there is no reason")
			}
		})
	}
}

// TestPrecedence: rollback before invalid before promote, whatever else holds.
func TestPrecedence(t *testing.T) {
	invalid := func(r *analyze.Result) { r.Health = analyze.Health{Warnings: []string{"loss differs"}} }
	harmful := func(r *analyze.Result) { fails(&r.Metrics[1]) }
	open := func(r *analyze.Result) { r.Metrics[0].Direction = analyze.Unclear }
	tests := []struct {
		name    string
		changes []func(*analyze.Result)
		want    Verdict
	}{
		{"harmful and a better goal", []func(*analyze.Result){harmful}, Rollback},
		{"harmful and invalid", []func(*analyze.Result){harmful, invalid}, Rollback},
		{"harmful, invalid and open", []func(*analyze.Result){harmful, invalid, open}, Rollback},
		{"invalid and a better goal", []func(*analyze.Result){invalid}, Invalid},
		{"invalid and open", []func(*analyze.Result){invalid, open}, Invalid},
		{"open", []func(*analyze.Result){open}, Hold},
	}
	for _, test := range tests {
		for _, base := range []func(func(*analyze.Result)) analyze.Result{promotable, offline} {
			r := base(func(r *analyze.Result) {
				for _, change := range test.changes {
					change(r)
				}
			})
			if got := Decide(r, Policy{}); got.Verdict != test.want {
				t.Errorf("%s: the verdict is %v, want %v", test.name, got.Verdict, test.want)
			}
		}
	}
	explored := promotable(harmful)
	if got := Decide(explored, Policy{Explored: "x"}); got.Verdict != Hold {
		t.Errorf("an exploration that shows harm gives %v", got.Verdict)
	}
	late := promotable(func(r *analyze.Result) { harmful(r); r.Design.Method = analyze.Fixed })
	if got := Decide(late, Policy{Look: 9}); got.Verdict != Rollback {
		t.Errorf("a late look that shows harm gives %v", got.Verdict)
	}
}

// TestMonitorsNeverDecide: whatever a monitor says, the verdict is the one without it.
func TestMonitorsNeverDecide(t *testing.T) {
	bases := []analyze.Result{
		promotable(nothing), offline(nothing),
		promotable(func(r *analyze.Result) { r.Metrics[0].Direction = analyze.Unclear }),
		promotable(func(r *analyze.Result) { r.Metrics = r.Metrics[1:] }),
		promotable(func(r *analyze.Result) { r.Health.OK = false }),
	}
	for _, base := range bases {
		want := Decide(base, Policy{})
		for _, direction := range []analyze.Direction{analyze.Better, analyze.Worse, analyze.Unclear, analyze.NotEstimable, ""} {
			for _, check := range []analyze.Check{analyze.CheckNone, analyze.CheckOpen, analyze.CheckPassed, analyze.CheckFailed, ""} {
				r := base
				r.Metrics = append(slices.Clone(base.Metrics), analyze.MetricResult{
					Name: "satisfaction", Role: analyze.Monitor, Good: analyze.Up, Direction: direction,
					Margin: analyze.MarginCheck{Check: check}, More: analyze.More{Superior: 1e6, NonInferior: 1e6},
				})
				got := Decide(r, Policy{})
				if got.Verdict != want.Verdict || !slices.Equal(got.Reasons, want.Reasons) || (got.Needs == nil) != (want.Needs == nil) {
					t.Errorf("a monitor that is %q, margin %q, makes %v of %v: %q", direction, check, got.Verdict, want.Verdict, got.Reasons)
				}
			}
		}
	}
}

// TestZeroValues: nothing known is no promotion, and the zero verdict is hold.
func TestZeroValues(t *testing.T) {
	if (Decision{}).Verdict != Hold {
		t.Error("the zero decision is not hold")
	}
	if got := Decide(analyze.Result{}, Policy{}); got.Verdict == Promote || got.Verdict == Rollback {
		t.Errorf("the zero result gives %v", got.Verdict)
	}
	if got := Decide(analyze.Result{Health: analyze.Health{OK: true}}, Policy{}); got.Verdict != Hold {
		t.Errorf("a sound result of nothing gives %v", got.Verdict)
	}
	if got := Decide(analyze.Result{Health: analyze.Health{OK: true}}, Policy{NonInferiorGoals: true}); got.Verdict != Hold {
		t.Errorf("a sound result of nothing, goals not superior, gives %v", got.Verdict)
	}
}
