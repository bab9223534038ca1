package steering

import (
	"testing"

	"weir/internal/control/ledger"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// A drill rolls marked requests back by the way of a rollback, in the middle of
// their conversation, and nobody else notices: neither who is drawn nor the epoch.
func TestDrill(t *testing.T) {
	g := started(t, plain)
	before := g.do(t, share(0.2)).State
	memory := sticky.NewLRU(g.Current().Release.Sticky)
	ask := func(session, mark string) router.Decision {
		headers := func() map[string]string { return map[string]string{router.DrillHeader: mark} }
		return router.Assign(g.plan, router.Context{Session: session, Headers: headers, At: g.now}, memory)
	}
	others := map[string]string{}
	for _, s := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		others[s] = ask(s, "").Version
	}
	g.do(t, Action{Kind: ledger.KindDrill, Drill: "mark-of-it"})
	if d := ask("drill", "mark-of-it"); d.Version != "v2" || d.Randomized || d.Rule != "drill" {
		t.Errorf("begun: %+v", d)
	}
	if d := ask("another", "no-mark"); d.Rule == "drill" {
		t.Errorf("a request without the mark: %+v", d)
	}
	g.do(t, Action{Kind: ledger.KindDrill, Drill: "mark-of-it", DrillBack: true})
	if d := ask("drill", "mark-of-it"); d.Version != "v1" || d.Reason != trace.ReasonRollback {
		t.Errorf("rolled back: %+v", d)
	}
	for s, version := range others {
		if d := ask(s, ""); d.Version != version {
			t.Errorf("%s went from %s to %s", s, version, d.Version)
		}
	}
	after := g.do(t, Action{Kind: ledger.KindDrill}).State
	if after != before {
		t.Errorf("the drill left %+v, before %+v", after, before)
	}
	g.do(t, Action{Kind: ledger.KindDrill, Drill: "mark-of-it"})
	if e := g.do(t, Action{Kind: ledger.KindRollback}); e.State.Drill != "" {
		t.Errorf("a rollback leaves a drill: %+v", e.State)
	}
	if _, err := g.Do(Action{Kind: ledger.KindDrill, Drill: "mark-of-it"}); err == nil {
		t.Error("a release that is over is drilled")
	}
}
