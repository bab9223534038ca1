// Package stickytest says, as tests, what a [sticky.Store] must do. Every
// implementation runs them.
package stickytest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/trace"
)

// Open returns an empty store with bounds.
type Open func(t *testing.T, bounds spec.Sticky) sticky.Store

// Run runs the tests, each on a store of its own.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"nothing is remembered that was not put", testEmpty},
		{"keys differ in every part", testKeys},
		{"the first assignment stays", testFirst},
		{"who was moved stays moved", testMoved},
		{"what is not used is forgotten", testIdle},
		{"what expired is put anew", testAnew},
		{"a time before the last use changes nothing", testBackwards},
		{"a full store forgets the longest unused", testBounded},
		{"range gives everything once", testRange},
		{"range ends when told", testRangeEnds},
		{"range does not stand in the way", testRangeAllows},
		{"what range gave restores a store", testRestore},
		{"of concurrent puts one is the first", testRace},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open) })
	}
}

var (
	start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	wide  = spec.Sticky{Idle: time.Hour, Entries: 10_000}
)

func key(id string) router.Key { return router.Key{Kind: router.KindSession, ID: id} }

// entry is one whose every field depends on the id.
func entry(id string) router.Entry {
	return router.Entry{
		Assignment: router.Assignment{
			Release: "r-" + id, UnitID: id, AssignedVersion: "v-" + id, Rule: "rule-" + id,
			Randomized: true, Propensity: 1 / float64(2+len(id)), Epoch: int64(len(id)),
			AssignedAt: start.Add(time.Duration(len(id)) * time.Second), PromiseHash: "p-" + id,
		},
		Owner: "o-" + id,
	}
}

func expect(t *testing.T, s sticky.Store, k router.Key, now time.Time, want router.Entry) {
	t.Helper()
	if got, ok := s.Get(k, now); !ok || got != want {
		t.Errorf("%+v: got %+v, %v, want %+v", k, got, ok, want)
	}
}

func expectNone(t *testing.T, s sticky.Store, k router.Key, now time.Time) {
	t.Helper()
	if got, ok := s.Get(k, now); ok || got != (router.Entry{}) {
		t.Errorf("%+v: got %+v, %v, want nothing", k, got, ok)
	}
}

func testEmpty(t *testing.T, open Open) {
	s := open(t, wide)
	expectNone(t, s, key("a"), start)
	if kept := s.Put(key("a"), entry("a"), start); kept != entry("a") {
		t.Errorf("put returned %+v", kept)
	}
	expect(t, s, key("a"), start, entry("a"))
	expectNone(t, s, key("b"), start)
}

func testKeys(t *testing.T, open Open) {
	s := open(t, wide)
	keys := []router.Key{
		{Kind: router.KindSession, ID: "ab"},
		{Kind: router.KindUser, ID: "ab"},
		{Kind: router.KindBound, ID: "ab"},
		{Kind: router.KindSession, Within: "a", ID: "b"},
		{Kind: router.KindSession, Within: "ab"},
		{Kind: router.KindSession, Within: "a:", ID: "b"},
		{Kind: router.KindSession, Within: "a", ID: ":b"},
		{Kind: router.KindSession, ID: "王小明/ \x00%"},
	}
	for i, k := range keys {
		s.Put(k, entry(fmt.Sprint(i)), start)
	}
	for i, k := range keys {
		expect(t, s, k, start, entry(fmt.Sprint(i)))
	}
}

func testFirst(t *testing.T, open Open) {
	s := open(t, wide)
	s.Put(key("a"), entry("first"), start)
	if kept := s.Put(key("a"), entry("second"), start); kept != entry("first") {
		t.Errorf("put returned %+v", kept)
	}
	expect(t, s, key("a"), start, entry("first"))
}

func testMoved(t *testing.T, open Open) {
	s := open(t, wide)
	moved := entry("a")
	moved.Moved = trace.ReasonBreaker
	s.Put(key("a"), entry("a"), start)
	if kept := s.Put(key("a"), moved, start); kept != moved {
		t.Errorf("put returned %+v", kept)
	}
	again := moved
	again.Moved = trace.ReasonRollback
	for _, later := range []router.Entry{entry("a"), again} {
		s.Put(key("a"), later, start)
		expect(t, s, key("a"), start, moved)
	}
}

func testIdle(t *testing.T, open Open) {
	s := open(t, wide)
	now := start
	s.Put(key("got"), entry("got"), now)
	s.Put(key("put"), entry("put"), now)
	s.Put(key("left"), entry("left"), now)
	for range 3 { // used at the last moment, time and again
		now = now.Add(wide.Idle)
		expect(t, s, key("got"), now, entry("got"))
		s.Put(key("put"), entry("put"), now)
	}
	expectNone(t, s, key("left"), now)
	now = now.Add(wide.Idle + 1)
	expectNone(t, s, key("got"), now)
	expectNone(t, s, key("put"), now)
}

