package rollout

import (
	"math"
	"testing"
	"time"

	"weir/analyze"
)

// TestNeeds: the most that an open margin or, if it must be better, the best goal asks for.
func TestNeeds(t *testing.T) {
	const unknown, days = -1, 1000 // units a day
	infinite := analyze.Number(math.Inf(1))
	// more sets what the goal and the guardrail need; the goal is not better, the guardrail open.
	more := func(superior, goal, guardrail analyze.Number, change func(*analyze.Result)) analyze.Result {
		return promotable(func(r *analyze.Result) {
			r.Period.UnitsPerDay = days
			r.Metrics[0].Direction, r.Metrics[0].Margin.Check = analyze.Unclear, analyze.CheckOpen
			r.Metrics[0].More = analyze.More{Superior: superior, NonInferior: goal}
			r.Metrics[1].Margin.Check = analyze.CheckOpen
			r.Metrics[1].More.NonInferior = guardrail
			change(r)
		})
	}
	tests := []struct {
		name   string
		result analyze.Result
		policy Policy
		units  int64   // unknown: needs is null
		days   float64 // unknown: null
	}{
		{"the goal needs most", more(5400, 300, 200, nothing), Policy{}, 5400, 5.4},
		{"a margin needs most", more(100, 300, 200, nothing), Policy{}, 300, .3},
		{"units and tenths of days are rounded up", more(1000.2, 1, 1, nothing), Policy{}, 1001, 1.1},
		{"superiority is not asked for", more(5400, 300, 200, nothing), Policy{NonInferiorGoals: true}, 300, .3},
		{"a passed margin asks for nothing", more(100, 300, 2000, func(r *analyze.Result) { r.Metrics[1].Margin.Check = analyze.CheckPassed }), Policy{}, 300, .3},
		{"a margin that cannot be reached", more(100, 300, analyze.Unknown, nothing), Policy{}, unknown, unknown},
		{"a margin that takes forever", more(100, 300, infinite, nothing), Policy{}, unknown, unknown},
		{"the effect points to the bad side", more(100, 300, 200, func(r *analyze.Result) { r.Metrics[0].Test.Value = -.01 }), Policy{}, unknown, unknown},
		{"there is no effect", more(100, 300, 200, func(r *analyze.Result) { r.Metrics[0].Test.Value = 0 }), Policy{}, unknown, unknown},
		{"nobody can say when it is better", more(analyze.Unknown, 300, 200, nothing), Policy{}, unknown, unknown},
		{"less is good", more(700, 300, 200, func(r *analyze.Result) { r.Metrics[0].Good, r.Metrics[0].Test.Value = analyze.Down, -.01 }), Policy{}, 700, .7},
		{"of two goals the nearest", more(5400, 300, 200, func(r *analyze.Result) {
			second := r.Metrics[0]
			second.Name, second.More.Superior = "faq", 900
			r.Metrics = append(r.Metrics, second)
		}), Policy{}, 900, .9},
		{"rows have no times", more(5400, 300, 200, func(r *analyze.Result) { r.Period.UnitsPerDay = analyze.Unknown }), Policy{}, 5400, unknown},
		{"there is no traffic", more(5400, 300, 200, func(r *analyze.Result) { r.Period.UnitsPerDay = 0 }), Policy{}, 5400, unknown},
		{"half a day is missing", promotable(func(r *analyze.Result) {
			begun, last := first.Add(6*time.Hour), first.Add(36*time.Hour) // the first full day ends after 48 hours
			r.Period.FullDays, r.Period.First, r.Period.Last = 0, &begun, &last
		}), Policy{}, 0, .5},
		{"a tenth of the information comes from large shares", promotable(func(r *analyze.Result) {
			r.Period.LargeShareInformation, r.Period.Information, r.Period.TreatmentShare = .1, 100, .5
		}), Policy{}, 320, .4}, // 10 + 320/4 of 100 + 320/4
		{"the share is still small", promotable(func(r *analyze.Result) {
			r.Period.LargeShareInformation, r.Period.Information, r.Period.TreatmentShare = .1, 100, .05
		}), Policy{}, unknown, unknown},
		{"only a day is missing", promotable(func(r *analyze.Result) { r.Period.FullDays = 0 }), Policy{}, unknown, unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Decide(test.result, test.policy)
			if got.Verdict != Hold {
				t.Fatalf("the verdict is %v", got.Verdict)
			}
			units, perDay := int64(unknown), float64(unknown)
			if got.Needs != nil {
				units = got.Needs.Units
				if got.Needs.Days != nil {
					perDay = *got.Needs.Days
				}
			}
			if units != test.units || math.Abs(perDay-test.days) > 1e-12 {
				t.Errorf("needs %d units, %g days; want %d, %g", units, perDay, test.units, test.days)
			}
		})
	}
	for _, decided := range []analyze.Result{
		promotable(nothing),
		promotable(func(r *analyze.Result) { fails(&r.Metrics[1]) }),
		promotable(func(r *analyze.Result) { r.Health.OK = false }),
	} {
		if got := Decide(decided, Policy{}); got.Needs != nil {
			t.Errorf("%v needs %+v", got.Verdict, *got.Needs)
		}
	}
}
