package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/trace"
)

// What a process started by a test does, and before which of its changes to the disk it is to
// be killed.
const (
	childVariable = "WEIR_TEST_LAKE_CHILD"
	lakeVariable  = "WEIR_TEST_LAKE_DIR"
	crashVariable = "WEIR_TEST_LAKE_CRASH"
)

func TestMain(m *testing.M) {
	child, ok := children[os.Getenv(childVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	l, err := Open(os.Getenv(lakeVariable))
	if err == nil {
		l.disk.volatile = true
		if step, _ := strconv.Atoi(os.Getenv(crashVariable)); step > 0 {
			var n atomic.Int64
			l.disk.before = func(string, string) error {
				if n.Add(1) == int64(step) {
					unix.Kill(os.Getpid(), unix.SIGKILL)
					select {}
				}
				return nil
			}
		}
		err = child(l)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

var children = map[string]func(*Lake) error{
	"publish": publishScenario,
	"compact": compactScenario,
	"batches": func(l *Lake) error {
		for i := range 20 {
			b, err := l.Begin(fmt.Sprintf("batch-%d-%d", os.Getpid(), i))
			if err != nil {
				return err
			}
			row := exchange(fmt.Sprintf("%d.%d", os.Getpid(), i), i%2)
			if err := errors.Join(b.Exchange(&row), b.Commit()); err != nil {
				return err
			}
		}
		return nil
	},
	"erase":  eraseScenario,
	"expire": expireScenario,
	"hold": func(l *Lake) error { // the lock, until killed
		if _, err := l.lock(); err != nil {
			return err
		}
		fmt.Println("locked")
		select {}
	},
	"write": func(l *Lake) error { // rows, until killed
		if _, err := writeALittle(l, "dead"); err != nil {
			return err
		}
		fmt.Println("written")
		select {}
	},
}

func publishScenario(l *Lake) error {
	l.limits = limits{groupRows: 2, groupBytes: 1 << 20, fileBytes: 5000, held: 1 << 20}
	b, err := l.Begin("x")
	if err != nil {
		return err
	}
	r := Rows{Losses: []trace.Loss{{LossID: "l", App: "bot", Reason: "bad_row"}}}
	for i := range 7 {
		r.Exchanges = append(r.Exchanges, exchange(fmt.Sprint("new-", i), i%2+1))
	}
	if err := b.Add(&r); err != nil {
		return errors.Join(err, b.Abort())
	}
	return b.Commit()
}

func compactScenario(l *Lake) error {
	_, err := l.Compact(context.Background(), "bot", CompactOptions{})
	return err
}

func eraseScenario(l *Lake) error {
	_, err := l.Erase(context.Background(), "bot", "ann")
	return err
}

func expireScenario(l *Lake) error {
	_, err := l.Expire("bot", Retention{Traces: 24 * time.Hour}, noon.AddDate(0, 0, 2))
	return err
}

// writeALittle begins a batch that has files in progress, and leaves it open.
func writeALittle(l *Lake, name string) (*Batch, error) {
	l.limits = small
	b, err := l.Begin(name)
	if err != nil {
		return nil, err
	}
	for i := range 50 {
		row := exchange(fmt.Sprint(name, i), i%3)
		if err := b.Exchange(&row); err != nil {
			return nil, err
		}
	}
	return b, b.wait()
}

// start starts this test's program as a child.
func start(t testing.TB, child, dir string, crash int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+child, lakeVariable+"="+dir, crashVariable+"="+strconv.Itoa(crash))
	cmd.Stderr = os.Stderr
	t.Cleanup(func() {
		if cmd.Process != nil {
			cmd.Process.Kill()
		}
	})
	return cmd
}

// until starts a child that prints a word and goes on, and waits for the word.
func until(t testing.TB, child, dir string) *exec.Cmd {
	t.Helper()
	cmd := start(t, child, dir, 0)
	out := must(cmd.StdoutPipe())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func kill(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

type scenario struct {
	name, child string
	prepare     func(testing.TB, *Lake)
	do          func(*Lake) error
}

// steps is how many changes to the disk it makes at least.
func (s scenario) steps() int {
	if s.child == "expire" {
		return 4
	}
	return 10
}

var scenarios = []scenario{
	{"first batch", "publish", func(testing.TB, *Lake) {}, publishScenario},
	{"adoption", "publish", func(t testing.TB, l *Lake) {
		publishRows(t, l, "o", Rows{Exchanges: []trace.Exchange{exchange("old", 1)}})
		if err := os.Remove(l.at(manifestName)); err != nil {
			t.Fatal(err)
		}
	}, publishScenario},
	{"replacement", "publish", func(t testing.TB, l *Lake) {
		publishRows(t, l, "o", Rows{Exchanges: []trace.Exchange{exchange("other", 1)}})
		publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("old-1", 0), exchange("old-2", 1)}})
	}, publishScenario},
	{"compaction", "compact", func(t testing.TB, l *Lake) {
		for i := range 4 {
			publishRows(t, l, fmt.Sprint("seg-", i), Rows{Exchanges: []trace.Exchange{exchange(fmt.Sprint(i), i%2)}})
		}
	}, compactScenario},
	{"erasure", "erase", func(t testing.TB, l *Lake) {
		ann := exchange("ann's", 0)
		ann.UserID = "ann"
		publishRows(t, l, "seg-1", Rows{Exchanges: []trace.Exchange{ann, exchange("other", 0)}})
	}, eraseScenario},
	{"retention", "expire", func(t testing.TB, l *Lake) {
		publishRows(t, l, "seg-1", Rows{Exchanges: []trace.Exchange{exchange("old", 0), exchange("new", 1)}})
	}, expireScenario},
}

// outcome is what the lake holds before and after the scenario.
func (s scenario) outcome(t *testing.T) (base string, before, after []string) {
	l := openLake(t, t.TempDir())
	s.prepare(t, l)
	before = ids(t, l)
	base = filepath.Join(t.TempDir(), "base")
	copyLake(t, l.dir, base)
	if err := s.do(l); err != nil {
		t.Fatal(err)
	}
	return base, before, ids(t, l)
}

func copyLake(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// wantEither fails unless the lake holds one of two sets of rows; redo must then lead to the
// second, and leave nothing else behind.
func (s scenario) wantEither(t *testing.T, l *Lake, before, after []string) {
	t.Helper()
	if got := ids(t, l); !slices.Equal(got, before) && !slices.Equal(got, after) {
		t.Errorf("the lake holds %v, neither %v nor %v", got, before, after)
	}
	if err := s.do(l); err != nil {
		t.Fatalf("again: %v", err)
	}
	if got := ids(t, l); !slices.Equal(got, after) {
		t.Errorf("again: the lake holds %v, not %v", got, after)
	}
	wantTidy(t, l)
}

// Killed before any of its changes to the disk, a process has done its work or has done nothing,
// and doing it again does it once.
func TestKilledAtEachStep(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			base, before, after := s.outcome(t)
			for step := 1; ; step++ {
				dir := filepath.Join(t.TempDir(), "lake")
				copyLake(t, base, dir)
				err := start(t, s.child, dir, step).Run()
				s.wantEither(t, openLake(t, dir), before, after)
				if err == nil {
					if step < s.steps() {
						t.Errorf("only %d steps", step)
					}
					return
				}
				if !strings.Contains(err.Error(), "killed") || t.Failed() {
					t.Fatalf("step %d: %v", step, err)
				}
			}
		})
	}
}

