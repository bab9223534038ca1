package stickylog

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/wal"
	"weir/rollout/spec"
	"weir/router"
	"weir/router/sticky"
	"weir/router/sticky/stickytest"
	"weir/trace"
)

var (
	start = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	wide  = spec.Sticky{Idle: time.Hour, Entries: 10_000}
)

func open(t testing.TB, dir string, bounds spec.Sticky, now time.Time) *Store {
	t.Helper()
	s, err := Open(dir, Options{Bounds: bounds, Fsync: time.Second, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	stickytest.Run(t, func(t *testing.T, bounds spec.Sticky) sticky.Store {
		return open(t, t.TempDir(), bounds, start)
	})
}

func key(id string) router.Key { return router.Key{Kind: router.KindBound, Within: "w" + id, ID: id} }

func entry(id string) router.Entry {
	return router.Entry{
		Assignment: router.Assignment{
			Release: "r1", UnitID: id, AssignedVersion: "v2", Rule: "vip", Randomized: true, Propensity: 0.05,
			Epoch: 3, AssignedAt: start, PromiseHash: "abc",
		},
		Owner: "v2",
	}
}

// abandon ends a store as a killed process does.
func abandon(t testing.TB, s *Store) {
	t.Helper()
	s.closed.Store(true)
	if err := s.log.Close(); err != nil {
		t.Fatal(err)
	}
}

func all(s *Store) map[router.Key]sticky.Record {
	out := map[router.Key]sticky.Record{}
	for r := range s.Range {
		out[r.Key] = r
	}
	return out
}

// TestAnyHistorySurvives holds a store that is abandoned and opened again to one
// in memory, over any history. Before time goes on it is rewritten, as Run would
// have done; steps are longer than what a crash may add to a life.
func TestAnyHistorySurvives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		bounds := spec.Sticky{Idle: time.Hour, Entries: 1000}
		s, want := open(t, dir, bounds, start), sticky.NewLRU(bounds)
		now, crashed := start, false
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			if minutes := rapid.IntRange(0, 6).Draw(rt, "minutes") * 10; minutes > 0 {
				if err := s.Rewrite(); err != nil {
					rt.Fatal(err)
				}
				now = now.Add(time.Duration(minutes) * time.Minute)
			}
			id := rapid.SampledFrom([]string{"a", "b", "c", "王"}).Draw(rt, "id")
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0:
				if err := s.Rewrite(); err != nil {
					rt.Fatal(err)
				}
			case 1:
				if crashed { // each crash may add to a life
					continue
				}
				crashed = true
				abandon(t, s)
				s = open(t, dir, bounds, now)
			case 2:
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				s = open(t, dir, bounds, now)
			default:
				e := entry(id)
				e.Epoch = int64(now.Sub(start))
				if rapid.Bool().Draw(rt, "moved") {
					e.Moved = trace.ReasonBreaker
				}
				if got := s.Put(key(id), e, now); got != want.Put(key(id), e, now) {
					rt.Fatalf("put gave %+v", got)
				}
			}
		}
		for _, id := range []string{"a", "b", "c", "王"} {
			got, ok := s.Get(key(id), now)
			if other, known := want.Get(key(id), now); got != other || ok != known {
				rt.Fatalf("%s: got %+v, %v, want %+v, %v", id, got, ok, other, known)
			}
		}
		s.Close()
	})
}

// A conversation that goes on after a long pause stays whole, whether it is got or put, though the
// process is killed before the log is rewritten.
func TestUseAfterALongPauseSurvivesAKill(t *testing.T) {
	for name, use := range map[string]func(*Store, time.Time){
		"got": func(s *Store, now time.Time) { s.Get(key("a"), now) },
		"put": func(s *Store, now time.Time) { s.Put(key("a"), entry("a"), now) },
	} {
		dir := t.TempDir()
		s := open(t, dir, wide, start)
		s.Put(key("a"), entry("a"), start)
		if err := s.Rewrite(); err != nil {
			t.Fatal(err)
		}
		used := start.Add(50 * time.Minute)
		use(s, used)
		abandon(t, s)
		again := open(t, dir, wide, used.Add(time.Minute))
		if _, ok := again.Get(key("a"), used.Add(time.Hour)); !ok {
			t.Errorf("%s: forgotten an hour after its last use", name)
		}
	}
}

// However a conversation is used, rewritten every sixteenth of the idle time, it is remembered for the
// idle time after its last use, and for an eighth of it more at most.
func TestLivesAfterAKill(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		s, now := open(t, dir, wide, start), start
		s.Put(key("a"), entry("a"), now)
		used, rewritten := now, now
		for range rapid.IntRange(0, 60).Draw(rt, "minutes") {
			if now = now.Add(time.Minute); now.Sub(rewritten) >= wide.Idle/usedFraction {
				if err := s.Rewrite(); err != nil {
					rt.Fatal(err)
				}
				rewritten = now
			}
			if rapid.IntRange(0, 3).Draw(rt, "use") == 0 {
				if _, ok := s.Get(key("a"), now); !ok {
					rt.Fatalf("forgotten at %s", now)
				}
				used = now
			}
		}
		abandon(t, s)
		again := open(t, dir, wide, now)
		r, ok := all(again)[key("a")]
		if !ok || r.Used.Before(used) || r.Used.After(used.Add(wide.Idle/8)) {
			rt.Fatalf("%v: last used at %s, not %s", ok, r.Used, used)
		}
		again.Close()
	})
}