func testAnew(t *testing.T, open Open) {
	s := open(t, wide)
	s.Put(key("a"), entry("first"), start)
	later := start.Add(wide.Idle + 1)
	if kept := s.Put(key("a"), entry("second"), later); kept != entry("second") {
		t.Errorf("put returned %+v", kept)
	}
	expect(t, s, key("a"), later, entry("second"))
}

func testBackwards(t *testing.T, open Open) {
	s := open(t, wide)
	s.Put(key("a"), entry("a"), start)
	expect(t, s, key("a"), start.Add(-10*wide.Idle), entry("a"))
	expect(t, s, key("a"), start.Add(wide.Idle), entry("a"))
}

func testBounded(t *testing.T, open Open) {
	s := open(t, spec.Sticky{Idle: time.Hour, Entries: 3})
	for i, id := range []string{"a", "b", "c"} {
		s.Put(key(id), entry(id), start.Add(time.Duration(i)))
	}
	now := start.Add(time.Second)
	expect(t, s, key("a"), now, entry("a"))      // b is the longest unused now
	s.Put(key("b"), entry("b"), now.Add(1))      // and now c
	s.Put(key("d"), entry("d"), now.Add(2))      // takes its place
	expectNone(t, s, key("c"), now.Add(3))       // which is no use
	for _, id := range []string{"a", "b", "d"} { // all the others are there
		expect(t, s, key(id), now.Add(4), entry(id))
	}
}

// records is what range gives, by key.
func records(t *testing.T, s sticky.Store) map[router.Key]sticky.Record {
	t.Helper()
	out := map[router.Key]sticky.Record{}
	for r := range s.Range {
		if _, twice := out[r.Key]; twice {
			t.Errorf("%+v came twice", r.Key)
		}
		out[r.Key] = r
	}
	return out
}

// fill puts n entries, a second apart.
func fill(s sticky.Store, n int) map[router.Key]sticky.Record {
	out := map[router.Key]sticky.Record{}
	for i := range n {
		id := fmt.Sprint(i)
		r := sticky.Record{Key: key(id), Entry: entry(id), Used: start.Add(time.Duration(i) * time.Second)}
		s.Put(r.Key, r.Entry, r.Used)
		out[r.Key] = r
	}
	return out
}

func testRange(t *testing.T, open Open) {
	for _, n := range []int{0, 1, 255, 256, 257, 1000} {
		s := open(t, wide)
		want := fill(s, n)
		if got := records(t, s); !maps.Equal(got, want) {
			t.Errorf("of %d got %d, not all of them as they were put", n, len(got))
		}
	}
}

func testRangeEnds(t *testing.T, open Open) {
	s := open(t, wide)
	fill(s, 1000)
	for _, n := range []int{1, 256, 300} {
		seen := 0
		for range s.Range {
			if seen++; seen == n {
				break
			}
		}
		if seen != n {
			t.Errorf("got %d of %d", seen, n)
		}
	}
}

func testRangeAllows(t *testing.T, open Open) {
	s := open(t, wide)
	fill(s, 1000)
	seen := 0
	for r := range s.Range {
		if r.Entry.Owner == "o-new" {
			continue
		}
		seen++
		expect(t, s, r.Key, r.Used, r.Entry)
		s.Put(key("new "+r.Key.ID), entry("new"), r.Used)
	}
	if seen != 1000 {
		t.Errorf("got %d of 1000", seen)
	}
}

func testRestore(t *testing.T, open Open) {
	bounds := spec.Sticky{Idle: time.Hour, Entries: 4}
	from, to := open(t, bounds), open(t, bounds)
	fill(from, 4)
	now := start.Add(time.Minute)
	from.Get(key("0"), now)
	kept := slices.SortedFunc(maps.Values(records(t, from)), func(a, b sticky.Record) int {
		return cmp.Or(a.Used.Compare(b.Used), cmp.Compare(a.Key.ID, b.Key.ID))
	})
	for _, r := range kept {
		to.Put(r.Key, r.Entry, r.Used)
	}
	if got, want := records(t, to), records(t, from); !maps.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	to.Put(key("new"), entry("new"), now)
	expectNone(t, to, key("1"), now)
	expect(t, to, key("0"), now, entry("0"))
}

func testRace(t *testing.T, open Open) {
	s := open(t, wide)
	const rounds, writers = 50, 8
	for round := range rounds {
		k := key(fmt.Sprint(round))
		kept := make([]router.Entry, writers)
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() { kept[w] = s.Put(k, entry(fmt.Sprint("writer ", w)), start) })
		}
		group.Wait()
		if got := slices.Compact(kept); len(got) != 1 {
			t.Fatalf("%d assignments of one key", len(got))
		}
		expect(t, s, k, start, kept[0])
	}
}
