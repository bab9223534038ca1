package pilot

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/control/steering"
	"weir/rollout"
	"weir/rollout/spec"
)

// TestLaws holds over any history of looks, failures, kills, people and breakers:
// the autopilot gives the candidate more only where that is in the plan and
// nothing speaks against it, one step at a time; after what is final it does
// nothing; and a new process over the same disk decides the same.
func TestLaws(t *testing.T) {
	ramps := map[string]string{
		"auto":    `{steps: [{to: 5%, hold: 6h, units: 5}, {to: 20%, hold: 12h, units: 20}, {to: 50%, hold: 6h, units: 40}], max_wait: 7d}`,
		"windows": `{steps: [{to: 5%, hold: 6h, units: 5}, {to: 20%, units: 5}], windows: ["* 9-17 * * mon-fri"]}`,
		"manual":  `{steps: [{to: 5%}, {to: 20%}], advance: manual}`,
		"cron":    `{steps: [{to: 5%}, {to: 12%}], advance: {cron: "0 */7 * * *", by: 3%}}`,
	}
	names := []string{"auto", "windows", "manual", "cron"}
	verdicts := []rollout.Verdict{rollout.Hold, rollout.Hold, rollout.Hold, rollout.Promote, rollout.Invalid, rollout.Rollback}
	people := []steering.Action{
		{Kind: ledger.KindPause}, {Kind: ledger.KindResume}, {Kind: ledger.KindResume}, {Kind: ledger.KindBreaker, Reason: "errors"},
		{Kind: ledger.KindShare, Share: .1}, {Kind: ledger.KindShare}, {Kind: ledger.KindShare, Share: .7}, {Kind: ledger.KindRollback}, {Kind: ledger.KindPromote},
		{Kind: ledger.KindShare, Strategy: ledger.StrategyHeader, Header: "X-Flag: v2"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "ramp")
		rest := rapid.SampledFrom([]string{"", "decision: {on_invalid: rollback}\n"}).Draw(rt, "rest")
		p := newPaper(release(t, specOf(ramps[name], rest+"jobs: {analyze: \"0 * * * *\"}")))
		analyse := func() (rollout.Record, error) {
			if rapid.IntRange(0, 9).Draw(rt, "fails") == 0 {
				return rollout.Record{}, errors.New("killed")
			}
			return p.record(rapid.SampledFrom(verdicts).Draw(rt, "verdict"), rapid.IntRange(0, 60).Draw(rt, "mature")), nil
		}
		pilot := p.pilot(analyse)
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			p.now = p.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(rt, "minutes")) * time.Minute)
			switch rapid.IntRange(0, 9).Draw(rt, "event") {
			case 0:
				a := rapid.SampledFrom(people).Draw(rt, "person")
				a.Actor = "anna"
				_ = p.do(a) // a refusal changes nothing
			case 1:
				pilot = p.pilot(analyse) // killed, and started again
			default:
				pilot.Look(t.Context())
			}
			before := len(p.entries)
			if err := pilot.Decide(t.Context()); err != nil {
				rt.Fatal(err)
			}
			checkMoves(rt, p, before, pilot.failure != nil)
			settled := len(p.entries)
			if err := p.pilot(analyse).Decide(t.Context()); err != nil || pilot.failure == nil && len(p.entries) != settled {
				rt.Fatalf("a new process does more: %+v, %v", p.last(), err)
			}
			p.entries = p.entries[:settled]
			if p.course.Waiting == nil || p.course.Waiting.Reason == "" {
				rt.Fatalf("it waits for nothing: %+v", p.course)
			}
		}
	})
}

// checkMoves holds each change that the autopilot made to the plan.
func checkMoves(rt *rapid.T, p *paper, from int, failed bool) {
	for i := from; i < len(p.entries); i++ {
		e, was := p.entries[i], p.entries[i-1].State
		if e.Actor != control.AutopilotActor {
			rt.Fatalf("somebody acts: %+v", e)
		}
		if was.RolledBack || was.Promoted {
			rt.Fatalf("%s after the end", e.Kind)
		}
		verdict := rollout.Hold
		if p.latest != nil {
			verdict = p.latest.Analysis.Decision.Verdict
		}
		switch e.Kind {
		case ledger.KindStep, ledger.KindPromote:
			checkMore(rt, p, e, was, verdict, failed)
		case ledger.KindRollback:
			strict := p.release.Decision.OnInvalid == spec.OnInvalidRollback && verdict == rollout.Invalid
			if verdict != rollout.Rollback && !strict {
				rt.Fatalf("rolled back on %s", verdict)
			}
		case ledger.KindHalt:
			waited := !was.LastStepAt.IsZero() && !p.now.Before(was.LastStepAt.Add(p.release.Ramp.MaxWait))
			if !(verdict == rollout.Invalid && was.Invalid > 0) && !(verdict == rollout.Hold && waited) {
				rt.Fatalf("halted on %s after %d invalid looks", verdict, was.Invalid)
			}
		case ledger.KindSuspect:
			if verdict != rollout.Invalid || e.State.Share != was.Share {
				rt.Fatalf("suspected on %s", verdict)
			}
		case ledger.KindTrust:
			if verdict == rollout.Invalid {
				rt.Fatal("trusted an invalid look")
			}
		default:
			rt.Fatalf("it did %s", e.Kind)
		}
		if e.Kind != ledger.KindStep && (e.Record == nil || !p.kept[e.Record.Path]) {
			rt.Fatalf("%s cites no kept record: %+v", e.Kind, e.Record)
		}
	}
}

