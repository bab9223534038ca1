package router_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// Whatever happens to a release, in whatever order, no conversation changes
// its version but by rollback or breaker, as long as it is remembered.
func TestConversationsNeverChangeVersion(t *testing.T) {
	for _, unit := range []string{"session", "user"} {
		for what, entries := range map[string]int{"room for all": 10_000, "hardly any room": 6} {
			t.Run(unit+", "+what, rapid.MakeCheck(func(t *rapid.T) { runWorld(t, unit, entries) }))
		}
	}
}

// A world is a release under way, with all conversations so far.
type world struct {
	unit   string
	rules  string
	state  router.State
	bounds spec.Sticky
	store  sticky.Store
	now    time.Time

	talks  []*talk
	owners map[string]string // of the ids handed out
	moved  map[string]bool   // units
	serial int
}

// A talk is one conversation, and what became of its last turn.
type talk struct {
	user, session string
	chat          bool // its ids are handed out by the versions
	ids           []string

	key        router.Key // what it is remembered under; the zero key before its first turn
	assignment router.Assignment
	version    string
}

func runWorld(t *rapid.T, unit string, entries int) {
	w := &world{
		unit: unit, now: monday, owners: map[string]string{}, moved: map[string]bool{},
		bounds: spec.Sticky{Idle: 30 * 24 * time.Hour, Entries: entries},
	}
	w.store = sticky.NewLRU(w.bounds)
	t.Repeat(map[string]func(*rapid.T){
		"":          func(*rapid.T) { w.forgetLost() },
		"new talk":  w.newTalk,
		"turn":      w.turn,
		"turns":     w.turn,
		"follow up": w.followUp,
		"ramp":      w.ramp,
		"rules":     w.changeRules,
		"halt":      func(*rapid.T) { w.state.Halted = !w.state.Halted },
		"breaker":   func(*rapid.T) { w.state.BreakerOpen = !w.state.BreakerOpen && !w.state.Promoted },
		"roll back": func(t *rapid.T) { w.end(t, func() { w.state.RolledBack, w.state.Promoted = true, false }) },
		"promote":   func(t *rapid.T) { w.end(t, func() { w.state.Promoted = !w.state.RolledBack && !w.state.BreakerOpen }) },
		"restart":   w.restart,
		"wait": func(t *rapid.T) {
			w.now = w.now.Add(time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
		},
	})
}

// end lets something final happen, but not to most releases.
func (w *world) end(t *rapid.T, happen func()) {
	if rapid.IntRange(0, 9).Draw(t, "of ten") == 0 {
		happen()
	}
}

func (w *world) ramp(t *rapid.T) {
	shares := []spec.Share{0, 0.05, 0.2, 0.5}
	if w.unit == "session" {
		shares = append(shares, 0.9, 1)
	}
	w.state.Share = rapid.SampledFrom(shares).Draw(t, "share")
	w.state.Epoch++
}

func (w *world) changeRules(t *rapid.T) {
	w.rules = rapid.SampledFrom([]string{
		"", "rules: [{name: all, when: 'true', version: v2}]\n", "rules: [{name: none, when: 'true', version: v1}]\n",
		"rules: [{name: half, when: 'true', split: 50%, from_share: 20%}]\n", "holdout: 50%\n",
	}).Draw(t, "rules")
	w.state.Epoch++
}

func (w *world) plan(t *rapid.T) *router.Plan {
	r, err := spec.Parse("weir.yaml", []byte(head+"unit: "+w.unit+"\n"+w.rules))
	if err != nil {
		t.Fatal(err)
	}
	p, err := router.NewPlan(r, w.state)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (w *world) next(prefix string) string {
	w.serial++
	return fmt.Sprint(prefix, w.serial)
}

func (w *world) newTalk(t *rapid.T) {
	k := &talk{
		user: rapid.SampledFrom([]string{"", "u1", "u2", "u3", "u4", "u5"}).Draw(t, "user"),
		chat: rapid.Bool().Draw(t, "chat"),
	}
	if !k.chat {
		k.session = w.next("s")
	}
	w.talks = append(w.talks, k)
	w.take(t, k)
}

func (w *world) turn(t *rapid.T) {
	if len(w.talks) == 0 {
		t.Skip("no talks")
	}
	w.take(t, rapid.SampledFrom(w.talks).Draw(t, "talk"))
}

// live are the keys under which something is remembered now.
func (w *world) live() map[router.Key]bool {
	keys := map[router.Key]bool{}
	for r := range w.store.Range {
		if w.now.Sub(r.Used) <= w.bounds.Idle {
			keys[r.Key] = true
		}
	}
	return keys
}

// unitKey is what a unit as such is remembered under.
func (w *world) unitKey(unit string) router.Key {
	if w.unit == "user" {
		return router.Key{Kind: router.KindUser, Within: "r1", ID: unit}
	}
	return session(unit)
}

// sessionKey is what a conversation as such is remembered under.
func (w *world) sessionKey(k *talk) router.Key {
	key := session(k.session)
	if w.unit == "user" {
		key.Within = k.user
	}
	return key
}

// take is the next turn of a talk, with all that must be true of it.
func (w *world) take(t *rapid.T, k *talk) {
	known := k.key != (router.Key{})
	c := router.Context{User: k.user, Session: k.session, Fresh: w.next("f"), At: w.now}
	if len(k.ids) > 0 {
		c.Session = k.ids[len(k.ids)-1]
		c.Bound = k.ids[len(k.ids)-1:]
	}
	d := router.Assign(w.plan(t), c, w.store)

	if known {
		w.mustGoOn(t, k, d)
	}
	away := w.state.RolledBack || w.state.BreakerOpen
	if drawn := d.Reason == trace.ReasonSplit || d.Reason == trace.ReasonRule || d.Reason == trace.ReasonHoldout; drawn && (away || w.state.Halted) {
		t.Fatalf("a new unit: %+v", d)
	}
	if away && d.Version == "v2" {
		t.Fatalf("went to the candidate: %+v", d)
	}
	if w.moved[d.UnitID] && d.AssignedVersion == "v2" && d.Reason != trace.ReasonUnknownID && d.Version != "v1" {
		t.Fatalf("was moved and came back: %+v", d)
	}
	if away && d.AssignedVersion == "v2" && d.Reason != trace.ReasonUnknownID {
		w.moved[d.UnitID] = true
	}
	w.took(k, known, d)
}

// mustGoOn checks a turn of a talk that is remembered.
func (w *world) mustGoOn(t *rapid.T, k *talk, d router.Decision) {
	if d.Assignment != k.assignment {
		t.Fatalf("assigned anew: %+v, was %+v", d, k)
	}
	if d.Version == k.version {
		return
	}
	cause := w.state.RolledBack || w.state.BreakerOpen || w.moved[d.UnitID]
	if k.version != "v2" || d.Version != "v1" || !cause || d.Reason != trace.ReasonRollback && d.Reason != trace.ReasonBreaker {
		t.Fatalf("changed its version: %+v, was %+v", d, k)
	}
}

// took notes what a turn has led to; a version that gets no id of its own
// hands out one.
func (w *world) took(k *talk, known bool, d router.Decision) {
	k.assignment, k.version = d.Assignment, d.Version
	switch {
	case k.chat:
		if len(k.ids) == 0 || d.Detach || d.Reason == trace.ReasonUnknownID {
			id := w.next("c")
			w.owners[id] = d.Version
			k.ids = append(k.ids, id)
		}
		id := k.ids[len(k.ids)-1]
		key, e := d.Bind(id, d.Version)
		w.store.Put(key, e, w.now)
		k.key = key
	case known:
	case slices.Contains(d.Remember[:], w.sessionKey(k)):
		k.key = w.sessionKey(k)
	default:
		k.key = w.unitKey(d.UnitID)
	}
}

// forgetLost makes talks that are not remembered any more new ones.
func (w *world) forgetLost() {
	live := w.live()
	for _, k := range w.talks {
		if k.key != (router.Key{}) && !live[k.key] {
			k.key = router.Key{}
		}
	}
	maps.DeleteFunc(w.moved, func(unit string, _ bool) bool { return !live[w.unitKey(unit)] })
}

// followUp asks about any id that a talk was ever given: it goes to the
// version that handed it out.
func (w *world) followUp(t *rapid.T) {
	ids := slices.Sorted(maps.Keys(w.owners))
	if len(ids) == 0 {
		t.Skip("no ids")
	}
	id := rapid.SampledFrom(ids).Draw(t, "id")
	known := w.live()[router.Key{Kind: router.KindBound, ID: id}]
	d := router.Assign(w.plan(t), router.Context{Bound: []string{id}, FollowUp: true, Fresh: w.next("f"), At: w.now}, w.store)
	if known && (d.Version != w.owners[id] || d.Reason != trace.ReasonBinding || d.Detach) {
		t.Fatalf("%s of %s: %+v", id, w.owners[id], d)
	}
	if !known && d.Reason != trace.ReasonUnknownID {
		t.Fatalf("%s, forgotten: %+v", id, d)
	}
}

// restart keeps what is remembered and begins with a new store.
func (w *world) restart(*rapid.T) {
	kept := slices.SortedFunc(w.store.Range, func(a, b sticky.Record) int { return a.Used.Compare(b.Used) })
	w.store = sticky.NewLRU(w.bounds)
	for _, r := range kept {
		w.store.Put(r.Key, r.Entry, r.Used)
	}
}
