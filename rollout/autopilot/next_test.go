package autopilot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weir/analyze"
	"weir/rollout"
	"weir/rollout/spec"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) // a Monday

func after(hours float64) time.Time { return start.Add(time.Duration(hours * float64(time.Hour))) }

func plan(t testing.TB, ramp, rest string) Plan {
	t.Helper()
	r, err := spec.Parse("weir.yaml", fmt.Appendf(nil, "app: bot\nrelease: r1\nstable: v1\ncandidate: v2\nramp: %s\n%s", ramp, rest))
	if err != nil {
		t.Fatal(err)
	}
	p, err := PlanOf(r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const usual = `{steps: [{to: 5%, hold: 24h, units: 20}, {to: 20%, hold: 24h, units: 100}, {to: 50%, hold: 12h, units: 400}]}`

// look is one of the release's, made so many hours after the start, with so many
// units of epoch 2.
func (p Plan) look(hours float64, v rollout.Verdict, units int) *Look {
	return &Look{At: after(hours), Release: p.Release, Promise: p.Promise, Verdict: v, Reason: "Because.", Mature: map[int64]int{2: units}}
}

// at is a state at a step of the plan, in epoch 2, since the start.
func (p Plan) at(step int) State {
	s := State{Epoch: 2, Step: step, ShareSince: start, ChangedAt: start}
	if step > 0 {
		s.Share = p.Steps[step-1].To
	}
	if step == len(p.Steps) {
		s.LastStepAt = start
	}
	return s
}

func change(s State, f func(*State)) State { f(&s); return s }

func TestNext(t *testing.T) {
	p := plan(t, usual, "")
	manual := plan(t, strings.TrimSuffix(usual, "}")+", advance: manual}", "")
	daytime := plan(t, strings.TrimSuffix(usual, "}")+`, windows: ["* 9-17 * * mon-fri"]}`, "")
	shanghai := plan(t, strings.TrimSuffix(usual, "}")+`, windows: ["CRON_TZ=Asia/Shanghai 0-29 3 * * *"]}`, "")
	cooling := plan(t, strings.TrimSuffix(usual, "}")+`, cool_down: 48h}`, "")
	clocked := plan(t, `{steps: [{to: 5%}, {to: 12%}], advance: {cron: "0 3 * * *", by: 5%, timezone: Asia/Shanghai}}`, "")
	strict := plan(t, usual, "decision: {on_invalid: rollback}")
	none := Plan{Release: "r1", Promise: p.Promise, Candidate: "v2", Stable: "v1", Unit: "session"}
	hold, promote, rollback, invalid := rollout.Hold, rollout.Promote, rollout.Rollback, rollout.Invalid
	for name, c := range map[string]struct {
		plan   Plan
		state  State
		look   *Look
		failed string
		due    float64 // the next look; 0: not known
		now    float64 // hours after the start
		kind   Kind
		share  spec.Share
		cause  Cause
		until  float64 // 0: none
		says   string
	}{
		"the first step needs no look":              {plan: p, state: State{}, kind: Step, share: .05},
		"but none that failed":                      {plan: p, state: State{}, failed: "killed", cause: ForLook, says: "killed"},
		"a new step wants a look":                   {plan: p, state: p.at(1), now: 1, cause: ForLook},
		"a look before the step is none":            {plan: p, state: p.at(1), look: p.look(-1, hold, 99), now: 25, cause: ForLook},
		"the hold time":                             {plan: p, state: p.at(1), look: p.look(23, hold, 99), now: 23, cause: ForHold, until: 24, says: "23 hours of 24 hours"},
		"the units":                                 {plan: p, state: p.at(1), look: p.look(25, hold, 19), now: 25, cause: ForUnits, says: "19 of 20"},
		"units of another epoch":                    {plan: p, state: change(p.at(1), func(s *State) { s.Epoch = 4 }), look: p.look(25, hold, 99), now: 25, cause: ForUnits, says: "0 of 20"},
		"up":                                        {plan: p, state: p.at(1), look: p.look(25, hold, 20), now: 25, kind: Step, share: .2, says: "25 hours"},
		"up where it is better already":             {plan: p, state: p.at(1), look: p.look(25, promote, 20), now: 25, kind: Step, share: .2},
		"not on a failed look":                      {plan: p, state: p.at(1), look: p.look(25, hold, 20), failed: "out of memory", now: 26, cause: ForLook, says: "out of memory"},
		"not when a look is due":                    {plan: p, state: p.at(1), look: p.look(25, hold, 20), due: 26, now: 26, cause: ForLook, says: "due at 11:00 UTC on 24 November"},
		"until one is due":                          {plan: p, state: p.at(1), look: p.look(25, hold, 20), due: 26, now: 25.9, kind: Step, share: .2},
		"harm, and a look is due":                   {plan: p, state: p.at(1), look: p.look(1, rollback, 20), due: 2, now: 3, kind: Rollback},
		"between steps: the next higher":            {plan: p, state: change(p.at(2), func(s *State) { s.Share = .3 }), look: p.look(25, hold, 100), now: 25, kind: Step, share: .5},
		"above the plan: wait for proof":            {plan: p, state: change(p.at(3), func(s *State) { s.Share = .7 }), look: p.look(25, hold, 400), now: 25, cause: ForProof},
		"the last step":                             {plan: p, state: p.at(3), look: p.look(25, hold, 400), now: 25, cause: ForProof, says: "Because."},
		"the last step's hold, proven or not":       {plan: p, state: p.at(3), look: p.look(11, promote, 400), now: 11, cause: ForHold, until: 12},
		"the last step's units":                     {plan: p, state: p.at(3), look: p.look(25, promote, 399), now: 25, cause: ForUnits},
		"proof":                                     {plan: p, state: p.at(3), look: p.look(25, promote, 400), now: 25, kind: Promote},
		"harm at once":                              {plan: p, state: p.at(1), look: p.look(.5, rollback, 0), now: .5, kind: Rollback, says: "Because."},
		"harm in a pause":                           {plan: p, state: change(p.at(1), func(s *State) { s.Paused = true }), look: p.look(1, rollback, 20), now: 1, kind: Rollback},
		"harm while halted":                         {plan: p, state: change(p.at(1), func(s *State) { s.Halted = true }), look: p.look(1, rollback, 20), now: 1, kind: Rollback},
		"harm outside a window":                     {plan: daytime, state: daytime.at(1), look: daytime.look(40, rollback, 20), now: 40, kind: Rollback},
		"harm, and the last look failed":            {plan: p, state: p.at(1), look: p.look(1, rollback, 20), failed: "killed", now: 2, kind: Rollback},
		"harm under another promise":                {plan: p, state: p.at(1), look: manual.look(1, rollback, 20), now: 1, cause: ForLook},
		"the first invalid look":                    {plan: p, state: p.at(1), look: p.look(1, invalid, 20), now: 1, kind: Suspect},
		"the same again":                            {plan: p, state: change(p.at(1), func(s *State) { s.Invalid, s.InvalidAt = 1, after(1) }), look: p.look(1, invalid, 20), now: 30, cause: ForTrust},
		"the second":                                {plan: p, state: change(p.at(1), func(s *State) { s.Invalid, s.InvalidAt = 1, after(1) }), look: p.look(2, invalid, 20), now: 2, kind: Halt},
		"valid again":                               {plan: p, state: change(p.at(1), func(s *State) { s.Invalid, s.InvalidAt = 1, after(1) }), look: p.look(30, hold, 20), now: 30, kind: Trust},
		"the second, halted already":                {plan: p, state: change(p.at(1), func(s *State) { s.Invalid, s.InvalidAt, s.Halted = 1, after(1), true }), look: p.look(2, invalid, 20), now: 2, cause: ForResume},
		"resumed: that look does not count anew":    {plan: p, state: change(p.at(1), func(s *State) { s.InvalidAt = after(2) }), look: p.look(2, invalid, 20), now: 3, cause: ForTrust},
		"on_invalid: rollback":                      {plan: strict, state: strict.at(1), look: strict.look(1, invalid, 20), now: 1, kind: Rollback},
		"paused":                                    {plan: p, state: change(p.at(1), func(s *State) { s.Paused = true }), look: p.look(25, hold, 99), now: 25, cause: ForResume, says: "paused"},
		"paused and proven":                         {plan: p, state: change(p.at(3), func(s *State) { s.Paused = true }), look: p.look(25, promote, 400), now: 25, cause: ForResume},
		"halted and proven":                         {plan: p, state: change(p.at(3), func(s *State) { s.Halted = true }), look: p.look(25, promote, 400), now: 25, cause: ForResume},
		"breaker":                                   {plan: p, state: change(p.at(1), func(s *State) { s.Breaker = true }), look: p.look(25, hold, 99), now: 25, cause: ForResume, says: "breaker"},
		"header":                                    {plan: p, state: change(p.at(0), func(s *State) { s.Header = true }), look: p.look(25, hold, 99), now: 25, cause: ForResume, says: "header"},
		"rolled back":                               {plan: p, state: change(p.at(1), func(s *State) { s.RolledBack = true }), look: p.look(25, promote, 99), now: 25, cause: ForNothing},
		"promoted, and then harm":                   {plan: p, state: change(p.at(3), func(s *State) { s.Promoted = true }), look: p.look(25, rollback, 99), now: 25, cause: ForNothing},
		"waited long enough":                        {plan: p, state: p.at(3), look: p.look(28*24, hold, 400), now: 28 * 24, kind: Halt, says: "Inconclusive"},
		"waited, but nobody has looked since":       {plan: p, state: p.at(3), look: p.look(28*24-1, hold, 400), now: 28 * 24, cause: ForProof},
		"waited, and proven at the last moment":     {plan: p, state: p.at(3), look: p.look(28*24, promote, 400), now: 28 * 24, kind: Promote},
		"waited in a pause":                         {plan: p, state: change(p.at(3), func(s *State) { s.Paused = true }), look: p.look(28*24, hold, 400), now: 28 * 24, kind: Halt},
		"manual: a person takes the step":           {plan: manual, state: manual.at(1), look: manual.look(25, hold, 20), now: 25, cause: ForPerson, says: "weir ramp 20%"},
		"manual: not yet":                           {plan: manual, state: manual.at(1), look: manual.look(23, hold, 20), now: 23, cause: ForHold, until: 24},
		"manual: a person promotes":                 {plan: manual, state: manual.at(3), look: manual.look(25, promote, 400), now: 25, cause: ForPerson, says: "weir promote"},
		"manual: harm is nobody's decision":         {plan: manual, state: manual.at(1), look: manual.look(1, rollback, 20), now: 1, kind: Rollback},
		"window open":                               {plan: daytime, state: daytime.at(1), look: daytime.look(24.5, hold, 20), now: 24.5, kind: Step, share: .2},
		"window shut":                               {plan: daytime, state: daytime.at(1), look: daytime.look(33, hold, 20), now: 33, cause: ForWindow, until: 48},
		"window shut for the first step":            {plan: daytime, state: State{}, now: 9, cause: ForWindow, until: 24},
		"window shut over the weekend":              {plan: daytime, state: daytime.at(1), look: daytime.look(5*24, hold, 20), now: 5 * 24, cause: ForWindow, until: 7 * 24},
		"window shut for a promotion":               {plan: daytime, state: daytime.at(3), look: daytime.look(33, promote, 400), now: 33, cause: ForWindow, until: 48},
		"a window in a zone of its own":             {plan: shanghai, state: shanghai.at(1), look: shanghai.look(34.25, hold, 20), now: 34.25, kind: Step, share: .2},
		"and shut there":                            {plan: shanghai, state: shanghai.at(1), look: shanghai.look(34.5, hold, 20), now: 34.5, cause: ForWindow, until: 58},
		"cool-down":                                 {plan: cooling, state: State{PreviousEnd: start}, now: 47, cause: ForCoolDown, until: 48},
		"cooled down":                               {plan: cooling, state: State{PreviousEnd: start}, now: 48, kind: Step, share: .05},
		"cool-down binds the first step alone":      {plan: cooling, state: change(cooling.at(1), func(s *State) { s.PreviousEnd = start }), look: cooling.look(25, hold, 20), now: 25, kind: Step, share: .2},
		"cron: before the tick":                     {plan: clocked, state: State{ChangedAt: start}, now: 9, cause: ForTick, until: 10},
		"cron: the tick":                            {plan: clocked, state: State{ChangedAt: start}, now: 10, kind: Step, share: .05},
		"cron: a missed tick is made good":          {plan: clocked, state: change(clocked.at(1), func(s *State) {}), look: clocked.look(60, hold, 0), now: 60, kind: Step, share: .1},
		"cron: after a resume the next tick counts": {plan: clocked, state: change(clocked.at(1), func(s *State) { s.ChangedAt = after(11) }), look: clocked.look(12, hold, 0), now: 12, cause: ForTick, until: 34},
		"cron: no tick without a look":              {plan: clocked, state: clocked.at(1), now: 60, cause: ForLook},
		"cron: not above the last step":             {plan: clocked, state: change(clocked.at(1), func(s *State) { s.Share = .1 }), look: clocked.look(60, hold, 0), now: 60, kind: Step, share: .12},
		"cron: invalid":                             {plan: clocked, state: change(clocked.at(1), func(s *State) { s.Invalid, s.InvalidAt = 1, after(60) }), look: clocked.look(60, invalid, 0), now: 60, cause: ForTrust},
		"no ramp":                                   {plan: none, state: State{Share: .05, Epoch: 2}, look: p.look(25, promote, 99), now: 25, cause: ForRamp},
		"no ramp, and harm":                         {plan: none, state: State{Share: .05, Epoch: 2}, look: p.look(25, rollback, 99), now: 25, kind: Rollback},
	} {
		t.Run(name, func(t *testing.T) {
			var due time.Time
			if c.due != 0 {
				due = after(c.due)
			}
			m := Next(c.plan, Situation{State: c.state, Look: c.look, Failed: c.failed, NextLook: due, Now: after(c.now)})
			if m.Kind != c.kind || m.Share != c.share || m.For != c.cause || !strings.Contains(m.Reason, c.says) || m.Reason == "" {
				t.Errorf("got %v %v for %q: %s", m.Kind, m.Share, m.For, m.Reason)
			}
			if want := after(c.until); c.until != 0 && !m.Until.Equal(want) || c.until == 0 && !m.Until.IsZero() {
				t.Errorf("it waits until %v, want %v", m.Until, want)
			}
		})
	}
}

// Units count in the epoch they were assigned in, when the last of their hour is
// mature for the slowest guardrail.
func TestMatureUnits(t *testing.T) {
	epoch := func(n int64) *int64 { return &n }
	hour := start.Unix() / 3600
	arrival := func(stratum int, h int64, treated int64) analyze.Arrival {
		return analyze.Arrival{Stratum: stratum, Hour: hour + h, ByArm: analyze.ByArm{Control: 90, Treatment: treated}}
	}
	metric := func(role analyze.Role, window time.Duration) analyze.MetricData {
		return analyze.MetricData{Metric: analyze.Metric{Role: role, Columns: []analyze.Column{{Window: window}}}}
	}
	d := analyze.Data{
		Strata:  []analyze.Stratum{{Epoch: epoch(2)}, {Epoch: epoch(2), Rule: "vip"}, {Epoch: epoch(3)}, {}},
		Arrived: []analyze.Arrival{arrival(0, 0, 1), arrival(1, 0, 2), arrival(0, 1, 4), arrival(2, 1, 8), arrival(3, 1, 16), arrival(2, 2, 32)},
		Metrics: []analyze.MetricData{metric(analyze.Goal, 72*time.Hour), metric(analyze.Guardrail, 2*time.Hour), metric(analyze.Guardrail, 24*time.Hour)},
		Period:  analyze.Period{AsOf: after(26)},
	}
	l := LookOf(rollout.Record{Data: d, Analysis: rollout.Analysis{Result: analyze.Result{Period: d.Period}}})
	if got := fmt.Sprint(l.Mature); got != "map[2:7 3:8]" {
		t.Errorf("got %s", got)
	}
}

func TestWarnings(t *testing.T) {
	if w := plan(t, usual, "").Warnings(); w != nil {
		t.Error(w)
	}
	if w := plan(t, "{steps: [{to: 10%}]}", "").Warnings(); len(w) != 1 || !strings.Contains(w[0], "first step is 10%") {
		t.Error(w)
	}
}

func TestCourse(t *testing.T) {
	none := plan(t, usual, "")
	none.Steps = nil
	for want, p := range map[string]Plan{
		"5% for 24 hours and 20 treated sessions, 20% for 24 hours and 100 treated sessions, 50% for 12 hours and 400 treated sessions until v2 is proven and promoted; after 28 days without proof new sessions go to v1": plan(t, usual, ""),
		"by hand, 5% for 20 treated users, 50% for 30 seconds and 20 treated users until v2 is proven and promoted; after 2 days without proof new users go to v1":                                                         plan(t, "{steps: [{to: 5%}, {to: 50%, hold: 30s}], advance: manual, max_wait: 2d}", "unit: user\n"),
		`5% more at each tick of "0 3 * * *" (Asia/Shanghai), up to 50% for 20 treated sessions until v2 is proven and promoted; after 28 days without proof new sessions go to v1`:                                        plan(t, `{steps: [{to: 10%}, {to: 50%}], advance: {cron: "0 3 * * *", by: 5%, timezone: Asia/Shanghai}}`, ""),
		"none: a server sends no new session to v2 until weir ramp or a PATCH sets its share; harm rolls back, nothing else moves by itself":                                                                               none,
	} {
		if got := p.Course(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
