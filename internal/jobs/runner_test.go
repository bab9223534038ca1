package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A shelf is a Store that a killed process leaves behind.
type shelf struct {
	mu   sync.Mutex
	kept map[string]Result
	held map[string]bool // by another process
	err  error
}

func newShelf() *shelf { return &shelf{kept: map[string]Result{}, held: map[string]bool{}} }

func (s *shelf) Load(job string) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[job], s.err
}

func (s *shelf) Keep(job string, r Result) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.kept[job] = r
	}
	return s.err
}

func (s *shelf) Hold(job string) (func(), bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[job] || s.err != nil {
		return nil, s.held[job], s.err
	}
	s.held[job] = true
	return func() { s.mu.Lock(); defer s.mu.Unlock(); s.held[job] = false }, false, nil
}

// change is what happens outside.
func (s *shelf) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
}

// A process runs jobs on a clock that goes as fast as nothing happens, from the
// first of January 2000 on.
type process struct {
	*Runner
	log  bytes.Buffer
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, store Store, jobs ...Job) *process {
	t.Helper()
	p := &process{done: make(chan error, 1)}
	p.Runner = New(Options{Store: store, Log: slog.New(slog.NewTextHandler(&p.log, nil))})
	if err := p.Set(jobs...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	p.stop = cancel
	go func() { p.done <- p.Run(ctx) }()
	synctest.Wait()
	return p
}

func (p *process) end(t *testing.T) {
	t.Helper()
	p.stop()
	if err := <-p.done; err != nil {
		t.Error(err)
	}
}

func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

// diary notes when it is done, and takes its time.
type diary struct {
	mu    sync.Mutex
	takes time.Duration
	times []string
	err   error
}

func (d *diary) do(context.Context) (string, error) {
	d.mu.Lock()
	d.times = append(d.times, time.Now().UTC().Format("02 15:04"))
	d.mu.Unlock()
	time.Sleep(d.takes)
	return "done", d.err
}

func (d *diary) want(t *testing.T, times ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if got, want := strings.Join(d.times, ", "), strings.Join(times, ", "); got != want {
		t.Errorf("it was done at %s, want %s", got, want)
	}
}

// A job is done at its times; those that pass while it is being done are left out.
func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		schedule string
		takes    time.Duration
		want     []string
	}{
		"daily":         {"0 2 * * *", time.Minute, []string{"01 02:00", "02 02:00", "03 02:00"}},
		"long":          {"0 2 * * *", 30 * time.Hour, []string{"01 02:00", "03 02:00"}},
		"every":         {"@every 24h", 0, []string{"02 00:00", "03 00:00"}},
		"every, longer": {"@every 24h", 30 * time.Hour, []string{"02 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &diary{takes: c.takes}
				p := start(t, nil, Job{Name: "judge", Schedule: c.schedule, Do: d.do})
				pass(71 * time.Hour)
				d.want(t, c.want...)
				p.end(t)
			})
		})
	}
}

// What came of it is said and kept: a process that comes after knows it.
func TestResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d := newShelf(), &diary{takes: time.Minute, err: errors.New("the endpoint is away")}
		job := Job{Name: "judge", Schedule: "@hourly", Do: d.do}
		p := start(t, store, job)
		pass(2*time.Hour + 30*time.Second)
		if s := p.Status()[0]; !s.Running || s.Began.Hour() != 2 || s.Last.Failures != 1 || !s.Next.IsZero() {
			t.Errorf("while it is done: %+v", s)
		}
		pass(time.Minute)
		s := p.Status()[0]
		if s.Running || s.Last.Outcome != Failed || s.Last.Error != "the endpoint is away" || s.Last.Failures != 2 || s.Last.Said != "done" || s.Next.Hour() != 3 {
			t.Errorf("after it failed: %+v", s)
		}
		if !strings.Contains(p.log.String(), "the endpoint is away") {
			t.Errorf("the log says %s", &p.log)
		}
		p.end(t)
		d.err = nil
		p = start(t, store, job)
		if again := p.Status()[0]; again.Last != s.Last {
			t.Errorf("the next process knows %+v, not %+v", again.Last, s.Last)
		}
		pass(time.Hour)
		if last := p.Status()[0].Last; last.Outcome != OK || last.Failures != 0 || last.Runs != 3 || last.Failed != 2 || last.Ended.Sub(last.Began) != time.Minute {
			t.Errorf("after it went well: %+v", last)
		}
		p.end(t)
	})
}