func TestLastUseSurvivesAnOrderlyEnd(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, wide, start)
	s.Put(key("a"), entry("a"), start)
	used := start.Add(50 * time.Minute)
	s.Get(key("a"), used)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if again := open(t, dir, wide, used.Add(time.Minute)); all(again)[key("a")].Used != used {
		t.Errorf("%+v", all(again))
	}
}

func TestRewritingShrinksTheLogAndForgetsNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, spec.Sticky{Idle: time.Hour, Entries: 100}, start)
	for i := range 5000 {
		s.Put(key(fmt.Sprint(i)), entry(fmt.Sprint(i)), start.Add(time.Duration(i)))
	}
	before, want := s.Stats(), all(s)
	if err := s.Rewrite(); err != nil {
		t.Fatal(err)
	}
	if after := s.Stats(); after.LogBytes > before.LogBytes/20 || after.Entries != 100 {
		t.Errorf("%+v, then %+v", before, after)
	}
	abandon(t, s)
	if got := all(open(t, dir, spec.Sticky{Idle: time.Hour, Entries: 100}, start)); !maps.Equal(got, want) {
		t.Errorf("%d of %d are left", len(got), len(want))
	}
}

func TestRewritingWhileOthersPut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, wide, start)
	var group sync.WaitGroup
	for w := range 4 {
		group.Go(func() {
			for i := range 500 {
				id := fmt.Sprint(w, "-", i)
				s.Put(key(id), entry(id), start)
			}
		})
	}
	for range 20 {
		if err := s.Rewrite(); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	abandon(t, s)
	if got := open(t, dir, wide, start); got.Len() != 2000 {
		t.Errorf("%d of 2000 are left", got.Len())
	}
}

func TestWhatCannotBeWrittenIsRememberedAndCounted(t *testing.T) {
	s := open(t, t.TempDir(), wide, start)
	if err := s.log.Close(); err != nil {
		t.Fatal(err)
	}
	if got := s.Put(key("a"), entry("a"), start); got != entry("a") {
		t.Errorf("%+v", got)
	}
	if got, ok := s.Get(key("a"), start); !ok || got != entry("a") {
		t.Errorf("%+v, %v", got, ok)
	}
	if got := s.Stats(); got.Failures != 1 || !got.Alone {
		t.Errorf("%+v", got)
	}
	if err := s.Rewrite(); err == nil || !s.Stats().Alone {
		t.Errorf("after a rewriting that fails with %v: %+v", err, s.Stats())
	}
}

// A rewriting makes good what could not be written before it began.
func TestRewritingMakesGood(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, wide, start)
	log, err := wal.Open(t.TempDir(), wal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	s.log, log = log, s.log
	s.Put(key("a"), entry("a"), start)
	s.log = log
	if got := s.Stats(); !got.Alone {
		t.Errorf("%+v", got)
	}
	if err := s.Rewrite(); err != nil || s.Stats().Alone {
		t.Errorf("%v; %+v", err, s.Stats())
	}
	abandon(t, s)
	if got, ok := open(t, dir, wide, start).Get(key("a"), start); !ok || got != entry("a") {
		t.Errorf("%+v, %v", got, ok)
	}
}

func TestDrawn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, wide, start)
	forced := entry("a")
	forced.Randomized = false
	s.Put(key("a"), forced, start)
	if s.Drawn("r1") {
		t.Error("a forced unit was not drawn")
	}
	s.Put(key("b"), entry("b"), start)
	abandon(t, s)
	if s := open(t, dir, wide, start.Add(2*wide.Idle)); !s.Drawn("r1") || s.Drawn("r2") {
		t.Error("a restart forgot what was drawn")
	}
}

func TestDamageIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, wide, start)
	for i := range 10 {
		s.Put(key(fmt.Sprint(i)), entry(fmt.Sprint(i)), start)
	}
	abandon(t, s)
	files, _ := filepath.Glob(filepath.Join(dir, "*.wal"))
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(raw, []byte("w5"))
	raw[at] ^= 1
	if err := os.WriteFile(files[0], raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{Bounds: wide, Now: start}); err == nil || !strings.Contains(err.Error(), "restore the folder") {
		t.Error(err)
	}
}