// The same where the disk refuses one change, or every change from then on.
func TestDiskFailsAtEachStep(t *testing.T) {
	broken := errors.New("no space left on device")
	for _, s := range scenarios {
		for _, stays := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stays %v", s.name, stays), func(t *testing.T) {
				base, before, after := s.outcome(t)
				for step, failed := 1, true; failed; step++ {
					dir := filepath.Join(t.TempDir(), "lake")
					copyLake(t, base, dir)
					l := openLake(t, dir)
					var n atomic.Int64
					l.disk.before = func(change, path string) error {
						if at := int(n.Add(1)); at == step || stays && at > step {
							return broken
						}
						return nil
					}
					if err := s.do(l); err != nil && !errors.Is(err, broken) {
						t.Fatalf("step %d: %v", step, err)
					}
					if failed = int(n.Load()) >= step; !failed && step < s.steps() {
						t.Errorf("only %d steps", step)
					}
					l.disk.before = nil
					if s.wantEither(t, l, before, after); t.Failed() {
						t.Fatalf("step %d", step)
					}
				}
			})
		}
	}
}

func TestProcessesAtOnce(t *testing.T) {
	dir := t.TempDir()
	var cmds []*exec.Cmd
	for range 3 {
		cmd := start(t, "batches", dir, 0)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	for _, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	l := openLake(t, dir)
	if got := ids(t, l); len(got) != 60 {
		t.Errorf("%d of 60 batches are in the lake", len(got))
	}
	wantTidy(t, l)
}

func TestLock(t *testing.T) {
	l := openLake(t, t.TempDir())
	holder := until(t, "hold", l.dir)
	l.patience = 20 * time.Millisecond
	_, err := l.Begin("x")
	wantError(t, err, l.dir, fmt.Sprintf("process %d", holder.Process.Pid), "20ms", "try again")

	// The lock of a dead process is no obstacle.
	kill(holder)
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0)}})
}

func TestLeftoversOfDeadProcessesGo(t *testing.T) {
	clean := map[string]func(*Lake) error{
		"Begin": func(l *Lake) error {
			b, err := l.Begin("x")
			if err != nil {
				return err
			}
			return b.Abort()
		},
		"Compact": compactScenario,
	}
	for name, clean := range clean {
		t.Run(name, func(t *testing.T) {
			l := openLake(t, t.TempDir())
			kill(until(t, "write", l.dir))
			live, err := writeALittle(openLake(t, l.dir), "live")
			if err != nil {
				t.Fatal(err)
			}
			kill(until(t, "write", l.dir))
			if err := clean(l); err != nil {
				t.Fatal(err)
			}
			for _, name := range filesOnDisk(t, l) {
				if strings.Contains(name, "dead") {
					t.Errorf("%s was left", name)
				}
			}
			if err := live.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := ids(t, l); len(got) != 50 {
				t.Errorf("%d rows of the live batch", len(got))
			}
			wantTidy(t, l)
		})
	}
}

// A lake copied while it was written to has files in progress and no lock file of theirs.
func TestCompactRemovesUnknownFilesInProgress(t *testing.T) {
	l := openLake(t, t.TempDir())
	publishRows(t, l, "x", Rows{Exchanges: []trace.Exchange{exchange("a", 0)}})
	if err := os.WriteFile(l.at("traces/app=bot/date=2026-11-23/.x-0.TOKEN"+inProgress), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	compact(t, l)
	wantTidy(t, l)
}