// A job that panics has failed, and the others are done.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{}
		p := start(t, nil, Job{Name: "judge", Schedule: "@hourly", Do: d.do},
			Job{Name: "analyze", Schedule: "@hourly", Do: func(context.Context) (string, error) { panic("out of ideas") }})
		pass(2 * time.Hour)
		d.want(t, "01 01:00", "01 02:00")
		if last := p.Status()[0].Last; last.Failures != 2 || !strings.Contains(last.Error, "out of ideas") {
			t.Errorf("it is %+v", last)
		}
		p.end(t)
	})
}

// A job that is stopped with the process neither failed nor went well; one whose
// process was killed failed.
func TestStoppedAndKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		job := Job{Name: "judge", Schedule: "@hourly", Do: func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "half", ctx.Err()
		}}
		p := start(t, store, job)
		pass(time.Hour)
		p.end(t)
		if last := store.kept["judge"]; last.Outcome != Stopped || last.Failures != 0 || last.Said != "half" || last.Ended.IsZero() {
			t.Errorf("it is %+v", last)
		}
		store.kept["judge"] = Result{Outcome: Begun, Began: time.Now(), Runs: 7}
		p = start(t, store, job)
		if last := p.Status()[0].Last; last.Outcome != Interrupted || last.Failures != 1 || last.Runs != 8 || store.kept["judge"] != last {
			t.Errorf("it is %+v", last)
		}
		p.end(t)
	})
}

// Another process that does the job is left to it.
func TestElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d := newShelf(), &diary{}
		store.held["judge"] = true
		store.kept["judge"] = Result{Outcome: Begun, Began: time.Now()}
		p := start(t, store, Job{Name: "judge", Schedule: "@hourly", Do: d.do})
		pass(90 * time.Minute)
		d.want(t)
		if s := p.Status()[0]; s.Skipped != 1 || s.Last.Outcome != Begun || s.Running {
			t.Errorf("it is %+v", s)
		}
		store.change(func() { store.held["judge"] = false })
		pass(time.Hour)
		d.want(t, "01 02:00")
		p.end(t)
	})
}

// A job that is another process's now is not done and not taken from it, and nothing is
// kept here but when it comes.
func TestOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d, elsewhere := newShelf(), &diary{}, true
		p := start(t, store, Job{Name: "analyze", Schedule: "@hourly", Do: d.do, Elsewhere: func() bool { return elsewhere }})
		pass(90 * time.Minute)
		d.want(t)
		if s := p.Status()[0]; s.Skipped != 1 || s.Last.Runs != 0 || store.kept["analyze"].Outcome != "" {
			t.Errorf("it is %+v, kept %+v", s, store.kept)
		}
		elsewhere = false
		pass(time.Hour)
		d.want(t, "01 02:00")
		p.end(t)
	})
}

// A disk that takes nothing keeps a job from being done: it might be done twice.
func TestNoDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d := newShelf(), &diary{}
		store.err = errors.New("no space left")
		p := start(t, store, Job{Name: "judge", Schedule: "@hourly", Do: d.do})
		pass(time.Hour)
		d.want(t)
		if last := p.Status()[0].Last; last.Outcome != Failed || !strings.Contains(last.Error, "no space left") {
			t.Errorf("it is %+v", last)
		}
		store.change(func() { store.err = nil })
		pass(time.Hour)
		d.want(t, "01 02:00")
		p.end(t)
	})
}