// TestKill kills a process that puts, at any moment: what it acknowledged is
// remembered.
func TestKill(t *testing.T) {
	if dir := os.Getenv("STICKYLOG_TO_FILL"); dir != "" {
		fill(dir)
	}
	for round := range 5 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "STICKYLOG_TO_FILL="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged := 0
		for buffer := make([]byte, 64); ; {
			n, err := out.Read(buffer)
			acknowledged += n
			if err != nil {
				break
			}
			if acknowledged > 200*(round+1) {
				child.Process.Kill()
			}
		}
		child.Wait()
		s := open(t, dir, wide, start)
		for i := range acknowledged {
			id := fmt.Sprint(i)
			if got, ok := s.Get(key(id), start); !ok || got != entry(id) {
				t.Fatalf("round %d: %s of %d: %+v, %v", round, id, acknowledged, got, ok)
			}
		}
		s.Close()
	}
}

// fill puts and rewrites until somebody ends it, a byte on standard output for
// each put.
func fill(dir string) {
	s, err := Open(dir, Options{Bounds: wide, Fsync: time.Second, Now: start})
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			s.Rewrite()
		}
	}()
	for i := 0; ; i++ {
		id := fmt.Sprint(i)
		s.Put(key(id), entry(id), start)
		os.Stdout.Write([]byte("."))
	}
}

func FuzzRecord(f *testing.F) {
	f.Add(appendRecord(nil, fresh, sticky.Record{Key: key("a"), Entry: entry("a"), Used: start}))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{common: map[string]string{}}
		m, r, err := d.record(b)
		if err != nil {
			if !errors.Is(err, errShort) && !errors.Is(err, errLater) {
				t.Error(err)
			}
			return
		}
		again := decoder{common: map[string]string{}}
		if m2, r2, err := again.record(appendRecord(nil, m, r)); err != nil || m2 != m || r2.Key != r.Key || r2.Used != r.Used {
			t.Errorf("%+v, %v", r2, err)
		}
	})
}

func BenchmarkPut(b *testing.B) {
	s := open(b, b.TempDir(), spec.Sticky{Idle: time.Hour, Entries: 100_000}, start)
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprint(i)
		s.Put(key(id), entry(id), start)
	}
}

// BenchmarkOpen opens a store of a million.
func BenchmarkOpen(b *testing.B) {
	const n = 1_000_000
	dir, bounds := b.TempDir(), spec.Sticky{Idle: time.Hour, Entries: n}
	s := open(b, dir, bounds, start)
	for i := range n {
		id := fmt.Sprintf("session-%08d", i)
		e := entry(id)
		s.Put(router.Key{Kind: router.KindSession, ID: id}, e, start.Add(time.Duration(i)))
	}
	abandon(b, s)
	for b.Loop() {
		s, err := Open(dir, Options{Bounds: bounds, Now: start})
		if err != nil {
			b.Fatal(err)
		}
		if s.Len() != n {
			b.Fatal(s.Len())
		}
		abandon(b, s)
	}
}

// A person is forgotten in memory and on disk, whatever they are remembered
// under; nobody else is, and no time of last use becomes exact by it.
func TestForget(t *testing.T) {
	for _, running := range []bool{true, false} {
		for _, crashed := range []bool{true, false} {
			dir := t.TempDir()
			s := open(t, dir, wide, start)
			for kind, ids := range map[router.Kind][]router.Key{
				router.KindUser:    {{Within: "r1", ID: "ann"}, {Within: "r1", ID: "bob"}},
				router.KindSession: {{Within: "ann", ID: "x"}, {ID: "s-ann"}, {Within: "bob", ID: "x"}, {ID: "s-bob"}},
				router.KindBound:   {{ID: "reply-ann"}, {ID: "reply-bob"}},
			} {
				for _, k := range ids {
					k.Kind = kind
					e := entry("unit")
					if kind == router.KindBound {
						e.UnitID = "t-" + strings.TrimPrefix(k.ID, "reply-")
					}
					s.Put(k, e, start)
				}
			}
			theirs := []string{"s-ann", "t-ann"}
			forget := s.Forget
			if !running {
				if crashed {
					abandon(t, s)
				} else if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				forget = func(user string, ids []string) (int, error) { return Forget(dir, user, ids) }
			}
			if n, err := forget("ann", theirs); n != 4 || err != nil {
				t.Errorf("running %v, crashed %v: %d forgotten, %v", running, crashed, n, err)
			}
			if running {
				abandon(t, s)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				if b, _ := os.ReadFile(f); bytes.Contains(b, []byte("ann")) {
					t.Errorf("running %v, crashed %v: %s still names her", running, crashed, f)
				}
			}
			again := open(t, dir, wide, start)
			if n := again.Len(); n != 4 {
				t.Errorf("running %v, crashed %v: %d are remembered", running, crashed, n)
			}
			if want := !running && !crashed; again.exact != want {
				t.Errorf("running %v, crashed %v: times are exact: %v", running, crashed, again.exact)
			}
		}
	}
	if n, err := Forget(filepath.Join(t.TempDir(), "nowhere"), "ann", nil); n != 0 || err != nil {
		t.Error(n, err)
	}
}
