package control

import (
	"encoding/json"
	"testing"
	"time"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
)

// What a release that is over shows is what is in force, and since when: not the share
// that it had before.
func TestWhatIsOverShowsWhatIsInForce(t *testing.T) {
	for action, want := range map[string]struct {
		share float64
		steps []string
	}{
		"rollback": {0, []string{"passed", "ended", "ahead"}},
		"promote":  {1, []string{"passed", "passed", "passed"}},
	} {
		t.Run(action, func(t *testing.T) {
			g := newRig(t, plain, nil)
			if _, err := g.steering.Do(steering.Action{Kind: ledger.KindShare, Share: .2, Strategy: ledger.StrategyPercentage}); err != nil {
				t.Fatal(err)
			}
			g.now.Add(int64(time.Hour))
			var d Deployment
			g.call("key-of-ci", "POST", "/v1/applications/support-bot/"+action, "").want(200).into(&d)
			if d.Share != want.share || d.Traffic.Value != want.share || !d.Since.Equal(d.Changed.At) || !d.ShareSince.Before(d.Since) {
				t.Errorf("share %v, traffic_control %v, since %v, changed at %v, share since %v", d.Share, d.Traffic, d.Since, d.Changed.At, d.ShareSince)
			}
			var a Autopilot
			g.call("key-of-anna", "GET", "/v1/applications/support-bot/autopilot", "").want(200).into(&a)
			for i, s := range a.Steps {
				if s.State != want.steps[i] {
					t.Errorf("step %d is %s, want %s", i, s.State, want.steps[i])
				}
			}
			var past struct{ Changes []Past }
			g.call("key-of-anna", "GET", "/v1/applications/support-bot/history", "").want(200).into(&past)
			if got := past.Changes[0].Share; got != want.share {
				t.Errorf("the history says %v", got)
			}
		})
	}
}

// A halt sets no share: the one that resume brings back stays, and what is in force is
// dated by the halt, and then by the end of it.
func TestHaltKeepsTheShareThatIsSet(t *testing.T) {
	g := newRig(t, plain, nil)
	do := func(a steering.Action) Deployment {
		t.Helper()
		g.now.Add(int64(time.Hour))
		e, err := g.steering.Do(a)
		if err != nil {
			t.Fatal(err)
		}
		return deploymentOf(g.steering.Current().Release, e)
	}
	do(steering.Action{Kind: ledger.KindShare, Share: .2, Strategy: ledger.StrategyPercentage})
	halted := do(steering.Action{Kind: ledger.KindHalt})
	if halted.Share != .2 || halted.Enabled || !halted.Since.Equal(halted.Changed.At) {
		t.Errorf("%+v", halted)
	}
	again := do(steering.Action{Kind: ledger.KindResume})
	if again.Share != .2 || !again.Enabled || !again.Since.Equal(again.Changed.At) || !again.Since.After(halted.Since) {
		t.Errorf("%+v", again)
	}
	if paused := do(steering.Action{Kind: ledger.KindPause}); !paused.Since.Equal(again.Since) {
		t.Errorf("a pause moves no unit, and since is %v", paused.Since)
	}
}

// A ledger of an earlier Weir does not say since when: the change itself does, where it
// is the last.
func TestSinceOfAnEarlierLedger(t *testing.T) {
	at := start.Add(time.Hour)
	for name, c := range map[string]struct {
		state ledger.State
		want  time.Time
	}{
		"running":     {ledger.State{Share: .2, ShareSince: start}, start},
		"rolled back": {ledger.State{Share: .2, ShareSince: start, RolledBack: true}, at},
	} {
		if got := (ledger.Entry{At: at, State: c.state}).InForceSince(); !got.Equal(c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A promotion that was found for the release before promotes none after it: neither the
// verdict, nor Argo's or Flagger's reading of it.
func TestVerdictOnTheReleaseBefore(t *testing.T) {
	g := newRig(t, plain, func(c *Config) { c.Verdict = nil })
	show := func(release string) {
		g.call("key-of-ci", "POST", "/v1/applications/support-bot/autopilot", `{"holder": "beside", "seconds": 60, "course": {"release": "`+release+`",
			"steps": [], "waiting": null, "next_look": null, "failure": null, "warnings": [], "last_look": {"at": "2026-11-25T09:00:00Z", "release": "`+release+`", "verdict": "promote",
			"reasons": ["proof"], "inconclusive": false, "needs_units": null, "needs_days": null, "health_ok": true, "srm": {"ok": true, "p_value": 0.4}, "control": 1, "treatment": 1, "record": null}}}`).want(200)
	}
	ask := func(verdict, flagger string) {
		t.Helper()
		g.call("key-of-anna", "GET", "/v1/applications/support-bot/verdict", "").want(200, `"verdict":"`+verdict+`"`)
		g.call("key-of-ci", "GET", "/api/v1/query?query=weir_promote", "").want(200, `"`+flagger+`"]`)
	}
	show("r1")
	ask("promote", "1")
	show("r0")
	ask("hold", "0")
}

// What an autopilot showed before a change is no longer so after it, also until it has
// seen the change.
func TestCourseBeforeTheChange(t *testing.T) {
	g := newRig(t, plain, nil)
	if _, err := g.steering.Do(steering.Action{Kind: ledger.KindShare, Share: .05, Strategy: ledger.StrategyPercentage}); err != nil {
		t.Fatal(err)
	}
	course, err := json.Marshal(Course{Release: "r1", Seen: g.steering.Current().Seq, Steps: []Step{
		{Share: .05, State: "current", HeldHours: 3, HoldHours: 24}, {Share: .2, State: "ahead"}, {Share: .5, State: "ahead", Proof: true},
	}, Waiting: &Waiting{For: "hold", Reason: "5% holds."}})
	if err != nil {
		t.Fatal(err)
	}
	g.call("key-of-ci", "POST", "/v1/applications/support-bot/autopilot", `{"holder": "beside", "seconds": 60, "course": `+string(course)+`}`).want(200)
	ask := func() (a Autopilot) {
		g.call("key-of-anna", "GET", "/v1/applications/support-bot/autopilot", "").want(200).into(&a)
		return a
	}
	if a := ask(); a.Steps[0].HeldHours != 3 || a.Waiting.For != "hold" {
		t.Errorf("%+v", a.Course)
	}
	if _, err := g.steering.Do(steering.Action{Kind: ledger.KindShare, Share: .2, Strategy: ledger.StrategyPercentage}); err != nil {
		t.Fatal(err)
	}
	if a := ask(); a.Waiting.For != "change" {
		t.Errorf("after a share: %+v", a.Waiting)
	}
	g.call("key-of-ci", "POST", "/v1/applications/support-bot/rollback", "").want(200)
	if a := ask(); a.Steps[1].State != "ended" || a.Waiting.For != "over" {
		t.Errorf("after the rollback: %+v, %+v", a.Steps, a.Waiting)
	}
}