// Other schedules hold at once; what is being done goes on; a fault changes nothing.
func TestSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		judge, analyze := &diary{takes: 90 * time.Minute}, &diary{}
		p := start(t, nil, Job{Name: "judge", Schedule: "0 2 * * *", Do: judge.do})
		pass(150 * time.Minute) // in the middle of it
		if err := p.Set(Job{Name: "judge", Schedule: "often"}, Job{Name: "analyze", Schedule: "@hourly"}, Job{Name: "analyze", Schedule: "@hourly"}); err == nil || strings.Count(err.Error(), "job ") != 2 {
			t.Errorf("it says %v", err)
		}
		if err := p.Set(Job{Name: "judge", Schedule: "0 5 * * *", Do: judge.do}, Job{Name: "analyze", Schedule: "@every 1h", Do: analyze.do}); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Hour)
		judge.want(t, "01 02:00")
		analyze.want(t, "01 03:30", "01 04:30")
		pass(time.Hour)
		judge.want(t, "01 02:00", "01 05:00")
		if err := p.Set(Job{Name: "analyze", Schedule: "@every 1h", Do: analyze.do}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(names(p)); got != "[analyze judge]" {
			t.Errorf("while the removed one is done there are %s", got)
		}
		pass(24 * time.Hour)
		judge.want(t, "01 02:00", "01 05:00")
		if got := fmt.Sprint(names(p)); got != "[analyze]" {
			t.Errorf("there are %s", got)
		}
		if len(analyze.times) != 27 {
			t.Errorf("analysed %d times", len(analyze.times))
		}
		if err := p.Set(Job{Name: "judge", Schedule: "@hourly", Do: judge.do}); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		judge.want(t, "01 02:00", "01 05:00", "02 06:00")
		p.end(t)
	})
}

func names(p *process) (out []string) {
	for _, s := range p.Status() {
		out = append(out, s.Name)
	}
	return out
}

// A clock of one's own may stand in for the machine's.
func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	end, n := now.Add(72*time.Hour), 0
	r := New(Options{Now: func() time.Time { return now }, Wait: func(_ context.Context, until time.Time) bool {
		if until.After(end) {
			return false
		}
		now = until
		return true
	}})
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.Set(Job{Name: "judge", Schedule: "0 2 * * *", Do: func(context.Context) (string, error) {
		if n++; n == 3 {
			cancel()
		}
		return "", nil
	}}, Job{Name: "never", Schedule: "0 0 30 2 *"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(ctx); err != nil || n != 3 {
		t.Errorf("it was done %d times, %v", n, err)
	}
}

// When a job comes is known to others before it was ever done, and anew when its schedule
// changes; what came of it stays. While another process is at it, that is not touched.
func TestAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d := newShelf(), &diary{}
		p := start(t, store, Job{Name: "compact", Schedule: "0 3 * * *", Do: d.do})
		if k := store.kept["compact"]; k.Outcome != "" || k.Next.Format("02 15:04") != "01 03:00" || k.Schedule != "0 3 * * *" || k.Zone != "UTC" {
			t.Errorf("kept %+v", k)
		}
		pass(4 * time.Hour)
		if err := p.Set(Job{Name: "compact", Schedule: "0 5 * * *", Do: d.do}); err != nil {
			t.Fatal(err)
		}
		if k := store.kept["compact"]; k.Outcome != OK || k.Runs != 1 || k.Next.Format("02 15:04") != "01 05:00" || k.Schedule != "0 5 * * *" {
			t.Errorf("kept %+v", k)
		}
		begun := Result{Outcome: Begun, Began: time.Now()}
		store.change(func() { store.held["compact"], store.kept["compact"] = true, begun })
		if err := p.Set(Job{Name: "compact", Schedule: "0 6 * * *", Do: d.do}); err != nil {
			t.Fatal(err)
		}
		if k := store.kept["compact"]; k != begun {
			t.Errorf("kept %+v", k)
		}
		p.end(t)
	})
}

// A job that is done outside of its times is kept as every other, and not beside another
// process that is at it.
func TestNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, d := newShelf(), &diary{}
		store.kept["analyze"] = Result{Outcome: Failed, Failures: 2, Runs: 5, Failed: 3, Schedule: "@hourly", Next: time.Now()}
		r := New(Options{Store: store})
		last, err := r.Now(t.Context(), Job{Name: "analyze", Do: d.do})
		if err != nil || last.Outcome != OK || last.Runs != 6 || last.Failures != 0 || last.Schedule != "" || !last.Next.IsZero() || store.kept["analyze"] != last {
			t.Errorf("%+v, %v, kept %+v", last, err, store.kept["analyze"])
		}
		store.held["analyze"] = true
		if _, err := r.Now(t.Context(), Job{Name: "analyze", Do: d.do}); !errors.Is(err, ErrHeld) || store.kept["analyze"] != last {
			t.Errorf("%v, kept %+v", err, store.kept["analyze"])
		}
	})
}
