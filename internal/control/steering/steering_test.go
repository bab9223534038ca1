package steering

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
	"weir/router"
	"weir/trace"
)

var start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

const plain = `
app: bot
release: r1
stable: v1
candidate: v2
ramp: {steps: [{to: 5%}, {to: 20%}, {to: 50%}]}
`

func release(t testing.TB, text string) *spec.Release {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A rig is a steering with what it stands on.
type rig struct {
	*Steering
	path   string
	book   *ledger.Ledger
	now    time.Time
	drawn  bool
	plan   *router.Plan
	plans  int
	events []trace.Event
}

func newRig(t testing.TB) *rig {
	return &rig{path: filepath.Join(t.TempDir(), "bot.jsonl"), now: start}
}

// enter starts, or starts again, with a specification.
func (g *rig) enter(t testing.TB, text string) error {
	t.Helper()
	if g.book != nil {
		g.book.Close()
	}
	book, err := ledger.Open(g.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	g.book = book
	g.Steering, err = New(Options{
		Release: release(t, text), Ledger: book,
		Now:     func() time.Time { g.now = g.now.Add(time.Second); return g.now },
		Drawn:   func(string) bool { return g.drawn },
		Publish: g.publish,
		Record:  func(e trace.Event) { g.events = append(g.events, e) },
	})
	return err
}

func (g *rig) publish(p *router.Plan) { g.plan = p; g.plans++ }

func started(t testing.TB, text string) *rig {
	t.Helper()
	g := newRig(t)
	if err := g.enter(t, text); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *rig) do(t testing.TB, a Action) ledger.Entry {
	t.Helper()
	e, err := g.Do(a)
	if err != nil {
		t.Fatalf("%+v: %v", a, err)
	}
	return e
}

func share(s spec.Share) Action {
	return Action{Kind: ledger.KindShare, Actor: "ci", Share: s, Strategy: ledger.StrategyPercentage}
}

func TestReleaseBeginsFromNothing(t *testing.T) {
	g := started(t, plain)
	c := g.Current()
	if c.Seq != 1 || c.Kind != ledger.KindBegin || c.State.Share != 0 || c.State.Epoch != 1 || g.plan == nil {
		t.Errorf("%+v", c.Entry)
	}
}

func TestShareIsWrittenPublishedAndRecorded(t *testing.T) {
	g := started(t, plain)
	e := g.do(t, share(0.2))
	s := e.State
	if s.Share != 0.2 || s.Epoch != 2 || s.Step != 2 || !s.Paused || !s.LastStepAt.IsZero() || s.ShareSince.Before(start) {
		t.Errorf("%+v", s)
	}
	if g.plans != 2 || len(g.events) != 2 || *g.events[1].Share != 0.2 || g.events[1].Actor != "ci" || g.events[1].Version != "v2" {
		t.Errorf("%d plans, events %+v", g.plans, g.events)
	}
	if again := g.do(t, share(0.2)); again.Seq != e.Seq || g.plans != 2 {
		t.Errorf("the same again is change %d", again.Seq)
	}
}

func TestResumeClosesTheBreakerInANewEpoch(t *testing.T) {
	g := started(t, plain)
	g.do(t, share(0.05))
	opened := g.do(t, Action{Kind: ledger.KindBreaker, Actor: "breaker", Reason: "error_rate"})
	closed := g.do(t, Action{Kind: ledger.KindResume, Actor: "anna"})
	if opened.State.Epoch != 3 || closed.State.Epoch != 4 || closed.State.Breaker != "" || closed.State.Paused || closed.State.Share != 0.05 {
		t.Errorf("%+v, then %+v", opened.State, closed.State)
	}
}

func TestPauseIsNoEpoch(t *testing.T) {
	g := started(t, plain)
	if e := g.do(t, Action{Kind: ledger.KindPause}); e.State.Epoch != 1 || !e.State.Paused || e.Seq != 2 {
		t.Errorf("%+v", e)
	}
}

func TestRefusals(t *testing.T) {
	set := func(s ledger.Strategy, v spec.Share, header string) Action {
		return Action{Kind: ledger.KindShare, Share: v, Strategy: s, Header: header}
	}
	users := strings.Replace(plain, "candidate: v2", "candidate: v2\nunit: user", 1)
	for name, c := range map[string]struct {
		spec   string
		before []Action
		drawn  bool
		action Action
		want   string
	}{
		"users of a release of sessions": {plain, nil, false, set(ledger.StrategyUserID, 0.05, ""), "assigns sessions: write unit: user"},
		"half of the users":              {users, nil, false, set(ledger.StrategyUserID, 0.6, ""), "more than half"},
		"beyond all":                     {plain, nil, false, share(1.5), "out of range"},
		"another strategy, units drawn":  {plain, []Action{share(0.05)}, true, set(ledger.StrategyHeader, 0, "X-Flag: v2"), "write a new release"},
		"a header without a value":       {plain, nil, false, set(ledger.StrategyHeader, 0, "X-Flag"), "write a name and a value"},
		"a share after a rollback":       {plain, []Action{{Kind: ledger.KindRollback}}, false, share(0.05), "that is final: write a new release"},
		"resume after a rollback":        {plain, []Action{{Kind: ledger.KindRollback}}, false, Action{Kind: ledger.KindResume}, "that is final"},
		"promote after a rollback":       {plain, []Action{{Kind: ledger.KindRollback}}, false, Action{Kind: ledger.KindPromote}, "that is final"},
		"a share after a promotion":      {plain, []Action{{Kind: ledger.KindPromote}}, false, share(0.05), "is promoted"},
		"promote with an open breaker":   {plain, []Action{{Kind: ledger.KindBreaker}}, false, Action{Kind: ledger.KindPromote}, "resume closes it"},
		"a step while paused":            {plain, []Action{{Kind: ledger.KindPause}}, false, Action{Kind: ledger.KindStep, Share: 0.05}, "resume first"},
		"a step down":                    {plain, []Action{share(0.2), {Kind: ledger.KindResume}}, false, Action{Kind: ledger.KindStep, Share: 0.05}, "higher"},
	} {
		t.Run(name, func(t *testing.T) {
			g := started(t, c.spec)
			for _, a := range c.before {
				g.do(t, a)
			}
			g.drawn = c.drawn
			before := g.Current().Entry
			_, err := g.Do(c.action)
			var refusal *Refusal
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if after := g.Current().Entry; after.Seq != before.Seq || after.State != before.State {
				t.Errorf("it changed %+v", after)
			}
		})
	}
}

func TestHeaderStrategy(t *testing.T) {
	g := started(t, plain)
	g.do(t, Action{Kind: ledger.KindShare, Strategy: ledger.StrategyHeader, Header: "x-flag: v2"})
	decide := func(value string) router.Decision {
		return router.Decide(g.plan, router.Context{
			Session: "s", At: start, Headers: func() map[string]string { return map[string]string{"X-Flag": value} },
		}, nothing{})
	}
	if d := decide("v2"); d.Version != "v2" || d.Randomized || d.Rule != headerRuleName {
		t.Errorf("%+v", d)
	}
	if d := decide("v1"); d.Version != "v1" {
		t.Errorf("%+v", d)
	}
	if e := g.do(t, share(0)); e.State.Header != "" || len(g.Rules()) != 0 {
		t.Errorf("%+v", e.State)
	}
}

type nothing struct{}

func (nothing) Get(router.Key, time.Time) (router.Entry, bool) { return router.Entry{}, false }

func TestStateWinsAfterARestart(t *testing.T) {
	g := started(t, plain)
	want := g.do(t, share(0.2))
	if err := g.enter(t, plain); err != nil {
		t.Fatal(err)
	}
	if c := g.Current(); c.Seq != want.Seq || c.State != want.State || len(g.events) != 2 {
		t.Errorf("%+v", c.Entry)
	}
}

func TestRestartWithAnotherSpec(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		refused  string
		epoch    int64
		change   string
	}{
		"ramp":      {"{to: 50%}", "{to: 40%}", "", 3, "epoch"},
		"rule":      {"ramp:", "rules: [{name: qa, when: 'user == \"qa\"', version: v2}]\nramp:", "", 3, "epoch"},
		"unit":      {"app: bot", "app: bot\nunit: user", "cannot change unit from session to user: write a new release", 0, ""},
		"candidate": {"v2", "v3", "cannot change candidate", 0, ""},
		"margin":    {"ramp:", "metrics: [{name: errors, role: goal, value: error, good: down, margin: 2pp}]\nramp:", "", 2, "amended"},
	} {
		t.Run(name, func(t *testing.T) {
			old := plain
			if name == "margin" {
				old = strings.Replace(plain, "ramp:", "metrics: [{name: errors, role: goal, value: error, good: down, margin: 1pp}]\nramp:", 1)
				c.old, c.new = "margin: 1pp", "margin: 2pp"
			}
			g := started(t, old)
			before := g.do(t, share(0.05))
			err := g.enter(t, strings.Replace(old, c.old, c.new, 1))
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			e := g.Current().Entry
			if e.Kind != ledger.KindReload || e.State.Epoch != c.epoch || e.State.Share != before.State.Share || len(e.Amendments) != 1 || e.Amendments[0].Change != c.change {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestAnotherReleaseBegins(t *testing.T) {
	g := started(t, plain)
	g.do(t, Action{Kind: ledger.KindRollback})
	var published *router.Plan
	e, err := g.Reload(release(t, strings.Replace(plain, "r1", "r2", 1)), "anna", func(p *router.Plan) { published = p })
	if err != nil || e.Kind != ledger.KindBegin || e.State.RolledBack || e.State.Epoch != 1 || published == nil {
		t.Fatalf("%+v, %v", e, err)
	}
	plans := g.plans
	g.do(t, share(0.05))
	if g.plans != plans {
		t.Error("the old generation still gets plans")
	}
}

func TestRefusedReloadChangesNothing(t *testing.T) {
	g := started(t, plain)
	before := g.Current()
	for _, text := range []string{strings.Replace(plain, "v2", "v3", 1), strings.Replace(plain, "app: bot", "app: cat", 1)} {
		if _, err := g.Reload(release(t, text), "anna", func(*router.Plan) { t.Error("published") }); err == nil {
			t.Error("taken")
		}
	}
	if after := g.Current(); after.Seq != before.Seq || after.Release != before.Release {
		t.Errorf("%+v", after)
	}
	g.do(t, share(0.05))
	if g.plans != 2 {
		t.Error("the plan in force gets no more changes")
	}
}

func TestRollbackIsInForceEvenWhereItCannotBeWritten(t *testing.T) {
	g := started(t, plain)
	g.do(t, share(0.05))
	g.book.Close()
	e, err := g.Do(Action{Kind: ledger.KindRollback, Actor: "anna"})
	if !errors.Is(err, ErrNotDurable) || !e.State.RolledBack || !g.Current().State.RolledBack {
		t.Fatalf("%+v, %v", e.State, err)
	}
	if d := router.Decide(g.plan, router.Context{Session: "s", At: start}, nothing{}); d.Reason != trace.ReasonRollback {
		t.Errorf("%+v", d)
	}
	if _, err := g.Do(share(0.2)); err == nil {
		t.Error("it is forgotten")
	}
}

func TestOfActionsOnOneChangeOneIsFirst(t *testing.T) {
	g := started(t, plain)
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		a := share(spec.Share(i+1) / 100)
		a.After = 1
		group.Go(func() { _, errs[i] = g.Do(a) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		var conflict *ledger.ConflictError
		switch {
		case err == nil:
			won++
		case !errors.As(err, &conflict):
			t.Error(err)
		}
	}
	if won != 1 || g.Current().Seq != 2 {
		t.Errorf("%d won", won)
	}
}

// TestLaws holds over any history of actions, restarts among them: the plan can
// be built; the epoch rises exactly with the allocation; what is final stays;
// a restart changes nothing.
func TestLaws(t *testing.T) {
	kinds := []ledger.Kind{ledger.KindShare, ledger.KindStep, ledger.KindPause, ledger.KindResume, ledger.KindHalt, ledger.KindRollback, ledger.KindPromote, ledger.KindBreaker}
	rapid.Check(t, func(rt *rapid.T) {
		r := release(t, plain)
		s := Begin(start)
		for i := range rapid.IntRange(1, 20).Draw(rt, "actions") {
			a := Action{
				Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Reason: "x",
				Share:    spec.Share(rapid.SampledFrom([]float64{0, 0.05, 0.2, 0.5, 1, 2}).Draw(rt, "share")),
				Strategy: ledger.StrategyPercentage,
			}
			if rapid.Bool().Draw(rt, "header") {
				a.Share, a.Strategy, a.Header = 0, ledger.StrategyHeader, "X-Flag: v2"
			}
			next, err := Next(r, s, a, rapid.Bool().Draw(rt, "drawn"), start.Add(time.Duration(i)))
			if err != nil && next != s {
				rt.Fatalf("refused, and changed: %+v", next)
			}
			if _, err := planOf(r, next); err != nil {
				rt.Fatalf("%+v has no plan: %v", next, err)
			}
			was, is := s.Allocation(), next.Allocation()
			is.Epoch = was.Epoch
			if changed := was != is || s.Header != next.Header; (next.Epoch == s.Epoch+1) != changed || next.Epoch < s.Epoch {
				rt.Fatalf("epoch %d after %d: %+v, then %+v", next.Epoch, s.Epoch, s, next)
			}
			if s.RolledBack && !next.RolledBack {
				rt.Fatal("a rollback was taken back")
			}
			s = next
		}
	})
}

func ExampleNext() {
	r, _ := spec.Parse("weir.yaml", []byte(plain))
	s := Begin(start)
	for _, share := range []spec.Share{0.05, 0.2} {
		s, _ = Next(r, s, Action{Kind: ledger.KindStep, Share: share}, false, start)
		fmt.Println(s.Share, "epoch", s.Epoch, "step", s.Step)
	}
	// Output:
	// 5% epoch 2 step 1
	// 20% epoch 3 step 2
}