// checkMore holds a step or a promotion to all that could speak against it.
func checkMore(rt *rapid.T, p *paper, e ledger.Entry, was ledger.State, verdict rollout.Verdict, failed bool) {
	ramp := p.release.Ramp
	steps := ramp.Steps
	switch {
	case was.Paused || was.Halted || was.Breaker != "" || was.Header != "" || was.Invalid > 0:
		rt.Fatalf("%s in %+v", e.Kind, was)
	case verdict == rollout.Invalid || verdict == rollout.Rollback || failed:
		rt.Fatalf("%s on %s, failed %v", e.Kind, verdict, failed)
	case ramp.Advance.Mode == spec.AdvanceManual:
		rt.Fatalf("%s, and advance is manual", e.Kind)
	case len(ramp.Windows) > 0 && (p.now.Hour() < 9 || p.now.Hour() > 17 || p.now.Weekday() == time.Saturday || p.now.Weekday() == time.Sunday):
		rt.Fatalf("%s outside a window, at %v", e.Kind, p.now)
	}
	if e.Kind == ledger.KindPromote {
		if verdict != rollout.Promote || was.Share < steps[len(steps)-1].To {
			rt.Fatalf("promoted on %s at %v", verdict, was.Share)
		}
		return
	}
	i := slices.IndexFunc(steps, func(s spec.Step) bool { return s.To > was.Share })
	switch {
	case i < 0 || e.State.Share > steps[len(steps)-1].To:
		rt.Fatalf("from %v to %v, above the plan", was.Share, e.State.Share)
	case ramp.Advance.Mode == spec.AdvanceCron && e.State.Share > was.Share+ramp.Advance.By+1e-9:
		rt.Fatalf("a tick from %v to %v", was.Share, e.State.Share)
	case ramp.Advance.Mode == spec.AdvanceAuto && e.State.Share != steps[i].To:
		rt.Fatalf("from %v to %v, and %v is next", was.Share, e.State.Share, steps[i].To)
	case ramp.Advance.Mode == spec.AdvanceAuto && was.Share > 0 && i > 0 && e.At.Sub(was.ShareSince) < steps[i-1].Hold:
		rt.Fatalf("%v held for %v", was.Share, e.At.Sub(was.ShareSince))
	}
}

// killed is what a process dies of in these tests.
type killed struct{ where string }

// TestKilledAtEachWrite lets a release run to its promotion, with the process
// killed before and after each durable write in turn: the ledger comes out as if
// nothing had happened, with the same records cited.
func TestKilledAtEachWrite(t *testing.T) {
	type outcome struct {
		ledger string
		writes int
	}
	run := func(kill int) (out outcome) {
		p := newPaper(release(t, specOf(`{steps: [{to: 5%, hold: 2h, units: 5}, {to: 20%, hold: 2h, units: 5}, {to: 50%, units: 5}]}`, "jobs: {analyze: \"@every 1h\"}")))
		write := func(string) {
			if out.writes++; out.writes == kill {
				panic(killed{fmt.Sprint(kill)})
			}
		}
		p.before, p.after = write, write
		verdict := rollout.Hold
		analyse := func() (rollout.Record, error) { return p.record(verdict, 9), nil }
		pilot := p.pilot(analyse)
		// survive does something, and where it dies starts a new process.
		survive := func(do func()) {
			defer func() {
				if dead, ok := recover().(killed); ok {
					pilot = p.pilot(analyse)
					if err := pilot.Decide(t.Context()); err != nil {
						t.Fatalf("after kill %s: %v", dead.where, err)
					}
				}
			}()
			do()
		}
		survive(func() {
			if err := pilot.Decide(t.Context()); err != nil { // the first step needs no look
				t.Fatal(err)
			}
		})
		for hour := range 14 {
			p.now = start.Add(time.Duration(hour) * time.Hour)
			switch hour {
			case 4:
				verdict = rollout.Invalid
			case 5:
				verdict = rollout.Hold
			case 12:
				verdict = rollout.Promote
			}
			survive(func() { pilot.Look(t.Context()) })
			if p.latest == nil || !p.latest.Analysis.Period.AsOf.Equal(p.now) {
				pilot.Look(t.Context()) // it is due still
			}
			survive(func() {
				if err := pilot.Decide(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		}
		for _, e := range p.entries {
			out.ledger += fmt.Sprintf("%d %v %s %v", e.Seq, e.At.Sub(start), e.Kind, e.State.Share)
			if e.Record != nil {
				out.ledger += " by " + e.Record.Path
			}
			out.ledger += "\n"
		}
		return out
	}
	undisturbed := run(0)
	if want := "promote"; !contains(undisturbed.ledger, want) || !contains(undisturbed.ledger, "suspect") || !contains(undisturbed.ledger, "trust") {
		t.Fatalf("the story lacks something:\n%s", undisturbed.ledger)
	}
	for kill := 1; kill <= undisturbed.writes; kill++ {
		if got := run(kill); got.ledger != undisturbed.ledger {
			t.Errorf("killed at write %d of %d it is\n%s, undisturbed\n%s", kill, undisturbed.writes, got.ledger, undisturbed.ledger)
		}
	}
}
